//! An answer and its question as an evaluator, or who reads a report, sees them.

use app::answers::{Content, Upload};
use app::evaluation::Work;
use domain::document::model::{Input, Kind, Question};
use markup::Renderer;

/// What was answered.
pub enum Shown {
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

impl Shown {
    pub fn of(work: &Work, renderer: &Renderer) -> Self {
        Self::of_content(&work.question, &work.content, renderer)
    }

    pub fn of_content(question: &Question, content: &Content, renderer: &Renderer) -> Self {
        match content {
            Content::Choices(chosen) => Self::List(chosen.iter().map(|text| renderer.inline(text)).collect()),
            Content::Matches(made) => {
                let inline = |text: &String| renderer.inline(text);
                Self::Pairs(made.iter().map(|(item, option)| (inline(item), inline(option))).collect())
            }
            Content::Value(Some(text)) => Self::value(question, text, renderer),
            Content::Uploads(files) => {
                let name = |file: &Upload| file.media.name.clone().unwrap_or_else(|| file.media.id.to_string());
                Self::Files(files.iter().map(|file| (name(file), file.url.clone())).collect())
            }
            Content::Value(None) => Self::Nothing,
        }
    }

    fn value(question: &Question, text: &str, renderer: &Renderer) -> Self {
        match &question.kind {
            Kind::Input(Input::Code(code)) => Self::Code { language: code.language.clone(), text: text.to_owned() },
            Kind::Input(Input::Rich(_)) => Self::Rich(renderer.rich(text)),
            Kind::Input(Input::Tabular(asked)) => {
                let cells: Vec<Vec<String>> = serde_json::from_str(text).unwrap_or_default();
                let heads = asked.rows.iter().map(|row| row.title.clone());
                Self::Table {
                    columns: asked.columns.iter().map(|column| column.title.clone()).collect(),
                    rows: heads.zip(cells).collect(),
                }
            }
            _ => Self::Text(text.to_owned()),
        }
    }

    pub fn words(&self) -> usize {
        match self {
            Self::Text(text) | Self::Code { text, .. } => text.split_whitespace().count(),
            _ => 0,
        }
    }
}
