//! `POST /media`: takes a file into the library.

use super::schema::ManagedMedia;
use crate::file_body::{FileBytes, file_name, pour};
use crate::openapi::{CommonErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::fault::Faults;
use domain::role::Right;

/// Takes a file that questions can show. The body is the file itself; its name stands in
/// `Content-Disposition`. The same file again gives the one there is.
///
/// What it is, its bytes say, not its content type: PNG, JPEG, GIF, WebP, AVIF, SVG, MP3, M4A, OGG,
/// WAV, WebVTT and PDF up to 20 MiB, MP4 and WebM up to 500 MiB. 409 `upload_not_allowed`: the file
/// is another, too large, or too much beside the others of the organization; `detail` says which.
#[utoipa::path(
    post, path = "/media", tag = "Media", operation_id = "uploadMedia",
    request_body(content = FileBytes, content_type = "application/octet-stream"),
    responses((status = 200, body = ManagedMedia), CommonErrors, StateErrors)
)]
pub async fn upload_media(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<ManagedMedia>, Problem> {
    caller.require(Right::WriteTests)?;
    let mut faults = Faults::new();
    head.query().finish(&mut faults);
    faults.into_result()?;
    let (name, address) = (file_name(head.headers()), head.client_address());
    let receiving = state.app.author_media().begin_author_media(&caller, name, address).await?;
    Ok(Json(pour(body, receiving).await?.into()))
}
