//! The settings of mail. Whether the server answers is `doctor`'s matter; the file of the password
//! is read by whoever needs it.

use super::reader::ConfigReader;
use courier::smtp::SmtpEncryption;
use std::fmt;
use std::path::PathBuf;

/// How mail is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailConfig {
    /// An address, or a name with one in angle brackets. There is one when there is a server.
    pub from: Option<String>,
    pub reply_to: Option<String>,
    /// None keeps mail instead of sending it.
    pub server: Option<MailServerConfig>,
}

/// The server that mail is handed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailServerConfig {
    pub host: String,
    pub port: u16,
    pub encryption: SmtpEncryption,
    pub login: Option<MailLogin>,
}

/// With what the mail server is logged in to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailLogin {
    pub user: String,
    pub password: MailPassword,
}

/// A password, or where it is.
#[derive(Clone, PartialEq, Eq)]
pub enum MailPassword {
    Text(String),
    File(PathBuf),
}

impl fmt::Debug for MailPassword {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => formatter.write_str("Text(..)"),
            Self::File(path) => write!(formatter, "File({})", path.display()),
        }
    }
}

impl MailConfig {
    pub(super) fn read(reading: &mut ConfigReader<'_>) -> Self {
        let (from, reply_to) = (reading.sender("mail.from"), reading.sender("mail.reply_to"));
        let host = reading.host("mail.smtp_host");
        let port = reading.whole("mail.smtp_port", 0, u16::MAX.into());
        let encryption = reading.encryption("mail.smtp_tls");
        let login = login(reading);
        if host.is_some() && from.is_none() {
            reading.refuse(
                "mail.from",
                "be a sender such as \"Exams <exams@example.org>\" when mail.smtp_host is set",
            );
        }
        let port = u16::try_from(port)
            .ok()
            .filter(|port| *port > 0)
            .unwrap_or_else(|| encryption.usual_port());
        Self {
            from,
            reply_to,
            server: host.map(|host| MailServerConfig { host, port, encryption, login }),
        }
    }
}

fn login(reading: &mut ConfigReader<'_>) -> Option<MailLogin> {
    let user = reading.text("mail.smtp_user");
    let (password, file) =
        (reading.text("mail.smtp_password"), reading.text("mail.smtp_password_file"));
    let password = match (password, file) {
        (Some(_), Some(_)) => {
            reading
                .refuse("mail.smtp_password_file", "be left empty when mail.smtp_password is set");
            None
        }
        (Some(text), None) => Some(MailPassword::Text(text)),
        (None, Some(path)) => Some(MailPassword::File(path.into())),
        (None, None) => None,
    };
    match (&user, &password) {
        (Some(_), None) => {
            reading.refuse(
                "mail.smtp_password",
                "be set, or mail.smtp_password_file, when mail.smtp_user is set",
            );
        }
        (None, Some(_)) => {
            reading.refuse("mail.smtp_user", "be set when there is a password for it")
        }
        _ => {}
    }
    Some(MailLogin { user: user?, password: password? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, ConfigLayers};

    fn read(file: &str) -> Result<MailConfig, Vec<String>> {
        let mut layers = ConfigLayers::defaults();
        layers.add_file("assay.toml", &format!("[mail]\n{file}"));
        let messages = |faults: Vec<crate::config::ConfigFault>| {
            faults.iter().map(ToString::to_string).collect()
        };
        Config::from_layers(&layers).map(|config| config.mail).map_err(messages)
    }

    #[test]
    fn every_fault_of_mail_is_told_by_its_key_and_quotes_no_password() {
        let file = "from = 'Exams'\nreply_to = 'x'\nsmtp_host = 'smtp://a'\nsmtp_port = 70000\nsmtp_tls = 'ssl'\n\
            smtp_password = 's3cret'\nsmtp_password_file = '/x'\n";
        let messages = read(file).unwrap_err();
        let keys = ["from", "reply_to", "smtp_host", "smtp_port", "smtp_tls", "smtp_password_file"];
        assert_eq!(messages.len(), keys.len(), "{messages:#?}");
        for (messages, key) in messages.iter().zip(keys) {
            assert!(
                messages.contains(&format!("`mail.{key}` must ")) && !messages.contains("s3cret"),
                "{messages}"
            );
        }
    }

    #[test]
    fn a_server_needs_a_sender_and_a_user_needs_a_password() {
        let messages = read("smtp_host = 'smtp.example.org'\nsmtp_user = 'assay'\n").unwrap_err();
        assert_eq!(messages.len(), 2);
        assert!(
            messages[0].contains("`mail.smtp_password` must be set, or mail.smtp_password_file"),
            "{messages:#?}"
        );
        assert!(messages[1].contains("`mail.from` must be a sender such as"), "{messages:#?}");
        assert!(
            read("smtp_password = 'x'").unwrap_err()[0].contains("`mail.smtp_user` must be set")
        );
    }

    #[test]
    fn the_port_is_the_usual_one_unless_it_is_set() {
        let port = |file: &str| {
            let file = format!("from = 'a@example.org'\nsmtp_host = 'smtp.example.org'\n{file}");
            read(&file).unwrap().server.unwrap().port
        };
        assert_eq!(
            [
                port(""),
                port("smtp_tls = 'tls'"),
                port("smtp_tls = 'none'"),
                port("smtp_port = 2525")
            ],
            [587, 465, 25, 2525]
        );
        assert_eq!(read("").unwrap(), MailConfig::default());
    }
}
