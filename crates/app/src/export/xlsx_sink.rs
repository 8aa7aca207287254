//! XLSX: a sheet of instances, and in mode `detailed` one each for sections, dimensions and
//! effects.
//!
//! Rows go to temporary files as they come, so memory does not grow with them; the workbook is put
//! together at the end and sent from a temporary file. Texts are never formulas. Equal content
//! gives equal bytes.

use super::people::cut_to_cell;
use super::row_cells::{
    DETAILED, ExportCell, ExportedScoreboard, PLAIN, RowContext, cells, exported_result,
};
use super::spool::{ExportDelivery, SpoolWriter, reader_gone};
use super::{ReaderGone, RowSink};
use crate::results::{ListedInstance, ListingDetail};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet, XlsxError};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::io::{Read, Seek as _, SeekFrom, Write as _};

/// Rows a sheet holds, its header included.
const ROWS: u32 = 1_048_576;
/// Bytes of the finished file that are read at once.
const PART: usize = 64 * 1024;

const SECTIONS: &[&str] = &[
    "testInstanceId",
    "uuid",
    "pointsAchieved",
    "maxAchievablePoints",
    "achievementRatio",
    "noOfQuestions",
];
const DIMENSIONS: &[&str] = &[
    "testInstanceId",
    "name",
    "subName",
    "pointsAchieved",
    "maxAchievablePoints",
    "achievementRatio",
    "noOfQuestions",
];
const EFFECTS: &[&str] = &["testInstanceId", "name", "subName", "score"];

pub(super) struct XlsxSink {
    of: RowContext,
    pipe: SpoolWriter,
    workbook: Workbook,
    instances: XlsxSheet,
    /// Sections, dimensions and effects.
    lists: Option<[XlsxSheet; 3]>,
}

/// A table that goes on in another sheet when one is full.
struct XlsxSheet {
    name: &'static str,
    columns: Vec<&'static str>,
    /// Sheets begun so far.
    part: usize,
    /// Index of the present one in the workbook.
    index: usize,
    /// Rows written to it.
    row: u32,
    full: u32,
}

#[derive(Deserialize)]
struct ExportedSection<'row> {
    uuid: String,
    #[serde(borrow)]
    scoreboard: ExportedScoreboard<'row>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExportedDimension<'row> {
    name: String,
    #[serde(borrow)]
    scoreboard: ExportedScoreboard<'row>,
    #[serde(borrow, default)]
    sub_dimensions: Vec<ExportedDimension<'row>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExportedEffect<'row> {
    name: String,
    #[serde(borrow)]
    score: &'row RawValue,
    #[serde(borrow, default)]
    sub_effects: Vec<ExportedEffect<'row>>,
}

impl XlsxSink {
    pub(super) fn new(of: RowContext, pipe: SpoolWriter) -> Result<Self, ReaderGone> {
        let mut workbook = Workbook::new();
        // The moment of writing would make equal content differ.
        let born = ExcelDateTime::from_ymd(2000, 1, 1).map_err(broken)?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&born));
        let is_detailed = of.mode == ListingDetail::Detailed;
        let columns =
            PLAIN.into_iter().chain(DETAILED.into_iter().filter(|_| is_detailed)).collect();
        let instances = XlsxSheet::begin(&mut workbook, "test-instances", columns)?;
        let mut list = |name, columns: &[&'static str]| {
            XlsxSheet::begin(&mut workbook, name, columns.to_vec())
        };
        let lists = match is_detailed {
            true => Some([
                list("sections", SECTIONS)?,
                list("dimensions", DIMENSIONS)?,
                list("effects", EFFECTS)?,
            ]),
            false => None,
        };
        Ok(Self { of, pipe, workbook, instances, lists })
    }
}

impl RowSink for XlsxSink {
    fn take(&mut self, row: &ListedInstance<'_>) -> Result<(), ReaderGone> {
        let Self { of, workbook, instances, lists, .. } = self;
        let figures = exported_result(row)?;
        instances.add(workbook, &cells(of, row, figures.as_ref()))?;
        let (Some([sections, dimensions, effects]), Some(figures)) = (lists, &figures) else {
            return Ok(());
        };
        for section in read::<ExportedSection<'_>>(figures.sections)? {
            let mut cells = vec![ExportCell::Text(row.id), ExportCell::Text(&section.uuid)];
            add_scoreboard(&mut cells, &section.scoreboard);
            sections.add(workbook, &cells)?;
        }
        for dimension in read::<ExportedDimension<'_>>(figures.dimensions)? {
            add_dimension(dimensions, workbook, row.id, &dimension)?;
        }
        for effect in read::<ExportedEffect<'_>>(figures.effects)? {
            add_effect(effects, workbook, row.id, &effect)?;
        }
        Ok(())
    }

    /// Rows lie in files until the end.
    fn pass_on(&mut self) -> Result<(), ReaderGone> {
        self.pipe.require_reader()
    }

    fn end(&mut self, _: u64) -> Result<ExportDelivery, ReaderGone> {
        self.pipe.wait_patiently();
        send_workbook(&mut self.workbook, &mut self.pipe)?;
        self.pipe.end()
    }
}

/// Puts a workbook together in a temporary file and sends it.
pub(super) fn send_workbook(
    workbook: &mut Workbook,
    pipe: &mut SpoolWriter,
) -> Result<(), ReaderGone> {
    let mut file = tempfile::tempfile().map_err(reader_gone)?;
    workbook.save_to_writer(file.try_clone().map_err(reader_gone)?).map_err(broken)?;
    file.seek(SeekFrom::Start(0)).map_err(reader_gone)?;
    let mut part = Vec::with_capacity(PART);
    while Read::by_ref(&mut file).take(PART as u64).read_to_end(&mut part).map_err(reader_gone)? > 0
    {
        pipe.write_all(&part).map_err(reader_gone)?;
        pipe.pass_on()?;
        part.clear();
    }
    Ok(())
}

fn read<'row, T: Deserialize<'row>>(list: Option<&'row RawValue>) -> Result<Vec<T>, ReaderGone> {
    let Some(list) = list else { return Ok(Vec::new()) };
    serde_json::from_str(list.get()).map_err(|error| ReaderGone(error.to_string()))
}

fn add_scoreboard<'row>(cells: &mut Vec<ExportCell<'row>>, scoreboard: &ExportedScoreboard<'row>) {
    cells.extend(scoreboard.cells());
    cells.push(scoreboard.count());
}

fn add_dimension(
    sheet: &mut XlsxSheet,
    book: &mut Workbook,
    id: &str,
    dimension: &ExportedDimension<'_>,
) -> Result<(), ReaderGone> {
    let mut cells =
        vec![ExportCell::Text(id), ExportCell::Text(&dimension.name), ExportCell::Empty];
    add_scoreboard(&mut cells, &dimension.scoreboard);
    sheet.add(book, &cells)?;
    for sub in &dimension.sub_dimensions {
        let mut cells = vec![
            ExportCell::Text(id),
            ExportCell::Text(&dimension.name),
            ExportCell::Text(&sub.name),
        ];
        add_scoreboard(&mut cells, &sub.scoreboard);
        sheet.add(book, &cells)?;
    }
    Ok(())
}

fn add_effect(
    sheet: &mut XlsxSheet,
    book: &mut Workbook,
    id: &str,
    effect: &ExportedEffect<'_>,
) -> Result<(), ReaderGone> {
    let name = ExportCell::Text(&effect.name);
    sheet.add(
        book,
        &[ExportCell::Text(id), name, ExportCell::Empty, ExportCell::Number(effect.score.get())],
    )?;
    for sub in &effect.sub_effects {
        sheet.add(
            book,
            &[
                ExportCell::Text(id),
                name,
                ExportCell::Text(&sub.name),
                ExportCell::Number(sub.score.get()),
            ],
        )?;
    }
    Ok(())
}

impl XlsxSheet {
    fn begin(
        workbook: &mut Workbook,
        name: &'static str,
        columns: Vec<&'static str>,
    ) -> Result<Self, ReaderGone> {
        let mut sheet = Self { name, columns, part: 0, index: 0, row: 0, full: ROWS };
        sheet.begin_part(workbook)?;
        Ok(sheet)
    }

    fn begin_part(&mut self, workbook: &mut Workbook) -> Result<(), ReaderGone> {
        self.part += 1;
        self.index = workbook.worksheets().len();
        self.row = 1;
        let name = if self.part == 1 {
            self.name.to_owned()
        } else {
            format!("{} {}", self.name, self.part)
        };
        let worksheet = workbook.add_worksheet_with_constant_memory().map_err(broken)?;
        worksheet.set_name(name).map_err(broken)?;
        for (column, name) in (0_u16..).zip(&self.columns) {
            worksheet.write_string(0, column, *name).map_err(broken)?;
        }
        Ok(())
    }

    fn add(&mut self, workbook: &mut Workbook, cells: &[ExportCell<'_>]) -> Result<(), ReaderGone> {
        if self.row == self.full {
            self.begin_part(workbook)?;
        }
        let worksheet = workbook.worksheet_from_index(self.index).map_err(broken)?;
        for (column, cell) in (0_u16..).zip(cells) {
            write(worksheet, self.row, column, cell).map_err(broken)?;
        }
        self.row += 1;
        Ok(())
    }
}

fn write(
    worksheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &ExportCell<'_>,
) -> Result<(), XlsxError> {
    match cell {
        ExportCell::Empty => Ok(()),
        ExportCell::Text(text) => worksheet.write_string(row, column, fitting(text)).map(|_| ()),
        ExportCell::Flag(flag) => worksheet.write_boolean(row, column, *flag).map(|_| ()),
        #[allow(clippy::cast_precision_loss, reason = "seconds lie far below 2^53")]
        ExportCell::Integer(number) => {
            worksheet.write_number(row, column, *number as f64).map(|_| ())
        }
        ExportCell::Number(literal) => match literal.parse::<f64>() {
            Ok(number) => worksheet.write_number(row, column, number).map(|_| ()),
            Err(_) => worksheet.write_string(row, column, *literal).map(|_| ()),
        },
    }
}

/// As much of a text as a cell holds; what was cut off is marked.
fn fitting(text: &str) -> std::borrow::Cow<'_, str> {
    cut_to_cell(text.into())
}

#[allow(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
pub(super) fn broken(error: XlsxError) -> ReaderGone {
    ReaderGone(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Characters a cell holds.
    const LONGEST: usize = 32_767;

    #[test]
    fn a_full_sheet_goes_on_in_a_second_one() {
        let mut workbook = Workbook::new();
        let mut sheet =
            XlsxSheet { full: 3, ..XlsxSheet::begin(&mut workbook, "rows", vec!["n"]).unwrap() };
        (1..=5).for_each(|n| sheet.add(&mut workbook, &[ExportCell::Integer(n)]).unwrap());
        let names: Vec<_> = workbook.worksheets().iter().map(Worksheet::name).collect();
        assert_eq!(names, ["rows", "rows 2", "rows 3"]);
    }

    #[test]
    fn a_text_too_long_for_a_cell_is_cut_and_marked() {
        let cut = fitting(&"é".repeat(LONGEST + 1)).into_owned();
        assert_eq!((cut.chars().count(), cut.chars().last()), (LONGEST, Some('\u{2026}')));
        assert_eq!(fitting(&"é".repeat(LONGEST)).chars().count(), LONGEST);
    }
}
