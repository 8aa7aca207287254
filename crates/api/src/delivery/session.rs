//! A new log-in session as it is sent.

use app::delivery::enter::NewCandidateSession;
use serde::Serialize;
use utoipa::ToSchema;

/// A log-in session.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LogInSession)]
pub(super) struct LogInSession {
    /// Sent as `Authorization: Bearer` from now on; shown this once.
    token: String,
    /// Id of the task.
    task_id: String,
    /// Id of the candidate.
    candidate_id: String,
    /// Id of the organization.
    organization_id: String,
}

impl From<NewCandidateSession> for LogInSession {
    fn from(entered: NewCandidateSession) -> Self {
        Self {
            token: entered.token,
            task_id: entered.task.to_string(),
            candidate_id: entered.candidate.to_string(),
            organization_id: entered.organization.to_string(),
        }
    }
}
