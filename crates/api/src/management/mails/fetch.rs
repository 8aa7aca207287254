//! `GET /mails/{id}`: one mail with its text.

use super::shape::WithText;
use crate::incoming::Incoming;
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::MailId;
use domain::instance::Scope;

/// Fetches a mail with its text: as it was sent, or while it waits as it would be sent now.
#[utoipa::path(get, path = "/mails/{id}", tag = "Mail", operation_id = "getMail",
    params(("id" = String, Path)), responses((status = 200, body = WithText), CommonErrors, PathErrors))]
pub async fn get_mail(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Json<WithText>, Problem> {
    caller.require(Scope::CandidatesRead)?;
    let [id] = read::only_path(incoming, ["id"]).await?;
    Ok(Json(state.app.mail(&caller, &MailId::from(id)).await?.into()))
}
