//! `GET /corrections/{id}`: how far a correction of a step has got.

use super::shape::Progress;
use crate::incoming::Incoming;
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::CorrectionId;
use domain::instance::Scope;

/// How far a correction of a step, or its withdrawal, has got.
#[utoipa::path(get, path = "/corrections/{id}", tag = "Corrections", operation_id = "getCorrectionProgress",
    params(("id" = String, Path)), responses((status = 200, body = Progress), CommonErrors, PathErrors))]
pub async fn correction_progress(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Json<Progress>, Problem> {
    caller.require(Scope::ResultsRead)?;
    let [id] = read::only_path(incoming, ["id"]).await?;
    Ok(Json(state.app.correction_progress(&caller, &CorrectionId::from(id)).await?.into()))
}
