//! `backup`: a copy of the database while the server runs.

use clap::Args;
use std::path::PathBuf;

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
