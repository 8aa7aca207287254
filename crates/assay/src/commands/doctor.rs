//! `doctor`: is this installation healthy, and what to do when it is not.

use clap::Args;

/// Check the data directory, the database and the settings, and say how to mend what is wrong
///
/// Exit code 1 when a check fails; warnings alone are fine.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  assay doctor --data-dir /var/lib/assay")]
pub struct Doctor {
    /// Print one JSON object for each check
    #[arg(long)]
    pub json: bool,
}
