//! An answer and its question as an evaluator, or who reads a report, sees them.

use app::answers::{AnswerContent, AnswerFile};
use app::evaluation::GradingItem;
use domain::document::model::{Input, Question, QuestionBody};
use markup::Renderer;

/// What was answered.
pub enum ShownAnswer {
    /// As typed.
    Text(String),
    Code {
        language: String,
        text: String,
    },
    /// HTML that is safe to show.
    Rich(String),
    Table {
        columns: Vec<String>,
        rows: Vec<(String, Vec<String>)>,
    },
    List(Vec<String>),
    Pairs(Vec<(String, String)>),
    /// Name and address of each file.
    Files(Vec<(String, String)>),
    Nothing,
}

impl ShownAnswer {
    /// The answer that waits for a grade, its Markdown rendered.
    pub fn of(work: &GradingItem, renderer: &Renderer) -> Self {
        Self::of_content(&work.question, &work.content, renderer)
    }

    /// An answer's content as a grader reads it; code stays unrendered.
    pub fn of_content(question: &Question, content: &AnswerContent, renderer: &Renderer) -> Self {
        match content {
            AnswerContent::Choices(chosen) => {
                Self::List(chosen.iter().map(|text| renderer.inline(text)).collect())
            }
            AnswerContent::Matches(made) => {
                let inline = |text: &String| renderer.inline(text);
                Self::Pairs(
                    made.iter().map(|(item, option)| (inline(item), inline(option))).collect(),
                )
            }
            AnswerContent::Value(Some(text)) => Self::value(question, text, renderer),
            AnswerContent::Uploads(files) => {
                let name = |file: &AnswerFile| {
                    file.media.name.clone().unwrap_or_else(|| file.media.id.to_string())
                };
                Self::Files(files.iter().map(|file| (name(file), file.url.clone())).collect())
            }
            AnswerContent::Value(None) => Self::Nothing,
        }
    }

    fn value(question: &Question, text: &str, renderer: &Renderer) -> Self {
        match &question.kind {
            QuestionBody::Input(Input::Code(code)) => {
                Self::Code { language: code.language.clone(), text: text.to_owned() }
            }
            QuestionBody::Input(Input::Rich(_)) => Self::Rich(renderer.rich(text)),
            QuestionBody::Input(Input::Tabular(input)) => {
                let Ok(cells) = serde_json::from_str::<Vec<Vec<String>>>(text) else {
                    return Self::Text(text.to_owned());
                };
                let heads = input.rows.iter().map(|row| row.title.clone());
                Self::Table {
                    columns: input.columns.iter().map(|column| column.title.clone()).collect(),
                    rows: heads.zip(cells).collect(),
                }
            }
            QuestionBody::Input(
                Input::Field(_)
                | Input::Area(_)
                | Input::Numeric(_)
                | Input::Audio(_)
                | Input::Video(_)
                | Input::File(_)
                | Input::Photo(_),
            )
            | QuestionBody::MultipleChoice(_)
            | QuestionBody::Match(_) => Self::Text(text.to_owned()),
        }
    }

    /// Words of a plain text, counted by white space; 0 for whatever is no text.
    pub fn words(&self) -> usize {
        match self {
            Self::Text(text) | Self::Code { text, .. } => text.split_whitespace().count(),
            Self::Rich(_)
            | Self::Table { .. }
            | Self::List(_)
            | Self::Pairs(_)
            | Self::Files(_)
            | Self::Nothing => 0,
        }
    }
}
