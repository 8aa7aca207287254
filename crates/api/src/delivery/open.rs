//! `POST /instances/{id}/open`: goes on with an instance, on this device or another.

use super::read;
use super::shape::Instance;
use crate::incoming::Incoming;
use crate::openapi::{CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::server::State;
use axum::Json;
use axum::extract;
use domain::id::InstanceId;

/// Opens an instance. The first time after reinstating, its clocks start.
#[utoipa::path(post, path = "/instances/{id}/open", tag = "Taking a test", operation_id = "openInstance",
    params(("id" = String, Path)), responses((status = 200, body = Instance), CommonErrors, PathErrors, StateErrors))]
pub async fn open(extract::State(state): extract::State<State>, incoming: Incoming) -> Result<Json<Instance>, Problem> {
    let visitor = read::visitor(&state, &incoming.head)?;
    let instance: InstanceId = read::only_id(incoming, "id").await?;
    Ok(Json(state.app.open_instance(&visitor, &instance).await?.into()))
}
