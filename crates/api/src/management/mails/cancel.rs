//! `POST /mails/{id}/cancel`: calls a mail off.

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

/// Calls off a mail that waits for its date or its next try. One that is finished stays as it is.
#[utoipa::path(post, path = "/mails/{id}/cancel", tag = "Mail", operation_id = "cancelMail",
    params(("id" = String, Path)), request_body = EmptyResponse,
    responses((status = 200, body = MailWithText), CommonErrors, PathErrors, BodyErrors))]
pub async fn cancel_mail(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<MailWithText>, Problem> {
    caller.require(Right::WriteCandidates)?;
    let ([id], ()) = read::path_and_body(incoming, ["id"], ONE_MEBIBYTE, |_| Some(())).await?;
    Ok(Json(state.app.mail().cancel_mail(&caller, &MailId::from(id)).await?.into()))
}
