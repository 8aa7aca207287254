//! `DELETE /corrections/{id}`: withdraws a correction.

use super::shape::Corrected;
use crate::incoming::Incoming;
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::CorrectionId;
use domain::instance::Scope;

/// Withdraws a correction: results are as if it had not been made.
#[utoipa::path(delete, path = "/corrections/{id}", tag = "Corrections", operation_id = "withdrawCorrection",
    params(("id" = String, Path)), responses((status = 200, body = Corrected), CommonErrors, PathErrors))]
pub async fn withdraw_correction(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Json<Corrected>, Problem> {
    caller.require(Scope::ResultsWrite)?;
    let [id] = read::only_path(incoming, ["id"]).await?;
    Ok(Json(state.app.withdraw_correction(&caller, &CorrectionId::from(id)).await?.into()))
}
