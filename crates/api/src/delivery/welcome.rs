//! `GET /tasks/{taskId}`: what anybody with a task's link may know.

use super::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use axum::Json;
use axum::extract;
use domain::id::TaskId;
use serde::Serialize;
use utoipa::ToSchema;

/// A task before the log-in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TaskWelcome)]
pub(super) struct TaskWelcome {
    /// Id of the task.
    task_id: String,
    /// The title candidates read.
    title: String,
    /// `invitation-code`, `single-credential`, `double-credential` or `no-auth`.
    access_method: &'static str,
    /// The language of the task's pages, as two letters.
    lang: String,
    /// Whether a form is asked at first entry.
    asks_access_form: bool,
}

/// Shows what a task asks of those who want to enter.
#[utoipa::path(
    get, path = "/tasks/{taskId}", tag = "Entering", operation_id = "showWelcome",
    params(("taskId" = String, Path)), security(()),
    responses((status = 200, body = TaskWelcome), CommonErrors, PathErrors)
)]
pub async fn welcome(
    extract::State(state): extract::State<ApiState>,
    incoming: RawRequest,
) -> Result<Json<TaskWelcome>, Problem> {
    let task: TaskId = read::path_id_only(incoming, "taskId").await?;
    Ok(Json(state.app.delivery().task_welcome(&task).await?.into()))
}

impl From<app::delivery::welcome::WelcomeView> for TaskWelcome {
    fn from(welcome: app::delivery::welcome::WelcomeView) -> Self {
        Self {
            task_id: welcome.task.to_string(),
            title: welcome.title,
            access_method: welcome.access_method.as_str(),
            lang: welcome.lang,
            asks_access_form: welcome.asks_form,
        }
    }
}
