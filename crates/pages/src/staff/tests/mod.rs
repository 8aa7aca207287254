//! Tests: listing, writing, checking, previewing them, and their history. The pages of the question bank do the same for
//! one question and take what they need from here.
//!
//! A document is judged by `app` alone; these pages and their scripts only show where a fault stands.

mod compare;
mod edit;
mod faults;
mod history;
mod list;
pub mod preview;
mod show;
mod source;

pub use compare::{Line, hunks};
pub use edit::refused;
pub use faults::{Shown, beside};
pub use history::{Row, outcome};
pub use source::based;

use super::{Area, Frame, Staff, Table, Told};
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use domain::id::TestId;

const ADDRESS: &str = "/staff/tests";
/// A document of the largest size, each letter of it escaped in a form.
pub const LARGEST_FORM: usize = 3 * domain::document::LARGEST_DOCUMENT + (1 << 16);

pub fn table() -> Table {
    let large = || DefaultBodyLimit::max(LARGEST_FORM);
    vec![
        (ADDRESS, get(list::show)),
        ("/staff/tests/new", get(edit::begin)),
        ("/staff/tests/import", get(source::begin)),
        ("/staff/tests/do/import", post(source::import).layer(large())),
        ("/staff/tests/do/save", post(edit::save).layer(large())),
        ("/staff/tests/do/check", post(edit::check).layer(large())),
        ("/staff/tests/{test}", get(show::show)),
        ("/staff/tests/{test}/edit", get(edit::show)),
        ("/staff/tests/{test}/source", get(source::show)),
        ("/staff/tests/{test}/preview", get(preview::show)),
        ("/staff/tests/{test}/do/try", post(preview::score)),
        ("/staff/tests/{test}/history", get(history::show)),
        ("/staff/tests/{test}/compare", get(compare::show)),
        ("/staff/tests/{test}/do/restore", post(history::restore)),
        ("/staff/tests/{test}/do/shelve", post(show::shelve)),
        ("/staff/tests/{test}/do/archive", post(show::archive)),
        ("/staff/tests/{test}/get/{file}", get(source::export)),
    ]
}

/// The address of a test's page, or of one below it.
fn address(test: &TestId, below: &str) -> String {
    format!("{ADDRESS}/{test}{below}")
}

/// The pages of one test, for the tabs above each of them.
pub struct Tabs {
    test: String,
    here: &'static str,
    may_write: bool,
}

impl Tabs {
    fn of(staff: &Staff, test: &TestId, here: &'static str) -> Self {
        Self { test: test.to_string(), here, may_write: staff.may(domain::role::Permission::WriteTests) }
    }
}

/// The frame of a page of one test.
fn framed(staff: &Staff, title: &str) -> Frame {
    Frame::new(staff, Area::Tests, title).under("Tests", ADDRESS)
}
