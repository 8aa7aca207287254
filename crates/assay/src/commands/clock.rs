//! `clock`: what time the installation goes by, and the operator's word that it is right.

use crate::cli_context::CliContext;
use crate::moment;
use crate::output::OutputWriter;
use clap::Subcommand;

/// Show and confirm the time that deadlines and erasures go by
///
/// A server whose clock jumps goes on by its own count and erases nothing, until the clock comes
/// back or it is confirmed here.
#[derive(Debug, Subcommand)]
pub enum ClockCommand {
    /// Show this machine's time and when the installation was last in use by a trusted clock
    Show,
    /// Say that this machine's clock is right
    ///
    /// Servers that run hear of it within a second. Whoever's time is over by this clock is closed,
    /// and what is to be erased by it is erased.
    #[command(after_help = "Example:\n  date && assay clock confirm")]
    Confirm,
}

impl ClockCommand {
    /// # Errors
    /// The database cannot be read or written.
    pub fn run(self, operator: &CliContext) -> anyhow::Result<()> {
        let mut output = OutputWriter::stdout();
        match self {
            Self::Show => {
                output
                    .line(format_args!("This machine: {} UTC", moment::show(operator.app.now())))?;
                let trusted = operator.run_use_case(operator.app.last_trusted_moment())?;
                let shown = trusted
                    .map_or_else(|| "never".to_owned(), |at| format!("{} UTC", moment::show(at)));
                output.line(format_args!("Last trusted: {shown}"))?;
            }
            Self::Confirm => {
                let at = operator.run_use_case(operator.app.confirm_clock())?;
                output.line(format_args!("Confirmed: it is {} UTC.", moment::show(at)))?;
            }
        }
        Ok(output.finish()?)
    }
}
