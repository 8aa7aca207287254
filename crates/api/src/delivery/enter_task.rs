//! `POST /tasks/{taskId}/enter`: in with credentials, or without any where a task asks for none.

use super::read;
use super::session::Session;
use crate::body::{Field, Object};
use crate::incoming::Incoming;
use crate::openapi::{BodyErrors, CommonErrors};
use crate::problem::Problem;
use crate::server::State;
use app::delivery::enter::Credentials;
use axum::Json;
use axum::extract;
use domain::fault::Faults;
use domain::id::TaskId;
use utoipa::ToSchema;

/// What the task's access method asks for; nothing for `no-auth`.
#[derive(ToSchema)]
#[schema(as = CredentialEntry)]
#[allow(dead_code, reason = "only its schema is used")]
pub(super) struct Entry {
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
    params(("taskId" = String, Path)), request_body = Entry, security(()),
    responses((status = 200, body = Session), CommonErrors, BodyErrors))]
pub async fn enter_task(
    extract::State(state): extract::State<State>,
    Incoming { head, body }: Incoming,
) -> Result<Json<Session>, Problem> {
    let mut faults = Faults::new();
    let task: TaskId = read::id(&head, "taskId", &mut faults);
    let given = read::body(&head, body, faults, shape).await?;
    Ok(Json(state.app.enter_task(&read::knock(&state, &head), &task, given).await?.into()))
}

fn shape(object: &Object<'_>) -> Option<Credentials> {
    let text = |field: Field<'_>| field.text(0..=200).map(str::to_owned);
    Some(Credentials {
        credential1: text(object.optional("credential1")),
        credential2: text(object.optional("credential2")),
    })
}
