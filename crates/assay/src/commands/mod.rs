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

use crate::cli::Cli;
use crate::startup;

pub fn run(cli: Cli) -> anyhow::Result<()> {
    startup::begin(&cli.global, &[], "./assay-data")?;
    anyhow::bail!("{:?} is not built yet", cli.command)
}
