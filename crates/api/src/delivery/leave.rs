//! `POST /leave`: ends the log-in session.

use super::read;
use crate::incoming::Incoming;
use crate::openapi::CommonErrors;
use crate::problem::Problem;
use crate::server::State;
use axum::Json;
use axum::extract;
use serde::Serialize;
use utoipa::ToSchema;

/// Nothing to tell.
#[derive(Serialize, ToSchema)]
pub(super) struct Done {}

/// Ends the log-in session. Running clocks go on.
#[utoipa::path(post, path = "/leave", tag = "Entering", operation_id = "leave",
    responses((status = 200, body = Done), CommonErrors))]
pub async fn leave(extract::State(state): extract::State<State>, incoming: Incoming) -> Result<Json<Done>, Problem> {
    let visitor = read::visitor(&state, &incoming.head)?;
    read::nothing(incoming).await?;
    state.app.leave(&visitor).await?;
    Ok(Json(Done {}))
}
