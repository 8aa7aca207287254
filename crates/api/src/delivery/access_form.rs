//! `POST /access-form`: the form a task asks at first entry.

use super::leave::LeaveResponse;
use super::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{map, text};
use crate::request::{RequestObject as _, request};
use crate::state::ApiState;
use axum::Json;
use axum::extract;
use domain::fault::Faults;
use std::collections::BTreeMap;

request! {
    /// What was filled in.
    struct FillAccessFormRequest as "AccessFormAnswers" {
        /// Field key to what was filled in; a checkbox is `true` or `false`.
        answers: BTreeMap<String, String> = map(0..=100, text(0..=1000)),
    }
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
    let sent = read::body(&head, body, faults, FillAccessFormRequest::read).await?;
    state.app.delivery().fill_form(&visitor, sent.answers).await?;
    Ok(Json(LeaveResponse {}))
}
