//! `task`: assessment processes.

use crate::cli_context::CliContext;
use crate::moment;
use crate::output::{OutputWriter, TextTable};
use app::tasks::{NewStep, NewTask, TaskView};
use clap::{Args, Subcommand};
use domain::access::settings::{AccessSwitch, AttemptLimit};
use domain::id::TestId;
use domain::instance::AccessMethod;
use domain::time::{TimeWindow, Timestamp};
use serde_json::{Value, json};

/// Tasks: assessment processes that people take part in
#[derive(Debug, Subcommand)]
pub enum TaskCommand {
    Create(Box<CreateTaskArgs>),
    List(ListTasksArgs),
}

/// Make a task of one or more tests and print its id
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay task create --title \"Support desk, spring\" --test Te…
  assay task create --title Practice --test Te… --test Te… --attempts -1 --access no-auth

Each --test becomes a step, in the order given.")]
pub struct CreateTaskArgs {
    /// Shown to candidates
    #[arg(long)]
    pub title: String,
    /// Test of the next step; may be given several times
    #[arg(long = "test", value_name = "ID", required = true)]
    pub tests: Vec<String>,
    /// How often a candidate may take each step; -1 is without limit
    #[arg(long, value_name = "N", default_value = "1", allow_negative_numbers = true, value_parser = attempts)]
    pub attempts: AttemptLimit,
    /// How candidates get in: invitation-code, single-credential, double-credential or no-auth
    #[arg(long, value_name = "METHOD", default_value = "invitation-code", value_parser = access)]
    pub access: AccessMethod,
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
pub struct ListTasksArgs {
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

fn attempts(text: &str) -> Result<AttemptLimit, String> {
    let number = text.parse::<i64>().ok();
    let limit = number.and_then(|number| AttemptLimit::try_from(number).ok());
    limit.ok_or_else(|| "a number from 1 to 2147483647, or -1 for no limit".to_owned())
}

fn access(text: &str) -> Result<AccessMethod, String> {
    let all: Vec<&str> = AccessMethod::ALL.iter().map(|method| method.as_str()).collect();
    AccessMethod::parse(text).ok_or_else(|| format!("one of {}", all.join(", ")))
}

impl TaskCommand {
    pub fn run(self, operator: &CliContext) -> anyhow::Result<()> {
        match self {
            Self::Create(create) => create.run(operator),
            Self::List(list) => list.run(operator),
        }
    }
}

impl CreateTaskArgs {
    fn run(self, operator: &CliContext) -> anyhow::Result<()> {
        let json = self.json;
        let made = operator
            .run_use_case(operator.app.tasks().create_task(&operator.caller()?, self.task()))?;
        let mut output = OutputWriter::stdout();
        if json {
            output.json(&printed(&made))?
        } else {
            output.line(&made.id)?
        }
        Ok(output.finish()?)
    }

    fn task(self) -> NewTask {
        let limit = self.attempts;
        let step =
            |test: String| NewStep { attempt_limit: limit, ..NewStep::of(TestId::from(test)) };
        let window = TimeWindow { after: self.active_after, before: self.active_before };
        NewTask {
            switch: AccessSwitch { window, ..AccessSwitch::default() },
            access_method: self.access,
            folder: self.folder.unwrap_or_default(),
            labels: self.labels,
            ..NewTask::of(self.title, self.tests.into_iter().map(step).collect())
        }
    }
}

impl ListTasksArgs {
    /// Page by page: there may be more tasks than fit into memory at once.
    fn run(&self, operator: &CliContext) -> anyhow::Result<()> {
        const PAGE: u32 = 500;
        let caller = operator.caller()?;
        let mut output = OutputWriter::stdout();
        let mut table =
            TextTable::new(&["id", "title", "steps", "access", "folder", "created (UTC)"])
                .right_aligned(&[2]);
        let mut shown = 0;
        loop {
            let (total, tasks) =
                operator.run_use_case(operator.app.tasks().list_tasks(&caller, PAGE, shown))?;
            shown += tasks.len() as u64;
            for task in &tasks {
                if self.json { output.json(&printed(task))? } else { table.row(cells(task)) }
            }
            if tasks.is_empty() || shown >= total {
                break;
            }
        }
        if !self.json {
            output.table(&table)?;
        }
        Ok(output.finish()?)
    }
}

fn cells(task: &TaskView) -> [String; 6] {
    [
        task.id.to_string(),
        task.title.clone(),
        task.steps.len().to_string(),
        task.access_method.to_string(),
        task.folder.clone(),
        moment::show(task.created_at),
    ]
}

fn printed(task: &TaskView) -> Value {
    let seconds = |moment: Option<Timestamp>| moment.map(Timestamp::seconds);
    let steps = task.steps.iter().map(|step| {
        json!({
            "stepId": step.id,
            "test": step.test,
            "title": step.title,
            "attemptLimit": i64::from(step.attempt_limit),
        })
    });
    json!({
        "taskId": task.id,
        "title": task.title,
        "accessMethod": task.access_method,
        "folder": task.folder,
        "labels": task.labels,
        "activeAfter": seconds(task.switch.window.after),
        "activeBefore": seconds(task.switch.window.before),
        "createdAt": task.created_at.seconds(),
        "steps": steps.collect::<Value>(),
    })
}
