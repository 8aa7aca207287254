//! What staff do to one instance, from its report.

use super::action_form::InstanceActionForm;
use super::report;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::SignedInStaff;
use crate::state::PagesState;
use app::Failure;
use app::administration::{LimitExtension, Reinstatement, ReleaseAct, TimeLimitScope};
use axum::extract::{Form, Path, State};
use axum::response::Response;
use domain::id::{InstanceId, TaskId};
use std::collections::BTreeMap;

/// `POST /staff/tasks/{task}/results/{instance}/do/act`.
pub async fn submit(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path((task, instance)): Path<(String, String)>,
    Form(form): Form<InstanceActionForm>,
) -> Result<Response, PageError> {
    let (task, instance) = (TaskId::from(task), InstanceId::from(instance));
    match done(&state, &staff, &task, &instance, &form).await {
        Ok(()) => Ok(reply::redirect(&format!(
            "/staff/tasks/{task}/results/{instance}?said={}",
            word(&form.act)
        ))),
        Err(failure @ (Failure::Faults(_) | Failure::Refused(_) | Failure::Unfit { .. })) => {
            report::rerender_with_errors(&state, &staff, &task, &instance, form, failure).await
        }
        Err(failure) => Err(failure.into()),
    }
}

async fn done(
    state: &PagesState,
    staff: &SignedInStaff,
    task: &TaskId,
    instance: &InstanceId,
    form: &InstanceActionForm,
) -> Result<(), Failure> {
    let (app, caller) = (&state.app, staff.caller());
    match form.act.as_str() {
        "ignore" => {
            app.instances().ignore(caller, task, instance, text(&form.reason)).await.map(drop)
        }
        "reacknowledge" => {
            let reason = text(&form.reason);
            app.instances().reacknowledge(caller, task, instance, reason).await.map(drop)
        }
        "release" | "hide" => {
            let act = match form.act.as_str() {
                "release" => ReleaseAct::Release,
                _ => ReleaseAct::Withdraw,
            };
            app.instances().release_instance_result(caller, task, instance, act).await.map(drop)
        }
        "close" => app.instances().force_close(caller, task, instance).await.map(drop),
        "rescore" => {
            app.instances().rescore(caller, task, instance, text(&form.note)).await.map(drop)
        }
        // What is no number is out of the range, which is what is told then.
        "extend" => {
            let seconds = form.minutes.trim().parse::<u32>().unwrap_or(0).saturating_mul(60);
            app.instances()
                .extend(
                    caller,
                    task,
                    instance,
                    LimitExtension { place: TimeLimitScope::Test, seconds },
                )
                .await
                .map(drop)
        }
        "reinstate" => {
            let how = reinstatement(form);
            app.instances().reinstate(caller, task, instance, how).await.map(drop)
        }
        "withdraw" => app
            .evaluation()
            .withdraw_evaluation(caller, task, instance, form.slot.parse().unwrap_or(0))
            .await
            .map(drop),
        _ => Err(Failure::NotFound),
    }
}

fn reinstatement(form: &InstanceActionForm) -> Reinstatement {
    let numbers = form.pages.split([',', ' ']).filter(|number| !number.is_empty());
    // A page that is no number is page 0, which is not found.
    let pages: Vec<u32> = numbers.map(|number| number.parse().unwrap_or(0)).collect();
    Reinstatement {
        client_token: format!("page-{}", form.revision),
        pages: (!pages.is_empty()).then_some(pages),
        start: None,
        time: BTreeMap::new(),
        reason: form.reason.trim().to_owned(),
    }
}

fn text(typed: &str) -> Option<String> {
    Some(typed.trim().to_owned()).filter(|typed| !typed.is_empty())
}

/// What the page is to say afterwards; nothing of what was sent goes into an address.
fn word(act: &str) -> &'static str {
    match act {
        "ignore" => "ignored",
        "reacknowledge" => "reacknowledged",
        "close" => "closed",
        "rescore" => "rescored",
        "extend" => "extended",
        "reinstate" => "reinstated",
        "release" => "released",
        "hide" => "hidden",
        _ => "withdrawn",
    }
}
