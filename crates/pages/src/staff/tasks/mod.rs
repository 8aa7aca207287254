//! Tasks: listing, making and changing them, and the overview of one.

mod access_form;
pub mod choices;
mod list;
mod new;
mod overview;
mod qr;
mod settings;
mod step_form;
mod steps;
pub mod tabs;
mod templates;

pub use tabs::{TaskTab, TaskTabs};

use crate::staff::support::AreaRoutes;

/// All pages and forms about tasks, of every tab.
pub fn routes() -> AreaRoutes {
    [
        list::routes(),
        new::routes(),
        overview::routes(),
        steps::routes(),
        settings::routes(),
        templates::routes(),
        access_form::routes(),
    ]
    .concat()
}
