//! Tests: listing, writing, checking, previewing them, and their history. The pages of the question
//! bank do the same for one question and take what they need from here.
//!
//! A document is judged by `app` alone; these pages and their scripts only show where a fault
//! stands.

mod compare;
mod edit;
mod faults;
mod history;
mod list;
pub mod preview;
mod show;
mod source;

pub use compare::{DiffLine, hunks};
pub use edit::fault_response;
pub use faults::{FaultExcerpt, with_excerpts};
pub use history::{VersionHistoryRow, restore_result};
pub use source::parse_base_digest;

use crate::staff::support::{AreaRoutes, SignedInStaff, StaffArea, StaffLayout};
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use domain::id::TestId;

const ADDRESS: &str = "/staff/tests";
/// A document of the largest size, each letter of it escaped in a form.
pub const LARGEST_FORM: usize = 3 * domain::document::LARGEST_DOCUMENT + (1 << 16);

/// Pages and forms of the library of tests.
pub fn routes() -> AreaRoutes {
    let large = || DefaultBodyLimit::max(LARGEST_FORM);
    vec![
        (ADDRESS, get(list::show)),
        ("/staff/tests/new", get(edit::new_form)),
        ("/staff/tests/import", get(source::import_form)),
        ("/staff/tests/do/import", post(source::import).layer(large())),
        (
            "/staff/tests/do/import-archive",
            // Taken in piece by piece, with a limit of its own.
            post(source::import_archive).layer(DefaultBodyLimit::disable()),
        ),
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
        ("/staff/tests/{test}/do/shelve", post(show::set_folder_and_labels)),
        ("/staff/tests/{test}/do/archive", post(show::archive)),
        ("/staff/tests/{test}/do/duplicate", post(show::duplicate)),
        ("/staff/tests/{test}/get/{file}", get(source::export)),
    ]
}

/// The address of a test's page, or of one below it.
fn address(test: &TestId, below: &str) -> String {
    format!("{ADDRESS}/{test}{below}")
}

/// The pages of one test, for the tabs above each of them.
pub struct TestTabs {
    test: String,
    here: &'static str,
    may_write: bool,
}

impl TestTabs {
    fn of(staff: &SignedInStaff, test: &TestId, here: &'static str) -> Self {
        Self {
            test: test.to_string(),
            here,
            may_write: staff.may(domain::role::Permission::WriteTests),
        }
    }
}

/// The frame of a page of one test.
fn page_layout(staff: &SignedInStaff, title: &str) -> StaffLayout {
    StaffLayout::new(staff, StaffArea::Tests, crate::rendering::plain(title))
        .with_crumb("Tests", ADDRESS)
}
