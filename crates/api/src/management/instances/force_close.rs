//! `POST /tasks/{taskId}/instances/{id}/force-close`: completes an open instance for the candidate.

use super::shape::Standing;
use crate::body::receive::ONE_MEBIBYTE;
use crate::incoming::Incoming;
use crate::management::{Empty, read};
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::{InstanceId, TaskId};
use domain::instance::Scope;

/// Completes an open instance with what was answered.
#[utoipa::path(post, path = "/tasks/{taskId}/instances/{id}/force-close", tag = "Instances",
    operation_id = "forceCloseInstance", params(("taskId" = String, Path), ("id" = String, Path)),
    request_body = Empty, responses((status = 200, body = Standing), CommonErrors, PathErrors, BodyErrors, StateErrors))]
pub async fn force_close(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Json<Standing>, Problem> {
    caller.require(Scope::ResultsWrite)?;
    let ([task, id], ()) = read::path_and_body(incoming, ["taskId", "id"], ONE_MEBIBYTE, |_| Some(())).await?;
    Ok(Json(state.app.force_close(&caller, &TaskId::from(task), &InstanceId::from(id)).await?.into()))
}
