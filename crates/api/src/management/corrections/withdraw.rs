//! `DELETE /corrections/{id}`: withdraws a correction.

use super::schema::CorrectionResponse;
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::CorrectionId;
use domain::role::Right;

/// Withdraws a correction: results are as if it had not been made.
#[utoipa::path(
    delete, path = "/corrections/{id}", tag = "Corrections", operation_id = "withdrawCorrection",
    params(("id" = String, Path)),
    responses((status = 200, body = CorrectionResponse), CommonErrors, PathErrors)
)]
pub async fn withdraw_correction(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<CorrectionResponse>, Problem> {
    caller.require(Right::Administer)?;
    let [id] = read::path_ids_only(incoming, ["id"]).await?;
    Ok(Json(
        state.app.corrections().withdraw_correction(&caller, &CorrectionId::from(id)).await?.into(),
    ))
}
