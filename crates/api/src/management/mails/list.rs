//! `GET /mails`: the log of mail.

use super::schema::ManagedMail;
use crate::management::read;
use crate::openapi::CommonErrors;
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::{id, integer_or, query, word};
use crate::state::ApiState;
use app::caller::Caller;
use app::mail::{MailFilter, MailQuery};
use axum::{Extension, Json, extract};
use domain::fault::Faults;
use domain::id::{CandidateId, MailId, TaskId};
use domain::mail::MailState;
use domain::role::Right;
use serde::Serialize;
use utoipa::ToSchema;

query! {
    /// Which mails are listed, and where the run begins; of several filters all must hold.
    struct ListMailsQuery {
        /// Only mail of this task.
        task_id: Option<TaskId> = id::<TaskId>(),
        /// Only mail to this candidate.
        candidate_id: Option<CandidateId> = id::<CandidateId>(),
        /// Only mail that waits, was sent, was kept, failed for good or was cancelled.
        state: Option<MailState> = word::<MailState>(),
        /// Go on behind the mail with this id, towards older ones.
        before: Option<MailId> = id::<MailId>(),
        /// The number of rows a run may have.
        limit: i64 = integer_or::<i64>(1..=100, 20),
    }
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
    caller.require(Right::ReadCandidates)?;
    let mut faults = Faults::new();
    let query: ListMailsQuery = read::query(&head, &mut faults);
    read::no_body(body, &mut faults).await;
    faults.into_result()?;
    let ListMailsQuery { task_id: task, candidate_id: candidate, state: mail_state, before, limit } =
        query;
    let filter = MailFilter { task, candidate, state: mail_state };
    let run = state.app.mail().mails(&caller, MailQuery { filter, behind: before, limit }).await?;
    Ok(Json(ListMailsResponse {
        mails: run.mails.into_iter().map(ManagedMail::from).collect(),
        has_more: run.has_more,
    }))
}
