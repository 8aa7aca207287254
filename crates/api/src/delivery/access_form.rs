//! `POST /access-form`: the form a task asks at first entry.

use super::leave::LeaveResponse;
use super::read;
use crate::body::BodyObject;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use axum::Json;
use axum::extract;
use domain::fault::Faults;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The answers: field key to text; a checkbox is `true` or `false`.
#[derive(ToSchema)]
#[schema(as = AccessFormAnswers)]
#[allow(dead_code, reason = "only its schema is used")]
pub(super) struct FillAccessFormRequest {
    /// Field key to what was filled in; a checkbox is `true` or `false`.
    answers: BTreeMap<String, String>,
}

/// Fills in the access form. Once filled in, it stays as it is.
#[utoipa::path(
    post, path = "/access-form", tag = "Entering", operation_id = "fillAccessForm",
    request_body = FillAccessFormRequest,
    responses((status = 200, body = LeaveResponse), CommonErrors, PathErrors, BodyErrors)
)]
pub async fn fill_form(
    extract::State(state): extract::State<ApiState>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<LeaveResponse>, Problem> {
    let visitor = read::candidate_session(&state, &head)?;
    let mut faults = Faults::new();
    head.query().finish(&mut faults);
    let answers = read::body(&head, body, faults, shape).await?;
    state.app.fill_form(&visitor, answers).await?;
    Ok(Json(LeaveResponse {}))
}

fn shape(object: &BodyObject<'_>) -> Option<BTreeMap<String, String>> {
    let answers = object
        .required("answers")
        .map(0..=100, |_, field| field.text(0..=1000).map(str::to_owned))?;
    Some(answers.into_iter().map(|(key, text)| (key.to_owned(), text)).collect())
}
