//! `backup`: a copy of the database while the server runs.

use crate::config::Config;
use crate::operator::data_dir;
use crate::output::{Output, Progress};
use crate::trouble::{Kind, Trouble};
use clap::Args;
use std::path::PathBuf;
use storage::StorageError;

/// Write a copy of the database, also while the server runs
///
/// The copy is complete as of one moment and is itself a database: to restore, put it into an empty data directory
/// under the name the original has there.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  assay backup /backups/assay-2027-01-31.sqlite")]
pub struct Backup {
    /// File to write; it must not exist
    pub to: PathBuf,
}

impl Backup {
    pub fn run(&self, config: &Config) -> anyhow::Result<()> {
        let storage = data_dir(config).open_existing()?;
        let mut bar = None;
        let copied = storage.backup(&self.to, &mut |pages| {
            let bar = bar.get_or_insert_with(|| Progress::start("pages", pages.total));
            bar.reach(pages.done);
        });
        copied.map_err(|error| self.failure(error))?;
        bar.into_iter().for_each(Progress::finish);
        let mut output = Output::stdout();
        output.line(self.to.display())?;
        Ok(output.finish()?)
    }

    fn failure(&self, error: StorageError) -> anyhow::Error {
        match error {
            StorageError::Exists(file) => {
                let trouble =
                    Trouble::new(Kind::Refused, format!("{file} exists already; a backup overwrites nothing."));
                trouble.advise("Name a new file.").into()
            }
            StorageError::Elsewhere(reason) => {
                let trouble = Trouble::new(Kind::Refused, format!("Nothing was written: {reason}."));
                trouble.advise("docs/operations.md says how.").into()
            }
            error => anyhow::Error::new(error).context(format!("cannot write a backup to {}", self.to.display())),
        }
    }
}
