//! `GET /corrections/{id}`: how far a correction of a step has got.

use super::schema::CorrectionProgressResponse;
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::CorrectionId;
use domain::role::Right;

/// How far a correction of a step, or its withdrawal, has got.
#[utoipa::path(
    get, path = "/corrections/{id}", tag = "Corrections", operation_id = "getCorrectionProgress",
    params(("id" = String, Path)),
    responses((status = 200, body = CorrectionProgressResponse), CommonErrors, PathErrors)
)]
pub async fn correction_progress(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<CorrectionProgressResponse>, Problem> {
    caller.require(Right::ReadResults)?;
    let [id] = read::path_ids_only(incoming, ["id"]).await?;
    Ok(Json(
        state.app.corrections().correction_progress(&caller, &CorrectionId::from(id)).await?.into(),
    ))
}
