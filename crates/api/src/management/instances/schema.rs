//! Where an instance stands, as it is sent.

use app::administration::InstanceStatus as Known;
use domain::instance::ClosingReason;
use domain::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Where an instance stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = InstanceStanding)]
pub(in crate::management) struct InstanceStatusResponse {
    /// Id of the test instance.
    test_instance_id: String,
    /// `STARTED`, `COMPLETE` or `RESETUP`.
    status: &'static str,
    /// Whether staff have put it aside.
    ignored: bool,
    /// `submitted`, `time-over`, `force-closed` or `terminated`; null while open.
    closing: Option<&'static str>,
    /// When it was completed, in seconds since the epoch; null while open.
    completed_at: Option<i64>,
    /// When it completes by itself, in seconds; null when closed or without a running clock.
    due_at: Option<i64>,
    /// The task's revision at the instance's last change.
    revision: i64,
    /// Number of the latest result version; 0 is none.
    version: i64,
    /// Answers that wait for an evaluation.
    waiting: i64,
}

impl From<Known> for InstanceStatusResponse {
    fn from(standing: Known) -> Self {
        Self {
            test_instance_id: standing.instance.to_string(),
            status: standing.state.as_str(),
            ignored: standing.ignored,
            closing: standing.closing.map(ClosingReason::as_str),
            completed_at: standing.completed_at.map(Timestamp::seconds),
            due_at: standing.due_at.map(Timestamp::seconds),
            revision: standing.revision,
            version: standing.version,
            waiting: standing.waiting,
        }
    }
}
