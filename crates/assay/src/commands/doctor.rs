//! `doctor`: is this installation healthy, and what to do when it is not.

use crate::checkup::{Finding, State, examine};
use crate::config::Config;
use crate::output::Output;
use crate::trouble::{Kind, Trouble};
use clap::Args;
use serde_json::json;

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

impl Doctor {
    pub fn run(&self, config: &Config) -> anyhow::Result<()> {
        let findings = examine(config);
        let mut output = Output::stdout();
        for Finding { what, state, message, advice } in &findings {
            if self.json {
                output.json(&json!({"check": what, "state": state, "message": message, "advice": advice}))?;
            } else {
                output.line(format_args!("{:8}{what}: {message}", state.as_str()))?;
                advice.iter().try_for_each(|advice| output.line(format_args!("        -> {advice}")))?;
            }
        }
        output.finish()?;
        match findings.iter().filter(|finding| finding.state == State::Bad).count() {
            0 => Ok(()),
            failed => Err(Trouble::new(Kind::Failed, format!("{failed} of {} checks failed.", findings.len())).into()),
        }
    }
}
