//! CSV that people open with a spreadsheet: UTF-8 with a byte order mark, RFC 4180.

use super::PeopleTable;
use super::cells::{PeopleCell, PeopleColumn};
use crate::export::spool::{ExportDelivery, SpoolWriter, reader_gone};
use crate::export::{ReaderGone, escape_formula_strictly};
use csv::{Terminator, Writer, WriterBuilder};
use domain::decimal::Decimal;
use std::borrow::Cow;
use std::io::Write as _;

/// How a spreadsheet expects CSV, which depends on the country it is set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CsvStyle {
    /// Commas, and decimals with a point.
    Comma,
    /// Semicolons, and decimals with a comma: most of Europe, Turkey, Latin America.
    Semicolon,
}

pub(super) struct CsvTable {
    style: CsvStyle,
    /// None after the end.
    writer: Option<Writer<SpoolWriter>>,
    rows: u32,
}

/// Rows between two looks whether a piece can be sent.
const STRIDE: u32 = 250;

impl CsvTable {
    pub(super) fn new(mut pipe: SpoolWriter, style: CsvStyle) -> Result<Self, ReaderGone> {
        // The database is held no more.
        pipe.wait_patiently();
        pipe.write_all("\u{feff}".as_bytes()).map_err(reader_gone)?;
        Ok(Self { style, writer: Some(writer_on(pipe, style)), rows: 0 })
    }

    fn write<'cell>(
        &mut self,
        record: impl Iterator<Item = Cow<'cell, str>>,
    ) -> Result<(), ReaderGone> {
        let writer = self.writer.as_mut().ok_or_else(after_its_end)?;
        for cell in record {
            writer.write_field(cell.as_bytes()).map_err(|error| ReaderGone(error.to_string()))?;
        }
        writer.write_record(None::<&[u8]>).map_err(|error| ReaderGone(error.to_string()))
    }

    /// A writer shows its pipe to nobody; it is taken apart and put together again.
    fn pass_on(&mut self) -> Result<(), ReaderGone> {
        let writer = self.writer.take().ok_or_else(after_its_end)?;
        let mut pipe = writer.into_inner().map_err(|error| reader_gone(error.into_error()))?;
        pipe.pass_on()?;
        self.writer = Some(writer_on(pipe, self.style));
        Ok(())
    }
}

impl PeopleTable for CsvTable {
    fn head(&mut self, columns: &[PeopleColumn]) -> Result<(), ReaderGone> {
        self.write(columns.iter().map(|column| plain(&column.head)))
    }

    fn row(&mut self, cells: &[PeopleCell]) -> Result<(), ReaderGone> {
        let style = self.style;
        self.write(cells.iter().map(|cell| written(cell, style)))?;
        self.rows = self.rows.wrapping_add(1);
        if self.rows.is_multiple_of(STRIDE) { self.pass_on() } else { Ok(()) }
    }

    fn end(mut self) -> Result<ExportDelivery, ReaderGone> {
        let writer = self.writer.take().ok_or_else(after_its_end)?;
        let mut pipe = writer.into_inner().map_err(|error| reader_gone(error.into_error()))?;
        pipe.end()
    }
}

fn after_its_end() -> ReaderGone {
    ReaderGone("written after its end".to_owned())
}

fn writer_on(pipe: SpoolWriter, style: CsvStyle) -> Writer<SpoolWriter> {
    let delimiter = match style {
        CsvStyle::Comma => b',',
        CsvStyle::Semicolon => b';',
    };
    WriterBuilder::new().terminator(Terminator::CRLF).delimiter(delimiter).from_writer(pipe)
}

fn written(cell: &PeopleCell, style: CsvStyle) -> Cow<'_, str> {
    match cell {
        PeopleCell::Empty => Cow::Borrowed(""),
        PeopleCell::Text(text) => plain(text),
        PeopleCell::Figure(figure) => Cow::Owned(literal(*figure, style)),
        PeopleCell::Whole(number) => Cow::Owned(number.to_string()),
        PeopleCell::Moment(clock) => Cow::Owned(clock.strftime("%Y-%m-%d %H:%M:%S").to_string()),
    }
}

fn literal(figure: Decimal, style: CsvStyle) -> String {
    match style {
        CsvStyle::Comma => figure.to_string(),
        CsvStyle::Semicolon => figure.to_string().replace('.', ","),
    }
}

/// A text that is no formula, and that no other program stumbles over.
fn plain(text: &str) -> Cow<'_, str> {
    let escaped = escape_formula_strictly(text);
    if escaped.contains('\u{0}') {
        Cow::Owned(escaped.replace('\u{0}', "\u{fffd}"))
    } else {
        escaped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_exact_and_follow_the_style_and_texts_are_no_formulas() {
        let figure = PeopleCell::Figure(Decimal::parse("-1234.666668").unwrap());
        assert_eq!(written(&figure, CsvStyle::Comma), "-1234.666668");
        assert_eq!(written(&figure, CsvStyle::Semicolon), "-1234,666668");
        for text in ["=1+1", "+1", "-1", "@x", " =1", "＝1", "\t=1"] {
            let cell = PeopleCell::Text(text.to_owned());
            assert_eq!(written(&cell, CsvStyle::Comma), format!("'{text}"));
        }
        assert_eq!(plain("a\u{0}b"), "a\u{fffd}b");
    }
}
