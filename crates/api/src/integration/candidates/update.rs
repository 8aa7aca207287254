//! `PATCH /tasks/{taskId}/candidates/{id}`: changes a candidate.

use super::schema::DetailedCandidate;
use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::candidate_change::{LabelChangeRequest, own_steps};
use crate::integration::validate_then_run::validate_then_run;
use crate::integration::{read, reply};
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::NoQuery;
use crate::request::value::{boolean, email, label, moment, nullable, object};
use crate::request::{RequestObject as _, optional, or_default, request, required_or_default};
use crate::state::ApiState;
use app::caller::Caller;
use app::candidates::{CandidateStepUpdate, CandidateUpdate};
use axum::response::Response;
use axum::{Extension, extract};
use domain::fault::Faults;
use domain::id::{CandidateId, StepId, TaskId};
use domain::role::Right;
use std::collections::BTreeMap;

/// Changes a candidate, all or nothing. Instances that exist keep their copies.
#[utoipa::path(
    patch, path = "/tasks/{taskId}/candidates/{id}", tag = "Candidates",
    operation_id = "changeCandidate", params(("taskId" = String, Path), ("id" = String, Path)),
    request_body = UpdateCandidateRequest,
    responses((status = 200, body = DetailedCandidate), CommonErrors, PathErrors, BodyErrors)
)]
pub async fn update(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Response, Problem> {
    caller.require(Right::WriteCandidates)?;
    let document = head.json(body, ONE_MEBIBYTE).await?;
    let mut faults = Faults::new();
    let [task, id] = read::path_ids(&head, ["taskId", "id"], &mut faults);
    read::query::<NoQuery>(&head, &mut faults);
    let change = document.read(UpdateCandidateRequest::read).flatten().unwrap_or_default();
    let (task, id) = (TaskId::from(task), CandidateId::from(id));
    let candidates = state.app.candidates();
    let check = candidates.check_candidate_update(&caller, &task, &id, change.clone());
    let change = candidates.update_candidate(&caller, &task, &id, change);
    let changed = validate_then_run(document, faults, check, change).await?;
    Ok(reply::json(reply::to_json(&DetailedCandidate::from(changed))?))
}

request! {
    /// A change of a candidate; what is absent stays.
    struct UpdateCandidateRequest as "CandidatePatch" into CandidateUpdate by to_update {
        /// What changes about the candidate; it may be empty.
        fields: CandidateUpdate = required_or_default(object::<CandidateFieldsRequest>()),
        /// Own values by step id.
        steps: BTreeMap<StepId, CandidateStepUpdate> = or_default(own_steps()),
    }
}

request! {
    /// What changes about the candidate; what is absent stays.
    struct CandidateFieldsRequest as "CandidatePatchFields" for CandidateUpdate {
        /// The full name.
        fullname = optional(label()),
        /// The e-mail address.
        email = optional(email()),
        /// The group; instances that exist keep theirs.
        group = optional(label()),
        /// Whether it is marked as a favourite.
        favorite = optional(boolean()),
        /// Switched off, the candidate is kept out at once.
        active = optional(boolean()),
        /// Labels to add and to remove.
        labels = or_default(object::<LabelChangeRequest>()),
        /// Seconds since the epoch; null removes the limit.
        active_after = optional(nullable(moment())),
        /// Seconds since the epoch; null removes the limit.
        active_before = optional(nullable(moment())),
        ..CandidateUpdate::default()
    }
}

fn to_update(sent: UpdateCandidateRequest, _: &BodyObject<'_>) -> Option<CandidateUpdate> {
    Some(CandidateUpdate { steps: sent.steps, ..sent.fields })
}
