//! The library: every test with its length and where it is used.

use crate::html_time::HtmlTime;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use app::test_library::{LibraryTestView, TestUse};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::role::Permission;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "staff/tests/list.html")]
struct TestLibraryPage {
    frame: StaffLayout,
    query: TestLibraryQuery,
    may_write: bool,
    tests: Vec<TestLibraryRow>,
    /// Before the search.
    all: usize,
}

struct TestLibraryRow {
    id: String,
    title: String,
    key: String,
    folder: String,
    labels: Vec<String>,
    questions: String,
    uses: Vec<TestUse>,
    changed: HtmlTime,
    version: i64,
    is_archived: bool,
}

/// Filters of the library, and which notice it shows.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct TestLibraryQuery {
    q: String,
    archived: String,
    said: String,
}

/// `GET /staff/tests`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Query(query): Query<TestLibraryQuery>,
) -> Result<Response, PageError> {
    let tests =
        state.app.test_library().list_tests(staff.caller(), !query.archived.is_empty()).await?;
    let mut shelf = state.app.test_library().library_overview(staff.caller()).await?;
    let (all, wanted) = (tests.len(), query.q.trim().to_lowercase());
    let row = |test: LibraryTestView| TestLibraryRow {
        questions: shelf
            .questions
            .get(&test.id)
            .map(|length| number_range(*length))
            .unwrap_or_default(),
        uses: shelf.uses.remove(&test.id).unwrap_or_default(),
        id: test.id.to_string(),
        title: test.title,
        key: test.key,
        folder: test.folder,
        labels: test.labels,
        changed: test.updated_at.into(),
        version: test.version,
        is_archived: test.archived_at.is_some(),
    };
    let page = TestLibraryPage {
        tests: tests.into_iter().rev().filter(|test| fits(test, &wanted)).map(row).collect(),
        frame: StaffLayout::new(&staff, StaffArea::Tests, "Tests")
            .with_notice((query.said == "archived").then_some("Archived.")),
        may_write: staff.may(Permission::WriteTests),
        all,
        query,
    };
    reply::page(StatusCode::OK, &page)
}

fn fits(test: &LibraryTestView, wanted: &str) -> bool {
    let texts = [&test.title, &test.key, &test.folder].into_iter().chain(&test.labels);
    texts.into_iter().any(|text| text.to_lowercase().contains(wanted))
}

fn number_range((fewest, most): (u64, u64)) -> String {
    if fewest == most { most.to_string() } else { format!("{fewest}–{most}") }
}
