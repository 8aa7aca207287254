//! `POST /instances/{id}/open`: goes on with an instance, on this device or another.

use super::read;
use super::schema::DeliveryInstance;
use crate::openapi::{CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use axum::Json;
use axum::extract;
use domain::id::InstanceId;

/// Opens an instance. The first time after reinstating, its clocks start.
#[utoipa::path(
    post, path = "/instances/{id}/open", tag = "Taking a test", operation_id = "openInstance",
    params(("id" = String, Path)),
    responses((status = 200, body = DeliveryInstance), CommonErrors, PathErrors, StateErrors)
)]
pub async fn open(
    extract::State(state): extract::State<ApiState>,
    incoming: RawRequest,
) -> Result<Json<DeliveryInstance>, Problem> {
    let visitor = read::candidate_session(&state, &incoming.head)?;
    let instance: InstanceId = read::path_id_only(incoming, "id").await?;
    Ok(Json(state.app.delivery().open_instance(&visitor, &instance).await?.into()))
}
