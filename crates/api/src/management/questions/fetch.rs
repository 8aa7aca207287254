//! `GET /questions/{id}`: one question of the bank.

use super::schema::ManagedQuestion;
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::QuestionId;
use domain::role::Right;

/// Fetches a question of the bank, without its document.
#[utoipa::path(
    get, path = "/questions/{id}", tag = "Question bank", operation_id = "getQuestion",
    params(("id" = String, Path)),
    responses((status = 200, body = ManagedQuestion), CommonErrors, PathErrors)
)]
pub async fn get_question(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<ManagedQuestion>, Problem> {
    caller.require(Right::ReadTests)?;
    let [id] = read::path_ids_only(incoming, ["id"]).await?;
    Ok(Json(state.app.bank().question(&caller, &QuestionId::from(id)).await?.into()))
}
