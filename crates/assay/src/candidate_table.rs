//! Candidates from a table in CSV: which column says what, and where each fault lies.
//!
//! Reads form only: whether an e-mail address or a label is allowed is judged where candidates are
//! made, and such a fault finds its way back by [`column_of`]. Nothing may be kept of a table with
//! a fault.

use api::suggestion::suggest;
use app::candidates::table_limits;
use csv::{ByteRecord, ReaderBuilder};
use std::fmt;

const COLUMNS: [&str; 8] =
    ["fullname", "email", "externalId", "group", "labels", "credential1", "credential2", "uniqId"];
const TAG: &str = "tag:";

/// One person, as written. An empty cell says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CandidateTableRow {
    /// The line in the file, from 1.
    pub line: u64,
    pub fullname: Option<String>,
    pub email: Option<String>,
    pub external_id: Option<String>,
    pub group: Option<String>,
    pub labels: Vec<String>,
    pub tags: Vec<(String, String)>,
    pub credential1: Option<String>,
    pub credential2: Option<String>,
    pub uniq_id: Option<String>,
}

/// One thing that is wrong with a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CandidateTableFault {
    pub line: u64,
    /// None when the row as a whole is wrong.
    pub column: Option<String>,
    pub message: String,
}

impl fmt::Display for CandidateTableFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}", self.line)?;
        self.column.iter().try_for_each(|column| write!(formatter, ", {column}"))?;
        write!(formatter, ": {}", self.message)
    }
}

/// Reads a whole table: a row of names, then a row for each person. Rows without any text are
/// skipped; spreadsheets leave them behind.
///
/// # Errors
/// Every fault of every row, up to the row where the table is longer or wider than one may be.
pub fn read(table: &[u8]) -> Result<Vec<CandidateTableRow>, Vec<CandidateTableFault>> {
    let mut reader = ReaderBuilder::new().flexible(true).has_headers(false).from_reader(table);
    let (mut reading, mut lines) =
        (TableReader::default(), RecordLines { table, read: 0, line: 1 });
    if table.len() > table_limits::BYTES {
        reading.fault(1, None, "the table must have at most 5 MiB; please divide it.");
        return Err(reading.faults);
    }
    for record in reader.byte_records() {
        match record {
            Ok(record) => {
                let line = lines.of(&record);
                reading.record(line, &record);
                if reading.is_beyond {
                    break;
                }
            }
            Err(error) => reading.fault(lines.line, None, format!("cannot be read: {error}.")),
        }
    }
    reading.finish()
}

/// Finds the lines of records. The reader's own count is one behind where lines end with two
/// characters.
struct RecordLines<'table> {
    table: &'table [u8],
    /// So many bytes are counted.
    read: usize,
    line: u64,
}

impl RecordLines<'_> {
    /// The line a record begins on; records must be asked for in their order.
    fn of(&mut self, record: &ByteRecord) -> u64 {
        let begin = record
            .position()
            .and_then(|position| usize::try_from(position.byte()).ok())
            .unwrap_or(self.read);
        let is_end = |byte: &&u8| matches!(**byte, b'\r' | b'\n');
        let begin = begin + self.table.iter().skip(begin).take_while(is_end).count();
        let passed = self.table.get(self.read..begin).unwrap_or_default();
        self.line += passed.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        self.read = begin;
        self.line
    }
}

/// The column that a fault of a candidate is about, by its pointer into the candidate as JSON.
#[must_use]
pub fn column_of(pointer: &str) -> Option<String> {
    let mut parts = pointer
        .strip_prefix('/')?
        .split('/')
        .map(|part| part.replace("~1", "/").replace("~0", "~"));
    match (parts.next()?.as_str(), parts.next()) {
        ("tags", Some(name)) => Some(format!("{TAG}{name}")),
        ("tracking", _) => Some("uniqId".to_owned()),
        (name, _) => COLUMNS.contains(&name).then(|| name.to_owned()),
    }
}

/// The reading of one table: names, then rows.
#[derive(Default)]
struct TableReader {
    /// The names of the columns; none before the first row. A wrong name is none, so its cells are
    /// skipped.
    columns: Option<Vec<Option<String>>>,
    rows: Vec<CandidateTableRow>,
    /// Rows with any text, those with faults too.
    seen: usize,
    faults: Vec<CandidateTableFault>,
    /// Nothing behind this is looked at.
    is_beyond: bool,
}

impl TableReader {
    fn finish(mut self) -> Result<Vec<CandidateTableRow>, Vec<CandidateTableFault>> {
        if self.columns.is_none() && !self.is_beyond {
            self.fault(
                1,
                None,
                format!("the file is empty; its first row names columns: {}.", COLUMNS.join(", ")),
            );
        } else if self.rows.is_empty() && self.faults.is_empty() {
            self.fault(1, None, "there is no row below the names of the columns.");
        }
        if self.faults.is_empty() { Ok(self.rows) } else { Err(self.faults) }
    }

    fn fault(&mut self, line: u64, column: Option<&str>, message: impl Into<String>) {
        self.faults.push(CandidateTableFault {
            line,
            column: column.map(str::to_owned),
            message: message.into(),
        });
    }

    fn record(&mut self, line: u64, record: &ByteRecord) {
        match self.columns.take() {
            None if record.len() > table_limits::COLUMNS => {
                self.end(
                    line,
                    format!("the table must have at most {} columns.", table_limits::COLUMNS),
                );
            }
            None => self.columns = Some(self.names(line, record)),
            Some(columns) => {
                if record.iter().any(|cell| !cell.trim_ascii().is_empty()) {
                    self.row(line, record, &columns);
                }
                if self.seen > table_limits::ROWS {
                    self.end(
                        line,
                        format!(
                            "the table must have at most {} rows; please divide it.",
                            table_limits::ROWS
                        ),
                    );
                }
                self.columns = Some(columns);
            }
        }
    }

    fn end(&mut self, line: u64, message: String) {
        self.fault(line, None, message);
        self.is_beyond = true;
    }

    fn names(&mut self, line: u64, record: &ByteRecord) -> Vec<Option<String>> {
        let mut names: Vec<Option<String>> = Vec::new();
        for cell in record {
            let text = String::from_utf8_lossy(cell);
            let name = text.trim_start_matches('\u{feff}').trim();
            let wrong = if names.iter().flatten().any(|entry| entry == name) {
                Some("this column is there twice.".to_owned())
            } else {
                name_fault(name)
            };
            let is_right = wrong.is_none();
            wrong.into_iter().for_each(|message| self.fault(line, Some(name), message));
            names.push(is_right.then(|| name.to_owned()));
        }
        names
    }

    fn row(&mut self, line: u64, record: &ByteRecord, columns: &[Option<String>]) {
        self.seen += 1;
        if record.len() != columns.len() {
            let message =
                format!("has {} cells where the first row names {}.", record.len(), columns.len());
            self.fault(line, None, message);
            return;
        }
        let mut row = CandidateTableRow { line, ..CandidateTableRow::default() };
        for (cell, name) in record.iter().zip(columns) {
            let Some(name) = name else { continue };
            match cell_text(cell) {
                Ok("") => {}
                Ok(text) => row.fill(name, text),
                Err(message) => self.fault(line, Some(name), message),
            }
        }
        self.rows.push(row);
    }
}

fn name_fault(name: &str) -> Option<String> {
    if name.contains([';', '\t']) {
        return Some(
            "the columns must be separated by commas; save the table as CSV with commas."
                .to_owned(),
        );
    }
    if name.strip_prefix(TAG).is_some_and(|tag| !tag.is_empty()) || COLUMNS.contains(&name) {
        return None;
    }
    Some(match suggest(name, &COLUMNS) {
        Some(meant) => format!("there is no such column; did you mean {meant}?"),
        None => {
            format!("there is no such column; allowed are {} and {TAG}NAME.", COLUMNS.join(", "))
        }
    })
}

fn cell_text(cell: &[u8]) -> Result<&str, &'static str> {
    let text = str::from_utf8(cell).map_err(|_| "is not UTF-8; save the table as CSV in UTF-8.")?;
    // None of the columns needs one, and a forgotten quotation mark swallows every row below it.
    if text.contains(['\n', '\r']) {
        return Err("goes over several lines; is a quotation mark missing?");
    }
    if text.len() > table_limits::CELL_BYTES {
        Err("must have at most 32,767 characters.")
    } else {
        Ok(text)
    }
}

impl CandidateTableRow {
    fn fill(&mut self, column: &str, text: &str) {
        let place = match column {
            "fullname" => &mut self.fullname,
            "email" => &mut self.email,
            "externalId" => &mut self.external_id,
            "group" => &mut self.group,
            "credential1" => &mut self.credential1,
            "credential2" => &mut self.credential2,
            "uniqId" => &mut self.uniq_id,
            "labels" => {
                self.labels = text
                    .split(';')
                    .map(str::trim)
                    .filter(|text| !text.is_empty())
                    .map(str::to_owned)
                    .collect();
                return;
            }
            tag => {
                self.tags.push((tag.trim_start_matches(TAG).to_owned(), text.to_owned()));
                return;
            }
        };
        *place = Some(text.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault_lines(table: &[u8]) -> Vec<String> {
        read(table).unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_empty_file_and_a_file_without_people_are_refused() {
        assert!(fault_lines(b"")[0].starts_with(
            "line 1: the file is empty; its first row names columns: fullname, email"
        ));
        assert_eq!(
            fault_lines(b"fullname,email\n\n,\n"),
            ["line 1: there is no row below the names of the columns."]
        );
    }

    #[test]
    fn every_fault_of_every_row_is_told_with_line_and_column() {
        let table =
            b"fullname,e-mail,external_id,fullname,colour,tag:\nAda,a@b,1,x\nGr\xfcn,a@b,2,x,y,z\n\"A\nB\",,,,,\n";
        assert_eq!(
            fault_lines(table),
            [
                "line 1, e-mail: there is no such column; did you mean email?",
                "line 1, external_id: there is no such column; did you mean externalId?",
                "line 1, fullname: this column is there twice.",
                "line 1, colour: there is no such column; allowed are fullname, email, externalId, group, labels, credential1, credential2, uniqId and tag:NAME.",
                "line 1, tag:: there is no such column; allowed are fullname, email, externalId, group, labels, credential1, credential2, uniqId and tag:NAME.",
                "line 2: has 4 cells where the first row names 6.",
                "line 3, fullname: is not UTF-8; save the table as CSV in UTF-8.",
                "line 4, fullname: goes over several lines; is a quotation mark missing?",
            ]
        );
    }

    #[test]
    fn a_table_beyond_the_limits_of_an_upload_is_refused_with_the_limit_and_nothing_behind_it_is_read()
     {
        let long = |rows: usize| format!("fullname\n{}x,y\n", "Ada\n".repeat(rows));
        // The last row is faulty, and only seen where it is within the limit.
        assert_eq!(
            fault_lines(long(4_999).as_bytes()),
            ["line 5001: has 2 cells where the first row names 1."]
        );
        assert_eq!(
            fault_lines(long(5_001).as_bytes()),
            ["line 5002: the table must have at most 5000 rows; please divide it."]
        );
        let rows = format!("fullname,email\n{}", "Ada,\n,\n".repeat(5_000));
        assert_eq!(read(rows.as_bytes()).unwrap().len(), 5_000, "rows without text do not count");
        let wide = |columns: usize| {
            let names: Vec<_> = (0..columns).map(|number| format!("tag:{number}")).collect();
            format!("{}\n{}\n", names.join(","), vec!["x"; columns].join(","))
        };
        assert_eq!(read(wide(60).as_bytes()).unwrap()[0].tags.len(), 60);
        assert_eq!(
            fault_lines(wide(61).as_bytes()),
            ["line 1: the table must have at most 60 columns."]
        );
        let cell = |bytes: usize| format!("fullname,email\n{},a@b\n", "x".repeat(bytes));
        assert_eq!(read(cell(table_limits::CELL_BYTES).as_bytes()).unwrap().len(), 1);
        assert_eq!(
            fault_lines(cell(table_limits::CELL_BYTES + 1).as_bytes()),
            ["line 2, fullname: must have at most 32,767 characters."]
        );
        let large = vec![b'\n'; table_limits::BYTES + 1];
        assert_eq!(
            fault_lines(&large),
            ["line 1: the table must have at most 5 MiB; please divide it."]
        );
    }

    #[test]
    fn a_table_separated_by_something_else_is_recognised() {
        let message = fault_lines(b"fullname;email\nAda;a@b\n");
        assert_eq!(message.len(), 1);
        assert!(message[0].contains("separated by commas"), "{message:?}");
    }

    #[test]
    fn a_table_saved_by_a_spreadsheet_is_read_with_its_mark_blank_rows_and_line_ends() {
        let table = "\u{feff}fullname, labels ,tag:City,uniqId\r\n\"Lovelace, Ada\",north; evening;,Tokyo,7\r\n,,,\r\n\r\nGrace,,,\r\n";
        let rows = read(table.as_bytes()).unwrap();
        assert_eq!(
            rows[0],
            CandidateTableRow {
                line: 2,
                fullname: Some("Lovelace, Ada".into()),
                labels: vec!["north".into(), "evening".into()],
                tags: vec![("City".into(), "Tokyo".into())],
                uniq_id: Some("7".into()),
                ..CandidateTableRow::default()
            }
        );
        assert_eq!(
            rows[1],
            CandidateTableRow {
                line: 5,
                fullname: Some("Grace".into()),
                ..CandidateTableRow::default()
            }
        );
        assert_eq!(rows.len(), 2);
    }

    #[test]
    fn faults_of_candidates_find_their_column() {
        for (pointer, column) in [
            ("/email", Some("email")),
            ("/labels/3", Some("labels")),
            ("/tags/City~1Town", Some("tag:City/Town")),
            ("/tracking/uniqId", Some("uniqId")),
            ("/kind", None),
            ("", None),
        ] {
            assert_eq!(column_of(pointer).as_deref(), column, "{pointer}");
        }
    }
}
