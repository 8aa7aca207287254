//! `POST /webhooks/{id}/replay`: sends a range of events again.

use super::schema::states;
use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use crate::values;
use app::caller::Caller;
use app::outbox::{OutboxFilter, OutboxTarget};
use axum::{Extension, Json, extract};
use domain::callback::MessageState;
use serde::Serialize;
use utoipa::ToSchema;

/// Which messages are sent again.
#[derive(ToSchema)]
#[schema(as = ReplayRange)]
#[allow(dead_code, reason = "only its schema is used")]
pub(in crate::management) struct ReplayDeliveriesRequest {
    /// Events at this moment or later, in seconds.
    since: i64,
    /// Events before this moment, in seconds.
    #[schema(nullable = false)]
    until: Option<i64>,
    /// Only those in this state, `failed` for example.
    #[schema(schema_with = states, required = false)]
    state: Option<String>,
}

/// What is sent again.
#[derive(Serialize, ToSchema)]
#[schema(as = Replayed)]
pub(in crate::management) struct ReplayDeliveriesResponse {
    /// How many are sent again.
    replayed: u64,
}

/// Sends all finished events of a range again at once: same ids, same bytes. With the id
/// `callback`: the callbacks of candidates. Some hundred are put in line at a time; after the
/// server ended in the middle, repeating it sends the others.
#[utoipa::path(
    post, path = "/webhooks/{id}/replay", tag = "Webhooks", operation_id = "replayDeliveries",
    params(("id" = String, Path)), request_body = ReplayDeliveriesRequest,
    responses((status = 200, body = ReplayDeliveriesResponse), CommonErrors, PathErrors, BodyErrors)
)]
pub async fn replay_deliveries(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<ReplayDeliveriesResponse>, Problem> {
    caller.require_whole_organization()?;
    let ([id], filter) = read::path_and_body(incoming, ["id"], ONE_MEBIBYTE, shape).await?;
    let replayed =
        state.app.replay_messages(&caller, &OutboxTarget::from(id.as_str()), filter).await?;
    Ok(Json(ReplayDeliveriesResponse { replayed }))
}

fn shape(object: &BodyObject<'_>) -> Option<OutboxFilter> {
    let since = values::moment(&object.required("since"));
    let until = values::moment(&object.optional("until"));
    let state = object.optional("state").one_of(MessageState::ALL, MessageState::as_str);
    Some(OutboxFilter { since: Some(since?), until, state })
}
