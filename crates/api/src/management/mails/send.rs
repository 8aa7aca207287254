//! `POST /mails/{id}/send`: sends a mail again.

use super::shape::WithText;
use crate::body::receive::ONE_MEBIBYTE;
use crate::incoming::Incoming;
use crate::management::{Empty, read};
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::MailId;
use domain::instance::Scope;

/// Sends a finished mail again at once, written anew with the candidate's present code; tries count anew. One that waits
/// already stays as it is. 404 when the candidate was deleted or erased.
#[utoipa::path(post, path = "/mails/{id}/send", tag = "Mail", operation_id = "sendMail",
    params(("id" = String, Path)), request_body = Empty,
    responses((status = 200, body = WithText), CommonErrors, PathErrors, BodyErrors))]
pub async fn send_mail(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Json<WithText>, Problem> {
    caller.require(Scope::CandidatesWrite)?;
    let ([id], ()) = read::path_and_body(incoming, ["id"], ONE_MEBIBYTE, |_| Some(())).await?;
    Ok(Json(state.app.resend_mail(&caller, &MailId::from(id)).await?.into()))
}
