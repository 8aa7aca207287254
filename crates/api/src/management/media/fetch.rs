//! `GET /media/{id}`: one file of the library.

use super::schema::ManagedMedia;
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::role::Right;

/// Tells what is known of a file.
#[utoipa::path(
    get, path = "/media/{id}", tag = "Media", operation_id = "getMedia",
    params(("id" = String, Path)),
    responses((status = 200, body = ManagedMedia), CommonErrors, PathErrors)
)]
pub async fn get_media(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<ManagedMedia>, Problem> {
    caller.require(Right::ReadTests)?;
    let [id] = read::path_ids_only(incoming, ["id"]).await?;
    Ok(Json(state.app.author_media().author_media_file(&caller, &id).await?.into()))
}
