//! `POST /tasks/{taskId}/candidates/invite`: invites candidates by e-mail.

use super::schema::ManagedMail;
use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{id, label, moment, set};
use crate::request::{RequestObject as _, optional, request};
use crate::state::ApiState;
use app::caller::Caller;
use app::candidates::Invitation;
use app::mail::InviteRequest;
use axum::{Extension, Json, extract};
use domain::id::{CandidateId, TaskId};
use domain::role::Right;
use domain::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Candidates that one request may invite.
const MOST: usize = 1000;

request! {
    /// Who is invited, and by which template.
    pub(in crate::management) struct InviteCandidatesRequest as "InviteCandidates"
        into InviteRequest by to_invite
    {
        /// The candidates to write to.
        candidate_ids: Vec<CandidateId> = set(1..=MOST, id::<CandidateId>()),
        /// The name of one of the task's e-mail templates.
        email_template_name: String = label(),
        /// Not sent before this moment, in seconds since the epoch; at once when omitted or past.
        date_to_send: Option<Timestamp> = optional(moment()),
    }
}

fn to_invite(invite: InviteCandidatesRequest, _: &BodyObject<'_>) -> Option<InviteRequest> {
    let InviteCandidatesRequest { candidate_ids, email_template_name, date_to_send } = invite;
    let invitation = Invitation { template: email_template_name, at: date_to_send };
    Some(InviteRequest { candidates: candidate_ids, invitation })
}

/// The invitations that were written.
#[derive(Serialize, ToSchema)]
#[schema(as = Invited)]
pub(in crate::management) struct InviteCandidatesResponse {
    /// One for each address.
    mails: Vec<ManagedMail>,
}

/// Invites candidates who are registered already, all or none: one mail to each of their addresses.
/// Without a mail server the mails are kept and can be read here.
#[utoipa::path(
    post, path = "/tasks/{taskId}/candidates/invite", tag = "Mail",
    operation_id = "inviteCandidates", params(("taskId" = String, Path)),
    request_body = InviteCandidatesRequest,
    responses((status = 200, body = InviteCandidatesResponse), CommonErrors, PathErrors, BodyErrors)
)]
pub async fn invite_candidates(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<InviteCandidatesResponse>, Problem> {
    caller.require(Right::WriteCandidates)?;
    let ([task], invite) =
        read::path_and_body(incoming, ["taskId"], ONE_MEBIBYTE, InviteCandidatesRequest::read)
            .await?;
    let mails = state.app.mail().invite_candidates(&caller, &TaskId::from(task), invite).await?;
    Ok(Json(InviteCandidatesResponse {
        mails: mails.into_iter().map(|mail| ManagedMail::of(mail, Vec::new())).collect(),
    }))
}
