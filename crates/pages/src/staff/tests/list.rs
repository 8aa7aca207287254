//! The library: every test with its length and where it is used.

use super::{Area, Frame, Staff};
use crate::desk::Desk;
use crate::moment::Moment;
use crate::reply;
use crate::trouble::Trouble;
use app::tests::{TestView, Use};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::role::Permission;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "staff/tests/list.html")]
struct Page {
    frame: Frame,
    asked: Asked,
    may_write: bool,
    tests: Vec<Row>,
    /// Before the search.
    all: usize,
}

struct Row {
    id: String,
    title: String,
    key: String,
    folder: String,
    labels: Vec<String>,
    questions: String,
    uses: Vec<Use>,
    changed: Moment,
    version: i64,
    is_archived: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    archived: String,
    said: String,
}

/// `GET /staff/tests`.
pub async fn show(State(desk): State<Desk>, staff: Staff, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    let tests = desk.app.list_tests(staff.caller(), !asked.archived.is_empty()).await?;
    let mut shelf = desk.app.test_shelf(staff.caller()).await?;
    let (all, wanted) = (tests.len(), asked.q.trim().to_lowercase());
    let row = |test: TestView| Row {
        questions: shelf.questions.get(&test.id).map(|length| between(*length)).unwrap_or_default(),
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
    let page = Page {
        tests: tests.into_iter().rev().filter(|test| fits(test, &wanted)).map(row).collect(),
        frame: Frame::new(&staff, Area::Tests, "Tests").said((asked.said == "archived").then_some("Archived.")),
        may_write: staff.may(Permission::WriteTests),
        all,
        asked,
    };
    reply::page(StatusCode::OK, &page)
}

fn fits(test: &TestView, wanted: &str) -> bool {
    let texts = [&test.title, &test.key, &test.folder].into_iter().chain(&test.labels);
    texts.into_iter().any(|text| text.to_lowercase().contains(wanted))
}

fn between((fewest, most): (u64, u64)) -> String {
    if fewest == most { most.to_string() } else { format!("{fewest}–{most}") }
}
