//! `GET /instances/{id}`: where an own instance stands.

use super::read;
use super::shape::Instance;
use crate::incoming::Incoming;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::server::State;
use axum::Json;
use axum::extract;
use domain::id::InstanceId;

/// Shows where an instance stands: pages, clocks, kept answers.
#[utoipa::path(get, path = "/instances/{id}", tag = "Taking a test", operation_id = "showInstance",
    params(("id" = String, Path)), responses((status = 200, body = Instance), CommonErrors, PathErrors))]
pub async fn instance(
    extract::State(state): extract::State<State>,
    incoming: Incoming,
) -> Result<Json<Instance>, Problem> {
    let visitor = read::visitor(&state, &incoming.head)?;
    let instance: InstanceId = read::only_id(incoming, "id").await?;
    Ok(Json(state.app.instance_view(&visitor, &instance).await?.into()))
}
