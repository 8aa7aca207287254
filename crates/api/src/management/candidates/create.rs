//! `POST /tasks/{taskId}/candidates`: registers one candidate.

use super::shape::Candidate;
use crate::body::receive::ONE_MEBIBYTE;
use crate::candidate_shape::{self, Keys};
use crate::incoming::Incoming;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::server::State;
use app::Failure;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::fault::{Code, Faults};
use domain::id::TaskId;
use domain::instance::Scope;
use domain::json::Pointer;

/// Registers a candidate. The body is that of the integration API, with `timeFactor`, `stage` and `notes` beside it.
#[utoipa::path(post, path = "/tasks/{taskId}/candidates", tag = "Candidates",
    operation_id = "registerCandidate", params(("taskId" = String, Path)), request_body = serde_json::Value,
    responses((status = 200, body = Candidate), CommonErrors, PathErrors, BodyErrors))]
pub async fn create_candidate(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Incoming { head, body }: Incoming,
) -> Result<Json<Candidate>, Problem> {
    caller.require(Scope::CandidatesWrite)?;
    let document = head.json(body, ONE_MEBIBYTE).await?;
    let mut faults = Faults::new();
    let [task] = read::path(&head, ["taskId"], &mut faults);
    head.query().finish(&mut faults);
    let task = TaskId::from(task);
    let new = document.read(|object| candidate_shape::read(object, Keys::Management)).flatten();
    if let Some(new) = &new {
        match state.app.check_candidate(&caller, &task, Pointer::root(), new.clone()).await {
            Ok(found) => document.add(found),
            // Faults of the request come before a missing task.
            Err(Failure::NotFound) => {}
            Err(failure) => return Err(failure.into()),
        }
    }
    document.finish(&mut faults);
    faults.into_result()?;
    let new = new.ok_or(Code::InternalError)?;
    Ok(Json(state.app.create_candidate(&caller, &task, new).await?.into()))
}
