//! `PATCH /tasks/{taskId}/candidates/{id}`: changes a candidate.

use super::request::CandidatePatch;
use super::schema::DetailedCandidate;
use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::candidate_change;
use crate::candidate_schema::email;
use crate::integration::validate_then_run::validate_then_run;
use crate::integration::{read, reply};
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::NoQuery;
use crate::state::ApiState;
use crate::values;
use app::caller::Caller;
use app::candidates::CandidateUpdate;
use axum::response::Response;
use axum::{Extension, extract};
use domain::fault::Faults;
use domain::id::{CandidateId, TaskId};
use domain::instance::Scope;

/// Changes a candidate, all or nothing. Instances that exist keep their copies.
#[utoipa::path(
    patch, path = "/tasks/{taskId}/candidates/{id}", tag = "Candidates",
    operation_id = "changeCandidate", params(("taskId" = String, Path), ("id" = String, Path)),
    request_body = CandidatePatch,
    responses((status = 200, body = DetailedCandidate), CommonErrors, PathErrors, BodyErrors)
)]
pub async fn update(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Response, Problem> {
    caller.require_scope(Scope::CandidatesWrite)?;
    let document = head.json(body, ONE_MEBIBYTE).await?;
    let mut faults = Faults::new();
    let [task, id] = read::path_ids(&head, ["taskId", "id"], &mut faults);
    read::query::<NoQuery>(&head, &mut faults);
    let change = document.read(shape).unwrap_or_default();
    let (task, id) = (TaskId::from(task), CandidateId::from(id));
    let check = state.app.check_candidate_update(&caller, &task, &id, change.clone());
    let change = state.app.update_candidate(&caller, &task, &id, change);
    let changed = validate_then_run(document, faults, check, change).await?;
    Ok(reply::json(reply::to_json(&DetailedCandidate::from(changed))?))
}

fn shape(object: &BodyObject<'_>) -> CandidateUpdate {
    let fields = object.required("fields").object(fields).unwrap_or_default();
    CandidateUpdate { steps: candidate_change::steps(&object.optional("steps")), ..fields }
}

fn fields(object: &BodyObject<'_>) -> CandidateUpdate {
    CandidateUpdate {
        fullname: values::text(&object.optional("fullname")),
        email: email(&object.optional("email")),
        group: values::text(&object.optional("group")),
        favorite: object.optional("favorite").boolean(),
        active: object.optional("active").boolean(),
        labels: object.optional("labels").object(candidate_change::labels).unwrap_or_default(),
        active_after: values::moment_or_none(object.optional("activeAfter")),
        active_before: values::moment_or_none(object.optional("activeBefore")),
        ..CandidateUpdate::default()
    }
}
