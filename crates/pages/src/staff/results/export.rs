//! `GET /staff/tasks/{task}/results/get/export`: the rows of the table as a file, the bytes of the
//! API's export.

use super::query::ResultListQuery;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::SignedInStaff;
use crate::state::PagesState;
use app::Failure;
use app::export::{ExportFormat, ExportQuery, ExportScope};
use app::results::ListingDetail;
use app::results::result_table::ResultFilter;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::id::TaskId;
use serde::Deserialize;

/// The kind of file that is exported.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ExportFormatQuery {
    format: String,
}

/// A format, its address and what it is called.
pub struct ExportLink {
    pub name: &'static str,
    pub address: String,
}

/// The files one may take of the rows that the table shows.
pub fn export_links(base: &str, query: &ResultListQuery) -> Vec<ExportLink> {
    let target = format!("{base}/get/export");
    let offer = |format: &ExportFormat| ExportLink {
        name: match format {
            ExportFormat::Xlsx => "Excel",
            ExportFormat::Csv => "CSV",
            ExportFormat::Ndjson => "NDJSON",
        },
        address: query.address(&target, "", &format!("format={format}")),
    };
    [ExportFormat::Xlsx, ExportFormat::Csv, ExportFormat::Ndjson].iter().map(offer).collect()
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
        // The table tells what is wrong with the filter.
        return Ok(reply::redirect(&list_query.address(
            &format!("/staff/tasks/{task}/results"),
            "",
            "",
        )));
    }
    let is_whole = query.filter == ResultFilter::default();
    let which =
        if is_whole { ExportScope::All } else { ExportScope::Browsed(Box::new(query.filter)) };
    let query = ExportQuery { mode: ListingDetail::Detailed, which };
    let streamed =
        state.app.results().stream_export(staff.caller(), &task, format, query, |_| false).await?;
    let name = format!("attachment; filename=\"results-{task}.{format}\"");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.media_type())),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(name).map_err(Failure::internal)?),
    ];
    Ok((headers, Body::from_stream(streamed)).into_response())
}
