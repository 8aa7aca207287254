//! `candidate`: people registered in a task, one by one or from a table.

use crate::candidate_table::{self, CandidateTableFault, CandidateTableRow, column_of};
use crate::cli_context::CliContext;
use crate::cli_error::{CliError, ExitKind};
use crate::output::{OutputWriter, TextTable};
use anyhow::Context;
use app::Failure;
use app::candidates::{
    CandidateView, LeaveOut, LeftOut, NewCandidate, RegisteredPerson, TemporaryPerson,
    UniqIdTracking, table_limits,
};
use app::erasure::{ErasureOptions, ErasureReceipt};
use clap::{Args, Subcommand};
use domain::candidate::uniqueness::UniqScope;
use domain::fault::{Fault, FaultLocation};
use domain::id::{CandidateId, TaskId};
use domain::refusal::Refusal;
use serde_json::{Value, json};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Faults of a table that are told one by one.
const MOST_TOLD: usize = 100;

/// Candidates: people registered in a task
#[derive(Debug, Subcommand)]
pub enum CandidateCommand {
    Add(Box<AddCandidateArgs>),
    Erase(EraseCandidateArgs),
}

/// Register one person by flags, or many from a CSV file
///
/// A file is taken as a whole or not at all: when a row is wrong, every fault of every row is told
/// and nothing is kept.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay candidate add Tk… --fullname \"Ada Example\" --email ada@example.com --tag City=Tokyo
  assay candidate add Tk… --csv people.csv

A CSV file is UTF-8, separated by commas, with a first row of names:
  fullname, email, externalId, group, labels, credential1, credential2, uniqId, and tag:NAME for each tag
Labels are separated by ; within their cell. An empty cell says nothing. At most 5 MiB,
5,000 rows and 60 columns; divide a longer table. Example:
  fullname,email,labels,tag:City
  Ada Example,ada@example.com,north;evening,Tokyo")]
pub struct AddCandidateArgs {
    /// The id of the task
    pub task: String,
    /// Table of people; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fullname", "email", "external_id", "group", "labels", "tags", "credential1", "credential2", "uniq_id"])]
    pub csv: Option<PathBuf>,
    #[arg(long, value_name = "NAME")]
    pub fullname: Option<String>,
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,
    /// Your own id of the person
    #[arg(long, value_name = "ID")]
    pub external_id: Option<String>,
    #[arg(long, value_name = "NAME")]
    pub group: Option<String>,
    /// May be given several times
    #[arg(long = "label", value_name = "NAME")]
    pub labels: Vec<String>,
    /// May be given several times
    #[arg(long = "tag", value_name = "NAME=VALUE", value_parser = tag)]
    pub tags: Vec<(String, String)>,
    /// For tasks that are entered with credentials
    #[arg(long, value_name = "TEXT")]
    pub credential1: Option<String>,
    /// Other users of this machine can see it while the command runs; a CSV file hides it
    #[arg(long, value_name = "TEXT")]
    pub credential2: Option<String>,
    /// Nobody else in the task may have it
    #[arg(long, value_name = "ID")]
    pub uniq_id: Option<String>,
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

fn tag(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => {
            Ok((name.to_owned(), value.to_owned()))
        }
        _ => Err("NAME=VALUE, neither empty".to_owned()),
    }
}

impl CandidateCommand {
    pub fn run(self, operator: &CliContext) -> anyhow::Result<()> {
        match self {
            Self::Add(add) => add.run(operator),
            Self::Erase(erase) => erase.run(operator),
        }
    }
}

/// Erase people for good: names, addresses, responses and all else that is theirs
///
/// Figures, ordinals and times stay. Prints a signed receipt for each as a line of JSON; keep them.
/// After an older backup was restored, --again with all receipts erases those people again.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay candidate erase Tk… Ca… >> erasures.jsonl
  assay candidate erase --again erasures.jsonl")]
pub struct EraseCandidateArgs {
    /// The id of the task
    #[arg(required_unless_present = "again")]
    pub task: Option<String>,
    /// The id of the candidate
    #[arg(required_unless_present = "again")]
    pub candidate: Option<String>,
    /// Group and labels go too, also those copied into instances
    #[arg(long)]
    pub grouping: bool,
    /// Also when files of a test instance are held
    #[arg(long)]
    pub confirm: bool,
    /// Receipts of earlier erasures, one a line; whoever is there once more is erased again
    #[arg(long, value_name = "FILE", conflicts_with_all = ["task", "candidate", "grouping", "confirm"])]
    pub again: Option<PathBuf>,
}

impl EraseCandidateArgs {
    fn run(self, operator: &CliContext) -> anyhow::Result<()> {
        let mut output = OutputWriter::stdout();
        match (&self.again, self.task, self.candidate) {
            (Some(file), ..) => {
                for (line, receipt) in receipts(file)? {
                    let record = receipt.record().map_err(|_| not_a_receipt(line))?;
                    // What is done again was confirmed when it was done.
                    let options = ErasureOptions { grouping: record.grouping, confirm: true };
                    for erased in record.candidates {
                        match erase(operator, &erased.task_id, &erased.candidate_id, options) {
                            Ok(receipt) => output.json(&receipt)?,
                            // The backup is older than the registration.
                            Err(Failure::NotFound) => {}
                            Err(failure) => return Err(CliError::from(failure).into()),
                        }
                    }
                }
            }
            (None, Some(task), Some(candidate)) => {
                let (task, id) = (TaskId::from(task), CandidateId::from(candidate));
                let options = ErasureOptions { grouping: self.grouping, confirm: self.confirm };
                let erased = erase(operator, &task, &id, options);
                let named = |failure| {
                    if let Failure::Refused(refused) = &failure
                        && refused.code == Refusal::InstanceHeld
                    {
                        let message =
                            "Files of a test instance of this person are held; nothing was erased.";
                        return CliError::new(ExitKind::Refused, message)
                            .with_advice("--confirm erases all the same.")
                            .into();
                    }
                    let trouble = CliError::from(failure).into();
                    CliError::name_what_is_missing(
                        trouble,
                        &format!("candidate {id} in task {task}"),
                        "assay task list",
                    )
                };
                output.json(&erased.map_err(named)?)?;
            }
            _ => {
                return Err(CliError::new(ExitKind::Usage, "Task and candidate are needed.").into());
            }
        }
        Ok(output.finish()?)
    }
}

fn erase(
    operator: &CliContext,
    task: &TaskId,
    id: &CandidateId,
    options: ErasureOptions,
) -> Result<ErasureReceipt, Failure> {
    let caller = operator.caller().map_err(Failure::internal)?;
    let app = operator.app.clone();
    let erasing =
        async move { Ok(app.candidates().erase_candidate(&caller, task, id, options).await) };
    operator.run_use_case(erasing).map_err(Failure::internal)?
}

fn receipts(file: &Path) -> anyhow::Result<Vec<(usize, ErasureReceipt)>> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(at, line)| {
            Ok((at + 1, serde_json::from_str(line).map_err(|_| not_a_receipt(at + 1))?))
        })
        .collect()
}

fn not_a_receipt(line: usize) -> CliError {
    let message =
        format!("Line {line} is not a receipt of an erasure; nobody after it was erased.");
    CliError::new(ExitKind::Refused, message)
        .with_advice("Give the lines that `assay candidate erase` printed.")
}

impl AddCandidateArgs {
    fn run(self, operator: &CliContext) -> anyhow::Result<()> {
        let (task, json) = (TaskId::from(self.task.as_str()), self.json);
        let (made, left_out) = match &self.csv {
            Some(file) => add_table(operator, &task, file)?,
            None => (vec![add_one(operator, &task, self.row())?], Vec::new()),
        };
        let mut output = OutputWriter::stdout();
        if json {
            made.iter().try_for_each(|candidate| output.json(&printed(candidate)))?;
        } else {
            let mut table = TextTable::new(&["id", "fullname", "invitation code", "link"]);
            for candidate in made {
                let (name, link) = (candidate.fullname, candidate.direct_access_url);
                table.row([
                    candidate.id.to_string(),
                    name.unwrap_or_default(),
                    candidate.invitation_code,
                    link.unwrap_or_default(),
                ]);
            }
            output.table(&table)?;
        }
        output.finish()?;
        if left_out.is_empty() {
            return Ok(());
        }
        let lines: Vec<String> = left_out.iter().map(|line| format!("  {line}")).collect();
        let message = format!(
            "Somebody else has registered meanwhile, and these were left out:\n{}",
            lines.join("\n")
        );
        Err(CliError::new(ExitKind::Refused, message).into())
    }

    fn row(self) -> CandidateTableRow {
        CandidateTableRow {
            line: 0,
            fullname: self.fullname,
            email: self.email,
            external_id: self.external_id,
            group: self.group,
            labels: self.labels,
            tags: self.tags,
            credential1: self.credential1,
            credential2: self.credential2,
            uniq_id: self.uniq_id,
        }
    }
}

fn add_one(
    operator: &CliContext,
    task: &TaskId,
    row: CandidateTableRow,
) -> anyhow::Result<CandidateView> {
    let caller = operator.caller()?;
    let app = operator.app.clone();
    let make = async move {
        Ok(app.candidates().create_candidate(&caller, task, new_candidate(row)).await)
    };
    operator.run_use_case(make)?.map_err(|failure| refusal(failure, task, fault_by_flag))
}

/// Who was registered, and the lines of who was not because somebody else was quicker.
fn add_table(
    operator: &CliContext,
    task: &TaskId,
    file: &Path,
) -> anyhow::Result<(Vec<CandidateView>, Vec<String>)> {
    let table = read_table(file)?;
    let rows = candidate_table::read(&table).map_err(faulty)?;
    let lines: Vec<u64> = rows.iter().map(|row| row.line).collect();
    let caller = operator.caller()?;
    let app = operator.app.clone();
    let rows = rows.into_iter().map(|row| new_candidate(row).into()).collect();
    let make = async move {
        Ok(app.candidates().import_candidates(&caller, task, rows, LeaveOut::Nobody).await)
    };
    let imported = operator.run_use_case(make)?;
    let imported =
        imported.map_err(|failure| refusal(failure, task, |fault| fault_by_line(fault, &lines)))?;
    let message = |left_out: &LeftOut| match left_out.faults.first() {
        Some(fault) => fault_by_line(fault, &lines),
        None => format!("line {}", lines.get(left_out.index).copied().unwrap_or_default()),
    };
    Ok((imported.registered, imported.left_out.iter().map(message).collect()))
}

/// What the operator is told of a refusal; `told` says where a fault lies.
fn refusal(failure: Failure, task: &TaskId, message: impl Fn(&Fault) -> String) -> anyhow::Error {
    match failure {
        Failure::Faults(faults) => nobody_registered(faults.iter().map(message).collect()).into(),
        failure => CliError::name_what_is_missing(
            CliError::from(failure).into(),
            &format!("task {task}"),
            "assay task list",
        ),
    }
}

fn fault_by_flag(fault: &Fault) -> String {
    let pointer = pointer_of(fault);
    let flag = match column_of(&pointer).as_deref() {
        Some("externalId") => "--external-id".to_owned(),
        Some("uniqId") => "--uniq-id".to_owned(),
        Some("labels") => "--label".to_owned(),
        Some(column) => format!("--{}", column.replace(':', " ")),
        None => return fault.message(),
    };
    format!("{flag} {}.", fault.should)
}

fn fault_by_line(fault: &Fault, lines: &[u64]) -> String {
    let pointer = pointer_of(fault);
    let Some((index, inner)) = inside(&pointer) else { return fault.message() };
    let line = lines.get(index).copied().unwrap_or_default();
    CandidateTableFault { line, column: column_of(inner), message: format!("{}.", fault.should) }
        .to_string()
}

/// `/candidates/3/email` is the fourth row's `/email`.
fn inside(pointer: &str) -> Option<(usize, &str)> {
    let rest = pointer.strip_prefix("/candidates/")?;
    let end = rest.find('/').unwrap_or(rest.len());
    let (index, inner) = rest.split_at(end);
    Some((index.parse().ok()?, inner))
}

fn pointer_of(fault: &Fault) -> String {
    match &fault.place {
        FaultLocation::Body(pointer) => pointer.as_str().to_owned(),
        _ => String::new(),
    }
}

fn faulty(faults: Vec<CandidateTableFault>) -> CliError {
    nobody_registered(faults.iter().map(ToString::to_string).collect())
}

/// A table that is wrong in every cell is told as such by its first faults.
fn nobody_registered(faults: Vec<String>) -> CliError {
    let more = faults.len().saturating_sub(MOST_TOLD);
    let more = (more > 0).then(|| format!("and {more} more"));
    let lines: Vec<_> =
        faults.into_iter().take(MOST_TOLD).chain(more).map(|line| format!("  {line}")).collect();
    CliError::new(ExitKind::Refused, format!("Nobody was registered:\n{}", lines.join("\n")))
}

/// The bytes of a table: one more than it may have at most, which is then refused by its size.
fn read_table(path: &Path) -> anyhow::Result<Vec<u8>> {
    let read = |source: &mut dyn Read| {
        let mut bytes = Vec::new();
        source.take(table_limits::BYTES as u64 + 1).read_to_end(&mut bytes).map(|_| bytes)
    };
    if path == Path::new("-") {
        return read(&mut io::stdin().lock()).context("reading standard input");
    }
    match std::fs::File::open(path).and_then(|mut file| read(&mut file)) {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(CliError::new(ExitKind::NotFound, format!("There is no file {}.", path.display()))
                .into())
        }
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

fn new_candidate(row: CandidateTableRow) -> NewCandidate {
    let tracking = row.uniq_id.map(|uniq_id| UniqIdTracking { uniq_id, scope: UniqScope::Task });
    let person = RegisteredPerson::Temporary(TemporaryPerson {
        fullname: row.fullname,
        email: row.email,
        credential1: row.credential1,
        credential2: row.credential2,
        tracking,
    });
    NewCandidate {
        group: row.group,
        labels: row.labels,
        tags: row.tags.into_iter().collect(),
        external_id: row.external_id,
        ..NewCandidate::of(person)
    }
}

fn printed(candidate: &CandidateView) -> Value {
    json!({
        "candidateId": candidate.id,
        "taskId": candidate.task,
        "fullname": candidate.fullname,
        "email": candidate.email,
        "group": candidate.group,
        "labels": candidate.labels,
        "tags": candidate.tags,
        "invitationCode": candidate.invitation_code,
        "directAccessUrl": candidate.direct_access_url,
    })
}
