//! `seed`: many instances that were really compiled, answered and scored, for measuring and trying
//! out.

use crate::cli_context::CliContext;
use crate::cli_error::CliError;
use crate::output::{OutputWriter, ProgressReporter};
use crate::simulated_candidate::SimulatedCandidate;
use app::caller::Caller;
use app::seeding::{AnswerGenerator, SeedRequest};
use app::tasks::{NewStep, NewTask};
use app::test_library::TestImportOptions;
use app::{App, Failure};
use clap::Args;
use domain::document::DocumentFormat;
use domain::id::TaskId;

/// Fill a task with instances that are really compiled, answered and scored
///
/// Makes a candidate for each instance. Without a task, one is made of a test with six questions,
/// and an organization if there is none. Prints the id of the task.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay seed --instances 1000000 --data-dir ./bench-data
  assay seed --instances 5000 --task Tk…")]
pub struct SeedArgs {
    /// How many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub instances: u64,
    /// The task to fill
    #[arg(long, value_name = "ID")]
    pub task: Option<String>,
}

/// The test of a task made for seeding: small, so that a million instances fit on an ordinary disk.
const TEST: &str = include_str!("../../../demo/seed.yaml");

impl SeedArgs {
    pub fn run(self, operator: &CliContext) -> anyhow::Result<()> {
        let caller = self.caller(operator)?;
        let task = match &self.task {
            Some(task) => TaskId::from(task.as_str()),
            None => operator.run_use_case(make_task(&operator.app, &caller))?,
        };
        let mut progress = ProgressReporter::start("instances", self.instances);
        let order =
            SeedRequest { task: &task, instances: self.instances, generator: &simulated_answers };
        operator
            .app
            .seeding()
            .seed_blocking(&caller, &order, &mut |done| progress.reach(done))
            .map_err(|failure| {
                CliError::name_what_is_missing(
                    CliError::from(failure).into(),
                    &format!("task {task}"),
                    "assay task list",
                )
            })?;
        progress.finish();
        let mut output = OutputWriter::stdout();
        output.line(&task)?;
        Ok(output.finish()?)
    }

    /// An empty database gets an organization of its own, unless a task or an organization is
    /// named.
    fn caller(&self, operator: &CliContext) -> anyhow::Result<Caller> {
        let is_empty =
            operator.run_use_case(operator.app.organizations().list_organizations())?.is_empty();
        if is_empty && self.task.is_none() {
            operator.run_use_case(operator.app.organizations().create_organization("Seeded"))?;
        }
        operator.caller()
    }
}

async fn make_task(app: &App, caller: &Caller) -> Result<TaskId, Failure> {
    let options = TestImportOptions { test: None, folder: None, labels: None, based_on: None };
    let test = app
        .test_library()
        .import_test(caller, TEST.as_bytes(), DocumentFormat::Yaml, options)
        .await?
        .test;
    let new = NewTask::of("Seeded", vec![NewStep::of(test.id)]);
    Ok(app.tasks().create_task(caller, new).await?.id)
}

/// The imitated candidate of a number.
fn simulated_answers(number: u64) -> AnswerGenerator {
    let mut person = SimulatedCandidate::new(number);
    Box::new(move |question, lang| person.answer(question, lang))
}

#[cfg(test)]
mod tests;
