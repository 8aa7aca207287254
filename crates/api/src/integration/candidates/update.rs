//! `PATCH /tasks/{taskId}/candidates/{id}`: changes a candidate.

use super::request::CandidatePatch;
use super::shape::DetailedCandidate;
use crate::body::Object;
use crate::body::receive::ONE_MEBIBYTE;
use crate::candidate_change;
use crate::candidate_shape::email;
use crate::incoming::Incoming;
use crate::integration::act::act;
use crate::integration::{read, reply};
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::server::State;
use crate::values;
use app::caller::Caller;
use app::candidates::CandidateUpdate;
use axum::response::Response;
use axum::{Extension, extract};
use domain::fault::Faults;
use domain::id::{CandidateId, TaskId};
use domain::instance::Scope;

/// Changes a candidate, all or nothing. Instances that exist keep their copies.
#[utoipa::path(patch, path = "/tasks/{taskId}/candidates/{id}", tag = "Candidates", operation_id = "changeCandidate",
    params(("taskId" = String, Path), ("id" = String, Path)), request_body = CandidatePatch,
    responses((status = 200, body = DetailedCandidate), CommonErrors, PathErrors, BodyErrors))]
pub async fn update(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Incoming { head, body }: Incoming,
) -> Result<Response, Problem> {
    caller.require(Scope::CandidatesWrite)?;
    let document = head.json(body, ONE_MEBIBYTE).await?;
    let mut faults = Faults::new();
    let [task, id] = read::path(&head, ["taskId", "id"], &mut faults);
    read::query(&head, |_| (), &mut faults);
    let change = document.read(shape).unwrap_or_default();
    let (task, id) = (TaskId::from(task), CandidateId::from(id));
    let check = state.app.check_candidate_update(&caller, &task, &id, change.clone());
    let change = state.app.update_candidate(&caller, &task, &id, change);
    let changed = act(document, faults, check, change).await?;
    Ok(reply::json(reply::print(&DetailedCandidate::from(changed))?))
}

fn shape(object: &Object<'_>) -> CandidateUpdate {
    let fields = object.required("fields").object(fields).unwrap_or_default();
    CandidateUpdate { steps: candidate_change::steps(&object.optional("steps")), ..fields }
}

fn fields(object: &Object<'_>) -> CandidateUpdate {
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
