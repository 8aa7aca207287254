//! The questions of the bank: searched, narrowed by their marks, taken away together, and found for
//! the editor of tests.

use super::{ADDRESS, is_approver, kind_in_words, state_badge, title};
use crate::html_time::HtmlTime;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{FormValues, SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use app::Failure;
use app::bank::{BankFacets, BankQuestionView, QuestionFilter, QuestionKind, QuestionState};
use askama::Template;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::document::DocumentFormat;
use domain::id::QuestionId;
use domain::substring_search::SubstringSearch;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

const SIZE: u64 = 25;
/// What the editor of tests is given at once.
const FOUND: u32 = 20;
/// How the form asks for the default folder, whose name is empty; no folder has so short a name.
const NO_FOLDER: &str = ".";

#[derive(Template)]
#[template(path = "staff/bank/list.html")]
struct QuestionListPage {
    frame: StaffLayout,
    query: FormValues,
    marks: BankFacets,
    rows: Vec<QuestionListRow>,
    total: u64,
    /// How many wait, for those who approve.
    waiting: u64,
    is_narrowed: bool,
    may_write: bool,
    export: String,
    previous: Option<String>,
    next: Option<String>,
}

struct QuestionListRow {
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
    changed: HtmlTime,
}

/// `GET /staff/bank`.
pub async fn show(
    State(pages_state): State<PagesState>,
    staff: SignedInStaff,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let query = FormValues(pairs);
    let number = query.text("page").parse::<u64>().unwrap_or(1).clamp(1, 1_000_000);
    let caller = staff.caller();
    let (total, _) = pages_state.app.bank().list_questions(caller, filter(&query), 0, 0).await?;
    // The list is kept in the order of making; the page begins with the newest.
    let end = total.saturating_sub((number - 1) * SIZE);
    let skip = end.saturating_sub(SIZE);
    let limit = u32::try_from(end - skip).unwrap_or_default();
    let (_, views) =
        pages_state.app.bank().list_questions(caller, filter(&query), limit, skip).await?;
    let submitted =
        QuestionFilter { state: Some(QuestionState::Submitted), ..QuestionFilter::default() };
    let (waiting, _) = pages_state.app.bank().list_questions(caller, submitted, 0, 0).await?;
    let said = match query.text("said") {
        "archived" => {
            Some("Archived. Tests that use the question go on; pools no longer draw it.".to_owned())
        }
        "imported" => Some(format!(
            "Saved: {} questions.",
            query.text("count").parse::<u32>().unwrap_or_default()
        )),
        _ => None,
    };
    let page = QuestionListPage {
        frame: StaffLayout::new(&staff, StaffArea::Bank, "Question bank").with_notice(said),
        marks: pages_state.app.bank().bank_facets(caller).await?,
        rows: views.into_iter().rev().map(QuestionListRow::of).collect(),
        total,
        waiting: if is_approver(&staff) { waiting } else { 0 },
        is_narrowed: FIELDS.iter().any(|field| !query.text(field).is_empty()),
        may_write: caller.bank_reach(app::bank::BankRight::Submit).is_ok(),
        export: address(&query, "/get/questions.yaml", None),
        previous: (number > 1).then(|| address(&query, "", Some(number - 1))),
        next: (skip > 0).then(|| address(&query, "", Some(number + 1))),
        query,
    };
    reply::page(StatusCode::OK, &page)
}

/// `GET /staff/bank/get/{file}`: `questions.yaml` or `questions.json`, narrowed as the list is.
pub async fn export(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(file): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let (format, kind) = match file.as_str() {
        "questions.json" => (DocumentFormat::Json, "application/json"),
        "questions.yaml" => (DocumentFormat::Yaml, "application/yaml"),
        _ => return Err(Failure::NotFound.into()),
    };
    let text = state
        .app
        .bank()
        .export_questions(staff.caller(), filter(&FormValues(pairs)), format)
        .await?;
    let disposition = format!("attachment; filename=\"{file}\"");
    Ok((
        [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)],
        text,
    )
        .into_response())
}

/// `GET /staff/bank/get/found`: what a test may take, for the editor: approved questions that fit,
/// or the one of an id.
pub async fn search_for_editor(
    State(pages_state): State<PagesState>,
    staff: SignedInStaff,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let query = FormValues(pairs);
    if let Some(id) = query.non_empty("id") {
        let question =
            pages_state.app.bank().question(staff.caller(), &QuestionId::from(id)).await?;
        return Ok(
            Json(json!({ "total": 1, "questions": [question_json(&question)] })).into_response()
        );
    }
    let filter = QuestionFilter { state: Some(QuestionState::Approved), ..filter(&query) };
    let (total, questions) =
        pages_state.app.bank().list_questions(staff.caller(), filter, FOUND, 0).await?;
    let marks = pages_state.app.bank().bank_facets(staff.caller()).await?;
    let questions: Vec<_> = questions.iter().map(question_json).collect();
    Ok(Json(json!({
        "total": total, "questions": questions, "folders": marks.folders, "labels": marks.labels, "tags": marks.tags,
    }))
    .into_response())
}

fn question_json(question: &BankQuestionView) -> serde_json::Value {
    json!({
        "id": question.id.as_str(), "key": question.key, "kind": kind_in_words(&question.kind),
        "text": title(question), "folder": question.folder, "labels": question.labels,
        "state": question.state.as_str(), "word": state_badge(question.state).0,
    })
}

/// The fields that narrow the list.
const FIELDS: [&str; 6] = ["q", "kind", "folder", "label", "tag", "state"];

fn filter(query: &FormValues) -> QuestionFilter {
    let tags = query.all("tag").filter_map(|tag| tag.split_once(':'));
    QuestionFilter {
        folder: query
            .non_empty("folder")
            .map(|folder| if folder == NO_FOLDER { String::new() } else { folder }),
        labels: query.all("label").filter(|label| !label.is_empty()).map(str::to_owned).collect(),
        tags: tags.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect(),
        kind: QuestionKind::parse(query.text("kind")),
        state: QuestionState::parse(query.text("state")),
        text: query.non_empty("q").map(|text| SubstringSearch::new(&text)),
    }
}

fn address(query: &FormValues, below: &str, page: Option<u64>) -> String {
    let escaped = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let narrowed =
        query.0.iter().filter(|(name, value)| FIELDS.contains(&name.as_str()) && !value.is_empty());
    let pairs = narrowed.map(|(name, value)| format!("{name}={}", escaped(value)));
    let pairs: Vec<String> = pairs.chain(page.map(|page| format!("page={page}"))).collect();
    format!("{ADDRESS}{below}?{}", pairs.join("&"))
}

impl QuestionListPage {
    /// Every tag as the form asks for it.
    fn tags(&self) -> Vec<String> {
        let pairs = |(name, values): (&String, &std::collections::BTreeSet<String>)| {
            values.iter().map(|value| format!("{name}: {value}")).collect::<Vec<_>>()
        };
        self.marks.tags.iter().flat_map(pairs).collect()
    }

    fn is(&self, field: &str, value: &str) -> bool {
        self.query.text(field) == value
    }
}

impl QuestionListRow {
    fn of(question: BankQuestionView) -> Self {
        let (state, class) = state_badge(question.state);
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
        let pairs = [
            ("q", "sum"),
            ("folder", "."),
            ("label", "easy"),
            ("tag", "Level: 1"),
            ("state", ""),
            ("page", "2"),
        ];
        let query =
            FormValues(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec());
        let filter = filter(&query);
        assert_eq!(
            (filter.folder.as_deref(), filter.labels.as_slice()),
            (Some(""), ["easy".to_owned()].as_slice())
        );
        assert_eq!(filter.tags, [("Level".to_owned(), "1".to_owned())].into());
        assert!(filter.state.is_none() && filter.kind.is_none() && filter.text.is_some());
        let next = address(&query, "", Some(3));
        assert_eq!(next, "/staff/bank?q=sum&folder=%2E&label=easy&tag=Level%3A%201&page=3");
    }
}
