//! `GET /tasks/{taskId}/test-instances/export`: all instances of a list in one stream.

use super::filter::{instance_filter, name_and_text, to_instance_filter};
use super::schema::TestInstance;
use crate::detail_level::DetailLevel;
use crate::etag::EntityTag;
use crate::integration::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::{SentFilter, mode, query, word_or};
use crate::state::ApiState;
use app::caller::Caller;
use app::export::{ExportQuery, ExportScope};
use app::results::TaskHead;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, extract};
use domain::id::TaskId;
use domain::role::Right;
use utoipa::ToSchema;

domain::string_enum! {
    /// The forms an export comes in.
    pub enum ExportFormatParam {
        Ndjson = "ndjson",
        Csv = "csv",
        Xlsx = "xlsx",
    }
}

impl From<ExportFormatParam> for app::export::ExportFormat {
    fn from(format: ExportFormatParam) -> Self {
        match format {
            ExportFormatParam::Ndjson => Self::Ndjson,
            ExportFormatParam::Csv => Self::Csv,
            ExportFormatParam::Xlsx => Self::Xlsx,
        }
    }
}

query! {
    /// Which instances are exported, and how; one filter at most.
    struct ExportInstancesQuery {
        mode: DetailLevel = mode(),
        /// The form of the file: lines of JSON, a table as text, or a workbook; `ndjson` when
        /// omitted.
        format: ExportFormatParam = word_or(ExportFormatParam::Ndjson),
        filter: Option<SentFilter> = instance_filter(),
    }
}

/// One line of an export as NDJSON: an instance, or the trailer.
#[derive(ToSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "only its schema is used")]
enum ExportLine {
    Instance(TestInstance),
    Trailer(ExportTrailer),
}

/// The last line: how many came before it, and the digest of their bytes, line ends included.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct ExportTrailer {
    /// Always true: the export is whole.
    end: bool,
    /// The number of lines before this one.
    count: u64,
    /// SHA-256 of their bytes, in hexadecimal.
    sha256: String,
}

/// Exports the test instances of a task.
///
/// The rows are those of the list, in its order, from one state of the database. NDJSON ends with a
/// line that tells their number and digest; a stream without its end is broken off, never passed
/// off as whole.
#[utoipa::path(
    get, path = "/tasks/{taskId}/test-instances/export", tag = "Test instances",
    operation_id = "exportTestInstances",
    params(("taskId" = String, Path), ExportInstancesQuery),
    responses(
        (status = 200, description = "The rows.", content( (ExportLine = "application/x-ndjson"), (String = "text/csv"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 304, description = "Nothing has changed."), CommonErrors, PathErrors
    )
)]
pub async fn export(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Response, Problem> {
    caller.require(Right::ReadResults)?;
    let (head, [task], parameters) =
        read::path_and_query::<1, ExportInstancesQuery>(incoming, ["taskId"]).await?;
    let task = TaskId::from(task);
    let request = parameters.canonical(&task);
    let tag = move |head: &TaskHead| {
        EntityTag::of_revision(head.revision, head.revised_at.0, &request, crate::state::BUILD)
    };
    let headers = head.headers().clone();
    let is_sent = headers.contains_key(header::IF_NONE_MATCH);
    let of_head = tag.clone();
    let is_known = move |head: &TaskHead| is_sent && of_head(head).not_modified(&headers).is_some();
    let format = parameters.format.into();
    let streamed = state
        .app
        .results()
        .stream_export(&caller, &task, format, parameters.query(), is_known)
        .await?;
    let tag = tag(&streamed.begun.head);
    if streamed.begun.is_known {
        return Ok(tag.not_modified(head.headers()).unwrap_or_else(|| tag.apply_to(())));
    }
    Ok(tag.apply_to(answer(format, Body::from_stream(streamed))))
}

fn answer(format: app::export::ExportFormat, body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.media_type())),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment")),
    ];
    (headers, body).into_response()
}

impl ExportInstancesQuery {
    fn query(&self) -> ExportQuery {
        let which =
            to_instance_filter(self.filter.as_ref()).map_or(ExportScope::All, ExportScope::Listed);
        ExportQuery { mode: self.mode.into(), which }
    }

    /// Everything the bytes depend on beside the task's revision.
    fn canonical(&self, task: &TaskId) -> String {
        let (name, text) = name_and_text(self.filter.as_ref());
        format!("export {task} {} {} {name}={text}", self.format, self.mode)
    }
}
