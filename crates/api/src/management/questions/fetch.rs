//! `GET /questions/{id}`: one question of the bank.

use super::shape::Question;
use crate::incoming::Incoming;
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::QuestionId;
use domain::instance::Scope;

/// Fetches a question of the bank, without its document.
#[utoipa::path(get, path = "/questions/{id}", tag = "Question bank", operation_id = "getQuestion",
    params(("id" = String, Path)), responses((status = 200, body = Question), CommonErrors, PathErrors))]
pub async fn get_question(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Json<Question>, Problem> {
    caller.require(Scope::TestsRead)?;
    let [id] = read::only_path(incoming, ["id"]).await?;
    Ok(Json(state.app.question(&caller, &QuestionId::from(id)).await?.into()))
}
