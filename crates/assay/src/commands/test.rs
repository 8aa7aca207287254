//! `test`: test documents, checked and kept.

use crate::moment;
use crate::operator::Operator;
use crate::output::{Output, Table};
use crate::system::SystemChance;
use crate::trouble::{Kind, Trouble, findings};
use anyhow::Context;
use app::ports::Chance;
use app::tests::{ImportOptions, TestView};
use clap::{Args, Subcommand};
use domain::document::{Code, DocumentFault, EmptyBank, Format, LARGEST_DOCUMENT, Surroundings, json_schema, read};
use domain::id::{OrganizationId, TestId};
use serde_json::json;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use uuid::Builder;

/// Tests: check a document, keep it, print the schema of documents
#[derive(Debug, Subcommand)]
pub enum Test {
    Check(Check),
    Import(Import),
    List(List),
    Schema(Schema),
}

/// Check a document and print everything that is wrong with it
///
/// Needs no data directory, so the question bank is not looked into. Exit code 4 when the document has errors; warnings alone are fine.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay test check screening.yaml
  cat screening.json | assay test check -")]
pub struct Check {
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
  assay test import screening.yaml --test Te…   Keep it as the next version of that test")]
pub struct Import {
    /// JSON or YAML; - is standard input
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

/// List the tests
#[derive(Debug, Args)]
pub struct List {
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// Print the JSON Schema of test documents
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  assay test schema > assay-test.schema.json")]
pub struct Schema {}

impl Test {
    /// `operator` is asked for only by what needs a database.
    pub fn run(self, operator: impl FnOnce() -> anyhow::Result<Operator>) -> anyhow::Result<()> {
        match self {
            Self::Check(check) => check.run(),
            Self::Import(import) => import.run(&operator()?),
            Self::List(list) => list.run(&operator()?),
            Self::Schema(_) => print_schema(),
        }
    }
}

impl Check {
    fn run(&self) -> anyhow::Result<()> {
        let mut fresh = [0; 16];
        SystemChance.fill(&mut fresh);
        let surroundings =
            Surroundings { bank: &EmptyBank, has_asset: &|_| false, organization: OrganizationId::from("none") };
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
        if is_good {
            return Ok(());
        }
        let number = if found.len() == 1 { "1 fault".to_owned() } else { format!("{} faults", found.len()) };
        Err(Trouble::new(Kind::Refused, format!("{} has {number}.", self.file.display())).into())
    }

    fn print(&self, found: &[DocumentFault], is_good: bool) -> io::Result<()> {
        let mut output = Output::stdout();
        if self.json {
            found.iter().try_for_each(|fault| output.json(fault))?;
        } else {
            if !found.is_empty() {
                output.line(findings(found))?;
            }
            if is_good {
                output.line(format_args!("{} is a good test document.", self.file.display()))?;
            }
        }
        output.finish()
    }
}

impl Import {
    fn run(self, operator: &Operator) -> anyhow::Result<()> {
        let caller = operator.caller()?;
        let bytes = read_file(&self.file)?;
        let test = self.test.map(TestId::from);
        let options = ImportOptions { test: test.clone(), folder: self.folder, labels: None, based_on: None };
        let imported = operator.wait(operator.app.import_test(&caller, &bytes, format_of(&self.file), options));
        let imported = imported.map_err(|error| match test {
            Some(test) => Trouble::name_missing(error, &format!("test {test}"), "assay test list"),
            None => error,
        })?;
        if !imported.warnings.is_empty() {
            // Standard output is for the id alone; a warning that cannot be told stops nothing.
            let _ = writeln!(io::stderr(), "{}", findings(&imported.warnings));
        }
        let mut output = Output::stdout();
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

impl List {
    fn run(&self, operator: &Operator) -> anyhow::Result<()> {
        let tests = operator.wait(operator.app.list_tests(&operator.caller()?, true))?;
        let mut output = Output::stdout();
        if self.json {
            tests.iter().try_for_each(|test| output.json(&printed(test)))?;
        } else {
            let mut table = Table::new(&["id", "title", "version", "folder", "updated (UTC)"]).right(&[2]);
            for test in tests {
                let updated = moment::show(test.updated_at);
                table.row([test.id.to_string(), test.title, test.version.to_string(), test.folder, updated]);
            }
            output.table(&table)?;
        }
        Ok(output.finish()?)
    }
}

fn is_of_bank(fault: &DocumentFault) -> bool {
    matches!(fault.code, Code::BankQuestionUnknown | Code::WarnBankSmall)
}

fn print_schema() -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(&json_schema()).context("printing the schema")?;
    let mut output = Output::stdout();
    output.line(text)?;
    Ok(output.finish()?)
}

fn printed(test: &TestView) -> serde_json::Value {
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

/// The whole file, or standard input for `-`; one byte more than a document may have, so that too much is told as such.
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
            Err(Trouble::new(Kind::NotFound, format!("There is no file {}.", path.display())).into())
        }
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

pub(super) fn format_of(path: &Path) -> Format {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => Format::Json,
        Some("yaml" | "yml") => Format::Yaml,
        _ => Format::Guess,
    }
}
