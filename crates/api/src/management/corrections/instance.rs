//! `POST /tasks/{taskId}/instances/{id}/corrections`: corrects a question in one instance.

use super::shape::{Asked, Corrected, shape};
use crate::body::receive::ONE_MEBIBYTE;
use crate::incoming::Incoming;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use app::corrections::CorrectionPlace;
use axum::{Extension, Json, extract};
use domain::id::{InstanceId, TaskId};
use domain::instance::Scope;

/// Corrects how a question is scored in one instance. Open instances keep it for their completion.
#[utoipa::path(post, path = "/tasks/{taskId}/instances/{id}/corrections", tag = "Corrections", operation_id = "correctInstance",
    params(("taskId" = String, Path), ("id" = String, Path)), request_body = Asked,
    responses((status = 200, body = Corrected), CommonErrors, PathErrors, BodyErrors, StateErrors))]
pub async fn correct_instance(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Json<Corrected>, Problem> {
    caller.require(Scope::ResultsWrite)?;
    let ([task, id], new) = read::path_and_body(incoming, ["taskId", "id"], ONE_MEBIBYTE, shape).await?;
    let place = CorrectionPlace::Instance(InstanceId::from(id));
    Ok(Json(state.app.correct(&caller, &TaskId::from(task), place, new).await?.into()))
}
