//! API keys.

use super::Table;

pub fn table() -> Table {
    Vec::new()
}
