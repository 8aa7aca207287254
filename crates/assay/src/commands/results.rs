//! `results`: what came out of a task, as a table or as the REST API sends it.

use clap::Args;

/// Print the test instances of a task with their results
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay results Tk…
  assay results Tk… --detailed
  assay results Tk… --json --detailed | jq .result.scoreboard")]
pub struct Results {
    /// The id of the task
    pub task: String,
    /// Print one JSON object a line, as the REST API sends it
    #[arg(long)]
    pub json: bool,
    /// With group, labels, number of questions, dimensions and effects
    #[arg(long)]
    pub detailed: bool,
}
