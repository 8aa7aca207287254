//! `POST /questions/{id}/approve`: lets tests read a question.

use super::schema::ManagedQuestion;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::QuestionId;
use domain::role::Right;

/// Approves a question, so that tests can read it. One that is approved stays as it is. The body is
/// `{}`.
#[utoipa::path(
    post, path = "/questions/{id}/approve", tag = "Question bank", operation_id = "approveQuestion",
    params(("id" = String, Path)), request_body = crate::management::EmptyResponse,
    responses((status = 200, body = ManagedQuestion), CommonErrors, PathErrors, BodyErrors)
)]
pub async fn approve_question(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<ManagedQuestion>, Problem> {
    caller.require(Right::WriteTests)?;
    let ([id], ()) = read::path_and_body(incoming, ["id"], ONE_MEBIBYTE, |_| Some(())).await?;
    Ok(Json(state.app.bank().approve_question(&caller, &QuestionId::from(id)).await?.into()))
}
