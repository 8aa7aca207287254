//! A new log-in session as it is sent.

use app::delivery::enter::Entered;
use serde::Serialize;
use utoipa::ToSchema;

/// A log-in session.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LogInSession)]
pub(super) struct Session {
    /// Sent as `Authorization: Bearer` from now on; shown this once.
    token: String,
    /// Id of the task.
    task_id: String,
    /// Id of the candidate.
    candidate_id: String,
    /// Id of the organization.
    organization_id: String,
}

impl From<Entered> for Session {
    fn from(entered: Entered) -> Self {
        Self {
            token: entered.token,
            task_id: entered.task.to_string(),
            candidate_id: entered.candidate.to_string(),
            organization_id: entered.organization.to_string(),
        }
    }
}
