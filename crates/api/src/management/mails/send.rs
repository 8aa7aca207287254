//! `POST /mails/{id}/send`: sends a mail again.

use super::schema::MailWithText;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::{EmptyResponse, read};
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::MailId;
use domain::role::Right;

/// Sends a finished mail again at once, written anew with the candidate's present code; tries count
/// anew. One that waits already stays as it is. 404 when the candidate was deleted or erased.
#[utoipa::path(post, path = "/mails/{id}/send", tag = "Mail", operation_id = "sendMail",
    params(("id" = String, Path)), request_body = EmptyResponse,
    responses((status = 200, body = MailWithText), CommonErrors, PathErrors, BodyErrors))]
pub async fn send_mail(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<MailWithText>, Problem> {
    caller.require(Right::WriteCandidates)?;
    let ([id], ()) = read::path_and_body(incoming, ["id"], ONE_MEBIBYTE, |_| Some(())).await?;
    Ok(Json(state.app.mail().resend_mail(&caller, &MailId::from(id)).await?.into()))
}
