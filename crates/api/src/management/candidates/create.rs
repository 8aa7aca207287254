//! `POST /tasks/{taskId}/candidates`: registers one candidate.

use super::schema::ManagedCandidate;
use crate::body::receive::ONE_MEBIBYTE;
use crate::candidate_request::RegisterCandidateRequest;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::RequestObject as _;
use crate::state::ApiState;
use app::Failure;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::fault::{ErrorCode, Faults};
use domain::id::TaskId;
use domain::json::JsonPointer;
use domain::role::Right;

/// Registers a candidate. The body is that of the integration API, with `timeFactor`, `stage` and
/// `notes` beside it.
#[utoipa::path(
    post, path = "/tasks/{taskId}/candidates", tag = "Candidates",
    operation_id = "registerCandidate", params(("taskId" = String, Path)),
    request_body = RegisterCandidateRequest,
    responses((status = 200, body = ManagedCandidate), CommonErrors, PathErrors, BodyErrors)
)]
pub async fn create_candidate(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<ManagedCandidate>, Problem> {
    caller.require(Right::WriteCandidates)?;
    let document = head.json(body, ONE_MEBIBYTE).await?;
    let mut faults = Faults::new();
    let [task] = read::path_ids(&head, ["taskId"], &mut faults);
    head.query().finish(&mut faults);
    let task = TaskId::from(task);
    let new = document.read(RegisterCandidateRequest::read).flatten();
    if let Some(new) = &new {
        match state
            .app
            .candidates()
            .check_candidate(&caller, &task, JsonPointer::root(), new.clone())
            .await
        {
            Ok(found) => document.add_faults(found),
            // Faults of the request come before a missing task.
            Err(Failure::NotFound) => {}
            Err(failure) => return Err(failure.into()),
        }
    }
    document.finish(&mut faults);
    faults.into_result()?;
    let new = new.ok_or(ErrorCode::InternalError)?;
    Ok(Json(state.app.candidates().create_candidate(&caller, &task, new).await?.into()))
}
