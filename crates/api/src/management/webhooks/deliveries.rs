//! `GET /webhooks/{id}/deliveries`: the log of what a webhook was sent.

use super::schema::{WebhookDelivery, states};
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::query::QueryReader;
use crate::raw_request::{RawRequest, RequestHead};
use crate::state::ApiState;
use crate::values::LAST_SECOND;
use app::caller::Caller;
use app::outbox::{OutboxFilter, OutboxLogQuery, OutboxTarget};
use axum::{Extension, Json, extract};
use domain::callback::MessageState;
use domain::fault::Faults;
use domain::time::Timestamp;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "only its description is used")]
struct ListDeliveriesQuery {
    #[param(schema_with = states, required = false)]
    state: Option<String>,
    /// Events at this moment or later, in seconds.
    #[param(nullable = false, minimum = 0)]
    since: Option<i64>,
    /// Events before this moment, in seconds.
    #[param(nullable = false, minimum = 0)]
    until: Option<i64>,
    /// Go on behind the delivery with this `eventId`, towards older ones.
    #[param(nullable = false, min_length = 1)]
    before: Option<String>,
    /// The number of rows a run may have.
    #[param(nullable = false, minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
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
    let query = read_query(&head, &mut faults);
    read::no_body(body, &mut faults).await;
    faults.into_result()?;
    let run = state.app.messages(&caller, &OutboxTarget::from(id.as_str()), query).await?;
    let deliveries = run.messages.into_iter().map(WebhookDelivery::from).collect();
    Ok(Json(ListDeliveriesResponse { deliveries, has_more: run.has_more }))
}

fn read_query(head: &RequestHead, faults: &mut Faults) -> OutboxLogQuery {
    let mut query = head.query();
    let filter = OutboxFilter {
        state: query.one_of("state", MessageState::ALL, MessageState::as_str),
        since: moment(&mut query, "since"),
        until: moment(&mut query, "until"),
    };
    let behind = query.text("before");
    let limit = query.integer("limit", 1..=100, 20);
    query.finish(faults);
    OutboxLogQuery { filter, behind, limit }
}

fn moment(query: &mut QueryReader<'_>, name: &'static str) -> Option<Timestamp> {
    let is_sent = query.has(name);
    let seconds = query.integer(name, 0..=LAST_SECOND, 0);
    is_sent.then(|| Timestamp::from_seconds(seconds))
}
