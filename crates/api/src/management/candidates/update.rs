//! `PATCH /tasks/{taskId}/candidates/{id}`: changes a candidate.

use super::shape::Candidate;
use crate::body::receive::ONE_MEBIBYTE;
use crate::body::{Field, Object};
use crate::candidate_shape::{email, time_factor};
use crate::incoming::Incoming;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::server::State;
use crate::values::{self, MOST_ENTRIES};
use app::caller::Caller;
use app::candidates::{CandidateUpdate, LabelChange, StepChange};
use axum::{Extension, Json, extract};
use domain::access::settings::{AttemptLimit, Own};
use domain::fault::Code;
use domain::id::{CandidateId, StepId, TaskId};
use domain::instance::Scope;
use domain::time::Timestamp;
use utoipa::ToSchema;

#[derive(ToSchema)]
#[schema(as = CandidateChange)]
#[allow(dead_code, reason = "only its schema is used")]
pub(in crate::management) struct Asked {
    /// `fullname`, `email`, `group`, `favorite`, `active`, `labels: {add, remove}`, `activeAfter`, `activeBefore`,
    /// `timeFactor`, `stage`, `programIds`, `rating`, `notes`; absent stays.
    #[schema(value_type = Object)]
    fields: serde_json::Value,
    /// By step id: `active`, `dates: {after, before}`, `limit`, each `{isDefault: true}` or `{isDefault: false, value}`.
    #[schema(value_type = Option<Object>)]
    steps: Option<serde_json::Value>,
}

/// Changes a candidate. What is absent stays; instances that exist keep their copies.
#[utoipa::path(patch, path = "/tasks/{taskId}/candidates/{id}", tag = "Candidates",
    operation_id = "updateCandidate", params(("taskId" = String, Path), ("id" = String, Path)),
    request_body = Asked, responses((status = 200, body = Candidate), CommonErrors, PathErrors, BodyErrors))]
pub async fn update_candidate(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Json<Candidate>, Problem> {
    caller.require(Scope::CandidatesWrite)?;
    let ([task, id], change) = read::path_and_body(incoming, ["taskId", "id"], ONE_MEBIBYTE, shape).await?;
    let changed = state.app.update_candidate(&caller, &TaskId::from(task), &CandidateId::from(id), change).await?;
    Ok(Json(changed.into()))
}

fn shape(object: &Object<'_>) -> Option<CandidateUpdate> {
    let fields = object.required("fields").object(fields);
    let steps = object.optional("steps").map(0..=MOST_ENTRIES, |id, field| Some((StepId::from(id), step(&field)?)));
    let steps = steps.unwrap_or_default().into_iter().map(|(_, step)| step).collect();
    Some(CandidateUpdate { steps, ..fields? })
}

fn fields(object: &Object<'_>) -> CandidateUpdate {
    CandidateUpdate {
        fullname: values::text(&object.optional("fullname")),
        email: email(&object.optional("email")),
        group: values::text(&object.optional("group")),
        favorite: object.optional("favorite").boolean(),
        active: object.optional("active").boolean(),
        labels: object.optional("labels").object(labels).unwrap_or_default(),
        active_after: values::moment_or_none(object.optional("activeAfter")),
        active_before: values::moment_or_none(object.optional("activeBefore")),
        time_factor: time_factor(&object.optional("timeFactor")),
        stage: object.optional("stage").or_null(|field| values::text(&field)),
        programs: object.optional("programIds").set(0..=MOST_ENTRIES, |item| values::text(&item)),
        rating: object.optional("rating").or_null(|field| field.integer(1..=5)),
        notes: object.optional("notes").or_null(|field| values::note(&field)),
        ..CandidateUpdate::default()
    }
}

fn labels(object: &Object<'_>) -> LabelChange {
    LabelChange { add: values::texts(&object.optional("add")), remove: values::texts(&object.optional("remove")) }
}

fn step(field: &Field<'_>) -> Option<StepChange> {
    let shape = |object: &Object<'_>| {
        let dates = own(&object.optional("dates"), |field| field.object(dates));
        let (after, before) = match dates {
            Some(Own::Default) => (Some(Own::Default), Some(Own::Default)),
            Some(Own::Value(dates)) => dates,
            None => (None, None),
        };
        StepChange {
            active: own(&object.optional("active"), |field| field.boolean()),
            after,
            before,
            limit: own(&object.optional("limit"), limit),
        }
    };
    field.object(shape)
}

type OwnDate = Option<Own<Option<Timestamp>>>;

fn dates(object: &Object<'_>) -> (OwnDate, OwnDate) {
    (own_date(&object.optional("after")), own_date(&object.optional("before")))
}

fn own_date(field: &Field<'_>) -> OwnDate {
    own(field, |field| if field.is_null() { Some(None) } else { values::moment(field).map(Some) })
}

fn limit(field: &Field<'_>) -> Option<AttemptLimit> {
    let limit = AttemptLimit::try_from(field.integer(-1..=2_147_483_647)?);
    if limit.is_err() {
        field.refuse(Code::OutOfRange, "must be -1 or 1 to 2147483647");
    }
    limit.ok()
}

/// `{"isDefault": true}` or `{"isDefault": false, "value": ...}`.
fn own<T>(field: &Field<'_>, value: impl FnOnce(&Field<'_>) -> Option<T>) -> Option<Own<T>> {
    let shape = |object: &Object<'_>| match object.required("isDefault").boolean() {
        Some(true) => Some(Own::Default),
        Some(false) => value(&object.required("value")).map(Own::Value),
        None => {
            object.known(&["value"]);
            None
        }
    };
    field.object(shape).flatten()
}
