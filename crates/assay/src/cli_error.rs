//! How a command ends when it does not succeed: the exit code, what happened, and what to do about
//! it.

use app::Failure;
use domain::document::DocumentFault;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

/// Why a command ended; the number is its exit code, told in `assay --help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitKind {
    Failed = 1,
    Usage = 2,
    NotFound = 3,
    Refused = 4,
}

/// An end that knows its exit code. Any other error is [`ExitKind::Failed`].
#[derive(Debug)]
pub struct CliError {
    pub kind: ExitKind,
    /// What happened; several lines when several things are wrong.
    pub message: String,
    /// What to do.
    pub advice: Option<String>,
}

impl CliError {
    /// An error for the person at the terminal, without advice.
    pub fn new(kind: ExitKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), advice: None }
    }

    /// Tells what was named and does not exist, and which command lists what does. Other errors
    /// stay.
    pub fn name_what_is_missing(error: anyhow::Error, what: &str, listing: &str) -> anyhow::Error {
        match error.downcast::<Self>() {
            Ok(trouble) if trouble.kind == ExitKind::NotFound => {
                Self::new(ExitKind::NotFound, format!("There is no {what}."))
                    .with_advice(format!("`{listing}` shows them."))
                    .into()
            }
            Ok(trouble) => trouble.into(),
            Err(error) => error,
        }
    }

    /// Adds what the person may do about it.
    pub fn with_advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)?;
        self.advice.iter().try_for_each(|advice| write!(formatter, "\n{advice}"))
    }
}

impl std::error::Error for CliError {}

/// Failures of use cases, as the operator is told. Whoever knows what was named tells it better.
impl From<Failure> for CliError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Faults(faults) => {
                let lines: Vec<_> =
                    faults.iter().map(|fault| format!("  {}", fault.message())).collect();
                Self::new(ExitKind::Refused, format!("Refused:\n{}", lines.join("\n")))
            }
            Failure::Document(faults) => Self::new(
                ExitKind::Refused,
                format!("The document is faulty:\n{}", list_findings(&faults)),
            ),
            Failure::NotFound => {
                Self::new(ExitKind::NotFound, "What was named does not exist in this organization.")
            }
            Failure::Refused(refused) => {
                Self::new(ExitKind::Refused, format!("Refused: {}.", refused.code))
            }
            Failure::Busy => {
                Self::new(ExitKind::Failed, "The database is busy.").with_advice("Try again.")
            }
            failure => Self::new(ExitKind::Failed, failure.to_string()),
        }
    }
}

/// What was found in a document, a line each: code, place, what it means.
pub fn list_findings(faults: &[DocumentFault]) -> String {
    let line = |fault: &DocumentFault| {
        let word = if fault.code.is_warning() { "advice" } else { "fault" };
        let place = Some(fault.pointer.as_str())
            .filter(|place| !place.is_empty())
            .unwrap_or("the document");
        let detail = fault.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
        format!("  {word} {} at {place}: {}{detail}", fault.code, fault.message)
    };
    faults.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Writes the error to standard error and gives its exit code.
pub fn report(error: &anyhow::Error) -> ExitCode {
    if is_closed_pipe(error) {
        // Whoever reads our output, such as `head`, has had enough: that is no failure.
        return ExitCode::SUCCESS;
    }
    // Nobody is left to tell when standard error is gone too.
    let _ = writeln!(io::stderr(), "assay: {error:#}");
    ExitCode::from(kind_of(error) as u8)
}

fn kind_of(error: &anyhow::Error) -> ExitKind {
    error.downcast_ref::<CliError>().map_or(ExitKind::Failed, |trouble| trouble.kind)
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn the_exit_code_survives_context_and_other_errors_are_failures() {
        let trouble = CliError::new(ExitKind::NotFound, "There is no task Tk1.")
            .with_advice("`assay task list` shows them.");
        let error = Err::<(), _>(trouble).context("reading results").unwrap_err();
        assert_eq!(kind_of(&error), ExitKind::NotFound);
        assert_eq!(
            format!("{error:#}"),
            "reading results: There is no task Tk1.\n`assay task list` shows them."
        );
        assert_eq!(kind_of(&anyhow::anyhow!("the disk is full")), ExitKind::Failed);
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        let error =
            anyhow::Error::from(io::Error::from(io::ErrorKind::BrokenPipe)).context("printing");
        assert!(is_closed_pipe(&error));
        assert!(!is_closed_pipe(&anyhow::anyhow!("other")));
    }
}
