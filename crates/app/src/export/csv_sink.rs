//! CSV (RFC 4180) with a header row. A text that a spreadsheet would take for a formula gets a
//! leading `'`.

use super::row_cells::{DETAILED, ExportCell, LISTS, PLAIN, RowContext, cells, exported_result};
use super::spool::{ExportDelivery, SpoolWriter, reader_gone};
use super::{ReaderGone, RowSink};
use crate::results::{ListedInstance, ListingDetail};
use csv::{Terminator, Writer, WriterBuilder};
use serde_json::value::RawValue;
use std::borrow::Cow;

pub(super) struct CsvSink {
    of: RowContext,
    /// None after the end.
    writer: Option<Writer<SpoolWriter>>,
    has_header: bool,
}

impl CsvSink {
    pub(super) fn new(of: RowContext, pipe: SpoolWriter) -> Self {
        Self { of, writer: Some(writer_on(pipe)), has_header: false }
    }

    fn write_header(&mut self) -> Result<(), ReaderGone> {
        if std::mem::replace(&mut self.has_header, true) {
            return Ok(());
        }
        let detailed =
            DETAILED.iter().chain(&LISTS).filter(|_| self.of.mode == ListingDetail::Detailed);
        let names: Vec<_> = PLAIN.iter().chain(detailed).map(|name| Cow::Borrowed(*name)).collect();
        write(&mut self.writer, &names)
    }
}

fn writer_on(pipe: SpoolWriter) -> Writer<SpoolWriter> {
    WriterBuilder::new().terminator(Terminator::CRLF).from_writer(pipe)
}

fn write(
    writer: &mut Option<Writer<SpoolWriter>>,
    record: &[Cow<'_, str>],
) -> Result<(), ReaderGone> {
    let writer = writer.as_mut().ok_or_else(|| ReaderGone("written after its end".to_owned()))?;
    writer
        .write_record(record.iter().map(|cell| cell.as_bytes()))
        .map_err(|error| ReaderGone(error.to_string()))
}

impl RowSink for CsvSink {
    fn take(&mut self, row: &ListedInstance<'_>) -> Result<(), ReaderGone> {
        self.write_header()?;
        let figures = exported_result(row)?;
        let mut record: Vec<_> =
            cells(&self.of, row, figures.as_ref()).into_iter().map(written).collect();
        if row.details.is_some() {
            let lists = figures
                .as_ref()
                .map(|figures| [figures.sections, figures.dimensions, figures.effects]);
            record.extend(
                lists.unwrap_or_default().map(|list| Cow::Borrowed(list.map_or("", RawValue::get))),
            );
        }
        write(&mut self.writer, &record)
    }

    fn pass_on(&mut self) -> Result<(), ReaderGone> {
        // A writer shows its pipe to nobody; it is taken apart and put together again.
        let Some(writer) = self.writer.take() else { return Ok(()) };
        let mut pipe = writer.into_inner().map_err(|error| reader_gone(error.into_error()))?;
        pipe.pass_on()?;
        self.writer = Some(writer_on(pipe));
        Ok(())
    }

    fn end(&mut self, _: u64) -> Result<ExportDelivery, ReaderGone> {
        self.write_header()?;
        let writer = self.writer.take().ok_or_else(|| ReaderGone("ended twice".to_owned()))?;
        let mut pipe = writer.into_inner().map_err(|error| reader_gone(error.into_error()))?;
        pipe.end()
    }
}

fn written(cell: ExportCell<'_>) -> Cow<'_, str> {
    match cell {
        ExportCell::Empty => Cow::Borrowed(""),
        ExportCell::Text(text) => escape_formula(text),
        ExportCell::Flag(true) => Cow::Borrowed("true"),
        ExportCell::Flag(false) => Cow::Borrowed("false"),
        ExportCell::Number(literal) => Cow::Borrowed(literal),
        ExportCell::Integer(number) => Cow::Owned(number.to_string()),
    }
}

/// A text that is no formula to a spreadsheet.
#[must_use]
pub fn escape_formula(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The same for files that people open and no program compares: also what a spreadsheet takes for a
/// formula behind blanks and invisible characters, in full width or on a later line.
#[must_use]
pub fn escape_formula_strictly(text: &str) -> Cow<'_, str> {
    let is_skipped = |letter: char| {
        letter.is_whitespace()
            || letter.is_control()
            || matches!(letter, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}')
    };
    let begins = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '﹢', '﹣', '﹦', '﹫', '−'];
    if escape_formula(text) == text && !text.trim_start_matches(is_skipped).starts_with(begins) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("'{text}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_for_people_guard_formulas_behind_blanks_and_in_full_width() {
        for text in [" =1", "＝1", "\u{a0}+1", "\n=1", "\u{feff}=1", "－1", "=1", "\tx"] {
            assert_eq!(escape_formula_strictly(text), format!("'{text}"));
        }
        for text in ["", " a", "1=1", "ａ"] {
            assert_eq!(escape_formula_strictly(text), text);
        }
    }

    #[test]
    fn a_text_that_looks_like_a_formula_is_guarded_and_a_number_is_not() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(written(ExportCell::Text(text)), format!("'{text}"));
        }
        assert_eq!(written(ExportCell::Text("a=1")), "a=1");
        assert_eq!(written(ExportCell::Number("-1.5")), "-1.5");
    }
}
