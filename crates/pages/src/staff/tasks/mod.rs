//! Tasks: listing, making and changing them.

mod tabs;

#[allow(unused_imports, reason = "the pages of a task use them")]
pub use tabs::{Tab, TaskTabs};

use super::Table;

pub fn table() -> Table {
    Vec::new()
}
