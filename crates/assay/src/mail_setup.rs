//! Mail as the configuration has it: to the operator's mail server, or into a folder of the data
//! directory.

use crate::cli_error::{CliError, ExitKind};
use crate::config::{Config, MailConfig, MailLogin, MailPassword};
use crate::data_dir::DataDir;
use anyhow::Context;
use app::ports::Mailer;
use courier::file_mailer::FileMailer;
use courier::message::MailSender;
use courier::smtp::{MailServer, SmtpMailer};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

/// The folder of kept mail, in the data directory.
const FOLDER: &str = "mail";
/// Who kept mail comes from when nobody is set.
const NOBODY: &str = "assay <assay@localhost>";

/// What mail is given to.
///
/// # Errors
/// [`ExitKind::Usage`] when the password cannot be read; otherwise when TLS cannot be set up.
pub fn mailer(config: &Config, directory: &DataDir) -> anyhow::Result<Arc<dyn Mailer>> {
    Ok(match smtp(config)? {
        Some(smtp) => Arc::new(smtp),
        None => Arc::new(FileMailer::new(folder(directory), sender(&config.mail)?)),
    })
}

/// Where kept mail lies as files; with the database on a server it is in the database only, because
/// servers that share it could not remove each other's files.
pub fn folder(directory: &DataDir) -> Option<PathBuf> {
    (!directory.is_on_postgres()).then(|| directory.file(FOLDER))
}

/// The way to the mail server, if one is set.
///
/// # Errors
/// As [`mailer`].
pub fn smtp(config: &Config) -> anyhow::Result<Option<SmtpMailer>> {
    let Some(server) = &config.mail.server else { return Ok(None) };
    let credentials =
        |login: &MailLogin| Ok::<_, CliError>((login.user.clone(), password_of(&login.password)?));
    let login = server.login.as_ref().map(credentials).transpose()?;
    let (host, port, encryption) = (server.host.clone(), server.port, server.encryption);
    let server = MailServer { host, port, encryption, login, own_name: own_name(config) };
    Ok(Some(SmtpMailer::new(&server, sender(&config.mail)?)?))
}

fn sender(mail: &MailConfig) -> anyhow::Result<MailSender> {
    let from = mail.from.as_deref().unwrap_or(NOBODY);
    MailSender::new(from, mail.reply_to.as_deref()).context("mail.from or mail.reply_to")
}

fn password_of(password: &MailPassword) -> Result<String, CliError> {
    let path = match password {
        MailPassword::Text(text) => return Ok(text.clone()),
        MailPassword::File(path) => path,
    };
    let wrong = |what: &str| {
        let message = format!("mail.smtp_password_file names {}, {what}.", path.display());
        CliError::new(ExitKind::Usage, message).with_advice(
            "Name a file that the server may read, with the password in its first line.",
        )
    };
    let text = fs::read_to_string(path)
        .map_err(|error| wrong(&format!("which cannot be read: {error}")))?;
    match text.lines().next().map(str::trim_end) {
        None | Some("") => Err(wrong("which has nothing in its first line")),
        Some(password) => Ok(password.to_owned()),
    }
}

/// The host of the public address, which mail servers like to hear.
fn own_name(config: &Config) -> Option<String> {
    let host = config.public_url.as_deref()?.parse::<hyper::Uri>().ok()?.host()?.to_owned();
    let is_name = host.contains('.')
        && host.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !host.starts_with('[');
    is_name.then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_the_first_line_of_its_file_and_what_is_wrong_names_the_setting() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        let read = || password_of(&MailPassword::File(path.clone()));
        assert!(read().unwrap_err().message.starts_with("mail.smtp_password_file names "));
        fs::write(&path, "\n").unwrap();
        assert!(read().unwrap_err().message.ends_with("which has nothing in its first line."));
        fs::write(&path, "s3cret\nnotes").unwrap();
        assert_eq!(read().unwrap(), "s3cret");
    }
}
