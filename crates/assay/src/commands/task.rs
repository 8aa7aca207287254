//! `task`: assessment processes.

use crate::moment;
use clap::{Args, Subcommand};
use domain::time::Timestamp;

/// Tasks: assessment processes that people take part in
#[derive(Debug, Subcommand)]
pub enum Task {
    Create(Box<Create>),
    List(List),
}

/// Make a task of one or more tests and print its id
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay task create --title \"Support desk, spring\" --test Te…
  assay task create --title Practice --test Te… --test Te… --attempts -1 --access no-auth

Each --test becomes a step, in the order given.")]
pub struct Create {
    /// Shown to candidates
    #[arg(long)]
    pub title: String,
    /// Test of the next step; may be given several times
    #[arg(long = "test", value_name = "ID", required = true)]
    pub tests: Vec<String>,
    /// How often a candidate may take each step; -1 is without limit
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true, value_parser = attempts)]
    pub attempts: i64,
    /// How candidates get in: invitation-code, single-credential, double-credential or no-auth
    #[arg(long, value_name = "METHOD", default_value = "invitation-code")]
    pub access: String,
    #[arg(long, value_name = "NAME")]
    pub folder: Option<String>,
    /// May be given several times
    #[arg(long = "label", value_name = "NAME")]
    pub labels: Vec<String>,
    /// Nobody starts before this: 2027-12-31 (its beginning, UTC) or 2027-12-31T18:00:00Z
    #[arg(long, value_name = "WHEN", value_parser = moment::parse)]
    pub active_after: Option<Timestamp>,
    /// Nobody starts from this on
    #[arg(long, value_name = "WHEN", value_parser = moment::parse)]
    pub active_before: Option<Timestamp>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// List the tasks
#[derive(Debug, Args)]
pub struct List {
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

fn attempts(text: &str) -> Result<i64, String> {
    match text.parse() {
        Ok(number) if number == -1 || (1..=1_000_000).contains(&number) => Ok(number),
        _ => Err("a number from 1 to 1000000, or -1 for no limit".to_owned()),
    }
}
