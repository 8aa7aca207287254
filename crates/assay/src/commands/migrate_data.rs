//! `migrate-data`: everything from the data directory's file to a PostgreSQL, or back.

use crate::config::Config;
use crate::data_dir::DataDir;
use crate::output::{Output, Progress};
use crate::trouble::{Kind, Trouble};
use clap::{Args, ValueEnum};
use storage::{Direction, StorageError, transfer};

/// Copy everything from the data directory's file to a PostgreSQL, or back
///
/// The target must be empty. Stop every server first. Each table is copied in one transaction with the others, read
/// back and compared; its rows and their checksum are printed. Nothing is kept when anything differs, and the original
/// stays as it is.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  assay migrate-data to-postgres --data-dir /var/lib/assay --database-url postgres://assay@db/assay")]
pub struct MigrateData {
    /// Which way
    pub direction: Way,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Way {
    /// From the file to the PostgreSQL
    ToPostgres,
    /// From the PostgreSQL to the file
    ToFile,
}

impl MigrateData {
    /// # Errors
    /// [`Kind::Usage`] without an address; [`Kind::Refused`] when the target is not empty or a server uses the file.
    pub fn run(&self, config: &Config) -> anyhow::Result<()> {
        let Some(url) = &config.database_url else {
            let message = "It is not known which PostgreSQL is meant.";
            return Err(Trouble::new(Kind::Usage, message).advise("Name it with --database-url.").into());
        };
        let directory = DataDir::new(&config.data_dir, 1);
        let direction = match self.direction {
            Way::ToPostgres if !directory.has_database() => {
                let message = format!("There is no database in {}.", directory.path().display());
                return Err(Trouble::new(Kind::NotFound, message).advise("Name its directory with --data-dir.").into());
            }
            Way::ToPostgres => Direction::ToServer,
            Way::ToFile => Direction::ToFile,
        };
        directory.make()?;
        let _alone = directory.lock_for_serving()?;
        let mut bar = None;
        let copied = transfer(&directory.database(), url, direction, &mut |moved| {
            bar.get_or_insert_with(|| Progress::start("rows", moved.total)).reach(moved.done);
        });
        bar.into_iter().for_each(Progress::finish);
        let mut output = Output::stdout();
        for table in copied.map_err(refusal)? {
            output.line(format!("{:<16} {:>12} rows  sha256 {}", table.table, table.rows, table.checksum))?;
        }
        Ok(output.finish()?)
    }
}

fn refusal(error: StorageError) -> anyhow::Error {
    match error {
        StorageError::Occupied(_) => {
            let message = format!("Nothing was copied: {error}.");
            Trouble::new(Kind::Refused, message).advise("Name an empty database or directory.").into()
        }
        StorageError::InUse(_) => {
            let message = format!("Nothing was copied: {error}.");
            Trouble::new(Kind::Refused, message).advise("Stop every server and command on it first.").into()
        }
        error => anyhow::Error::new(error).context("nothing was copied"),
    }
}
