//! A task's results: the table, an instance's report, the group's picture.

use super::Table;

pub fn table() -> Table {
    Vec::new()
}
