//! `question`: the question bank.

use super::test::{format_of, read_file};
use crate::cli_context::CliContext;
use crate::cli_error::CliError;
use crate::moment;
use crate::output::{OutputWriter, TextTable};
use app::bank::{BankQuestionView, QuestionFilter, QuestionState, QuestionSubmitOptions};
use clap::{Args, Subcommand};
use domain::id::QuestionId;
use domain::substring_search::SubstringSearch;
use domain::time::Timestamp;
use serde_json::json;
use std::path::PathBuf;

/// The question bank: import questions, list them, approve them
#[derive(Debug, Subcommand)]
pub enum QuestionCommand {
    Import(ImportQuestionsArgs),
    List(ListQuestionsArgs),
    Approve(ApproveQuestionsArgs),
}

/// Put questions into the bank and print their ids
///
/// A file holds a question or a list of questions, written as in a test document; all of a file are
/// kept or none. A question whose uuid is in the bank becomes its next version.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay question import arithmetic.yaml --folder Arithmetic --label easy --approve
  assay question import better.yaml --question Qu…   Keep it as the next version of that question")]
pub struct ImportQuestionsArgs {
    /// JSON or YAML; - is standard input
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Keep it as the next version of this question
    #[arg(long, value_name = "ID")]
    pub question: Option<String>,
    /// Folder of the questions
    #[arg(long, value_name = "NAME")]
    pub folder: Option<String>,
    /// A label of the questions; may be repeated
    #[arg(long = "label", value_name = "NAME")]
    pub labels: Vec<String>,
    /// Let tests read them at once
    #[arg(long)]
    pub approve: bool,
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// List the questions of the bank
#[derive(Debug, Args)]
pub struct ListQuestionsArgs {
    /// Only this folder
    #[arg(long, value_name = "NAME")]
    pub folder: Option<String>,
    /// Only questions with this label; several: with all of them
    #[arg(long = "label", value_name = "NAME")]
    pub labels: Vec<String>,
    /// Only questions that contain this text
    #[arg(long, value_name = "TEXT")]
    pub text: Option<String>,
    /// submitted, approved or archived [default: all but archived]
    #[arg(long, value_name = "STATE", value_parser = state)]
    pub state: Option<QuestionState>,
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// Let tests read questions that wait for approval
#[derive(Debug, Args)]
pub struct ApproveQuestionsArgs {
    /// Ids of the questions
    #[arg(required = true)]
    pub questions: Vec<String>,
}

/// Rows read at once.
const PAGE: u32 = 1000;

impl QuestionCommand {
    /// # Errors
    /// What the use cases refuse; a file that cannot be read.
    pub fn run(self, operator: &CliContext) -> anyhow::Result<()> {
        match self {
            Self::Import(import) => import.run(operator),
            Self::List(list) => list.run(operator),
            Self::Approve(approve) => approve.run(operator),
        }
    }
}

impl ImportQuestionsArgs {
    fn run(self, operator: &CliContext) -> anyhow::Result<()> {
        let caller = operator.caller()?;
        let options = QuestionSubmitOptions {
            question: self.question.as_deref().map(QuestionId::from),
            folder: self.folder,
            labels: Some(self.labels).filter(|labels| !labels.is_empty()),
            approve: self.approve,
            based_on: None,
        };
        let mut output = OutputWriter::stdout();
        let bank = operator.app.bank();
        for file in &self.files {
            let bytes = read_file(file)?;
            let stored = bank.submit_questions(&caller, &bytes, format_of(file), options.clone());
            let stored =
                operator.run_use_case(stored).map_err(|error| match &options.question {
                    Some(question) => CliError::name_what_is_missing(
                        error,
                        &format!("question {question}"),
                        "assay question list",
                    ),
                    None => error.context(file.display().to_string()),
                })?;
            for submitted in stored {
                if self.json {
                    let mut printed = printed(&submitted.question);
                    printed["isNewVersion"] = json!(submitted.is_new_version);
                    output.json(&printed)?;
                } else {
                    output.line(&submitted.question.id)?;
                }
            }
        }
        Ok(output.finish()?)
    }
}

impl ListQuestionsArgs {
    fn run(self, operator: &CliContext) -> anyhow::Result<()> {
        let caller = operator.caller()?;
        let filter = QuestionFilter {
            folder: self.folder,
            labels: self.labels,
            state: self.state,
            text: self.text.as_deref().map(SubstringSearch::new),
            ..QuestionFilter::default()
        };
        let mut output = OutputWriter::stdout();
        let mut table =
            TextTable::new(&["id", "key", "kind", "state", "version", "folder", "updated (UTC)"])
                .right_aligned(&[4]);
        let bank = operator.app.bank();
        for skip in (0..).step_by(PAGE as usize) {
            let list = bank.list_questions(&caller, filter.clone(), PAGE, skip);
            let (total, questions) = operator.run_use_case(list)?;
            for question in questions {
                if self.json {
                    output.json(&printed(&question))?;
                } else {
                    let (updated, version) =
                        (moment::show(question.updated_at), question.version.to_string());
                    let state = question.state.to_string();
                    let row =
                        [question.id.to_string(), question.key, question.kind, state, version];
                    table.row(row.into_iter().chain([question.folder, updated]));
                }
            }
            if skip + u64::from(PAGE) >= total {
                break;
            }
        }
        if !self.json {
            output.table(&table)?;
        }
        Ok(output.finish()?)
    }
}

impl ApproveQuestionsArgs {
    fn run(self, operator: &CliContext) -> anyhow::Result<()> {
        let caller = operator.caller()?;
        for id in self.questions {
            let question = QuestionId::from(id.as_str());
            let approved =
                operator.run_use_case(operator.app.bank().approve_question(&caller, &question));
            approved.map_err(|error| {
                CliError::name_what_is_missing(
                    error,
                    &format!("question {id}"),
                    "assay question list",
                )
            })?;
        }
        Ok(())
    }
}

fn printed(question: &BankQuestionView) -> serde_json::Value {
    json!({
        "questionId": question.id,
        "uuid": question.uuid,
        "key": question.key,
        "kind": question.kind,
        "text": question.text,
        "folder": question.folder,
        "labels": question.labels,
        "tags": question.tags,
        "state": question.state.as_str(),
        "version": question.version,
        "createdAt": question.created_at.seconds(),
        "updatedAt": question.updated_at.seconds(),
        "archivedAt": question.archived_at.map(Timestamp::seconds),
    })
}

fn state(text: &str) -> Result<QuestionState, String> {
    QuestionState::parse(text).ok_or_else(|| "submitted, approved or archived".to_owned())
}
