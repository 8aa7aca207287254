//! A mail as bytes: headers, and the text in plain and in HTML, of which the reader's program takes
//! one.

use app::ports::OutgoingMail;
use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use std::time::{Duration, UNIX_EPOCH};

/// Who mail comes from.
#[derive(Clone, Debug)]
pub struct MailSender {
    from: Mailbox,
    reply_to: Option<Mailbox>,
}

/// An address that is none.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is no sender such as \"Exams <exams@example.org>\"")]
pub struct InvalidMailAddress(String);

impl MailSender {
    /// `from` and `reply_to` are addresses, or names with addresses in angle brackets.
    ///
    /// # Errors
    /// The first that is none.
    pub fn new(from: &str, reply_to: Option<&str>) -> Result<Self, InvalidMailAddress> {
        Ok(Self { from: mailbox(from)?, reply_to: reply_to.map(mailbox).transpose()? })
    }
}

/// Whether a text can be a sender.
#[must_use]
pub fn is_sender(text: &str) -> bool {
    mailbox(text).is_ok()
}

fn mailbox(text: &str) -> Result<Mailbox, InvalidMailAddress> {
    text.parse().map_err(|_| InvalidMailAddress(text.to_owned()))
}

/// The mail as it is sent.
///
/// # Errors
/// Why it cannot be written.
pub(crate) fn build_message(sender: &MailSender, mail: &OutgoingMail) -> Result<Message, String> {
    let to = mail
        .to
        .parse()
        .map_err(|error| format!("the address cannot be written into a mail: {error}"))?;
    let automatic = HeaderValue::new(
        HeaderName::new_from_ascii_str("Auto-Submitted"),
        "auto-generated".to_owned(),
    );
    let builder = Message::builder()
        .from(sender.from.clone())
        .to(Mailbox::new(None, to))
        .subject(mail.subject.clone())
        .date(UNIX_EPOCH + Duration::from_millis(mail.at.0.max(0).unsigned_abs()))
        .message_id(Some(mail.message_id.clone()))
        .raw_header(automatic);
    let builder =
        sender.reply_to.iter().cloned().fold(builder, lettre::message::MessageBuilder::reply_to);
    let parts = MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone());
    builder.multipart(parts).map_err(|error| error.to_string())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use domain::time::Timestamp;

    pub(crate) fn mail() -> OutgoingMail {
        OutgoingMail {
            id: "Ma1".into(),
            message_id: "<Ma1@exams.example.org>".into(),
            to: "ada@example.org".into(),
            subject: "Sınav daveti".into(),
            text: "Merhaba Ada,\n\nhttps://exams.example.org/enter/AB\n".into(),
            html: "<p>Merhaba Ada</p>".into(),
            at: Timestamp(1_767_225_600_000),
        }
    }

    fn head(mail: &OutgoingMail) -> Vec<String> {
        let sender =
            MailSender::new("Exams <exams@example.org>", Some("help@example.org")).unwrap();
        let bytes = build_message(&sender, mail).unwrap().formatted();
        let text = String::from_utf8(bytes).unwrap();
        text.split("\r\n\r\n").next().unwrap().split("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn a_mail_says_that_no_person_sent_it_and_keeps_its_name() {
        let head = head(&mail());
        for line in [
            "From: Exams <exams@example.org>",
            "To: ada@example.org",
            "Reply-To: help@example.org",
            "Message-ID: <Ma1@exams.example.org>",
            "Auto-Submitted: auto-generated",
            "Date: Thu, 01 Jan 2026 00:00:00 +0000",
        ] {
            assert!(head.iter().any(|found| found == line), "{line}: {head:#?}");
        }
    }

    #[test]
    fn a_line_break_in_the_subject_makes_no_header() {
        let head = head(&OutgoingMail {
            subject: "Hi\r\nBcc: eve@example.org\r\n\r\nGotcha".into(),
            ..mail()
        });
        assert!(!head.iter().any(|line| line.to_lowercase().starts_with("bcc")), "{head:#?}");
        assert!(head.iter().any(|line| line.starts_with("Auto-Submitted")), "{head:#?}");
    }

    #[test]
    fn what_is_no_address_is_told() {
        let sender = MailSender::new("exams@example.org", None).unwrap();
        for wrong in
            ["ada", "ada@", "ada@example.org\r\nBcc: eve@example.org", "a@b>,<eve@example.org"]
        {
            let error =
                build_message(&sender, &OutgoingMail { to: wrong.into(), ..mail() }).unwrap_err();
            assert!(
                error.starts_with("the address cannot be written into a mail"),
                "{wrong:?}: {error}"
            );
        }
        assert!(!is_sender("Exams") && !is_sender("") && is_sender("exams@example.org"));
    }
}
