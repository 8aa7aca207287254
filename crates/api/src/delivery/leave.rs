//! `POST /leave`: ends the log-in session.

use super::read;
use crate::openapi::CommonErrors;
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use axum::Json;
use axum::extract;
use serde::Serialize;
use utoipa::ToSchema;

/// Nothing to tell.
#[derive(Serialize, ToSchema)]
pub(super) struct LeaveResponse {}

/// Ends the log-in session. Running clocks go on.
#[utoipa::path(post, path = "/leave", tag = "Entering", operation_id = "leave",
    responses((status = 200, body = LeaveResponse), CommonErrors))]
pub async fn leave(
    extract::State(state): extract::State<ApiState>,
    incoming: RawRequest,
) -> Result<Json<LeaveResponse>, Problem> {
    let visitor = read::candidate_session(&state, &incoming.head)?;
    read::no_query_or_body(incoming).await?;
    state.app.delivery().end_candidate_session(&visitor).await?;
    Ok(Json(LeaveResponse {}))
}
