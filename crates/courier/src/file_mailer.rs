//! Keeps mail when there is no server to give it to: as files that any mail program opens, one for
//! each.

use crate::message::{MailSender, build_message};
use app::ports::{MailAttempt, Mailer, OutgoingMail};
use domain::id::{MailId, is_well_formed};
use domain::mail::MailOutcome;
use std::fs::{self, DirBuilder, OpenOptions};
use std::future::Future;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Duration;

/// What the files end in.
const ENDING: &str = ".eml";

/// A folder of kept mail.
#[derive(Clone, Debug)]
pub struct FileMailer {
    /// None keeps no files: the mail is in the database only.
    folder: Option<PathBuf>,
    sender: MailSender,
}

impl FileMailer {
    /// A mailer that writes into this folder; without one a mail is in the database only.
    #[must_use]
    pub const fn new(folder: Option<PathBuf>, sender: MailSender) -> Self {
        Self { folder, sender }
    }

    fn keep(&self, mail: &OutgoingMail) -> MailAttempt {
        let message = match build_message(&self.sender, mail) {
            Ok(message) => message,
            Err(error) => return MailAttempt::unsendable(error),
        };
        let written = self
            .folder
            .as_deref()
            .map_or(Ok(()), |folder| write(folder, &mail.id, &message.formatted()));
        // The text is in the database whatever becomes of the file.
        let said = written.err().map_or_else(String::new, |error| {
            tracing::warn!(mail = %mail.id, %error, "a mail was kept, but not as a file");
            format!("no file could be written: {error}")
        });
        MailAttempt { outcome: MailOutcome::Kept, status: None, said, taken: Duration::ZERO }
    }
}

impl Mailer for FileMailer {
    fn mail(&self, mail: OutgoingMail) -> Pin<Box<dyn Future<Output = MailAttempt> + Send>> {
        let letterbox = self.clone();
        Box::pin(async move {
            let stored = tokio::task::spawn_blocking(move || letterbox.keep(&mail)).await;
            stored.unwrap_or_else(|error| MailAttempt::unsendable(error.to_string()))
        })
    }

    fn copies(&self) -> Vec<MailId> {
        let Some(Ok(entries)) = self.folder.as_ref().map(fs::read_dir) else { return Vec::new() };
        let name = |entry: io::Result<fs::DirEntry>| entry.ok()?.file_name().into_string().ok();
        let id = |name: String| {
            name.strip_suffix(ENDING).filter(|id| is_well_formed(id)).map(MailId::from)
        };
        entries.filter_map(name).filter_map(id).collect()
    }

    fn discard(&self, mails: &[MailId]) {
        let Some(folder) = &self.folder else { return };
        for mail in mails {
            match fs::remove_file(file(folder, mail)) {
                Ok(()) => {
                    tracing::info!(%mail, "the file of a mail that is not kept any more was removed")
                }
                Err(error) => {
                    tracing::warn!(%mail, %error, "the file of a mail that is not kept any more was not removed");
                }
            }
        }
    }
}

fn file(folder: &Path, mail: &MailId) -> PathBuf {
    folder.join(format!("{mail}{ENDING}"))
}

/// Only the owner may read what lies there: it lets candidates in.
fn write(folder: &Path, mail: &MailId, bytes: &[u8]) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let part = folder.join(format!("{mail}.part"));
    let mut open = OpenOptions::new();
    open.write(true).create(true).truncate(true).mode(0o600).open(&part)?.write_all(bytes)?;
    fs::rename(part, file(folder, mail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::tests::mail;
    use std::os::unix::fs::PermissionsExt as _;

    fn letterbox(folder: &Path) -> FileMailer {
        FileMailer::new(
            Some(folder.to_owned()),
            MailSender::new("exams@example.org", None).unwrap(),
        )
    }

    #[tokio::test]
    async fn a_kept_mail_is_a_file_that_only_its_owner_reads_until_it_is_discarded() {
        let above = tempfile::tempdir().unwrap();
        let folder = above.path().join("mail");
        let letterbox = letterbox(&folder);
        assert!(letterbox.copies().is_empty());
        let reply = letterbox.mail(mail()).await;
        assert_eq!((reply.outcome, reply.said.as_str()), (MailOutcome::Kept, ""));
        let file = folder.join("Ma1.eml");
        assert!(fs::read_to_string(&file).unwrap().contains("Message-ID: <Ma1@exams.example.org>"));
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        fs::write(folder.join("notes.txt"), "theirs").unwrap();
        assert_eq!(letterbox.copies(), [MailId::from("Ma1")]);
        letterbox.discard(&["Ma1".into(), "Ma2".into()]);
        assert!(!file.exists() && folder.join("notes.txt").exists());
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_to_is_told_and_the_mail_is_kept_all_the_same() {
        let above = tempfile::tempdir().unwrap();
        let file = above.path().join("file");
        fs::write(&file, "").unwrap();
        let reply = letterbox(&file.join("mail")).mail(mail()).await;
        assert_eq!(reply.outcome, MailOutcome::Kept);
        assert!(reply.said.starts_with("no file could be written"), "{}", reply.said);
    }
}
