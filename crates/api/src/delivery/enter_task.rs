//! `POST /tasks/{taskId}/enter`: in with credentials, or without any where a task asks for none.

use super::read;
use super::session::LogInSession;
use crate::openapi::{BodyErrors, CommonErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::text;
use crate::request::{RequestObject as _, optional, request};
use crate::state::ApiState;
use app::delivery::enter::EntryCredentials;
use axum::Json;
use axum::extract;
use domain::fault::Faults;
use domain::id::TaskId;

request! {
    /// What the task's access method asks for; nothing for `no-auth`.
    struct EnterTaskRequest as "CredentialEntry" for EntryCredentials {
        /// The first credential, such as a number of membership.
        credential1 = optional(text(0..=200)),
        /// The second one, where the task asks for two.
        credential2 = optional(text(0..=200)),
    }
}

/// Enters a task with credentials; where the task asks for none, as a new candidate.
///
/// A refused entry never tells which part was wrong, nor whether there is such a task.
#[utoipa::path(post, path = "/tasks/{taskId}/enter", tag = "Entering", operation_id = "enterTask",
    params(("taskId" = String, Path)), request_body = EnterTaskRequest, security(()),
    responses((status = 200, body = LogInSession), CommonErrors, BodyErrors))]
pub async fn enter_task(
    extract::State(state): extract::State<ApiState>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<LogInSession>, Problem> {
    let mut faults = Faults::new();
    let task: TaskId = read::id(&head, "taskId", &mut faults);
    let credentials = read::body(&head, body, faults, EnterTaskRequest::read).await?;
    let client = read::client_context(&state, &head);
    Ok(Json(state.app.delivery().enter_task(&client, &task, credentials).await?.into()))
}
