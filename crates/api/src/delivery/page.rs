//! `POST /instances/{id}/page`: goes to a page.

use super::read;
use super::schema::DeliveryInstance;
use super::writes::{ParsedWrites, WriteAcknowledgement, write_list};
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{boolean, integer};
use crate::request::{RequestObject as _, or_default, or_value, request};
use crate::state::ApiState;
use app::delivery::answers::MOST_ANSWER_BYTES;
use app::delivery::page::EnterPage;
use axum::Json;
use axum::extract;
use domain::fault::Faults;
use domain::id::InstanceId;
use serde::Serialize;
use utoipa::ToSchema;

request! {
    /// Enters a page.
    struct EnterPageRequest as "PageRequest" {
        /// From 1.
        page: u32 = integer::<u32>(1..=100_000),
        /// Goes on although required questions are unanswered, where that is only warned of.
        confirm: bool = or_value(boolean(), false),
        /// Saved first, in the same transaction.
        writes: ParsedWrites = or_default(write_list(0)),
    }
}

/// A page that was entered.
#[derive(Serialize, ToSchema)]
#[schema(as = EnteredPage)]
pub(super) struct EnterPageResponse {
    /// What became of the writes that came along, in their order.
    acknowledgements: Vec<WriteAcknowledgement>,
    /// Where the instance stands now.
    instance: DeliveryInstance,
}

/// Goes to a page. When it is refused, the writes that came along are not kept either.
///
/// 409 `confirmation_needed` and `required_unanswered` name the slots.
#[utoipa::path(
    post, path = "/instances/{id}/page", tag = "Taking a test", operation_id = "enterPage",
    params(("id" = String, Path)), request_body = EnterPageRequest,
    responses(
        (status = 200, body = EnterPageResponse), CommonErrors, PathErrors, BodyErrors, StateErrors
    )
)]
pub async fn enter_page(
    extract::State(state): extract::State<ApiState>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<EnterPageResponse>, Problem> {
    let visitor = read::candidate_session(&state, &head)?;
    let mut faults = Faults::new();
    let instance: InstanceId = read::id(&head, "id", &mut faults);
    let parse = EnterPageRequest::read;
    let EnterPageRequest { page, confirm, writes } =
        read::body_within(&head, body, MOST_ANSWER_BYTES, faults, parse).await?;
    let ParsedWrites { readable, places } = writes;
    let request = EnterPage { page, confirm, writes: readable };
    let entered = state.app.delivery().enter_page(&visitor, &instance, request).await?;
    let acknowledgements = places.acknowledgements(&entered.writes);
    Ok(Json(EnterPageResponse { acknowledgements, instance: entered.instance.into() }))
}
