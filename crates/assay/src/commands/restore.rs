//! `restore`: a backup put back into its place.

use crate::cli_context::{data_dir, media_directory, new_epoch};
use crate::cli_error::{CliError, ExitKind};
use crate::config::Config;
use crate::data_dir::WITNESS;
use crate::output::OutputWriter;
use crate::restore::{RestoreReport, RestoreTarget, restore};
use clap::Args;
use std::fs;
use std::path::PathBuf;
use storage::history;

/// Put a backup into the data directory
///
/// The server must be stopped. The backup is looked through first and stays as it is. What lies in
/// the data directory is never deleted: with --move-aside it is put into a folder there, without it
/// nothing is done. Readers of the change feed with cursors of what is lost are told so.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay restore /backups/assay-2027-01-31.sqlite
  assay restore /backups/assay-2027-01-31.sqlite --move-aside
  assay restore --mark")]
pub struct RestoreArgs {
    /// The backup: the file that `assay backup` wrote
    #[arg(required_unless_present = "mark")]
    pub backup: Option<PathBuf>,
    /// Put what is in the data directory aside
    #[arg(long, conflicts_with = "mark")]
    pub move_aside: bool,
    /// Restore nothing, but tell readers that changes were lost: after a disk, a machine or a
    /// PostgreSQL was put back by other means
    #[arg(long, conflicts_with = "backup")]
    pub mark: bool,
}

impl RestoreArgs {
    pub fn run(&self, config: &Config) -> anyhow::Result<()> {
        match &self.backup {
            Some(backup) => self.put_back(config, backup),
            None => mark(config),
        }
    }

    fn put_back(&self, config: &Config, backup: &std::path::Path) -> anyhow::Result<()> {
        let directory = data_dir(config);
        if directory.is_on_postgres() {
            let message = "A PostgreSQL is restored with its own tools, such as pg_restore.";
            let advice = "docs/operations.md says how. Afterwards run `assay restore --mark` if it is the same database.";
            return Err(CliError::new(ExitKind::Refused, message).with_advice(advice).into());
        }
        directory.make()?;
        let lock = directory.lock_for_serving()?;
        let goal = RestoreTarget {
            directory,
            media: media_directory(config),
            move_aside: self.move_aside,
        };
        let restored = restore(&goal, backup)?;
        // It tells of the database that was there before, and would say of this one that it lost
        // something.
        let _ = fs::rename(
            goal.directory.file(WITNESS),
            goal.directory.file("witness.before-restore.json"),
        );
        drop(lock);
        tell(&restored)
    }
}

fn tell(restored: &RestoreReport) -> anyhow::Result<()> {
    let mut output = OutputWriter::stdout();
    let RestoreReport { prepared, aside, files, .. } = restored;
    output.line(format_args!(
        "Restored {}: {} organizations, {} test instances.",
        restored.database.display(),
        prepared.organizations,
        prepared.instances
    ))?;
    if let Some(aside) = aside {
        output.line(format_args!("What was there before is in {}.", aside.display()))?;
    }
    output.line(format_args!("Files of candidates: {}", files.summary()))?;
    for id in files.missing.iter().take(20) {
        output.line(format_args!("  missing {id}"))?;
    }
    output.line(
        "Next: `assay candidate erase --again FILE` for persons who were erased since, `assay doctor`, `assay verify`, \
         `assay serve`.",
    )?;
    Ok(output.finish()?)
}

/// Begins an epoch where nothing else could know that a tail of the history was lost.
fn mark(config: &Config) -> anyhow::Result<()> {
    let storage = data_dir(config).open_alongside()?;
    let (epoch, at) = new_epoch();
    let begun = storage.write_blocking(move |tx| {
        let place = history::current(tx)?.and_then(|row| row.place);
        history::begin(tx, &epoch, place.as_deref(), at)
    })?;
    let mut output = OutputWriter::stdout();
    match begun {
        Some(number) => output.line(format_args!(
            "Epoch {number} of the history begins. Cursors of changes that this database does not know are unknown from now on."
        ))?,
        None => {
            let message = "There is no installation in this database yet.";
            return Err(CliError::new(ExitKind::NotFound, message).with_advice("Nothing has to be marked.").into());
        }
    }
    Ok(output.finish()?)
}
