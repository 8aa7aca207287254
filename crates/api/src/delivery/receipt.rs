//! `GET /instances/{id}/receipt`: the receipt of a completed instance again.

use super::read;
use super::schema::ReceiptResponse;
use crate::openapi::{CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use axum::Json;
use axum::extract;
use domain::id::InstanceId;

/// Shows the receipt of a completed instance. 409 `instance_open` before completion.
#[utoipa::path(
    get, path = "/instances/{id}/receipt", tag = "Taking a test", operation_id = "showReceipt",
    params(("id" = String, Path)),
    responses((status = 200, body = ReceiptResponse), CommonErrors, PathErrors, StateErrors)
)]
pub async fn receipt(
    extract::State(state): extract::State<ApiState>,
    incoming: RawRequest,
) -> Result<Json<ReceiptResponse>, Problem> {
    let visitor = read::candidate_session(&state, &incoming.head)?;
    let instance: InstanceId = read::path_id_only(incoming, "id").await?;
    Ok(Json(ReceiptResponse::from(&state.app.delivery().receipt(&visitor, &instance).await?)))
}
