//! `PATCH /tasks/{taskId}/candidates/{id}`: changes a candidate.

use super::schema::ManagedCandidate;
use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::candidate_change::{LabelChangeRequest, own_steps};
use crate::candidate_request::time_factor;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{
    boolean, email, integer, label, labels, moment, note, nullable, object,
};
use crate::request::{RequestObject as _, optional, or_default, request};
use crate::state::ApiState;
use app::caller::Caller;
use app::candidates::{CandidateStepUpdate, CandidateUpdate};
use axum::{Extension, Json, extract};
use domain::id::{CandidateId, StepId, TaskId};
use domain::role::Right;
use std::collections::BTreeMap;

request! {
    /// A change of a candidate; what is absent stays.
    pub(in crate::management) struct UpdateCandidateRequest as "CandidateChange"
        into CandidateUpdate by to_update
    {
        /// What changes about the candidate; it may be empty.
        fields: CandidateUpdate = object::<CandidateFieldsRequest>(),
        /// Own values by step id.
        steps: BTreeMap<StepId, CandidateStepUpdate> = or_default(own_steps()),
    }
}

request! {
    /// What changes about the candidate; what is absent stays.
    struct CandidateFieldsRequest as "CandidateChangeFields" for CandidateUpdate {
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
        /// The candidate's time is longer by this: 1 to 10 with at most 2 decimals.
        time_factor = optional(time_factor()),
        /// The name of one of the task's stages; null is none.
        stage = optional(nullable(label())),
        /// Uuids of the task's programs, in place of all there are.
        "programIds" programs = optional(labels()),
        /// Staff's own rating, 1 to 5; null is none.
        rating = optional(nullable(integer::<i64>(1..=5))),
        /// Words for other staff; null is none.
        notes = optional(nullable(note())),
        ..CandidateUpdate::default()
    }
}

fn to_update(sent: UpdateCandidateRequest, _: &BodyObject<'_>) -> Option<CandidateUpdate> {
    Some(CandidateUpdate { steps: sent.steps, ..sent.fields })
}

/// Changes a candidate. What is absent stays; instances that exist keep their copies.
#[utoipa::path(
    patch, path = "/tasks/{taskId}/candidates/{id}", tag = "Candidates",
    operation_id = "updateCandidate", params(("taskId" = String, Path), ("id" = String, Path)),
    request_body = UpdateCandidateRequest,
    responses((status = 200, body = ManagedCandidate), CommonErrors, PathErrors, BodyErrors)
)]
pub async fn update_candidate(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<ManagedCandidate>, Problem> {
    caller.require(Right::WriteCandidates)?;
    let names = ["taskId", "id"];
    let ([task, id], change) =
        read::path_and_body(incoming, names, ONE_MEBIBYTE, UpdateCandidateRequest::read).await?;
    let changed = state
        .app
        .candidates()
        .update_candidate(&caller, &TaskId::from(task), &CandidateId::from(id), change)
        .await?;
    Ok(Json(changed.into()))
}
