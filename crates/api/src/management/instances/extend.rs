//! `POST /tasks/{taskId}/instances/{id}/extend`: gives an open instance more time.

use super::place::{Asked, extension};
use super::shape::Standing;
use crate::body::receive::ONE_MEBIBYTE;
use crate::incoming::Incoming;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::{InstanceId, TaskId};
use domain::instance::Scope;

/// Gives an open instance more time on the test, a section or a page.
#[utoipa::path(post, path = "/tasks/{taskId}/instances/{id}/extend", tag = "Instances",
    operation_id = "extendInstance", params(("taskId" = String, Path), ("id" = String, Path)),
    request_body = Asked, responses((status = 200, body = Standing), CommonErrors, PathErrors, BodyErrors, StateErrors))]
pub async fn extend(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Json<Standing>, Problem> {
    caller.require(Scope::ResultsWrite)?;
    let ([task, id], asked) = read::path_and_body(incoming, ["taskId", "id"], ONE_MEBIBYTE, extension).await?;
    Ok(Json(state.app.extend(&caller, &TaskId::from(task), &InstanceId::from(id), asked).await?.into()))
}
