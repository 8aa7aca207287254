//! `GET /steps`: the steps of the candidate's task.

use super::read;
use crate::incoming::Incoming;
use crate::openapi::CommonErrors;
use crate::problem::Problem;
use crate::server::State;
use app::delivery::steps::StepView;
use axum::Json;
use axum::extract;
use serde::Serialize;
use utoipa::ToSchema;

/// The steps in delivery order.
#[derive(Serialize, ToSchema)]
#[schema(as = StepList)]
pub(super) struct Steps {
    /// The steps of the task.
    steps: Vec<Step>,
}

/// One step as the candidate sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StepState)]
struct Step {
    /// Id of the step.
    step_id: String,
    /// The title candidates read.
    title: String,
    /// Whether it may be started or gone on with now.
    is_open: bool,
    /// The first check that fails; null when it is open.
    closed_because: Option<&'static str>,
    /// The instance that is under way.
    open_instance_id: Option<String>,
    /// How many attempts the candidate has made.
    attempts: u64,
    /// -1 is unlimited.
    attempt_limit: i64,
    /// Whether an attempt is completed.
    is_completed: bool,
}

/// Lists the steps and whether each may be started.
#[utoipa::path(get, path = "/steps", tag = "Taking a test", operation_id = "listSteps",
    responses((status = 200, body = Steps), CommonErrors))]
pub async fn steps(extract::State(state): extract::State<State>, incoming: Incoming) -> Result<Json<Steps>, Problem> {
    let visitor = read::visitor(&state, &incoming.head)?;
    read::nothing(incoming).await?;
    let steps = state.app.steps(&visitor).await?;
    Ok(Json(Steps { steps: steps.into_iter().map(Step::from).collect() }))
}

impl From<StepView> for Step {
    fn from(view: StepView) -> Self {
        Self {
            step_id: view.step.to_string(),
            title: view.title,
            is_open: view.access.is_ok(),
            closed_because: view.access.err().map(domain::refusal::Refusal::as_str),
            open_instance_id: view.open_instance.map(|id| id.to_string()),
            attempts: view.attempts,
            attempt_limit: view.attempt_limit,
            is_completed: view.is_completed,
        }
    }
}
