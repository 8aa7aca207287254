//! What is done with candidates by a button: marking the chosen, renewing access, deleting, erasing.

use super::{Table, one, roll_address};
use crate::desk::Desk;
use crate::reply;
use crate::staff::{Given, Staff, Told};
use crate::trouble::Trouble;
use app::Failure;
use app::candidates::{CandidateUpdate, LabelChange};
use app::erasure::Erasure;
use axum::extract::{Form, Path, State};
use axum::response::Response;
use axum::routing::post;
use domain::id::{CandidateId, TaskId};
use domain::refusal::Refusal;

pub fn table() -> Table {
    vec![
        ("/staff/tasks/{task}/candidates/do/mark", post(mark)),
        ("/staff/tasks/{task}/candidates/{candidate}/do/renew", post(renew)),
        ("/staff/tasks/{task}/candidates/{candidate}/do/delete", post(delete)),
        ("/staff/tasks/{task}/candidates/{candidate}/do/erase", post(erase)),
    ]
}

/// `POST …/candidates/do/mark`: stage or label of the chosen, one after the other.
pub async fn mark(
    State(desk): State<Desk>,
    staff: Staff,
    Path(task): Path<TaskId>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let given = Given(pairs);
    let chosen: Vec<CandidateId> = given.all("candidate").map(CandidateId::from).collect();
    let label = given.some("label");
    let change = match (given.text("act"), label) {
        ("stage", _) => CandidateUpdate { stage: Some(given.some("stage")), ..CandidateUpdate::default() },
        ("label", Some(label)) => labelled(LabelChange { add: vec![label], remove: Vec::new() }),
        ("unlabel", Some(label)) => labelled(LabelChange { add: Vec::new(), remove: vec![label] }),
        _ => return Ok(reply::go(&format!("{}?said=nobody", roll_address(&task)))),
    };
    if chosen.is_empty() {
        return Ok(reply::go(&format!("{}?said=nobody", roll_address(&task))));
    }
    for candidate in &chosen {
        desk.app.update_candidate(staff.caller(), &task, candidate, change.clone()).await?;
    }
    Ok(reply::go(&format!("{}?said=changed&n={}", roll_address(&task), chosen.len())))
}

fn labelled(labels: LabelChange) -> CandidateUpdate {
    CandidateUpdate { labels, ..CandidateUpdate::default() }
}

/// `POST …/candidates/{candidate}/do/renew`.
pub async fn renew(
    State(desk): State<Desk>,
    staff: Staff,
    Path((task, candidate)): Path<(TaskId, CandidateId)>,
) -> Result<Response, Trouble> {
    desk.app.renew_access(staff.caller(), &task, &candidate).await?;
    Ok(reply::go(&format!("{}/{candidate}?said=renewed", roll_address(&task))))
}

/// `POST …/candidates/{candidate}/do/delete`.
pub async fn delete(
    State(desk): State<Desk>,
    staff: Staff,
    Path((task, candidate)): Path<(TaskId, CandidateId)>,
) -> Result<Response, Trouble> {
    match desk.app.delete_candidate(staff.caller(), &task, &candidate).await {
        Ok(()) => Ok(reply::go(&format!("{}?said=deleted", roll_address(&task)))),
        Err(Failure::Refused(refused)) if refused.code == Refusal::CandidateAlreadyParticipated => {
            let mut told = Told::default();
            told.add("/delete", "Took part already: erase the person instead, which keeps the figures.");
            one::page(&desk, &staff, &task, &candidate, None, told, None).await
        }
        Err(failure) => Err(failure.into()),
    }
}

/// `POST …/candidates/{candidate}/do/erase`: shows the receipt.
pub async fn erase(
    State(desk): State<Desk>,
    staff: Staff,
    Path((task, candidate)): Path<(TaskId, CandidateId)>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let given = Given(pairs);
    if !given.is("sure", "ERASE") {
        let mut told = Told::default();
        told.add("/sure", "Type ERASE to confirm.");
        return one::page(&desk, &staff, &task, &candidate, None, told, None).await;
    }
    let asked = Erasure { grouping: given.has("grouping"), confirm: given.has("held") };
    match desk.app.erase_candidate(staff.caller(), &task, &candidate, asked).await {
        Ok(receipt) => one::erased(&desk, &staff, &task, receipt).await,
        Err(Failure::Refused(refused)) if refused.code == Refusal::InstanceHeld => {
            let mut told = Told::default();
            told.add("/sure", "Files of a test are held. Tick that they are to go as well, and confirm again.");
            one::page(&desk, &staff, &task, &candidate, None, told, None).await
        }
        Err(failure) => Err(failure.into()),
    }
}
