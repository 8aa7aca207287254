//! The document as text: importing it, writing it without a script, and taking it away as a file.

use super::faults::{Shown, beside};
use super::{ADDRESS, Area, Frame, Staff, Tabs, Told, address, framed};
use crate::desk::Desk;
use crate::reply;
use crate::trouble::Trouble;
use app::Failure;
use app::tests::{ImportOptions, TEST_CHANGED};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::document::Format;
use domain::id::TestId;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "staff/tests/source.html")]
struct Page {
    frame: Frame,
    /// None while a new test is imported.
    tabs: Option<Tabs>,
    told: Told,
    faults: Vec<Shown>,
    given: Given,
    /// Another version is on top by now.
    has_changed: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Given {
    /// Empty makes a new test.
    test: String,
    /// Hex of the digest the writer began with.
    based: String,
    text: String,
    folder: String,
    labels: String,
}

#[derive(Deserialize)]
pub struct Asked {
    version: Option<i64>,
}

/// `GET /staff/tests/import`.
pub async fn begin(staff: Staff) -> Result<Response, Trouble> {
    page(&staff, None, Told::default(), Vec::new(), Given::default(), false)
}

/// `GET /staff/tests/{test}/source`.
pub async fn show(State(desk): State<Desk>, staff: Staff, Path(test): Path<String>) -> Result<Response, Trouble> {
    let test = TestId::from(test);
    let title = desk.app.test(staff.caller(), &test).await?.title;
    let text = desk.app.test_text(staff.caller(), &test, None, Format::Yaml).await?;
    let given = Given { test: test.to_string(), based: hex::encode(text.digest), text: text.text, ..Given::default() };
    page(&staff, Some(&title), Told::default(), Vec::new(), given, false)
}

/// `POST /staff/tests/do/import`.
pub async fn import(State(desk): State<Desk>, staff: Staff, Form(given): Form<Given>) -> Result<Response, Trouble> {
    let options = options(&given);
    let title = match &options.test {
        Some(test) => Some(desk.app.test(staff.caller(), test).await?.title),
        None => None,
    };
    match desk.app.import_test(staff.caller(), given.text.as_bytes(), Format::Guess, options).await {
        Ok(kept) => {
            let said = if kept.is_new_version { "kept" } else { "same" };
            Ok(reply::go(&address(&kept.test.id, &format!("?said={said}"))))
        }
        Err(Failure::Document(faults)) => {
            let faults = beside(&faults, &given.text);
            page(&staff, title.as_deref(), Told::default(), faults, given, false)
        }
        Err(Failure::Unfit { code: TEST_CHANGED, .. }) => {
            page(&staff, title.as_deref(), Told::default(), Vec::new(), given, true)
        }
        Err(failure) => page(&staff, title.as_deref(), Told::of(failure)?, Vec::new(), given, false),
    }
}

/// `GET /staff/tests/{test}/get/{file}`: `document.json` or `document.yaml`, of the latest version unless one is named.
pub async fn export(
    State(desk): State<Desk>,
    staff: Staff,
    Path((test, file)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let (format, ending, kind) = match file.as_str() {
        "document.json" => (Format::Json, "json", "application/json"),
        "document.yaml" => (Format::Yaml, "yaml", "application/yaml"),
        _ => return Err(Failure::NotFound.into()),
    };
    let test = TestId::from(test);
    let key = desk.app.test(staff.caller(), &test).await?.key;
    let text = desk.app.test_text(staff.caller(), &test, asked.version, format).await?;
    let disposition = format!("attachment; filename=\"{key}-{}.{ending}\"", text.number);
    let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, text.text).into_response())
}

fn options(given: &Given) -> ImportOptions {
    let is_new = given.test.is_empty();
    let labels = given.labels.split(',').map(str::trim).filter(|label| !label.is_empty()).map(str::to_owned);
    ImportOptions {
        test: (!is_new).then(|| TestId::from(given.test.clone())),
        folder: is_new.then(|| given.folder.trim().to_owned()),
        labels: is_new.then(|| labels.collect()),
        based_on: based(&given.based),
    }
}

/// The digest a writer began with; none writes over whatever is there.
pub fn based(text: &str) -> Option<[u8; 32]> {
    hex::decode(text).ok()?.try_into().ok()
}

fn page(
    staff: &Staff,
    title: Option<&str>,
    told: Told,
    faults: Vec<Shown>,
    given: Given,
    has_changed: bool,
) -> Result<Response, Trouble> {
    let status = match (has_changed, told.is_empty() && faults.is_empty()) {
        (true, _) => StatusCode::CONFLICT,
        (_, true) => StatusCode::OK,
        (_, false) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let frame = match title {
        None => Frame::new(staff, Area::Tests, "Import a test").under("Tests", ADDRESS),
        Some(title) => framed(staff, title),
    };
    let tabs = title.is_some().then(|| Tabs::of(staff, &TestId::from(given.test.clone()), "source"));
    let frame = frame.with_script("staff/editor/source.js");
    reply::page(status, &Page { frame, tabs, told, faults, given, has_changed })
}
