//! The commands: each module holds a command's flags and what it does with them.

pub mod backup;
pub mod candidate;
pub mod demo;
pub mod doctor;
pub mod key;
pub mod openapi;
pub mod org;
pub mod results;
pub mod seed;
pub mod serve;
pub mod task;
pub mod test;

use crate::cli::{Cli, Command};
use crate::startup;

/// The data directory when nobody names one.
const USUAL_DATA_DIR: &str = "./assay-data";

/// Carries out what the command line asks for.
///
/// # Errors
/// What went wrong; a [`crate::trouble::Trouble`] among its causes knows the exit code.
pub fn run(cli: Cli) -> anyhow::Result<()> {
    let config = startup::begin(&cli.global, &[], USUAL_DATA_DIR)?;
    match cli.command {
        Command::Backup(backup) => backup.run(&config),
        command => anyhow::bail!("{command:?} is not built yet"),
    }
}
