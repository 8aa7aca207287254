//! `GET /mails/{id}`: one mail with its text.

use super::schema::MailWithText;
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::MailId;
use domain::role::Right;

/// Fetches a mail with its text: as it was sent, or while it waits as it would be sent now.
#[utoipa::path(
    get, path = "/mails/{id}", tag = "Mail", operation_id = "getMail",
    params(("id" = String, Path)),
    responses((status = 200, body = MailWithText), CommonErrors, PathErrors)
)]
pub async fn get_mail(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<MailWithText>, Problem> {
    caller.require(Right::ReadCandidates)?;
    let [id] = read::path_ids_only(incoming, ["id"]).await?;
    Ok(Json(state.app.mail().find_mail(&caller, &MailId::from(id)).await?.into()))
}
