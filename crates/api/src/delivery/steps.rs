//! `GET /steps`: the steps of the candidate's task.

use super::read;
use super::result::WithheldResponse;
use crate::openapi::CommonErrors;
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::delivery::steps::{CandidateStepView, ResultNotice};
use axum::Json;
use axum::extract;
use serde::Serialize;
use utoipa::ToSchema;

/// The steps in delivery order.
#[derive(Serialize, ToSchema)]
#[schema(as = StepList)]
pub(super) struct StepList {
    /// The steps of the task.
    steps: Vec<StepListItem>,
}

/// One step as the candidate sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StepState)]
struct StepListItem {
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
    /// The completed instances whose results the step shares, oldest first.
    results: Vec<ResultNoticeResponse>,
}

/// Whether the result of an instance can be read.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ResultNotice)]
struct ResultNoticeResponse {
    /// Id of the test instance.
    instance_id: String,
    /// Why not yet, or not at all; null when it can be read.
    #[schema(required)]
    withheld: Option<WithheldResponse>,
}

/// Lists the steps and whether each may be started.
#[utoipa::path(get, path = "/steps", tag = "Taking a test", operation_id = "listSteps",
    responses((status = 200, body = StepList), CommonErrors))]
pub async fn steps(
    extract::State(state): extract::State<ApiState>,
    incoming: RawRequest,
) -> Result<Json<StepList>, Problem> {
    let visitor = read::candidate_session(&state, &incoming.head)?;
    read::no_query_or_body(incoming).await?;
    let steps = state.app.delivery().steps(&visitor).await?;
    Ok(Json(StepList { steps: steps.into_iter().map(StepListItem::from).collect() }))
}

impl From<ResultNotice> for ResultNoticeResponse {
    fn from(notice: ResultNotice) -> Self {
        let withheld = notice.withheld.map(Into::into);
        Self { instance_id: notice.instance.to_string(), withheld }
    }
}

impl From<CandidateStepView> for StepListItem {
    fn from(view: CandidateStepView) -> Self {
        Self {
            step_id: view.step.to_string(),
            title: view.title,
            is_open: view.access.is_ok(),
            closed_because: view.access.err().map(domain::refusal::Refusal::as_str),
            open_instance_id: view.open_instance.map(|id| id.to_string()),
            attempts: view.attempts,
            attempt_limit: view.attempt_limit,
            is_completed: view.is_completed,
            results: view.results.into_iter().map(Into::into).collect(),
        }
    }
}
