//! `GET /tests/{id}/archive` and `POST /tests/archive`: a document with its media as one archive.

use super::import::{ImportTestQuery, ImportTestResponse};
use crate::body::receive::plain_type;
use crate::file_body::{FileBytes, pour};
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::{integer, query};
use crate::state::ApiState;
use app::caller::Caller;
use app::test_library::TestImportOptions;
use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, extract};
use domain::fault::{ErrorCode, Faults};
use domain::id::TestId;
use domain::role::Right;

const ZIP: &str = "application/zip";

query! {
    /// Which version is sent.
    struct FetchArchiveQuery {
        /// Number of the version, from 1; the latest when omitted.
        version: Option<i64> = integer(1..=i64::MAX),
    }
}

/// Sends a version's document with the media that it names: a zip archive with `document.json` and
/// the folder `media`, whose files are called by their SHA-256.
#[utoipa::path(
    get, path = "/tests/{id}/archive", tag = "Tests", operation_id = "getTestArchive",
    params(("id" = String, Path), FetchArchiveQuery),
    responses(
        (status = 200, body = FileBytes, content_type = "application/zip"),
        CommonErrors, PathErrors
    )
)]
pub async fn get_test_archive(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Response, Problem> {
    caller.require(Right::ReadTests)?;
    let mut faults = Faults::new();
    let [id] = read::path_ids(&head, ["id"], &mut faults);
    let FetchArchiveQuery { version } = read::query(&head, &mut faults);
    read::no_body(body, &mut faults).await;
    faults.into_result()?;
    let library = state.app.test_library();
    let archive = library.export_archive(&caller, &TestId::from(id), version).await?;
    let name = format!("attachment; filename=\"{}-{}.zip\"", archive.key, archive.number);
    let headers = [
        (header::CONTENT_TYPE, ZIP.to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CONTENT_LENGTH, archive.bytes.to_string()),
    ];
    Ok((headers, Body::from_stream(archive.into_pieces())).into_response())
}

/// Keeps the document of a zip archive, and the media that it names. Texts name media by their
/// SHA-256 or by their place in the archive (`![A plan](media/plan.png)`). Of a document with
/// errors nothing is kept.
#[utoipa::path(
    post, path = "/tests/archive", tag = "Tests", operation_id = "importTestArchive",
    params(ImportTestQuery),
    request_body(content = FileBytes, content_type = "application/zip"),
    responses((status = 200, body = ImportTestResponse), CommonErrors, PathErrors, BodyErrors, StateErrors)
)]
pub async fn import_test_archive(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<ImportTestResponse>, Problem> {
    caller.require(Right::WriteTests)?;
    if !plain_type(head.headers()).is_some_and(|kind| kind.eq_ignore_ascii_case(ZIP)) {
        return Err(ErrorCode::UnsupportedMediaType.into());
    }
    let mut faults = Faults::new();
    let ImportTestQuery { folder, test_id: test } = read::query(&head, &mut faults);
    faults.into_result()?;
    let options = TestImportOptions { test, folder, labels: None, based_on: None };
    let library = state.app.test_library();
    let receiving = library.begin_archive(&caller, options, head.client_address()).await?;
    Ok(Json(pour(body, receiving).await?.into()))
}
