//! `test`: test documents, checked and kept.

use clap::{Args, Subcommand};
use std::path::PathBuf;

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
/// Needs no data directory. Exit code 4 when the document has errors; warnings alone are fine.
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
