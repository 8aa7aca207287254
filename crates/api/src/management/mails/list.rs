//! `GET /mails`: the log of mail.

use super::schema::{ManagedMail, states};
use crate::management::read;
use crate::openapi::CommonErrors;
use crate::problem::Problem;
use crate::raw_request::{RawRequest, RequestHead};
use crate::state::ApiState;
use app::caller::Caller;
use app::mail::{MailFilter, MailQuery};
use axum::{Extension, Json, extract};
use domain::fault::Faults;
use domain::id::{CandidateId, MailId, TaskId};
use domain::instance::Scope;
use domain::mail::MailState;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[allow(dead_code, reason = "only its description is used")]
struct ListMailsQuery {
    /// Only mail of this task.
    #[param(nullable = false, min_length = 1)]
    task_id: Option<String>,
    /// Only mail to this candidate.
    #[param(nullable = false, min_length = 1)]
    candidate_id: Option<String>,
    #[param(schema_with = states, required = false)]
    state: Option<String>,
    /// Go on behind the mail with this id, towards older ones.
    #[param(nullable = false, min_length = 1)]
    before: Option<String>,
    /// The number of rows a run may have.
    #[param(nullable = false, minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
}

/// A run of mails.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MailRun)]
pub(in crate::management) struct ListMailsResponse {
    /// The mails, newest first.
    mails: Vec<ManagedMail>,
    /// Whether there are older ones.
    has_more: bool,
}

/// Lists mail with every try, the newest first; of several filters all must hold. What was finished
/// is kept for 30 days.
#[utoipa::path(
    get, path = "/mails", tag = "Mail", operation_id = "listMails", params(ListMailsQuery),
    responses((status = 200, body = ListMailsResponse), CommonErrors)
)]
pub async fn list_mails(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<ListMailsResponse>, Problem> {
    caller.require_scope(Scope::CandidatesRead)?;
    let mut faults = Faults::new();
    let query = read_query(&head, &mut faults);
    read::no_body(body, &mut faults).await;
    faults.into_result()?;
    let run = state.app.mails(&caller, query).await?;
    Ok(Json(ListMailsResponse {
        mails: run.mails.into_iter().map(ManagedMail::from).collect(),
        has_more: run.has_more,
    }))
}

fn read_query(head: &RequestHead, faults: &mut Faults) -> MailQuery {
    let mut query = head.query();
    let filter = MailFilter {
        task: query.text("taskId").map(TaskId::from),
        candidate: query.text("candidateId").map(CandidateId::from),
        state: query.one_of("state", MailState::ALL, MailState::as_str),
    };
    let behind = query.text("before").map(MailId::from);
    let limit = query.integer("limit", 1..=100, 20);
    query.finish(faults);
    MailQuery { filter, behind, limit }
}
