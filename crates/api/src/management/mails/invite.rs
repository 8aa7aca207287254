//! `POST /tasks/{taskId}/candidates/invite`: invites candidates by e-mail.

use super::schema::ManagedMail;
use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use crate::values;
use app::caller::Caller;
use app::candidates::Invitation;
use app::mail::InviteRequest;
use axum::{Extension, Json, extract};
use domain::id::{CandidateId, TaskId};
use domain::instance::Scope;
use serde::Serialize;
use utoipa::ToSchema;

/// Candidates that one request may invite.
const MOST: usize = 1000;

/// Who is invited, and by which template.
#[derive(ToSchema)]
#[schema(as = InviteCandidates, rename_all = "camelCase")]
#[allow(dead_code, reason = "only its schema is used")]
pub(in crate::management) struct InviteCandidatesRequest {
    /// The candidates to write to, 1 to 1000.
    #[schema(min_items = 1, max_items = 1000)]
    candidate_ids: Vec<String>,
    /// The name of one of the task's e-mail templates.
    #[schema(min_length = 1, max_length = 200)]
    email_template_name: String,
    /// Seconds since 1970; at once when omitted or past.
    #[schema(nullable = false)]
    date_to_send: Option<i64>,
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
    caller.require_scope(Scope::CandidatesWrite)?;
    let ([task], invite) = read::path_and_body(incoming, ["taskId"], ONE_MEBIBYTE, shape).await?;
    let mails = state.app.invite_candidates(&caller, &TaskId::from(task), invite).await?;
    Ok(Json(InviteCandidatesResponse {
        mails: mails.into_iter().map(|mail| ManagedMail::of(mail, Vec::new())).collect(),
    }))
}

fn shape(object: &BodyObject<'_>) -> Option<InviteRequest> {
    let candidates = object
        .required("candidateIds")
        .set(1..=MOST, |item| item.text(1..=64).map(CandidateId::from));
    let template = values::text(&object.required("emailTemplateName"));
    let at = values::moment(&object.optional("dateToSend"));
    Some(InviteRequest {
        candidates: candidates?,
        invitation: Invitation { template: template?, at },
    })
}
