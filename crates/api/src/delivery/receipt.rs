//! `GET /instances/{id}/receipt`: the receipt of a completed instance again.

use super::read;
use super::shape::Receipt;
use crate::incoming::Incoming;
use crate::openapi::{CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::server::State;
use axum::Json;
use axum::extract;
use domain::id::InstanceId;

/// Shows the receipt of a completed instance. 409 `instance_open` before completion.
#[utoipa::path(get, path = "/instances/{id}/receipt", tag = "Taking a test", operation_id = "showReceipt",
    params(("id" = String, Path)), responses((status = 200, body = Receipt), CommonErrors, PathErrors, StateErrors))]
pub async fn receipt(
    extract::State(state): extract::State<State>,
    incoming: Incoming,
) -> Result<Json<Receipt>, Problem> {
    let visitor = read::visitor(&state, &incoming.head)?;
    let instance: InstanceId = read::only_id(incoming, "id").await?;
    Ok(Json(Receipt::from(&state.app.receipt(&visitor, &instance).await?)))
}
