//! An input question as it is shown.

use crate::document::model::{Input, Lang, NumberSeparators, TableColumn, TableRow, UploadInput};
use serde::Serialize;

/// What an input takes, without what would give its answer away.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum InputView<'test> {
    #[serde(rename_all = "camelCase")]
    Field { max_length: u32 },
    #[serde(rename_all = "camelCase")]
    Area { max_length: u32 },
    #[serde(rename_all = "camelCase")]
    Rich { max_length: u32 },
    #[serde(rename_all = "camelCase")]
    Code { max_length: u32, language: &'test str, template: &'test str },
    Numeric {
        unit: &'test str,
        #[serde(flatten)]
        separators: NumberSeparators,
        /// What numbers are shown with, for pages.
        #[serde(skip)]
        decimal_mark: char,
    },
    Tabular {
        columns: &'test [TableColumn],
        rows: &'test [TableRow],
        #[serde(flatten)]
        separators: NumberSeparators,
        /// What numbers are shown with, for pages.
        #[serde(skip)]
        decimal_mark: char,
    },
    #[serde(rename_all = "camelCase")]
    Audio { max_seconds: u32 },
    #[serde(rename_all = "camelCase")]
    Video { max_seconds: u32 },
    #[serde(rename_all = "camelCase")]
    File { max_files: u32, max_bytes: u64, media_types: &'test [String] },
    #[serde(rename_all = "camelCase")]
    Photo { max_files: u32, max_bytes: u64, media_types: &'test [String] },
}

pub(super) fn view(input: &Input, lang: Lang) -> InputView<'_> {
    match input {
        Input::Field(text) => InputView::Field { max_length: text.max_length },
        Input::Area(text) => InputView::Area { max_length: text.max_length },
        Input::Rich(rich) => InputView::Rich { max_length: rich.max_length },
        Input::Code(code) => InputView::Code {
            max_length: code.max_length,
            language: &code.language,
            template: &code.template,
        },
        Input::Numeric(numeric) => InputView::Numeric {
            unit: &numeric.unit,
            separators: numeric.separators,
            decimal_mark: numeric.format(lang).decimal_separator(),
        },
        Input::Tabular(table) => InputView::Tabular {
            columns: &table.columns,
            rows: &table.rows,
            separators: table.separators,
            decimal_mark: table.number_format(lang).decimal_separator(),
        },
        Input::Audio(recording) => InputView::Audio { max_seconds: recording.max_seconds },
        Input::Video(recording) => InputView::Video { max_seconds: recording.max_seconds },
        Input::File(UploadInput { max_files, max_bytes, media_types }) => {
            InputView::File { max_files: *max_files, max_bytes: *max_bytes, media_types }
        }
        Input::Photo(UploadInput { max_files, max_bytes, media_types }) => {
            InputView::Photo { max_files: *max_files, max_bytes: *max_bytes, media_types }
        }
    }
}
