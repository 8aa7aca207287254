//! `GET /instances/{id}/test`: the frozen test, without keys.

use super::read;
use crate::incoming::Incoming;
use crate::openapi::{CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::server::State;
use axum::Json;
use axum::extract;
use axum::response::{IntoResponse, Response};
use domain::compile::view::{Outline, PageView, outline, page};
use domain::id::InstanceId;
use serde::Serialize;
use utoipa::ToSchema;

/// The outline of the test, and the pages that were entered and are not locked with their questions. Never
/// percentages, rules, effects or other keys.
#[derive(Serialize, ToSchema)]
#[schema(as = DeliveredTest)]
struct Test<'test> {
    /// Titles, texts and limits of the test, its sections and pages. `closing` is empty: it comes as `closingText` once the
    /// instance has ended. The `intro` of a section is empty until the section may be entered.
    #[schema(value_type = Object)]
    outline: Outline<'test>,
    /// The pages that were entered and are not locked: number, texts and questions with their slots.
    #[schema(value_type = Vec<Object>)]
    pages: Vec<PageView<'test>>,
}

/// Shows the test of an instance that is under way.
#[utoipa::path(get, path = "/instances/{id}/test", tag = "Taking a test", operation_id = "showTest",
    params(("id" = String, Path)), responses((status = 200, body = Test), CommonErrors, PathErrors, StateErrors))]
pub async fn test(extract::State(state): extract::State<State>, incoming: Incoming) -> Result<Response, Problem> {
    let visitor = read::visitor(&state, &incoming.head)?;
    let instance: InstanceId = read::only_id(incoming, "id").await?;
    let view = state.app.test_view(&visitor, &instance).await?;
    let pages = view.pages.iter().filter_map(|index| page(&view.compiled, *index)).collect();
    Ok(Json(Test { outline: outline(&view.compiled, |section| view.sections.contains(&section)), pages })
        .into_response())
}
