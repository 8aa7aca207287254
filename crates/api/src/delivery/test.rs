//! `GET /instances/{id}/test`: the frozen test, without keys.

use super::read;
use crate::openapi::{CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use axum::Json;
use axum::extract;
use axum::response::{IntoResponse, Response};
use domain::compile::view::{PageView, TestOutline, outline, page};
use domain::id::InstanceId;
use serde::Serialize;
use utoipa::ToSchema;

/// The outline of the test, and the pages that were entered and are not locked with their
/// questions. Never percentages, rules, effects or other keys.
#[derive(Serialize, ToSchema)]
#[schema(as = DeliveredTest)]
struct DeliveredTest<'test> {
    /// Titles, texts and limits of the test, its sections and pages. `closing` is empty: it comes
    /// as `closingText` once the instance has ended. The `intro` of a section is empty until the
    /// section may be entered.
    #[schema(value_type = Object)]
    outline: TestOutline<'test>,
    /// The pages that were entered and are not locked: number, texts and questions with their
    /// slots.
    #[schema(value_type = Vec<Object>)]
    pages: Vec<PageView<'test>>,
}

/// Shows the test of an instance that is under way.
#[utoipa::path(
    get, path = "/instances/{id}/test", tag = "Taking a test", operation_id = "showTest",
    params(("id" = String, Path)),
    responses((status = 200, body = DeliveredTest), CommonErrors, PathErrors, StateErrors)
)]
pub async fn test(
    extract::State(state): extract::State<ApiState>,
    incoming: RawRequest,
) -> Result<Response, Problem> {
    let visitor = read::candidate_session(&state, &incoming.head)?;
    let instance: InstanceId = read::path_id_only(incoming, "id").await?;
    let view = state.app.delivery().test_view(&visitor, &instance).await?;
    let pages = view.pages.iter().filter_map(|index| page(&view.compiled, *index)).collect();
    Ok(Json(DeliveredTest {
        outline: outline(&view.compiled, |section| view.sections.contains(&section)),
        pages,
    })
    .into_response())
}
