//! `GET /staff/tasks/{task}/results/get/export`: the rows of the table as a file, the bytes of the API's export.

use super::Staff;
use super::asked::Asked;
use crate::desk::Desk;
use crate::reply;
use crate::trouble::Trouble;
use app::Failure;
use app::export::{ExportQuery, Format, Which};
use app::results::Mode;
use app::results::browse::Wanted;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::id::TaskId;
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Wish {
    format: String,
}

/// A format, its address and what it is called.
pub struct Offer {
    pub name: &'static str,
    pub address: String,
}

/// The files one may take of the rows that the table shows.
pub fn offers(base: &str, asked: &Asked) -> Vec<Offer> {
    let target = format!("{base}/get/export");
    let offer = |format: &Format| Offer {
        name: match format {
            Format::Xlsx => "Excel",
            Format::Csv => "CSV",
            Format::Ndjson => "NDJSON",
        },
        address: asked.address(&target, "", &format!("format={format}")),
    };
    [Format::Xlsx, Format::Csv, Format::Ndjson].iter().map(offer).collect()
}

/// The file. It is sent while it is read; one that breaks off is broken off, not passed off as whole.
pub async fn file(
    State(desk): State<Desk>,
    staff: Staff,
    Path(task): Path<String>,
    Query(asked): Query<Asked>,
    Query(wish): Query<Wish>,
) -> Result<Response, Trouble> {
    let task = TaskId::from(task);
    let format = Format::parse(&wish.format).ok_or(Failure::NotFound)?;
    let (query, faults) = asked.query();
    if !faults.is_empty() {
        // The table tells what is wrong with the filter.
        return Ok(reply::go(&asked.address(&format!("/staff/tasks/{task}/results"), "", "")));
    }
    let is_whole = query.wanted == Wanted::default();
    let which = if is_whole { Which::All } else { Which::Browsed(Box::new(query.wanted)) };
    let query = ExportQuery { mode: Mode::Detailed, which };
    let streamed = desk.app.stream_export(staff.caller(), &task, format, query, |_| false).await?;
    let name = format!("attachment; filename=\"results-{task}.{format}\"");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.media_type())),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(name).map_err(Failure::internal)?),
    ];
    Ok((headers, Body::from_stream(streamed)).into_response())
}
