//! The versions of a test, and putting one on top again.

use super::source::parse_base_digest;
use super::{TestTabs, address, page_layout};
use crate::html_time::HtmlTime;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{SignedInStaff, StaffLayout};
use crate::state::PagesState;
use app::Failure;
use app::test_library::{DocumentVersionView, TEST_CHANGED};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::TestId;
use domain::instance::ActorKind;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "staff/tests/history.html")]
struct TestHistoryPage {
    frame: StaffLayout,
    tabs: TestTabs,
    address: String,
    latest: i64,
    based: String,
    versions: Vec<VersionHistoryRow>,
    trouble: &'static str,
}

/// A version in a list of them.
pub struct VersionHistoryRow {
    pub number: i64,
    pub digest: String,
    pub at: HtmlTime,
    pub by: String,
}

/// Which notice the page shows after a form: a word of ours, or nothing.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct TestHistoryQuery {
    said: String,
}

/// The version to bring back, and the digest of the one that the reader saw.
#[derive(Deserialize)]
pub struct RestoreTestForm {
    number: i64,
    based: String,
}

/// What became of restoring a version: what went well, or what was in the way.
pub fn restore_result(said: &str) -> (Option<&'static str>, &'static str) {
    match said {
        "restored" => (Some("Restored as the latest version."), ""),
        "changed" => (
            None,
            "Somebody saved a new version in the meantime, so nothing was restored. Please look at it first.",
        ),
        "unfit" => (None, "That version no longer passes the checks, so it cannot be restored."),
        _ => (None, ""),
    }
}

/// `GET /staff/tests/{test}/history`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(test): Path<String>,
    Query(query): Query<TestHistoryQuery>,
) -> Result<Response, PageError> {
    let (said, trouble) = restore_result(&query.said);
    let id = TestId::from(test);
    let test = state.app.test_library().test(staff.caller(), &id).await?;
    let versions = state.app.test_library().test_history(staff.caller(), &id).await?;
    let page = TestHistoryPage {
        frame: page_layout(&staff, &test.title).with_notice(said),
        tabs: TestTabs::of(&staff, &id, "history"),
        address: address(&id, ""),
        latest: test.version,
        based: hex::encode(test.digest),
        versions: versions.into_iter().map(VersionHistoryRow::of).collect(),
        trouble,
    };
    reply::page(StatusCode::OK, &page)
}

/// `POST /staff/tests/{test}/do/restore`.
pub async fn restore(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(test): Path<String>,
    Form(form): Form<RestoreTestForm>,
) -> Result<Response, PageError> {
    let id = TestId::from(test);
    let said = match state
        .app
        .test_library()
        .restore_test(staff.caller(), &id, form.number, parse_base_digest(&form.based))
        .await
    {
        Ok(_) => "restored",
        Err(Failure::Unfit { code: TEST_CHANGED, .. }) => "changed",
        Err(Failure::Document(_)) => "unfit",
        Err(other) => return Err(other.into()),
    };
    Ok(reply::redirect(&address(&id, &format!("/history?said={said}"))))
}

impl VersionHistoryRow {
    /// A row of the history, with who made the version as far as that is known.
    pub fn of(version: DocumentVersionView) -> Self {
        let by = version.made_by_name.unwrap_or_else(|| {
            match version.made_by {
                ActorKind::User => "a deleted user",
                ActorKind::Key => "an API key",
                _ => "the server",
            }
            .to_owned()
        });
        Self {
            number: version.number,
            digest: hex::encode(version.digest),
            at: version.created_at.into(),
            by,
        }
    }
}
