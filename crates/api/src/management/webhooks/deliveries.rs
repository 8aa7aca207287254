//! `GET /webhooks/{id}/deliveries`: the log of what a webhook was sent.

use super::schema::WebhookDelivery;
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::{integer, integer_or, query, text, word};
use crate::state::ApiState;
use crate::values::LAST_SECOND;
use app::caller::Caller;
use app::outbox::{OutboxFilter, OutboxLogQuery, OutboxTarget};
use axum::{Extension, Json, extract};
use domain::callback::MessageState;
use domain::fault::Faults;
use domain::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

query! {
    /// Which deliveries are listed, and where the run begins; of several filters all must hold.
    struct ListDeliveriesQuery {
        /// Only those that wait, were delivered, failed for good or were dropped.
        state: Option<MessageState> = word::<MessageState>(),
        /// Events at this moment or later, in seconds since the epoch.
        since: Option<i64> = integer(0..=LAST_SECOND),
        /// Events before this moment, in seconds since the epoch.
        until: Option<i64> = integer(0..=LAST_SECOND),
        /// Go on behind the delivery with this `eventId`, towards older ones.
        before: Option<String> = text(),
        /// The number of rows a run may have.
        limit: i64 = integer_or::<i64>(1..=100, 20),
    }
}

impl From<ListDeliveriesQuery> for OutboxLogQuery {
    fn from(query: ListDeliveriesQuery) -> Self {
        let ListDeliveriesQuery { state, since, until, before, limit } = query;
        let (since, until) =
            (since.map(Timestamp::from_seconds), until.map(Timestamp::from_seconds));
        Self { filter: OutboxFilter { state, since, until }, behind: before, limit }
    }
}

/// A run of deliveries.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DeliveryRun)]
pub(in crate::management) struct ListDeliveriesResponse {
    /// The deliveries, newest first.
    deliveries: Vec<WebhookDelivery>,
    /// Whether there are older ones.
    has_more: bool,
}

/// Lists what a webhook was sent, or is to be sent, with every try, the newest first. With the id
/// `callback`: the callbacks of candidates. What was finished is kept for 30 days.
#[utoipa::path(
    get, path = "/webhooks/{id}/deliveries", tag = "Webhooks", operation_id = "listDeliveries",
    params(("id" = String, Path), ListDeliveriesQuery),
    responses((status = 200, body = ListDeliveriesResponse), CommonErrors, PathErrors)
)]
pub async fn list_deliveries(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<ListDeliveriesResponse>, Problem> {
    caller.require_whole_organization()?;
    let mut faults = Faults::new();
    let [id] = read::path_ids(&head, ["id"], &mut faults);
    let query: ListDeliveriesQuery = read::query(&head, &mut faults);
    read::no_body(body, &mut faults).await;
    faults.into_result()?;
    let run = state
        .app
        .webhooks()
        .messages(&caller, &OutboxTarget::from(id.as_str()), query.into())
        .await?;
    let deliveries = run.messages.into_iter().map(WebhookDelivery::from).collect();
    Ok(Json(ListDeliveriesResponse { deliveries, has_more: run.has_more }))
}
