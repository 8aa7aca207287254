//! `seed`: many instances that were really compiled, answered and scored, for measuring and trying out.

use crate::operator::Operator;
use clap::Args;

/// Fill a task with instances that are really compiled, answered and scored
///
/// Makes a candidate for each instance. Without a task, one is made from the numeracy test of the demo, and an
/// organization if there is none.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay seed --instances 1000000 --data-dir ./bench-data
  assay seed --instances 5000 --task Tk…")]
pub struct Seed {
    /// How many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub instances: u64,
    /// The task to fill
    #[arg(long, value_name = "ID")]
    pub task: Option<String>,
}

impl Seed {
    pub fn run(self, _operator: &Operator) -> anyhow::Result<()> {
        anyhow::bail!("not built yet")
    }
}
