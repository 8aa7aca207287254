//! `DELETE /media/{id}`: removes a file of the library.

use crate::management::{EmptyResponse, read};
use crate::openapi::{CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::role::Right;

/// Removes a file that nothing uses.
///
/// 409 `media_in_use`: a test or a question of the bank names it in one of its versions, or test
/// instances of a task were frozen with it; `detail` names them.
#[utoipa::path(
    delete, path = "/media/{id}", tag = "Media", operation_id = "deleteMedia",
    params(("id" = String, Path)),
    responses((status = 200, body = EmptyResponse), CommonErrors, PathErrors, StateErrors)
)]
pub async fn delete_media(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<EmptyResponse>, Problem> {
    caller.require(Right::WriteTests)?;
    let [id] = read::path_ids_only(incoming, ["id"]).await?;
    state.app.author_media().delete_author_media(&caller, &id).await?;
    Ok(Json(EmptyResponse {}))
}
