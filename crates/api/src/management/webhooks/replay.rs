//! `POST /webhooks/{id}/replay`: sends a range of events again.

use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{moment, word};
use crate::request::{RequestObject as _, optional, request};
use crate::state::ApiState;
use app::caller::Caller;
use app::outbox::{OutboxFilter, OutboxTarget};
use axum::{Extension, Json, extract};
use domain::callback::MessageState;
use domain::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

request! {
    /// Which messages are sent again.
    pub(in crate::management) struct ReplayDeliveriesRequest as "ReplayRange"
        into OutboxFilter by to_filter
    {
        /// Events at this moment or later, in seconds since the epoch.
        since: Timestamp = moment(),
        /// Events before this moment, in seconds since the epoch.
        until: Option<Timestamp> = optional(moment()),
        /// Only those in this state, `failed` for example.
        state: Option<MessageState> = optional(word::<MessageState>()),
    }
}

fn to_filter(range: ReplayDeliveriesRequest, _: &BodyObject<'_>) -> Option<OutboxFilter> {
    let ReplayDeliveriesRequest { since, until, state } = range;
    Some(OutboxFilter { since: Some(since), until, state })
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
    let ([id], filter) =
        read::path_and_body(incoming, ["id"], ONE_MEBIBYTE, ReplayDeliveriesRequest::read).await?;
    let replayed = state
        .app
        .webhooks()
        .replay_messages(&caller, &OutboxTarget::from(id.as_str()), filter)
        .await?;
    Ok(Json(ReplayDeliveriesResponse { replayed }))
}
