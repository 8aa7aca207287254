//! One test: what it holds, what is to be said about it, where it is used.

use super::faults::{Shown, plain};
use super::{ADDRESS, Frame, Staff, Tabs, Told, address, framed};
use crate::desk::Desk;
use crate::moment::Moment;
use crate::reply;
use crate::trouble::Trouble;
use app::Failure;
use app::tests::{TestView, Trial, Use};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::document::model::Evaluation;
use domain::id::TestId;
use domain::scoring::outcome::DimensionFigure;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "staff/tests/show.html")]
struct Page {
    frame: Frame,
    tabs: Tabs,
    told: Told,
    test: TestView,
    changed: Moment,
    folder: String,
    labels: String,
    errors: Vec<Shown>,
    warnings: Vec<Shown>,
    /// None while the test cannot be compiled.
    sum: Option<Summary>,
    uses: Vec<Use>,
}

/// The figures of one draw.
struct Summary {
    slots: usize,
    pages: usize,
    maximum: String,
    sections: Vec<Part>,
    dimensions: Vec<Part>,
    waits: Vec<Waiting>,
}

struct Part {
    name: String,
    is_sub: bool,
    questions: u32,
    maximum: String,
}

struct Waiting {
    slot: usize,
    key: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    said: String,
}

#[derive(Deserialize)]
pub struct Shelved {
    folder: String,
    labels: String,
}

#[derive(Deserialize)]
pub struct Archived {
    archived: bool,
}

/// `GET /staff/tests/{test}`.
pub async fn show(
    State(desk): State<Desk>,
    staff: Staff,
    Path(test): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let said = match asked.said.as_str() {
        "kept" => Some("Kept as the latest version."),
        "same" => Some("Nothing changed: the latest version is this very document."),
        "shelved" => Some("Folder and labels are saved."),
        "back" => Some("The test is back in the library."),
        _ => None,
    };
    page(&desk, &staff, &TestId::from(test), Told::default(), said, None).await
}

/// `POST /staff/tests/{test}/do/shelve`.
pub async fn shelve(
    State(desk): State<Desk>,
    staff: Staff,
    Path(test): Path<String>,
    Form(given): Form<Shelved>,
) -> Result<Response, Trouble> {
    let test = TestId::from(test);
    let labels = given.labels.split(',').map(str::trim).filter(|label| !label.is_empty()).map(str::to_owned).collect();
    match desk.app.shelve_test(staff.caller(), &test, given.folder.trim().to_owned(), labels).await {
        Ok(_) => Ok(reply::go(&address(&test, "?said=shelved"))),
        Err(failure) => page(&desk, &staff, &test, Told::of(failure)?, None, Some(given)).await,
    }
}

/// `POST /staff/tests/{test}/do/archive`.
pub async fn archive(
    State(desk): State<Desk>,
    staff: Staff,
    Path(test): Path<String>,
    Form(given): Form<Archived>,
) -> Result<Response, Trouble> {
    let test = TestId::from(test);
    desk.app.archive_test(staff.caller(), &test, given.archived).await?;
    Ok(reply::go(&if given.archived { format!("{ADDRESS}?said=archived") } else { address(&test, "?said=back") }))
}

async fn page(
    desk: &Desk,
    staff: &Staff,
    id: &TestId,
    told: Told,
    said: Option<&str>,
    given: Option<Shelved>,
) -> Result<Response, Trouble> {
    let test = desk.app.test(staff.caller(), id).await?;
    let (errors, warnings) = match desk.app.check_kept_test(staff.caller(), id, None).await {
        Ok(checked) => (Vec::new(), checked.warnings.iter().map(plain).collect()),
        Err(Failure::Document(faults)) => (faults.iter().map(plain).collect(), Vec::new()),
        Err(other) => return Err(other.into()),
    };
    let sum = match desk.app.try_test(staff.caller(), id, "1", BTreeMap::new()).await {
        Ok(trial) => Some(Summary::of(&trial)),
        Err(Failure::Refused(_)) => None,
        Err(other) => return Err(other.into()),
    };
    let given = given.unwrap_or_else(|| Shelved { folder: test.folder.clone(), labels: test.labels.join(", ") });
    let status = if told.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = Page {
        frame: framed(staff, &test.title).said(said),
        tabs: Tabs::of(staff, id, "overview"),
        told,
        changed: test.updated_at.into(),
        folder: given.folder,
        labels: given.labels,
        errors,
        warnings,
        sum,
        uses: desk.app.test_shelf(staff.caller()).await?.uses.remove(id).unwrap_or_default(),
        test,
    };
    reply::page(status, &page)
}

impl Summary {
    fn of(trial: &Trial) -> Self {
        let (compiled, outcome) = (&trial.compiled, &trial.outcome);
        let sections = outcome.sections.iter().enumerate().map(|(index, figure)| Part {
            name: compiled.section(index).title.to_string(),
            is_sub: false,
            questions: figure.scoreboard.questions,
            maximum: figure.scoreboard.maximum.to_string(),
        });
        let slots = compiled.slots.iter().enumerate();
        let waits = slots.filter(|(_, slot)| slot.effective && slot.question.evaluation == Evaluation::Manual);
        Self {
            slots: compiled.slots.len(),
            pages: compiled.pages.len(),
            maximum: outcome.scoreboard.maximum.to_string(),
            sections: sections.collect(),
            dimensions: outcome.dimensions.iter().flat_map(parts).collect(),
            waits: waits.map(|(index, slot)| Waiting { slot: index + 1, key: slot.question.key.to_string() }).collect(),
        }
    }
}

fn parts(figure: &DimensionFigure) -> Vec<Part> {
    let part = |name: &str, board: &domain::scoring::scoreboard::Scoreboard, is_sub| Part {
        name: name.to_owned(),
        is_sub,
        questions: board.questions,
        maximum: board.maximum.to_string(),
    };
    let subs = figure.subs.iter().map(|sub| part(&sub.name, &sub.scoreboard, true));
    std::iter::once(part(&figure.name, &figure.scoreboard, false)).chain(subs).collect()
}
