//! The rows of the table as files: `GET /staff/tasks/{task}/results/get/export` has the bytes of the
//! API's export, `GET …/get/people` is for people.

use super::query::ResultListQuery;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::SignedInStaff;
use crate::state::PagesState;
use app::Failure;
use app::export::people::{
    CsvStyle, MOST_ROWS, MOST_WITH_QUESTIONS, PeopleExportQuery, PeopleFormat,
};
use app::export::{ExportFormat, ExportQuery, ExportScope, ExportStream};
use app::results::ListingDetail;
use app::results::result_table::ResultFilter;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::id::TaskId;
use domain::person_search::fold_name;
use serde::Deserialize;

/// The kind of file that is exported.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ExportFormatQuery {
    format: String,
}

/// What a file for people is to hold.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct PeopleFileQuery {
    file: String,
    points: String,
    answers: String,
}

/// A format, its address and what it is called.
pub struct ExportLink {
    pub name: &'static str,
    pub address: String,
}

/// The files for other systems one may take of the rows that the table shows.
pub fn export_links(base: &str, query: &ResultListQuery) -> Vec<ExportLink> {
    let target = format!("{base}/get/export");
    let offer = |format: &ExportFormat| ExportLink {
        name: match format {
            ExportFormat::Xlsx => "Excel, one sheet a list",
            ExportFormat::Csv => "CSV",
            ExportFormat::Ndjson => "JSON lines",
        },
        address: query.address(&target, "", &format!("format={format}")),
    };
    [ExportFormat::Ndjson, ExportFormat::Csv, ExportFormat::Xlsx].iter().map(offer).collect()
}

/// The file. It is sent while it is read; one that breaks off is broken off, not passed off as
/// whole.
pub async fn file(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<String>,
    Query(list_query): Query<ResultListQuery>,
    Query(wish): Query<ExportFormatQuery>,
) -> Result<Response, PageError> {
    let task = TaskId::from(task);
    let format = ExportFormat::parse(&wish.format).ok_or(Failure::NotFound)?;
    let (query, faults) = list_query.query();
    if !faults.is_empty() {
        return Ok(back_to_table(&task, &list_query, ""));
    }
    let is_whole = query.filter == ResultFilter::default();
    let which =
        if is_whole { ExportScope::All } else { ExportScope::Browsed(Box::new(query.filter)) };
    let query = ExportQuery { mode: ListingDetail::Detailed, which };
    let streamed =
        state.app.results().stream_export(staff.caller(), &task, format, query, |_| false).await?;
    download(format!("results-{task}.{format}"), format.media_type(), streamed)
}

/// The file with names, dates and words.
pub async fn people(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<String>,
    Query(list_query): Query<ResultListQuery>,
    Query(wish): Query<PeopleFileQuery>,
) -> Result<Response, PageError> {
    let task = TaskId::from(task);
    let format = match wish.file.as_str() {
        "xlsx" => PeopleFormat::Xlsx,
        "csv-semicolon" => PeopleFormat::Csv(CsvStyle::Semicolon),
        "csv-comma" => PeopleFormat::Csv(CsvStyle::Comma),
        _ => return Err(Failure::NotFound.into()),
    };
    let (table, faults) = list_query.query();
    if !faults.is_empty() {
        return Ok(back_to_table(&task, &list_query, ""));
    }
    let query = PeopleExportQuery {
        filter: table.filter,
        format,
        zone: list_query.zone(),
        has_points: !wish.points.is_empty(),
        has_answers: !wish.answers.is_empty(),
    };
    if let Some(refused) = refusal(&state, &staff, &task, &query).await? {
        return Ok(back_to_table(&task, &list_query, refused));
    }
    let title = state.app.tasks().task(staff.caller(), &task).await?.title;
    let streamed = state.app.results().stream_people_export(staff.caller(), &task, query).await?;
    let name = format!("{}.{}", file_name(&title, &task), format.extension());
    download(name, format.media_type(), streamed)
}

/// Why there is no such file: it would hold more than it can.
async fn refusal(
    state: &PagesState,
    staff: &SignedInStaff,
    task: &TaskId,
    query: &PeopleExportQuery,
) -> Result<Option<&'static str>, PageError> {
    let has_questions = query.has_points || query.has_answers;
    let (most, word) = match query.format {
        _ if has_questions => (MOST_WITH_QUESTIONS, "questions"),
        PeopleFormat::Xlsx => (MOST_ROWS, "rows"),
        PeopleFormat::Csv(_) => return Ok(None),
    };
    let results = state.app.results();
    let counted = results.count_results(staff.caller(), task, query.filter.clone(), most).await?;
    Ok(counted.is_more.then_some(word))
}

/// The table says what is wrong.
fn back_to_table(task: &TaskId, list_query: &ResultListQuery, refused: &str) -> Response {
    let place = if refused.is_empty() { String::new() } else { format!("refused={refused}") };
    let base = format!("/staff/tasks/{task}/results");
    reply::redirect(&list_query.address(&base, &list_query.sort, &place))
}

fn download(
    name: String,
    media_type: &'static str,
    streamed: ExportStream,
) -> Result<Response, PageError> {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::try_from(disposition).map_err(Failure::internal)?,
        ),
    ];
    Ok((headers, Body::from_stream(streamed)).into_response())
}

/// The task's title in letters that every file system has.
fn file_name(title: &str, task: &TaskId) -> String {
    let folded = fold_name(title);
    let words = folded.split(|letter: char| !letter.is_ascii_alphanumeric());
    let slug = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    let slug: String = slug.chars().take(80).collect();
    if slug.is_empty() { format!("results-{task}") } else { format!("results-{slug}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_its_task_and_holds_nothing_a_header_may_not() {
        let task = TaskId::from("Tk1");
        assert_eq!(file_name("İşe alım “Güz” \"2026\"\r\n/..", &task), "results-ise-alim-guz-2026");
        assert_eq!(file_name("王", &task), "results-Tk1");
        assert_eq!(file_name(&"x".repeat(500), &task).len(), 88);
    }
}
