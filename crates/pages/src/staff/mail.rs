//! Mail that was sent or waits.

use super::Table;

pub fn table() -> Table {
    Vec::new()
}
