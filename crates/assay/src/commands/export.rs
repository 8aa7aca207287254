//! `export`: all test instances of a task as one file, the very bytes of the REST API's export.
//!
//! A file appears under its name only once it is whole.

use crate::cli_context::CliContext;
use crate::cli_error::{CliError, ExitKind};
use crate::output::ProgressReporter;
use anyhow::Context;
use app::export::people::{CsvStyle, ExportZone, PeopleExportQuery, PeopleFormat};
use app::export::{ExportFormat, ExportQuery, ExportScope, ExportStream};
use app::results::result_table::ResultFilter;
use app::results::{InstanceFilter, ListingDetail};
use clap::Args;
use domain::id::TaskId;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// Write all test instances of a task into a file: NDJSON, CSV or XLSX
///
/// Rows come from one state of the database and go to the file as they are read, so that memory
/// does not grow with them. NDJSON ends with a line that tells their number and the SHA-256 of
/// their bytes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay export Tk… results.xlsx --detailed
  assay export Tk… --format csv > results.csv
  assay export Tk… results.xlsx --for-people --time-zone Europe/Istanbul
  assay export Tk… results.ndjson --external-id EMP-7")]
pub struct ExportArgs {
    /// The id of the task
    pub task: String,
    /// Where to; - is standard output
    #[arg(default_value = "-")]
    pub file: PathBuf,
    /// ndjson, csv or xlsx [default: what the name of the file ends in, else ndjson]
    #[arg(long, value_name = "FORMAT", value_parser = format)]
    pub format: Option<ExportFormat>,
    /// With sections, dimensions, effects, group, labels and tags
    #[arg(long)]
    pub detailed: bool,
    /// With names, dates and words, as the pages have it: XLSX, or CSV
    #[arg(long, conflicts_with_all = ["detailed", "candidate", "external_id"])]
    pub for_people: bool,
    /// Time zone of the dates in it [default: UTC]
    #[arg(long, value_name = "NAME", requires = "for_people")]
    pub time_zone: Option<String>,
    /// Only instances of this candidate
    #[arg(long, value_name = "ID", conflicts_with = "external_id")]
    pub candidate: Option<String>,
    /// Only instances of candidates with this external id
    #[arg(long, value_name = "TEXT")]
    pub external_id: Option<String>,
}

impl ExportArgs {
    /// # Errors
    /// [`ExitKind::NotFound`] for the task; what writing fails of.
    pub fn run(self, operator: &CliContext) -> anyhow::Result<()> {
        let (caller, task) = (operator.caller()?, TaskId::from(self.task.as_str()));
        let mode = if self.detailed { ListingDetail::Detailed } else { ListingDetail::Basic };
        let which = self.which();
        let is_filtered = which != ExportScope::All;
        let query = ExportQuery { mode, which };
        let results = operator.app.results();
        let begun = if self.for_people {
            let query = self.people_query()?;
            operator.run_use_case(results.stream_people_export(&caller, &task, query))
        } else {
            let format = self.format();
            operator.run_use_case(results.stream_export(&caller, &task, format, query, |_| false))
        };
        let begun = begun.map_err(|error| {
            CliError::name_what_is_missing(error, &format!("task {task}"), "assay task list")
        })?;
        if self.file == Path::new("-") {
            pass(operator, begun, is_filtered, &mut io::stdout().lock())?;
        } else {
            self.write_file(operator, begun, is_filtered)?;
        }
        operator.run_use_case(operator.app.results().wait_for_exports())
    }

    fn write_file(
        &self,
        operator: &CliContext,
        begun: ExportStream,
        is_filtered: bool,
    ) -> anyhow::Result<()> {
        let mut name = self.file.clone().into_os_string();
        name.push(".part");
        let part = PathBuf::from(name);
        let cannot = || format!("cannot write {}", self.file.display());
        // Names and answers: for the owner only, also when an earlier try left the file open to
        // others.
        let mut file = File::create(&part).with_context(cannot)?;
        file.set_permissions(fs::Permissions::from_mode(0o600)).with_context(cannot)?;
        let written =
            pass(operator, begun, is_filtered, &mut file).and_then(|()| Ok(file.sync_all()?));
        if written.is_err() {
            // What is left of it helps nobody; that it cannot be removed changes nothing.
            let _ = fs::remove_file(&part);
        }
        written.with_context(cannot)?;
        fs::rename(&part, &self.file).with_context(cannot)
    }

    fn format(&self) -> ExportFormat {
        let ending = self.file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        self.format.or_else(|| ExportFormat::parse(ending)).unwrap_or_default()
    }

    fn people_query(&self) -> anyhow::Result<PeopleExportQuery> {
        let format = match self.format() {
            ExportFormat::Xlsx => PeopleFormat::Xlsx,
            ExportFormat::Csv => PeopleFormat::Csv(CsvStyle::Comma),
            ExportFormat::Ndjson => {
                return Err(CliError::new(ExitKind::Usage, "A file for people is XLSX or CSV.")
                    .with_advice("Give the file a name that ends in .xlsx, or --format csv.")
                    .into());
            }
        };
        let name = self.time_zone.as_deref().unwrap_or("UTC");
        let zone = ExportZone::named(name);
        if zone.name() == "UTC" && !name.eq_ignore_ascii_case("UTC") {
            let problem = format!("This machine knows no time zone {name}.");
            return Err(CliError::new(ExitKind::Usage, problem)
                .with_advice("Name one such as Europe/Istanbul, or leave it out for UTC.")
                .into());
        }
        Ok(PeopleExportQuery {
            filter: ResultFilter::default(),
            format,
            zone,
            has_points: false,
            has_answers: false,
        })
    }

    fn which(&self) -> ExportScope {
        let candidate = self.candidate.clone().map(InstanceFilter::Candidate);
        let one = candidate.or_else(|| self.external_id.clone().map(InstanceFilter::ExternalId));
        one.map_or(ExportScope::All, ExportScope::Listed)
    }
}

/// Hands all pieces on, and tells how far it has come.
fn pass(
    operator: &CliContext,
    mut begun: ExportStream,
    is_filtered: bool,
    to: &mut dyn Write,
) -> anyhow::Result<()> {
    let total = if is_filtered { 0 } else { begun.rows() };
    let mut progress = ProgressReporter::start("instances", total);
    let passed = operator.block_on(async {
        while let Some(piece) = begun.next().await {
            to.write_all(&piece?)?;
            progress.reach(begun.taken());
        }
        to.flush()
    });
    passed.map_err(broken)?;
    progress.reach(begun.taken());
    progress.finish();
    Ok(())
}

fn broken(error: io::Error) -> anyhow::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            CliError::new(ExitKind::Failed, "The export broke off midway.")
                .with_advice("The log says why; try again.")
                .into()
        }
        _ => error.into(),
    }
}

fn format(text: &str) -> Result<ExportFormat, String> {
    ExportFormat::parse(text).ok_or_else(|| "ndjson, csv or xlsx".to_owned())
}
