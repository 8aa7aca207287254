//! Rows of a table as they are read, within limits: whatever a file says of itself, no more than
//! this is kept.

use super::{MOST_BYTES, MOST_CELL_BYTES, MOST_COLUMNS, MOST_ROWS};

/// Collects the rows that hold any text, one cell after the other.
#[derive(Default)]
pub(super) struct RowCollector {
    rows: Vec<Vec<String>>,
    /// The row that is being read.
    row: Vec<String>,
    text_bytes: usize,
}

impl RowCollector {
    /// Whether no row has been ended yet.
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Takes a cell. A cell without text costs nothing, so columns that were only formatted do no
    /// harm.
    pub fn cell(&mut self, column: usize, text: &str) -> Result<(), String> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(());
        }
        if column >= MOST_COLUMNS {
            return Err(format!("The table must have at most {MOST_COLUMNS} columns."));
        }
        if text.len() > MOST_CELL_BYTES {
            return Err("A cell of the table must have at most 32,767 characters; maybe a quotation mark is missing."
                .to_owned());
        }
        self.text_bytes = self.text_bytes.saturating_add(text.len() + 1);
        if self.text_bytes > MOST_BYTES {
            return Err(
                "The texts of the table must have at most 5 MiB together; please divide it."
                    .to_owned(),
            );
        }
        // The number of the column is below the limit by now: nothing is allocated by a number in
        // the file alone.
        if self.row.len() <= column {
            self.row.resize(column + 1, String::new());
        }
        if let Some(cell) = self.row.get_mut(column) {
            text.clone_into(cell);
        }
        Ok(())
    }

    /// Ends a row; an empty one is left out. The error is for the person who sent the table.
    pub fn end_row(&mut self) -> Result<(), String> {
        if self.row.is_empty() {
            return Ok(());
        }
        // One more than the limit, for the row that names the columns.
        if self.rows.len() > MOST_ROWS {
            return Err(format!("The table must have at most {MOST_ROWS} rows; please divide it."));
        }
        self.rows.push(std::mem::take(&mut self.row));
        Ok(())
    }

    /// All rows, the one that was not ended among them.
    pub fn finish(mut self) -> Result<Vec<Vec<String>>, String> {
        self.end_row()?;
        Ok(self.rows)
    }
}
