//! `POST /instances/{id}/page`: goes to a page.

use super::read;
use super::schema::DeliveryInstance;
use super::writes::{self, ParsedWrites, UnreadableWrites, WriteAcknowledgement, WriteBody};
use crate::body::BodyObject;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::delivery::answers::MOST_ANSWER_BYTES;
use app::delivery::page::EnterPage;
use axum::Json;
use axum::extract;
use domain::fault::Faults;
use domain::id::InstanceId;
use serde::Serialize;
use utoipa::ToSchema;

/// Enters a page.
#[derive(ToSchema)]
#[schema(as = PageRequest)]
#[allow(dead_code, reason = "only its schema is used")]
pub(super) struct EnterPageRequest {
    /// From 1.
    page: u32,
    /// Goes on although required questions are unanswered, where that is only warned of.
    #[schema(nullable = false)]
    confirm: Option<bool>,
    /// Saved first, in the same transaction.
    #[schema(nullable = false)]
    writes: Option<Vec<WriteBody>>,
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
    let (asked, places) = read::body_within(&head, body, MOST_ANSWER_BYTES, faults, shape).await?;
    let entered = state.app.enter_page(&visitor, &instance, asked).await?;
    let acknowledgements = places.acknowledgements(&entered.writes);
    Ok(Json(EnterPageResponse { acknowledgements, instance: entered.instance.into() }))
}

fn shape(object: &BodyObject<'_>) -> Option<(EnterPage, UnreadableWrites)> {
    let page = object.required("page").integer(1..=100_000);
    let (confirm, writes) = (read::flag(object, "confirm"), writes::optional_writes(object));
    let ParsedWrites { readable, places } = writes?;
    Some((
        EnterPage { page: u32::try_from(page?).ok()?, confirm: confirm?, writes: readable },
        places,
    ))
}
