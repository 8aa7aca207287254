//! Tests: listing, writing, checking, previewing them.

use super::Table;

pub fn table() -> Table {
    Vec::new()
}
