//! `GET /instances/{id}`: where an own instance stands.

use super::read;
use super::schema::DeliveryInstance;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use axum::Json;
use axum::extract;
use domain::id::InstanceId;

/// Shows where an instance stands: pages, clocks, kept answers.
#[utoipa::path(
    get, path = "/instances/{id}", tag = "Taking a test", operation_id = "showInstance",
    params(("id" = String, Path)),
    responses((status = 200, body = DeliveryInstance), CommonErrors, PathErrors)
)]
pub async fn instance(
    extract::State(state): extract::State<ApiState>,
    incoming: RawRequest,
) -> Result<Json<DeliveryInstance>, Problem> {
    let visitor = read::candidate_session(&state, &incoming.head)?;
    let instance: InstanceId = read::path_id_only(incoming, "id").await?;
    Ok(Json(state.app.delivery().instance_view(&visitor, &instance).await?.into()))
}
