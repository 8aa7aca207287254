//! `doctor`: is this installation healthy, and what to do when it is not.

use crate::cli_error::{CliError, ExitKind};
use crate::config::Config;
use crate::doctor::{CheckState, Finding, run_checks};
use crate::output::OutputWriter;
use clap::Args;
use serde_json::json;

/// Check the data directory, the database and the settings, and say how to mend what is wrong
///
/// Exit code 1 when a check fails; warnings alone are fine.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  assay doctor --data-dir /var/lib/assay")]
pub struct DoctorArgs {
    /// Print one JSON object for each check
    #[arg(long)]
    pub json: bool,
}

impl DoctorArgs {
    pub fn run(&self, config: &Config) -> anyhow::Result<()> {
        let findings = run_checks(config);
        let mut output = OutputWriter::stdout();
        for Finding { what, state, message, advice } in &findings {
            if self.json {
                output.json(
                    &json!({"check": what, "state": state, "message": message, "advice": advice}),
                )?;
            } else {
                output.line(format_args!("{:8}{what}: {message}", state.as_str()))?;
                advice
                    .iter()
                    .try_for_each(|advice| output.line(format_args!("        -> {advice}")))?;
            }
        }
        output.finish()?;
        match findings.iter().filter(|finding| finding.state == CheckState::Bad).count() {
            0 => Ok(()),
            failed => Err(CliError::new(
                ExitKind::Failed,
                format!("{failed} of {} checks failed.", findings.len()),
            )
            .into()),
        }
    }
}
