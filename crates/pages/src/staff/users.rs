//! Users of the organization and their roles.

use super::Table;

pub fn table() -> Table {
    Vec::new()
}
