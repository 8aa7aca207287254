//! `PATCH /tasks/{taskId}/candidates/{id}`: changes a candidate.

use super::schema::ManagedCandidate;
use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::candidate_change;
use crate::candidate_schema::{email, time_factor};
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use crate::values::{self, MOST_ENTRIES};
use app::caller::Caller;
use app::candidates::CandidateUpdate;
use axum::{Extension, Json, extract};
use domain::id::{CandidateId, TaskId};
use domain::instance::Scope;
use utoipa::ToSchema;

/// A change of a candidate; what is absent stays.
#[derive(ToSchema)]
#[schema(as = CandidateChange)]
#[allow(dead_code, reason = "only its schema is used")]
pub(in crate::management) struct UpdateCandidateRequest {
    /// `fullname`, `email`, `group`, `favorite`, `active`, `labels: {add, remove}`, `activeAfter`,
    /// `activeBefore`, `timeFactor`, `stage`, `programIds`, `rating`, `notes`; absent stays.
    #[schema(value_type = Object)]
    fields: serde_json::Value,
    /// By step id: `active`, `dates: {after, before}`, `limit`, each `{isDefault: true}` or
    /// `{isDefault: false, value}`.
    #[schema(value_type = Option<Object>)]
    steps: Option<serde_json::Value>,
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
    caller.require_scope(Scope::CandidatesWrite)?;
    let ([task, id], change) =
        read::path_and_body(incoming, ["taskId", "id"], ONE_MEBIBYTE, shape).await?;
    let changed = state
        .app
        .update_candidate(&caller, &TaskId::from(task), &CandidateId::from(id), change)
        .await?;
    Ok(Json(changed.into()))
}

fn shape(object: &BodyObject<'_>) -> Option<CandidateUpdate> {
    let fields = object.required("fields").object(fields);
    let steps = candidate_change::steps(&object.optional("steps"));
    Some(CandidateUpdate { steps, ..fields? })
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
        time_factor: time_factor(&object.optional("timeFactor")),
        stage: object.optional("stage").nullable(|field| values::text(&field)),
        programs: object.optional("programIds").set(0..=MOST_ENTRIES, |item| values::text(&item)),
        rating: object.optional("rating").nullable(|field| field.integer(1..=5)),
        notes: object.optional("notes").nullable(|field| values::note(&field)),
        ..CandidateUpdate::default()
    }
}
