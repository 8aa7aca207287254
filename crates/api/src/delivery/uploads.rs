//! Files that a candidate sends: the body is the file itself, its type the `Content-Type`.

use super::read;
use crate::file_body::{FileBytes, pour};
use crate::openapi::{CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::{RawRequest, RequestHead};
use crate::request::query::{integer, query, required, short_text, word};
use crate::state::ApiState;
use app::delivery::upload::{EvidenceUpload, UploadRequest};
use app::media::StoredMedia;
use axum::Json;
use axum::extract;
use axum::http::header;
use domain::fault::{ErrorCode, Faults};
use domain::id::InstanceId;
use domain::proctoring::EvidenceKind;
use domain::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

const LONGEST_NAME: usize = 255;
const LARGEST: i64 = 9_007_199_254_740_991;

/// A file that is kept.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KeptFile)]
pub(super) struct UploadedFile {
    /// What an answer names it by.
    id: String,
    /// The size.
    bytes: u64,
    /// As its first bytes say.
    media_type: String,
    /// The name it was sent with.
    name: Option<String>,
}

impl From<StoredMedia> for UploadedFile {
    fn from(stored: StoredMedia) -> Self {
        Self {
            id: stored.id.to_string(),
            bytes: stored.bytes,
            media_type: stored.media_type,
            name: stored.name,
        }
    }
}

query! {
    /// What a file is called.
    struct UploadQuery {
        /// The name of the file.
        name: Option<String> = short_text(LONGEST_NAME),
        /// Chosen by the client: the same token gives the same file again.
        client_token: Option<String> = short_text(LONGEST_NAME),
    }
}

query! {
    /// What was recorded.
    struct EvidenceQuery {
        /// What was recorded of the candidate or the screen.
        kind: Option<EvidenceKind> = required(word::<EvidenceKind>()),
        /// Chosen by the client, rising: a repetition is harmless.
        number: Option<i64> = required(integer(1..=LARGEST)),
        /// When it was recorded by the client's clock, in milliseconds.
        client_time_millis: Option<i64> = integer(0..=LARGEST),
    }
}

query! {
    /// Which document it is.
    struct DocumentQuery {
        /// The name the step asks for it by.
        name: Option<String> = required(short_text(LONGEST_NAME)),
    }
}

/// Takes a file for the answer to a slot. It becomes an answer by a write that names its id.
///
/// 409 `upload_not_allowed`: the question takes no such file, or no more of them; `detail` names
/// the limit.
#[utoipa::path(
    post, path = "/instances/{id}/slots/{slot}/uploads", tag = "Taking a test",
    operation_id = "uploadFile",
    params(
        ("id" = String, Path), ("slot" = u32, Path),
        UploadQuery
    ), request_body(content = FileBytes, content_type = "application/octet-stream"),
    responses((status = 200, body = UploadedFile), CommonErrors, PathErrors, StateErrors)
)]
pub async fn upload(
    extract::State(state): extract::State<ApiState>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<UploadedFile>, Problem> {
    let visitor = read::candidate_session_for_upload(&state, &head)?;
    let mut faults = Faults::new();
    let mut path = head.path();
    let (id, slot) = (path.take_text("id"), path.take_text("slot"));
    path.finish(&mut faults);
    let slot = slot.parse::<u32>().ok().filter(|slot| *slot > 0).ok_or(ErrorCode::NotFound)?;
    let UploadQuery { name, client_token } = read::query(&head, &mut faults);
    faults.into_result()?;
    let sent = UploadRequest { media_type: media_type(&head), name, client_token };
    let receiving =
        state.app.delivery().begin_upload(&visitor, &InstanceId::from(id), slot, sent).await?;
    Ok(Json(pour(body, receiving).await?.into()))
}

/// Takes a recording of the candidate or the screen. The same number again changes nothing.
///
/// 409 `upload_not_allowed`: the step does not record this, or the file is too large or of another
/// kind; `detail` names the limit.
#[utoipa::path(
    post, path = "/instances/{id}/evidences", tag = "Taking a test",
    operation_id = "uploadEvidence",
    params(
        ("id" = String, Path),
        EvidenceQuery
    ), request_body(content = FileBytes, content_type = "application/octet-stream"),
    responses((status = 200, body = UploadedFile), CommonErrors, PathErrors, StateErrors)
)]
pub async fn upload_evidence(
    extract::State(state): extract::State<ApiState>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<UploadedFile>, Problem> {
    let visitor = read::candidate_session_for_upload(&state, &head)?;
    let mut faults = Faults::new();
    let mut path = head.path();
    let id = path.take_text("id");
    path.finish(&mut faults);
    let EvidenceQuery { kind, number, client_time_millis } = read::query(&head, &mut faults);
    faults.into_result()?;
    let (kind, number) = kind.zip(number).ok_or(ErrorCode::InternalError)?;
    let sent = EvidenceUpload {
        kind,
        number: number.unsigned_abs(),
        client_time: client_time_millis.map(Timestamp),
        media_type: media_type(&head),
    };
    let receiving =
        state.app.delivery().begin_evidence(&visitor, &InstanceId::from(id), sent).await?;
    Ok(Json(pour(body, receiving).await?.into()))
}

/// Takes the identity photo that a step of the task asks for; a later one takes the place of an
/// earlier.
#[utoipa::path(
    post, path = "/identity-photo", tag = "Entering", operation_id = "uploadIdentityPhoto",
    request_body(content = FileBytes, content_type = "application/octet-stream"),
    responses((status = 200, body = UploadedFile), CommonErrors, PathErrors, StateErrors)
)]
pub async fn upload_identity_photo(
    extract::State(state): extract::State<ApiState>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<UploadedFile>, Problem> {
    let visitor = read::candidate_session_for_upload(&state, &head)?;
    let mut faults = Faults::new();
    head.query().finish(&mut faults);
    faults.into_result()?;
    let receiving = state.app.delivery().begin_identity_photo(&visitor, media_type(&head)).await?;
    Ok(Json(pour(body, receiving).await?.into()))
}

/// Takes a document that a step of the task asks for by this name; a later one takes the place of
/// an earlier.
#[utoipa::path(post, path = "/documents", tag = "Entering", operation_id = "uploadDocument",
    params(DocumentQuery),
    request_body(content = FileBytes, content_type = "application/octet-stream"),
    responses((status = 200, body = UploadedFile), CommonErrors, PathErrors, StateErrors))]
pub async fn upload_document(
    extract::State(state): extract::State<ApiState>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<UploadedFile>, Problem> {
    let visitor = read::candidate_session_for_upload(&state, &head)?;
    let mut faults = Faults::new();
    let DocumentQuery { name } = read::query(&head, &mut faults);
    faults.into_result()?;
    let name = name.ok_or(ErrorCode::InternalError)?;
    let receiving = state.app.delivery().begin_document(&visitor, name, media_type(&head)).await?;
    Ok(Json(pour(body, receiving).await?.into()))
}

fn media_type(head: &RequestHead) -> String {
    let line = head.headers().get(header::CONTENT_TYPE);
    line.and_then(|line| line.to_str().ok()).unwrap_or_default().to_owned()
}
