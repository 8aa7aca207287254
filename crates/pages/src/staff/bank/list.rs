//! The questions of the bank: searched, narrowed by their marks, taken away together, and found for the editor of tests.

use super::{ADDRESS, Area, Frame, Given, Staff, is_approver, kind_in_words, standing, title};
use crate::desk::Desk;
use crate::moment::Moment;
use crate::reply;
use crate::trouble::Trouble;
use app::Failure;
use app::bank::{Marks, QuestionFilter, QuestionKind, QuestionState, QuestionView};
use askama::Template;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::containing::Containing;
use domain::document::Format;
use domain::id::QuestionId;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

const SIZE: u64 = 25;
/// What the editor of tests is given at once.
const FOUND: u32 = 20;
/// How the form asks for the default folder, whose name is empty; no folder has so short a name.
const NO_FOLDER: &str = ".";

#[derive(Template)]
#[template(path = "staff/bank/list.html")]
struct Page {
    frame: Frame,
    asked: Given,
    marks: Marks,
    rows: Vec<Row>,
    total: u64,
    /// How many wait, for those who approve.
    waiting: u64,
    is_narrowed: bool,
    may_write: bool,
    export: String,
    previous: Option<String>,
    next: Option<String>,
}

struct Row {
    id: String,
    title: String,
    key: String,
    version: i64,
    kind: &'static str,
    folder: String,
    labels: Vec<String>,
    tags: Vec<String>,
    state: &'static str,
    class: &'static str,
    changed: Moment,
}

/// `GET /staff/bank`.
pub async fn show(
    State(desk): State<Desk>,
    staff: Staff,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let asked = Given(pairs);
    let number = asked.text("page").parse::<u64>().unwrap_or(1).clamp(1, 1_000_000);
    let caller = staff.caller();
    let (total, _) = desk.app.list_questions(caller, filter(&asked), 0, 0).await?;
    // The list is kept in the order of making; the page begins with the newest.
    let end = total.saturating_sub((number - 1) * SIZE);
    let skip = end.saturating_sub(SIZE);
    let limit = u32::try_from(end - skip).unwrap_or_default();
    let (_, views) = desk.app.list_questions(caller, filter(&asked), limit, skip).await?;
    let submitted = QuestionFilter { state: Some(QuestionState::Submitted), ..QuestionFilter::default() };
    let (waiting, _) = desk.app.list_questions(caller, submitted, 0, 0).await?;
    let said = match asked.text("said") {
        "archived" => Some("Archived. Tests that name the question go on; pools draw it no more.".to_owned()),
        "imported" => Some(format!("Kept: {} questions.", asked.text("count").parse::<u32>().unwrap_or_default())),
        _ => None,
    };
    let page = Page {
        frame: Frame::new(&staff, Area::Bank, "Question bank").said(said),
        marks: desk.app.bank_marks(caller).await?,
        rows: views.into_iter().rev().map(Row::of).collect(),
        total,
        waiting: if is_approver(&staff) { waiting } else { 0 },
        is_narrowed: FIELDS.iter().any(|field| !asked.text(field).is_empty()),
        may_write: caller.bank(app::bank::Right::Submit).is_ok(),
        export: address(&asked, "/get/questions.yaml", None),
        previous: (number > 1).then(|| address(&asked, "", Some(number - 1))),
        next: (skip > 0).then(|| address(&asked, "", Some(number + 1))),
        asked,
    };
    reply::page(StatusCode::OK, &page)
}

/// `GET /staff/bank/get/{file}`: `questions.yaml` or `questions.json`, narrowed as the list is.
pub async fn export(
    State(desk): State<Desk>,
    staff: Staff,
    Path(file): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let (format, kind) = match file.as_str() {
        "questions.json" => (Format::Json, "application/json"),
        "questions.yaml" => (Format::Yaml, "application/yaml"),
        _ => return Err(Failure::NotFound.into()),
    };
    let text = desk.app.export_questions(staff.caller(), filter(&Given(pairs)), format).await?;
    let disposition = format!("attachment; filename=\"{file}\"");
    Ok(([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], text).into_response())
}

/// `GET /staff/bank/get/found`: what a test may take, for the editor: approved questions that fit, or the one of an id.
pub async fn found(
    State(desk): State<Desk>,
    staff: Staff,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let asked = Given(pairs);
    if let Some(id) = asked.some("id") {
        let question = desk.app.question(staff.caller(), &QuestionId::from(id)).await?;
        return Ok(Json(json!({ "total": 1, "questions": [told(&question)] })).into_response());
    }
    let filter = QuestionFilter { state: Some(QuestionState::Approved), ..filter(&asked) };
    let (total, questions) = desk.app.list_questions(staff.caller(), filter, FOUND, 0).await?;
    let marks = desk.app.bank_marks(staff.caller()).await?;
    let questions: Vec<_> = questions.iter().map(told).collect();
    Ok(Json(json!({
        "total": total, "questions": questions, "folders": marks.folders, "labels": marks.labels, "tags": marks.tags,
    }))
    .into_response())
}

fn told(question: &QuestionView) -> serde_json::Value {
    json!({
        "id": question.id.as_str(), "key": question.key, "kind": kind_in_words(&question.kind),
        "text": title(question), "folder": question.folder, "labels": question.labels,
        "state": question.state.as_str(), "word": standing(question.state).0,
    })
}

/// The fields that narrow the list.
const FIELDS: [&str; 6] = ["q", "kind", "folder", "label", "tag", "state"];

fn filter(asked: &Given) -> QuestionFilter {
    let tags = asked.all("tag").filter_map(|tag| tag.split_once(':'));
    QuestionFilter {
        folder: asked.some("folder").map(|folder| if folder == NO_FOLDER { String::new() } else { folder }),
        labels: asked.all("label").filter(|label| !label.is_empty()).map(str::to_owned).collect(),
        tags: tags.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect(),
        kind: QuestionKind::parse(asked.text("kind")),
        state: QuestionState::parse(asked.text("state")),
        text: asked.some("q").map(|text| Containing::new(&text)),
    }
}

fn address(asked: &Given, below: &str, page: Option<u64>) -> String {
    let escaped = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let narrowed = asked.0.iter().filter(|(name, value)| FIELDS.contains(&name.as_str()) && !value.is_empty());
    let pairs = narrowed.map(|(name, value)| format!("{name}={}", escaped(value)));
    let pairs: Vec<String> = pairs.chain(page.map(|page| format!("page={page}"))).collect();
    format!("{ADDRESS}{below}?{}", pairs.join("&"))
}

impl Page {
    /// Every tag as the form asks for it.
    fn tags(&self) -> Vec<String> {
        let pairs = |(name, values): (&String, &std::collections::BTreeSet<String>)| {
            values.iter().map(|value| format!("{name}: {value}")).collect::<Vec<_>>()
        };
        self.marks.tags.iter().flat_map(pairs).collect()
    }

    fn is(&self, field: &str, value: &str) -> bool {
        self.asked.text(field) == value
    }
}

impl Row {
    fn of(question: QuestionView) -> Self {
        let (state, class) = standing(question.state);
        Self {
            id: question.id.to_string(),
            title: title(&question),
            kind: kind_in_words(&question.kind),
            tags: question.tags.iter().map(|(name, value)| format!("{name}: {value}")).collect(),
            changed: question.updated_at.into(),
            key: question.key,
            version: question.version,
            folder: question.folder,
            labels: question.labels,
            state,
            class,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_form_asks_is_what_the_list_is_narrowed_by_and_stays_in_addresses() {
        let pairs =
            [("q", "sum"), ("folder", "."), ("label", "easy"), ("tag", "Level: 1"), ("state", ""), ("page", "2")];
        let asked = Given(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec());
        let filter = filter(&asked);
        assert_eq!((filter.folder.as_deref(), filter.labels.as_slice()), (Some(""), ["easy".to_owned()].as_slice()));
        assert_eq!(filter.tags, [("Level".to_owned(), "1".to_owned())].into());
        assert!(filter.state.is_none() && filter.kind.is_none() && filter.text.is_some());
        let next = address(&asked, "", Some(3));
        assert_eq!(next, "/staff/bank?q=sum&folder=%2E&label=easy&tag=Level%3A%201&page=3");
    }
}
