//! `rescore`: results computed anew, and published copies that were altered put right.

use crate::cli_context::CliContext;
use crate::cli_error::CliError;
use crate::output::{OutputWriter, ProgressReporter};
use app::administration::RescoredBatch;
use app::caller::Caller;
use clap::Args;
use domain::id::{InstanceId, StepId, TaskId};

/// Compute results anew from what is kept, and mend what is published otherwise
///
/// A result that differs gets a new version; a published copy that differs from its version is
/// written anew. Both are told to readers of the change feed. Works in batches, also beside a
/// running server, and may be ended and run again at any time.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay rescore --all
  assay rescore --task Tk… --step St…
  assay rescore --task Tk… --instance Ti…")]
pub struct RescoreArgs {
    /// The test instances of this task
    #[arg(long, value_name = "ID", required_unless_present = "all")]
    pub task: Option<String>,
    /// Only those of this step
    #[arg(long, value_name = "ID", requires = "task")]
    pub step: Option<String>,
    /// Only this one
    #[arg(long, value_name = "ID", requires = "task", conflicts_with = "step")]
    pub instance: Option<String>,
    /// All tasks of the organization
    #[arg(long, conflicts_with = "task")]
    pub all: bool,
}

/// What was done of all batches.
#[derive(Default)]
struct RescoreTotals {
    looked_at: u64,
    versions: u64,
    repaired: u64,
}

impl RescoreArgs {
    pub fn run(&self, operator: &CliContext) -> anyhow::Result<()> {
        let caller = operator.caller()?;
        let mut sum = RescoreTotals::default();
        match (&self.task, &self.instance) {
            (Some(task), Some(instance)) => {
                let (task, instance) =
                    (TaskId::from(task.as_str()), InstanceId::from(instance.as_str()));
                operator.run_use_case(
                    operator.app.instances().rescore(&caller, &task, &instance, None),
                )?;
                let mut output = OutputWriter::stdout();
                output.line("1 computed.")?;
                return Ok(output.finish()?);
            }
            (Some(task), None) => {
                self.one_task(operator, &caller, &TaskId::from(task.as_str()), &mut sum)?
            }
            (None, _) => {
                for task in tasks(operator, &caller)? {
                    self.one_task(operator, &caller, &task, &mut sum)?;
                }
            }
        }
        let mut output = OutputWriter::stdout();
        let RescoreTotals { looked_at, versions, repaired } = sum;
        output.line(format_args!(
            "{looked_at} computed: {versions} have a new version, {repaired} were mended."
        ))?;
        Ok(output.finish()?)
    }

    fn one_task(
        &self,
        operator: &CliContext,
        caller: &Caller,
        task: &TaskId,
        sum: &mut RescoreTotals,
    ) -> anyhow::Result<()> {
        let step = self.step.as_deref().map(StepId::from);
        let (mut after, mut bar) = (0, None);
        loop {
            let batch = operator.run_use_case(operator.app.instances().rescore_batch(
                caller,
                task,
                step.clone(),
                after,
            ));
            let batch = batch.map_err(|error| {
                CliError::name_what_is_missing(error, &format!("task {task}"), "assay task list")
            })?;
            let RescoredBatch { looked_at, versions, repaired, next, total } = batch;
            sum.looked_at += looked_at;
            sum.versions += versions;
            sum.repaired += repaired;
            let shown = bar.get_or_insert_with(|| ProgressReporter::start("test instances", total));
            match next {
                Some(ordinal) => {
                    shown.reach(ordinal.unsigned_abs());
                    after = ordinal;
                }
                None => break,
            }
        }
        bar.into_iter().for_each(ProgressReporter::finish);
        Ok(())
    }
}

fn tasks(operator: &CliContext, caller: &Caller) -> anyhow::Result<Vec<TaskId>> {
    operator.run_use_case(operator.app.instances().task_ids(caller))
}
