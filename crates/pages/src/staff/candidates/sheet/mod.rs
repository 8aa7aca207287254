//! Tables that people paste or upload: CSV in any of its dialects, or a workbook, read as rows of
//! text.
//!
//! Nothing is evaluated: of a formula the value that the workbook was kept with is read. Cells are
//! read one after the other within limits on rows, columns, texts and bytes really unpacked
//! (`collector`, `archive`).

mod archive;
mod collector;
mod workbook;

#[cfg(test)]
mod hostile;

pub use app::candidates::table_limits::BYTES as MOST_BYTES;
use app::candidates::table_limits::{
    CELL_BYTES as MOST_CELL_BYTES, COLUMNS as MOST_COLUMNS, ROWS as MOST_ROWS,
};
use collector::RowCollector;

/// Rows of text, the first of which names the columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportTable {
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// Reads a table, or says in a sentence why it cannot be read.
pub fn read(bytes: &[u8]) -> Result<ImportTable, String> {
    if bytes.len() > MOST_BYTES {
        return Err("The table must have at most 5 MiB.".to_owned());
    }
    let is_workbook = bytes.starts_with(b"PK\x03\x04");
    let rows = if is_workbook { workbook::rows(bytes)? } else { text(bytes)? };
    let mut rows = rows.into_iter();
    let head = rows.next().ok_or("The table is empty.")?;
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return Err("The table must have a row behind the one that names its columns.".to_owned());
    }
    Ok(ImportTable { head, rows })
}

fn text(bytes: &[u8]) -> Result<Vec<Vec<String>>, String> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| "The table must be in UTF-8; save it as “CSV UTF-8”.")?;
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let (mut collector, mut record, mut width) =
        (RowCollector::default(), csv::StringRecord::new(), 0);
    while reader
        .read_record(&mut record)
        .map_err(|error| format!("The table cannot be read: {error}."))?
    {
        if collector.is_empty() {
            width = record.len().min(MOST_COLUMNS);
        }
        record.iter().enumerate().try_for_each(|(column, cell)| collector.cell(column, cell))?;
        collector.end_row()?;
    }
    let mut rows = collector.finish()?;
    // A column without a name is a column all the same.
    rows.first_mut().into_iter().for_each(|head| head.resize(width, String::new()));
    Ok(rows)
}

/// Whichever of the usual ones is most often in the first line.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |delimiter: u8| first.bytes().filter(|byte| *byte == delimiter).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}

impl ImportTable {
    /// The table as CSV, for a page to keep between two requests.
    pub fn to_csv(&self) -> String {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        for row in std::iter::once(&self.head).chain(&self.rows) {
            // Writing into memory does not fail.
            let _ = writer.write_record(row);
        }
        writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
    }

    /// The text of a cell, both from 0; empty beyond the table.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        self.rows.get(row).and_then(|row| row.get(column)).map(String::as_str).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dialect_gives_the_same_rows() {
        let expected = read(b"Name,E-mail\nAda,a@x.org\n").unwrap();
        assert_eq!(expected.head, ["Name", "E-mail"]);
        for other in [
            "\u{feff}Name;E-mail\r\nAda;a@x.org\r\n\r\n",
            "Name\tE-mail\n Ada \ta@x.org",
            "Name,E-mail\n,\nAda,\"a@x.org\"",
        ] {
            assert_eq!(read(other.as_bytes()).unwrap(), expected, "{other}");
        }
        assert_eq!(read(expected.to_csv().as_bytes()).unwrap(), expected);
        assert_eq!(
            (expected.cell(0, 1), expected.cell(0, 9), expected.cell(7, 0)),
            ("a@x.org", "", "")
        );
    }

    #[test]
    fn what_is_no_table_is_told_in_a_sentence() {
        let large = vec![b'a'; MOST_BYTES + 1];
        let long = format!("Name\n{}", "Ada\n".repeat(MOST_ROWS + 1));
        let unquoted = format!("Name\n\"{}", "Ada\n".repeat(MOST_CELL_BYTES));
        for bytes in [
            &b""[..],
            b"\n\n",
            b"Name,E-mail\n",
            b"Name\n\xff\xfe",
            b"PK\x03\x04 no zip",
            large.as_slice(),
            long.as_bytes(),
            unquoted.as_bytes(),
        ] {
            assert!(read(bytes).unwrap_err().ends_with('.'));
        }
    }
}
