//! The question bank.

use super::Table;

pub fn table() -> Table {
    Vec::new()
}
