//! An Excel workbook that people read: dates are dates, figures are numbers, the head stays in sight
//! and every column can be filtered.
//!
//! Rows go to a temporary file as they come, so memory does not grow with them.

use super::PeopleTable;
use super::cells::{CellKind, PeopleCell, PeopleColumn};
use crate::export::ReaderGone;
use crate::export::spool::{ExportDelivery, SpoolWriter};
use crate::export::xlsx_sink::{broken, send_workbook};
use domain::decimal::Decimal;
use jiff::civil::DateTime;
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError,
};
use std::borrow::Cow;

/// Results a sheet holds below its head.
pub const MOST_ROWS: i64 = 1_048_575;
/// UTF-16 units a cell holds.
const LONGEST_CELL: usize = 32_767;
/// Rows between two looks whether anybody is still there.
const STRIDE: u32 = 250;
/// The first columns, which stay in sight: the name.
const FROZEN_COLUMNS: u16 = 1;

pub(super) struct Sheet {
    pipe: SpoolWriter,
    workbook: Workbook,
    columns: Vec<PeopleColumn>,
    formats: SheetFormats,
    /// Sheets begun so far.
    part: usize,
    /// Index of the present one in the workbook.
    index: usize,
    /// Rows written to it, the head included.
    row: u32,
    full: u32,
}

struct SheetFormats {
    head: Format,
    figure: Format,
    moment: Format,
    long_text: Format,
}

impl SheetFormats {
    fn new() -> Self {
        Self {
            head: Format::new()
                .set_bold()
                .set_text_wrap()
                .set_align(FormatAlign::Top)
                .set_background_color(Color::RGB(0x00EE_F0FB)),
            figure: Format::new().set_num_format("0.00"),
            moment: Format::new().set_num_format("yyyy-mm-dd hh:mm"),
            long_text: Format::new().set_align(FormatAlign::Top),
        }
    }
}

impl Sheet {
    pub(super) fn new(mut pipe: SpoolWriter, columns: &[PeopleColumn]) -> Result<Self, ReaderGone> {
        // The database is held no more.
        pipe.wait_patiently();
        let mut workbook = Workbook::new();
        let born = ExcelDateTime::from_ymd(2000, 1, 1).map_err(broken)?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&born));
        Ok(Self {
            pipe,
            workbook,
            columns: columns.to_vec(),
            formats: SheetFormats::new(),
            part: 0,
            index: 0,
            row: 0,
            full: u32::try_from(MOST_ROWS + 1).unwrap_or(u32::MAX),
        })
    }

    fn begin_part(&mut self) -> Result<(), ReaderGone> {
        self.end_part()?;
        self.part += 1;
        self.index = self.workbook.worksheets().len();
        self.row = 1;
        let worksheet = self.workbook.add_worksheet_with_constant_memory().map_err(broken)?;
        let name =
            if self.part == 1 { "Results".to_owned() } else { format!("Results {}", self.part) };
        worksheet.set_name(name).map_err(broken)?;
        worksheet.set_freeze_panes(1, FROZEN_COLUMNS).map_err(broken)?;
        for (number, column) in (0_u16..).zip(&self.columns) {
            worksheet.set_column_width(number, width(column)).map_err(broken)?;
            let head = fitting(&column.head);
            worksheet
                .write_string_with_format(0, number, head, &self.formats.head)
                .map_err(broken)?;
        }
        Ok(())
    }

    fn end_part(&mut self) -> Result<(), ReaderGone> {
        let last_column = u16::try_from(self.columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
        if self.part == 0 {
            return Ok(());
        }
        let last_row = self.row.saturating_sub(1);
        let worksheet = self.workbook.worksheet_from_index(self.index).map_err(broken)?;
        worksheet.autofilter(0, 0, last_row, last_column).map_err(broken)?;
        Ok(())
    }
}

impl PeopleTable for Sheet {
    fn head(&mut self, _: &[PeopleColumn]) -> Result<(), ReaderGone> {
        self.begin_part()
    }

    fn row(&mut self, cells: &[PeopleCell]) -> Result<(), ReaderGone> {
        if self.row == self.full {
            self.begin_part()?;
        }
        let worksheet = self.workbook.worksheet_from_index(self.index).map_err(broken)?;
        for (column, cell) in (0_u16..).zip(cells) {
            write(worksheet, (self.row, column), cell, &self.formats).map_err(broken)?;
        }
        self.row += 1;
        if self.row.is_multiple_of(STRIDE) { self.pipe.require_reader() } else { Ok(()) }
    }

    fn end(mut self) -> Result<ExportDelivery, ReaderGone> {
        self.end_part()?;
        send_workbook(&mut self.workbook, &mut self.pipe)?;
        self.pipe.end()
    }
}

fn write(
    worksheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &PeopleCell,
    formats: &SheetFormats,
) -> Result<(), XlsxError> {
    match cell {
        PeopleCell::Empty => Ok(()),
        PeopleCell::Text(text) if text.contains('\n') => worksheet
            .write_string_with_format(row, column, fitting(text), &formats.long_text)
            .map(|_| ()),
        PeopleCell::Text(text) => worksheet.write_string(row, column, fitting(text)).map(|_| ()),
        PeopleCell::Figure(figure) => worksheet
            .write_number_with_format(row, column, float(*figure), &formats.figure)
            .map(|_| ()),
        #[allow(clippy::cast_precision_loss, reason = "attempts are few")]
        PeopleCell::Whole(number) => {
            worksheet.write_number(row, column, *number as f64).map(|_| ())
        }
        PeopleCell::Moment(clock) => match excel_clock(*clock) {
            Ok(moment) => worksheet
                .write_datetime_with_format(row, column, moment, &formats.moment)
                .map(|_| ()),
            // Excel knows no date before 1900.
            Err(_) => worksheet.write_string(row, column, clock.to_string()).map(|_| ()),
        },
    }
}

fn float(figure: Decimal) -> f64 {
    figure.to_string().parse().unwrap_or_default()
}

fn excel_clock(clock: DateTime) -> Result<ExcelDateTime, XlsxError> {
    let part = |number: i8| u8::try_from(number).unwrap_or_default();
    let year = u16::try_from(clock.year()).unwrap_or_default();
    ExcelDateTime::from_ymd(year, part(clock.month()), part(clock.day()))?.and_hms(
        u16::from(part(clock.hour())),
        part(clock.minute()),
        f64::from(part(clock.second())),
    )
}

fn width(column: &PeopleColumn) -> f64 {
    match (column.kind, column.head.as_str()) {
        (_, "Name" | "E-mail") => 28.0,
        (CellKind::LongText, _) => 40.0,
        (CellKind::Text, _) => 18.0,
        (CellKind::Moment, _) => 19.0,
        (CellKind::Figure, _) => 12.0,
        (CellKind::Whole, _) => 9.0,
    }
}

/// As much of a text as a cell holds, in letters that XML has; what was cut off is marked.
fn fitting(text: &str) -> Cow<'_, str> {
    let is_forbidden = |letter: char| matches!(letter, '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    let text = if text.contains(is_forbidden) {
        Cow::Owned(text.replace(is_forbidden, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    };
    cut_to_cell(text)
}

/// The text up to the units of UTF-16 that a cell holds.
pub(in crate::export) fn cut_to_cell(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.len() <= LONGEST_CELL || text.encode_utf16().count() <= LONGEST_CELL {
        return text;
    }
    let mut units = 0;
    let fits = |letter: &char| {
        units += letter.len_utf16();
        units < LONGEST_CELL
    };
    let mut cut: String = text.chars().take_while(fits).collect();
    cut.push('\u{2026}');
    Cow::Owned(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_to_the_units_of_a_cell_and_keeps_whole_letters() {
        for letter in ["a", "é", "王", "😀"] {
            let cut = fitting(&letter.repeat(LONGEST_CELL + 1)).into_owned();
            let units = cut.encode_utf16().count();
            assert!(units == LONGEST_CELL || units == LONGEST_CELL - 1, "{letter}: {units}");
            assert!(cut.ends_with('\u{2026}'));
        }
        assert_eq!(fitting(&"é".repeat(LONGEST_CELL)).chars().count(), LONGEST_CELL);
        assert_eq!(fitting("a\u{0}\u{1b}\r\n\tb\u{ffff}"), "a\u{fffd}\u{fffd}\r\n\tb\u{fffd}");
    }
}
