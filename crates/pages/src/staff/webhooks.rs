//! Webhooks and what was sent to them.

use super::Table;

pub fn table() -> Table {
    Vec::new()
}
