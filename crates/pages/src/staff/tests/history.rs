//! The versions of a test, and putting one on top again.

use super::source::based;
use super::{Frame, Staff, Tabs, address, framed};
use crate::desk::Desk;
use crate::moment::Moment;
use crate::reply;
use crate::trouble::Trouble;
use app::Failure;
use app::tests::{TEST_CHANGED, VersionView};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::TestId;
use domain::instance::ActorKind;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "staff/tests/history.html")]
struct Page {
    frame: Frame,
    tabs: Tabs,
    address: String,
    latest: i64,
    based: String,
    versions: Vec<Row>,
    trouble: &'static str,
}

/// A version in a list of them.
pub struct Row {
    pub number: i64,
    pub digest: String,
    pub at: Moment,
    pub by: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    said: String,
}

#[derive(Deserialize)]
pub struct Wanted {
    number: i64,
    based: String,
}

/// What became of restoring a version: what went well, or what was in the way.
pub fn outcome(said: &str) -> (Option<&'static str>, &'static str) {
    match said {
        "restored" => (Some("That version is the latest one again."), ""),
        "changed" => (None, "Somebody kept a new version in the meantime, so nothing was restored. Look at it first."),
        "unfit" => (None, "That version no longer passes the check, so it cannot be restored."),
        _ => (None, ""),
    }
}

/// `GET /staff/tests/{test}/history`.
pub async fn show(
    State(desk): State<Desk>,
    staff: Staff,
    Path(test): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let (said, trouble) = outcome(&asked.said);
    let id = TestId::from(test);
    let test = desk.app.test(staff.caller(), &id).await?;
    let versions = desk.app.test_history(staff.caller(), &id).await?;
    let page = Page {
        frame: framed(&staff, &test.title).said(said),
        tabs: Tabs::of(&staff, &id, "history"),
        address: address(&id, ""),
        latest: test.version,
        based: hex::encode(test.digest),
        versions: versions.into_iter().map(Row::of).collect(),
        trouble,
    };
    reply::page(StatusCode::OK, &page)
}

/// `POST /staff/tests/{test}/do/restore`.
pub async fn restore(
    State(desk): State<Desk>,
    staff: Staff,
    Path(test): Path<String>,
    Form(given): Form<Wanted>,
) -> Result<Response, Trouble> {
    let id = TestId::from(test);
    let said = match desk.app.restore_test(staff.caller(), &id, given.number, based(&given.based)).await {
        Ok(_) => "restored",
        Err(Failure::Unfit { code: TEST_CHANGED, .. }) => "changed",
        Err(Failure::Document(_)) => "unfit",
        Err(other) => return Err(other.into()),
    };
    Ok(reply::go(&address(&id, &format!("/history?said={said}"))))
}

impl Row {
    pub fn of(version: VersionView) -> Self {
        let by = version.made_by_name.unwrap_or_else(|| {
            match version.made_by {
                ActorKind::User => "a user who is gone",
                ActorKind::Key => "an API key",
                _ => "the server",
            }
            .to_owned()
        });
        Self { number: version.number, digest: hex::encode(version.digest), at: version.created_at.into(), by }
    }
}
