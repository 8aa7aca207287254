//! A task's candidates: adding, inviting, following them.

use super::Table;

pub fn table() -> Table {
    Vec::new()
}
