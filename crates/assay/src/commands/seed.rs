//! `seed`: many instances that were really compiled, answered and scored, for measuring and trying out.

use crate::imitation::Imitation;
use crate::operator::Operator;
use crate::output::{Output, Progress};
use crate::trouble::Trouble;
use app::caller::Caller;
use app::seeding::{Order, Sitter};
use app::tasks::{NewStep, NewTask};
use app::tests::ImportOptions;
use app::{App, Failure};
use clap::Args;
use domain::document::Format;
use domain::id::TaskId;

/// Fill a task with instances that are really compiled, answered and scored
///
/// Makes a candidate for each instance. Without a task, one is made of a test with six questions, and an organization
/// if there is none. Prints the id of the task.
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

/// The test of a task made for seeding: small, so that a million instances fit on an ordinary disk.
const TEST: &str = include_str!("../../demo/seed.yaml");

impl Seed {
    pub fn run(self, operator: &Operator) -> anyhow::Result<()> {
        let caller = self.caller(operator)?;
        let task = match &self.task {
            Some(task) => TaskId::from(task.as_str()),
            None => operator.wait(make_task(&operator.app, &caller))?,
        };
        let mut progress = Progress::start("instances", self.instances);
        let order = Order { task: &task, instances: self.instances, sitter: &sitter };
        operator.app.seed_blocking(&caller, &order, &mut |done| progress.reach(done)).map_err(|failure| {
            Trouble::name_missing(Trouble::from(failure).into(), &format!("task {task}"), "assay task list")
        })?;
        progress.finish();
        let mut output = Output::stdout();
        output.line(&task)?;
        Ok(output.finish()?)
    }

    /// An empty database gets an organization of its own, unless a task or an organization is named.
    fn caller(&self, operator: &Operator) -> anyhow::Result<Caller> {
        let is_empty = operator.wait(operator.app.organizations())?.is_empty();
        if is_empty && self.task.is_none() {
            operator.wait(operator.app.create_organization("Seeded"))?;
        }
        operator.caller()
    }
}

async fn make_task(app: &App, caller: &Caller) -> Result<TaskId, Failure> {
    let options = ImportOptions { test: None, folder: None, labels: None, based_on: None };
    let test = app.import_test(caller, TEST.as_bytes(), Format::Yaml, options).await?.test;
    let new = NewTask::of("Seeded", vec![NewStep::of(test.id)]);
    Ok(app.create_task(caller, new).await?.id)
}

/// The imitated candidate of a number.
fn sitter(number: u64) -> Sitter {
    let mut person = Imitation::new(number);
    Box::new(move |question| person.answer(question))
}

#[cfg(test)]
#[path = "seed_tests.rs"]
mod tests;
