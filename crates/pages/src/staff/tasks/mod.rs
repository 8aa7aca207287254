//! Tasks: listing, making and changing them, and the overview of one.

mod access_form;
pub mod choices;
mod list;
mod make;
mod overview;
mod qr;
mod settings;
mod step_form;
mod steps;
mod tabs;
mod templates;

pub use tabs::{Tab, TaskTabs};

use super::Table;

pub fn table() -> Table {
    [
        list::table(),
        make::table(),
        overview::table(),
        steps::table(),
        settings::table(),
        templates::table(),
        access_form::table(),
    ]
    .concat()
}
