//! `backup`: a copy of the database and of candidates' files while the server runs.

use crate::backup::{BackupStep, BackupTarget, create_backup};
use crate::cli_context::{data_dir, media_directory};
use crate::cli_error::{CliError, ExitKind};
use crate::config::Config;
use crate::data_dir::{DataDir, LAST_BACKUP};
use crate::output::{OutputWriter, ProgressReporter};
use crate::system::SystemClock;
use anyhow::Context;
use app::ports::Clock;
use clap::Args;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use storage::StorageError;

/// Write a copy of the database and of candidates' files, also while the server runs
///
/// The copy of the database is complete as of one moment. Beside NAME.sqlite lie the files of
/// candidates in NAME.media (further links to the same files where the disk is the same) and
/// NAME.manifest.jsonl, the list of everything with digests. docs/operations.md says how to
/// restore.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  assay backup /backups/assay-2027-01-31.sqlite")]
pub struct BackupArgs {
    /// File to write; it must not exist
    pub to: PathBuf,
}

impl BackupArgs {
    pub fn run(&self, config: &Config) -> anyhow::Result<()> {
        let directory = data_dir(config);
        directory.require_installation()?;
        let mut bar = None;
        let target = BackupTarget::new(&self.to);
        let now = SystemClock.now();
        let made =
            create_backup(
                &directory,
                &media_directory(config),
                &target,
                now,
                &mut |step| match step {
                    BackupStep::Pages { done, total } => bar
                        .get_or_insert_with(|| ProgressReporter::start("pages", total))
                        .reach(done),
                    BackupStep::Files { done } => tracing::debug!(done, "files are copied"),
                },
            );
        let made = made.map_err(|error| self.failure(error))?;
        bar.into_iter().for_each(ProgressReporter::finish);
        if made.missing > 0 {
            tracing::warn!(
                made.missing,
                "files that the database knows are not there: `assay doctor` tells more"
            );
        }
        if made.altered > 0 {
            tracing::error!(
                made.altered,
                "files are not what candidates sent: another length, or another digest"
            );
        }
        note_backup(&directory, &self.to, now.seconds());
        let mut output = OutputWriter::stdout();
        output.line(self.to.display())?;
        Ok(output.finish()?)
    }

    fn failure(&self, error: anyhow::Error) -> anyhow::Error {
        match error.downcast::<StorageError>() {
            Ok(StorageError::Elsewhere(reason)) => {
                let trouble =
                    CliError::new(ExitKind::Refused, format!("Nothing was written: {reason}."));
                trouble.with_advice("docs/operations.md says how.").into()
            }
            Ok(error) => anyhow::Error::new(error)
                .context(format!("cannot write a backup to {}", self.to.display())),
            Err(error) => error,
        }
    }
}

/// Writes down when the last backup was made and where, for `doctor`. Whoever may only read the
/// directory leaves no note.
fn note_backup(directory: &DataDir, to: &Path, at: i64) {
    let place = std::path::absolute(to).unwrap_or_else(|_| to.to_owned());
    let note = json!({ "at": at, "to": place.to_string_lossy() });
    let written =
        fs::write(directory.file(LAST_BACKUP), format!("{note}\n")).context("noting the backup");
    if let Err(error) = written {
        tracing::debug!(%error, "it was not noted that a backup was made");
    }
}
