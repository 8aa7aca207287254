//! Where an instance stands, as it is sent.

use crate::openapi::EnumWord;
use app::administration::InstanceStatus;
use domain::instance::{ClosingReason, InstanceState};
use domain::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

type ClosingReasonWord = EnumWord<ClosingReason>;
type InstanceStateWord = EnumWord<InstanceState>;

/// Where an instance stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = InstanceStanding)]
pub(in crate::management) struct InstanceStatusResponse {
    /// Id of the test instance.
    test_instance_id: String,
    /// Whether it is under way, completed or reopened.
    #[schema(inline)]
    status: InstanceStateWord,
    /// Whether staff have put it aside.
    ignored: bool,
    /// How it was completed; null while open.
    #[schema(inline)]
    closing: Option<ClosingReasonWord>,
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

impl From<InstanceStatus> for InstanceStatusResponse {
    fn from(standing: InstanceStatus) -> Self {
        Self {
            test_instance_id: standing.instance.to_string(),
            status: standing.state.into(),
            ignored: standing.ignored,
            closing: standing.closing.map(EnumWord),
            completed_at: standing.completed_at.map(Timestamp::seconds),
            due_at: standing.due_at.map(Timestamp::seconds),
            revision: standing.revision,
            version: standing.version,
            waiting: standing.waiting,
        }
    }
}
