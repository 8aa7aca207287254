//! `results`: what came out of a task, as a table or as the REST API sends it.

use crate::cli_context::CliContext;
use crate::cli_error::CliError;
use crate::moment;
use crate::output::{OutputWriter, TextTable};
use anyhow::Context;
use api::integration::test_instances::schema;
use app::caller::Caller;
use app::results::{InstanceListQuery, ListedInstance, ListingDetail, TaskHead};
use clap::Args;
use domain::id::TaskId;
use domain::time::Timestamp;
use serde_json::Value;

/// Print the test instances of a task with their results
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay results Tk…
  assay results Tk… --detailed
  assay results Tk… --json --detailed | jq .result.scoreboard")]
pub struct ResultsArgs {
    /// The id of the task
    pub task: String,
    /// Print one JSON object a line, as the REST API sends it
    #[arg(long)]
    pub json: bool,
    /// With group, labels, number of questions, dimensions and effects
    #[arg(long)]
    pub detailed: bool,
}

/// Rows read at once.
const PAGE: i64 = 1000;
/// Nothing of a list is kept here.
const NO_KNOWN_STATE: Option<fn(&TaskHead) -> bool> = None;

impl ResultsArgs {
    pub fn run(&self, operator: &CliContext) -> anyhow::Result<()> {
        let mut output = OutputWriter::stdout();
        let mut table = TextTable::new(if self.detailed { &DETAILED } else { &BASIC })
            .right_aligned(&[4, 5, 6]);
        let mut number = 0;
        self.each_page(operator, &mut |rows| {
            for row in rows {
                number += 1;
                if self.json {
                    output.line(row)?;
                } else {
                    let row: Value = serde_json::from_str(row).context("reading a listed row")?;
                    table.row(cells(&row, self.detailed));
                }
            }
            Ok(())
        })?;
        if !self.json {
            output.table(&table)?;
            output.line(format_args!("\n{number} test instances"))?;
        }
        Ok(output.finish()?)
    }

    /// Hands over the rows of each page. Pages are ranges of ordinals, so none is met twice while
    /// others are added.
    fn each_page(
        &self,
        operator: &CliContext,
        each: &mut dyn FnMut(Vec<&str>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let (caller, task) = (operator.caller()?, TaskId::from(self.task.as_str()));
        let mode = if self.detailed { ListingDetail::Detailed } else { ListingDetail::Basic };
        for page in 1.. {
            let query = InstanceListQuery { mode, limit: PAGE, page, filter: None };
            let listed = operator.run_use_case(operator.app.results().list_instances(
                &caller,
                &task,
                query,
                print_line,
                NO_KNOWN_STATE,
            ));
            let listed = listed.map_err(|error| {
                CliError::name_what_is_missing(
                    error,
                    &format!("task {}", self.task),
                    "assay task list",
                )
            })?;
            let listed = listed.page.context("a list that nobody knows is always read")?;
            each(listed.rows.lines().map(|line| line.trim_start_matches(',')).collect())?;
            if page.saturating_mul(PAGE) >= listed.total {
                break;
            }
        }
        Ok(())
    }
}

/// A row as the REST API prints it, on a line of its own: printed JSON has no line ends.
fn print_line(caller: &Caller, task: &TaskId, listed: &ListedInstance<'_>, out: &mut String) {
    schema::write_json(caller, task, listed, out);
    out.push('\n');
}

const BASIC: [&str; 8] =
    ["instance", "candidate", "status", "ignored", "points", "of", "ratio", "completed (UTC)"];
const DETAILED: [&str; 13] = [
    "instance",
    "candidate",
    "status",
    "ignored",
    "points",
    "of",
    "ratio",
    "completed (UTC)",
    "questions",
    "group",
    "labels",
    "dimensions",
    "effects",
];

fn cells(row: &Value, detailed: bool) -> Vec<String> {
    let result = &row["result"];
    let board = &result["scoreboard"];
    let completed = result["completedAt"]
        .as_i64()
        .map(|seconds| moment::show(Timestamp::from_seconds(seconds)));
    let ignored = if row["ignored"] == true { "yes" } else { "" };
    let mut cells = vec![
        text(&row["testInstanceId"]),
        text(&row["ticketId"]),
        text(&row["status"]),
        ignored.to_owned(),
        text(&board["pointsAchieved"]),
        text(&board["maxAchievablePoints"]),
        text(&board["achievementRatio"]),
        completed.unwrap_or_default(),
    ];
    if detailed {
        cells.extend([
            text(&board["noOfQuestions"]),
            text(&row["group"]),
            joined(&row["labels"], text),
            joined(&result["dimensions"], |dimension| {
                format!(
                    "{} {}",
                    text(&dimension["name"]),
                    text(&dimension["scoreboard"]["pointsAchieved"])
                )
            }),
            joined(&result["effects"], |effect| {
                format!("{} {}", text(&effect["name"]), text(&effect["score"]))
            }),
        ]);
    }
    cells
}

/// Text as it is, numbers as they are written, nothing for what is absent.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn joined(list: &Value, each: impl Fn(&Value) -> String) -> String {
    let entries: Vec<String> = list.as_array().into_iter().flatten().map(each).collect();
    entries.join(", ")
}
