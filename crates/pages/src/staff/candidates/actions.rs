//! What is done with candidates by a button: marking the chosen, renewing access, deleting,
//! erasing.

use super::{candidate_list_path, detail};
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{AreaRoutes, FormErrors, FormValues, SignedInStaff};
use crate::state::PagesState;
use app::Failure;
use app::candidates::{CandidateUpdate, LabelChange};
use app::erasure::ErasureOptions;
use axum::extract::{Form, Path, State};
use axum::response::Response;
use axum::routing::post;
use domain::id::{CandidateId, TaskId};
use domain::refusal::Refusal;

/// Forms that act on one candidate or on those that are marked in the list.
pub fn routes() -> AreaRoutes {
    vec![
        ("/staff/tasks/{task}/candidates/do/mark", post(set_stage_or_label)),
        ("/staff/tasks/{task}/candidates/{candidate}/do/renew", post(renew)),
        ("/staff/tasks/{task}/candidates/{candidate}/do/delete", post(delete)),
        ("/staff/tasks/{task}/candidates/{candidate}/do/erase", post(erase)),
    ]
}

/// `POST …/candidates/do/mark`: stage or label of the chosen, one after the other.
pub async fn set_stage_or_label(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<TaskId>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let values = FormValues(pairs);
    let chosen: Vec<CandidateId> = values.all("candidate").map(CandidateId::from).collect();
    let label = values.non_empty("label");
    let change = match (values.text("act"), label) {
        ("stage", _) => {
            CandidateUpdate { stage: Some(values.non_empty("stage")), ..CandidateUpdate::default() }
        }
        ("label", Some(label)) => labelled(LabelChange { add: vec![label], remove: Vec::new() }),
        ("unlabel", Some(label)) => labelled(LabelChange { add: Vec::new(), remove: vec![label] }),
        _ => return Ok(reply::redirect(&format!("{}?said=nobody", candidate_list_path(&task)))),
    };
    if chosen.is_empty() {
        return Ok(reply::redirect(&format!("{}?said=nobody", candidate_list_path(&task))));
    }
    for candidate in &chosen {
        state
            .app
            .candidates()
            .update_candidate(staff.caller(), &task, candidate, change.clone())
            .await?;
    }
    Ok(reply::redirect(&format!("{}?said=changed&n={}", candidate_list_path(&task), chosen.len())))
}

fn labelled(labels: LabelChange) -> CandidateUpdate {
    CandidateUpdate { labels, ..CandidateUpdate::default() }
}

/// `POST …/candidates/{candidate}/do/renew`.
pub async fn renew(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path((task, candidate)): Path<(TaskId, CandidateId)>,
) -> Result<Response, PageError> {
    state.app.candidates().renew_access(staff.caller(), &task, &candidate).await?;
    Ok(reply::redirect(&format!("{}/{candidate}?said=renewed", candidate_list_path(&task))))
}

/// `POST …/candidates/{candidate}/do/delete`.
pub async fn delete(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path((task, candidate)): Path<(TaskId, CandidateId)>,
) -> Result<Response, PageError> {
    match state.app.candidates().delete_candidate(staff.caller(), &task, &candidate).await {
        Ok(()) => Ok(reply::redirect(&format!("{}?said=deleted", candidate_list_path(&task)))),
        Err(Failure::Refused(refused)) if refused.code == Refusal::CandidateAlreadyParticipated => {
            let mut errors = FormErrors::default();
            errors.add(
                "/delete",
                "This person has already taken part: erase the person instead, which keeps the scores.",
            );
            detail::detail_page(&state, &staff, &task, &candidate, None, errors, None).await
        }
        Err(failure) => Err(failure.into()),
    }
}

/// `POST …/candidates/{candidate}/do/erase`: shows the receipt.
pub async fn erase(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path((task, candidate)): Path<(TaskId, CandidateId)>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let values = FormValues(pairs);
    if !values.is("sure", "ERASE") {
        let mut errors = FormErrors::default();
        errors.add("/sure", "Type ERASE to confirm.");
        return detail::detail_page(&state, &staff, &task, &candidate, None, errors, None).await;
    }
    let options = ErasureOptions { grouping: values.has("grouping"), confirm: values.has("held") };
    match state.app.candidates().erase_candidate(staff.caller(), &task, &candidate, options).await {
        Ok(receipt) => detail::erased_page(&state, &staff, &task, receipt).await,
        Err(Failure::Refused(refused)) if refused.code == Refusal::InstanceHeld => {
            let mut errors = FormErrors::default();
            errors.add(
                "/sure",
                "Some files are on hold. Tick \"Also files on hold\" to delete them as well, and confirm again.",
            );
            detail::detail_page(&state, &staff, &task, &candidate, None, errors, None).await
        }
        Err(failure) => Err(failure.into()),
    }
}
