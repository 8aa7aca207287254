//! Tables for people: columns under names, no frame, so that they can be copied and searched.

use comfy_table::{Cell, CellAlignment, ContentArrangement, presets};
use std::fmt;

/// Rows under the names of columns.
pub struct TextTable {
    inner: comfy_table::Table,
    columns: usize,
}

impl TextTable {
    /// A table with these columns and no row.
    #[must_use]
    pub fn new(columns: &[&str]) -> Self {
        let mut inner = comfy_table::Table::new();
        inner.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        inner.set_header(columns.iter().map(|name| Cell::new(name.to_uppercase())));
        Self { inner, columns: columns.len() }
    }

    /// Numbers are read from their right end.
    #[must_use]
    pub fn right_aligned(mut self, columns: &[usize]) -> Self {
        for index in columns {
            if let Some(column) = self.inner.column_mut(*index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        self
    }

    /// One cell for each column; missing ones stay empty. Control characters are replaced: what
    /// people typed must not steer the terminal of whoever reads it.
    pub fn row(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) {
        let cells = cells.into_iter().map(|cell| visible(&cell.into()));
        self.inner.add_row(cells.chain(std::iter::repeat_with(String::new)).take(self.columns));
    }
}

fn visible(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

impl fmt::Display for TextTable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> =
            self.inner.lines().map(|line| line.trim_end().to_owned()).collect();
        formatter.write_str(&lines.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_typed_cannot_steer_the_terminal() {
        let mut table = TextTable::new(&["name"]);
        table.row(["\u{1b}[2Jgone\nnext"]);
        assert_eq!(table.to_string().lines().nth(1).unwrap().trim(), "\u{fffd}[2Jgone\u{fffd}next");
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_numbers_stand_right() {
        let mut table = TextTable::new(&["title", "points"]).right_aligned(&[1]);
        table.row(["Numbers", "8"]);
        table.row(["A longer title", "10.5"]);
        table.row(["short"]);
        let lines: Vec<String> = table.to_string().lines().map(str::to_owned).collect();
        assert_eq!(
            lines,
            [
                " TITLE           POINTS",
                " Numbers              8",
                " A longer title    10.5",
                " short"
            ]
        );
    }
}
