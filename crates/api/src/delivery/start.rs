//! `POST /steps/{stepId}/start`: starts a step, or opens the instance that is under way.

use super::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::client_token;
use crate::request::{RequestObject as _, request};
use crate::state::ApiState;
use axum::Json;
use axum::extract;
use domain::fault::Faults;
use domain::id::StepId;
use serde::Serialize;
use utoipa::ToSchema;

request! {
    /// Starts a step.
    struct StartStepRequest as "StartRequest" {
        /// The same token leads to the same instance.
        client_token: String = client_token(),
    }
}

/// The instance that was started, or is under way.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StartedInstance)]
pub(super) struct StartStepResponse {
    /// Id of the test instance.
    instance_id: String,
    /// `new`, or `existing` when an instance was under way.
    opened: &'static str,
}

/// Starts a step. 403 or 409 with the code of the first check that fails.
#[utoipa::path(
    post, path = "/steps/{stepId}/start", tag = "Taking a test", operation_id = "startStep",
    params(("stepId" = String, Path)), request_body = StartStepRequest,
    responses(
        (status = 200, body = StartStepResponse), CommonErrors, PathErrors, BodyErrors, StateErrors
    )
)]
pub async fn start(
    extract::State(state): extract::State<ApiState>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<StartStepResponse>, Problem> {
    let visitor = read::candidate_session(&state, &head)?;
    let mut faults = Faults::new();
    let step: StepId = read::id(&head, "stepId", &mut faults);
    let sent = read::body(&head, body, faults, StartStepRequest::read).await?;
    let started = state.app.delivery().start(&visitor, &step, &sent.client_token).await?;
    Ok(Json(StartStepResponse {
        instance_id: started.instance_id.to_string(),
        opened: started.opened.as_str(),
    }))
}
