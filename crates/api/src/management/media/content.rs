//! `GET /media/{id}/content`: the bytes of a file of the library.

use crate::file_body::FileBytes;
use crate::management::read;
use crate::media::file_response;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use axum::response::Response;
use axum::{Extension, extract};
use domain::fault::Faults;
use domain::role::Right;

/// Sends the bytes of a file, or a range of them.
#[utoipa::path(
    get, path = "/media/{id}/content", tag = "Media", operation_id = "getMediaContent",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = FileBytes, content_type = "application/octet-stream"),
        (status = 206, description = "The range that was asked for."),
        (status = 416, description = "The file does not have the range that was asked for."),
        CommonErrors, PathErrors
    )
)]
pub async fn get_media_content(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Response, Problem> {
    caller.require(Right::ReadTests)?;
    let mut faults = Faults::new();
    let [id] = read::path_ids(&head, ["id"], &mut faults);
    head.query().finish(&mut faults);
    read::no_body(body, &mut faults).await;
    faults.into_result()?;
    let media = state.app.author_media().open_author_media(&caller, &id).await?;
    file_response(media, &head, None).await
}
