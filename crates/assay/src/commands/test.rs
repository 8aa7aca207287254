//! `test`: test documents, checked and kept.

use crate::cli_context::CliContext;
use crate::cli_error::{CliError, ExitKind, list_findings};
use crate::moment;
use crate::output::{OutputWriter, TextTable};
use crate::system::SystemRng;
use anyhow::Context;
use app::ports::Rng;
use app::test_library::{LibraryTestView, TestImportOptions};
use clap::{Args, Subcommand};
use domain::document::{
    DocumentFault, DocumentFaultCode, DocumentFormat, EmptyBank, LARGEST_DOCUMENT,
    ValidationContext, json_schema, read,
};
use domain::id::{OrganizationId, TestId};
use serde_json::json;
use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use uuid::Builder;

/// Tests: check a document, keep it, print the schema of documents
#[derive(Debug, Subcommand)]
pub enum TestCommand {
    Check(CheckTestArgs),
    Import(ImportTestArgs),
    Export(ExportTestArgs),
    List(ListTestsArgs),
    Schema(TestSchemaArgs),
}

/// Check a document and print everything that is wrong with it
///
/// Needs no data directory, so the question bank is not looked into. Exit code 4 when the document
/// has errors; warnings alone are fine.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay test check screening.yaml
  cat screening.json | assay test check -")]
pub struct CheckTestArgs {
    /// JSON or YAML; - is standard input
    pub file: PathBuf,
    /// Print one JSON object for each finding
    #[arg(long)]
    pub json: bool,
}

/// Keep a document as a test and print its id
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay test import screening.yaml
  assay test import screening.yaml --test Te…   Keep it as the next version of that test
  assay test import screening.zip               Keep it with its pictures, sound and film")]
pub struct ImportTestArgs {
    /// JSON or YAML, or a .zip with document.json and the folder media; - is standard input
    pub file: PathBuf,
    /// Keep it as the next version of this test
    #[arg(long, value_name = "ID")]
    pub test: Option<String>,
    /// Folder of a new test
    #[arg(long, value_name = "NAME")]
    pub folder: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Write a test with its pictures, sound and film into a zip archive
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay test export Te… screening.zip
  assay test export Te… screening.zip --number 3   An earlier version")]
pub struct ExportTestArgs {
    /// Id of the test
    #[arg(value_name = "ID")]
    pub test: String,
    /// Where the archive is written; nothing is overwritten
    pub file: PathBuf,
    /// Number of the version; the latest when left out
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..))]
    pub number: Option<i64>,
}

/// List the tests
#[derive(Debug, Args)]
pub struct ListTestsArgs {
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// Print the JSON Schema of test documents
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  assay test schema > assay-test.schema.json")]
pub struct TestSchemaArgs {}

impl TestCommand {
    /// `operator` is asked for only by what needs a database.
    pub fn run(self, operator: impl FnOnce() -> anyhow::Result<CliContext>) -> anyhow::Result<()> {
        match self {
            Self::Check(check) => check.run(),
            Self::Import(import) => import.run(&operator()?),
            Self::Export(export) => export.run(&operator()?),
            Self::List(list) => list.run(&operator()?),
            Self::Schema(_) => print_schema(),
        }
    }
}

impl CheckTestArgs {
    fn run(&self) -> anyhow::Result<()> {
        let mut fresh = [0; 16];
        SystemRng.fill(&mut fresh);
        let names_media = Cell::new(false);
        let has_asset = |_: &str| {
            names_media.set(true);
            true
        };
        let surroundings = ValidationContext {
            bank: &EmptyBank,
            has_asset: &has_asset,
            organization: OrganizationId::from("none"),
        };
        let bytes = read_file(&self.file)?;
        let uuid = Builder::from_random_bytes(fresh).into_uuid();
        let outcome = read(&bytes, format_of(&self.file), uuid, &surroundings);
        let (found, was_good) = match outcome {
            Ok(checked) => (checked.warnings, true),
            Err(faults) => (faults, false),
        };
        // There is no bank here to look anything up in.
        let (of_bank, found): (Vec<_>, Vec<_>) = found.into_iter().partition(is_of_bank);
        let is_good = was_good || found.is_empty();
        self.print(&found, is_good)?;
        if !of_bank.is_empty() {
            // Said beside the findings, not among them.
            let _ = writeln!(
                io::stderr(),
                "What the document takes from the question bank is checked when it is imported."
            );
        }
        if names_media.get() {
            let _ = writeln!(
                io::stderr(),
                "Whether the pictures, sound and film that the document names have been uploaded is checked when it is imported."
            );
        }
        if is_good {
            return Ok(());
        }
        let number =
            if found.len() == 1 { "1 fault".to_owned() } else { format!("{} faults", found.len()) };
        Err(CliError::new(ExitKind::Refused, format!("{} has {number}.", self.file.display()))
            .into())
    }

    fn print(&self, found: &[DocumentFault], is_good: bool) -> io::Result<()> {
        let mut output = OutputWriter::stdout();
        if self.json {
            found.iter().try_for_each(|fault| output.json(fault))?;
        } else {
            if !found.is_empty() {
                output.line(list_findings(found))?;
            }
            if is_good {
                output.line(format_args!("{} is a good test document.", self.file.display()))?;
            }
        }
        output.finish()
    }
}

impl ImportTestArgs {
    fn run(self, operator: &CliContext) -> anyhow::Result<()> {
        let caller = operator.caller()?;
        let test = self.test.map(TestId::from);
        let options = TestImportOptions {
            test: test.clone(),
            folder: self.folder,
            labels: None,
            based_on: None,
        };
        let library = operator.app.test_library();
        let imported = match is_archive(&self.file) {
            true => {
                let archive = open_file(&self.file)?;
                operator.run_use_case(library.import_archive(&caller, archive, options))
            }
            false => {
                let (bytes, format) = (read_file(&self.file)?, format_of(&self.file));
                operator.run_use_case(library.import_test(&caller, &bytes, format, options))
            }
        };
        let imported = imported.map_err(|error| match test {
            Some(test) => {
                CliError::name_what_is_missing(error, &format!("test {test}"), "assay test list")
            }
            None => error,
        })?;
        if !imported.warnings.is_empty() {
            // Standard output is for the id alone; a warning that cannot be told stops nothing.
            let _ = writeln!(io::stderr(), "{}", list_findings(&imported.warnings));
        }
        let mut output = OutputWriter::stdout();
        if self.json {
            let mut printed = printed(&imported.test);
            printed["isNewVersion"] = json!(imported.is_new_version);
            printed["warnings"] = json!(imported.warnings);
            output.json(&printed)?;
        } else {
            output.line(&imported.test.id)?;
        }
        Ok(output.finish()?)
    }
}

impl ExportTestArgs {
    fn run(self, operator: &CliContext) -> anyhow::Result<()> {
        let (caller, test) = (operator.caller()?, TestId::from(self.test));
        let library = operator.app.test_library();
        let exported = operator.run_use_case(library.export_archive(&caller, &test, self.number));
        let mut archive = exported.map_err(|error| {
            CliError::name_what_is_missing(error, &format!("test {test}"), "assay test list")
        })?;
        let written = File::create_new(&self.file).and_then(|mut file| {
            io::copy(&mut archive.file, &mut file).and_then(|_| file.sync_all())
        });
        written.with_context(|| format!("cannot write {}", self.file.display()))
    }
}

impl ListTestsArgs {
    fn run(&self, operator: &CliContext) -> anyhow::Result<()> {
        let tests = operator
            .run_use_case(operator.app.test_library().list_tests(&operator.caller()?, true))?;
        let mut output = OutputWriter::stdout();
        if self.json {
            tests.iter().try_for_each(|test| output.json(&printed(test)))?;
        } else {
            let mut table = TextTable::new(&["id", "title", "version", "folder", "updated (UTC)"])
                .right_aligned(&[2]);
            for test in tests {
                let updated = moment::show(test.updated_at);
                table.row([
                    test.id.to_string(),
                    test.title,
                    test.version.to_string(),
                    test.folder,
                    updated,
                ]);
            }
            output.table(&table)?;
        }
        Ok(output.finish()?)
    }
}

fn is_of_bank(fault: &DocumentFault) -> bool {
    matches!(fault.code, DocumentFaultCode::BankQuestionUnknown | DocumentFaultCode::WarnBankSmall)
}

fn print_schema() -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(&json_schema()).context("printing the schema")?;
    let mut output = OutputWriter::stdout();
    output.line(text)?;
    Ok(output.finish()?)
}

fn printed(test: &LibraryTestView) -> serde_json::Value {
    json!({
        "testId": test.id,
        "uuid": test.uuid,
        "key": test.key,
        "title": test.title,
        "folder": test.folder,
        "labels": test.labels,
        "version": test.version,
        "createdAt": test.created_at.seconds(),
        "updatedAt": test.updated_at.seconds(),
        "archivedAt": test.archived_at.map(domain::time::Timestamp::seconds),
    })
}

fn is_archive(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"))
}

fn open_file(path: &Path) -> anyhow::Result<File> {
    File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            CliError::new(ExitKind::NotFound, format!("There is no file {}.", path.display()))
                .into()
        }
        _ => anyhow::Error::new(error).context(format!("cannot read {}", path.display())),
    })
}

/// The whole file, or standard input for `-`; one byte more than a document may have, so that too
/// much is told as such.
pub(super) fn read_file(path: &Path) -> anyhow::Result<Vec<u8>> {
    let most = LARGEST_DOCUMENT as u64 + 1;
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(most).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes))
    };
    match read {
        Ok(_) => Ok(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(CliError::new(ExitKind::NotFound, format!("There is no file {}.", path.display()))
                .into())
        }
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

pub(super) fn format_of(path: &Path) -> DocumentFormat {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => DocumentFormat::Json,
        Some("yaml" | "yml") => DocumentFormat::Yaml,
        _ => DocumentFormat::Guess,
    }
}
