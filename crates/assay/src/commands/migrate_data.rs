//! `migrate-data`: everything from the data directory's file to a PostgreSQL, or back.

use crate::cli_error::{CliError, ExitKind};
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::output::{OutputWriter, ProgressReporter};
use clap::{Args, ValueEnum};
use storage::{StorageError, TransferDirection, transfer};

/// Copy everything from the data directory's file to a PostgreSQL, or back
///
/// The target must be empty. Stop every server first. Each table is copied in one transaction with
/// the others, read back and compared; its rows and their checksum are printed. Nothing is kept
/// when anything differs, and the original stays as it is.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  assay migrate-data to-postgres --data-dir /var/lib/assay --database-url postgres://assay@db/assay")]
pub struct MigrateDataArgs {
    /// Which way
    pub direction: MigrationDirection,
}

/// Which database is read and which is filled.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum MigrationDirection {
    /// From the file to the PostgreSQL
    ToPostgres,
    /// From the PostgreSQL to the file
    ToFile,
}

impl MigrateDataArgs {
    /// # Errors
    /// [`ExitKind::Usage`] without an address; [`ExitKind::Refused`] when the target is not empty
    /// or a server uses the file.
    pub fn run(&self, config: &Config) -> anyhow::Result<()> {
        let Some(url) = &config.database_url else {
            let message = "It is not known which PostgreSQL is meant.";
            return Err(CliError::new(ExitKind::Usage, message)
                .with_advice("Name it with --database-url.")
                .into());
        };
        let directory = DataDir::new(&config.data_dir, 1);
        let direction = match self.direction {
            MigrationDirection::ToPostgres if !directory.has_database() => {
                let message = format!("There is no database in {}.", directory.path().display());
                return Err(CliError::new(ExitKind::NotFound, message)
                    .with_advice("Name its directory with --data-dir.")
                    .into());
            }
            MigrationDirection::ToPostgres => TransferDirection::ToServer,
            MigrationDirection::ToFile => TransferDirection::ToFile,
        };
        directory.make()?;
        let _alone = directory.lock_for_serving()?;
        let mut bar = None;
        let copied = transfer(&directory.database(), url, direction, &mut |moved| {
            bar.get_or_insert_with(|| ProgressReporter::start("rows", moved.total))
                .reach(moved.done);
        });
        bar.into_iter().for_each(ProgressReporter::finish);
        let mut output = OutputWriter::stdout();
        for table in copied.map_err(refusal)? {
            output.line(format!(
                "{:<16} {:>12} rows  sha256 {}",
                table.table, table.rows, table.checksum
            ))?;
        }
        Ok(output.finish()?)
    }
}

fn refusal(error: StorageError) -> anyhow::Error {
    match error {
        StorageError::Occupied(_) => {
            let message = format!("Nothing was copied: {error}.");
            CliError::new(ExitKind::Refused, message)
                .with_advice("Name an empty database or directory.")
                .into()
        }
        StorageError::InUse(_) => {
            let message = format!("Nothing was copied: {error}.");
            CliError::new(ExitKind::Refused, message)
                .with_advice("Stop every server and command on it first.")
                .into()
        }
        error => anyhow::Error::new(error).context("nothing was copied"),
    }
}
