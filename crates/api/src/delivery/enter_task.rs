//! `POST /tasks/{taskId}/enter`: in with credentials, or without any where a task asks for none.

use super::read;
use super::session::LogInSession;
use crate::body::{BodyField, BodyObject};
use crate::openapi::{BodyErrors, CommonErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::delivery::enter::EntryCredentials;
use axum::Json;
use axum::extract;
use domain::fault::Faults;
use domain::id::TaskId;
use utoipa::ToSchema;

/// What the task's access method asks for; nothing for `no-auth`.
#[derive(ToSchema)]
#[schema(as = CredentialEntry)]
#[allow(dead_code, reason = "only its schema is used")]
pub(super) struct EnterTaskRequest {
    /// The first credential, such as a number of membership.
    #[schema(nullable = false, max_length = 200)]
    credential1: Option<String>,
    /// The second one, where the task asks for two.
    #[schema(nullable = false, max_length = 200)]
    credential2: Option<String>,
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
    let given = read::body(&head, body, faults, shape).await?;
    Ok(Json(state.app.enter_task(&read::client_context(&state, &head), &task, given).await?.into()))
}

fn shape(object: &BodyObject<'_>) -> Option<EntryCredentials> {
    let text = |field: BodyField<'_>| field.text(0..=200).map(str::to_owned);
    Some(EntryCredentials {
        credential1: text(object.optional("credential1")),
        credential2: text(object.optional("credential2")),
    })
}
