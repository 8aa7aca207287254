//! Result release: what staff have decided about showing results to candidates, as it is kept.

use crate::failure::Failure;
use domain::access::sharing::ReleaseMarks;
use domain::id::{InstanceId, StepId};
use domain::time::Timestamp;
use storage::Transaction;
use storage::result_release::{ResultReleaseRow, of_step};

/// When staff released results, or took them back; none is never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResultRelease {
    pub released_at: Option<Timestamp>,
    /// While it stands nothing is shown.
    pub withdrawn_at: Option<Timestamp>,
}

impl From<&ResultReleaseRow> for ResultRelease {
    fn from(row: &ResultReleaseRow) -> Self {
        Self { released_at: row.released_at, withdrawn_at: row.withdrawn_at }
    }
}

impl ResultRelease {
    /// What holds for an instance: released by either, withdrawn by either.
    pub(crate) const fn marks(self, own: Self) -> ReleaseMarks {
        ReleaseMarks {
            released: self.released_at.is_some() || own.released_at.is_some(),
            withdrawn: self.withdrawn_at.is_some() || own.withdrawn_at.is_some(),
        }
    }
}

/// What was decided about a step, and about one instance of it.
pub(crate) fn releases(
    tx: &mut dyn Transaction,
    step: &StepId,
    instance: &InstanceId,
) -> Result<(ResultRelease, ResultRelease), Failure> {
    let rows = storage::result_release::find(tx, step, instance)?;
    let of = |id: &InstanceId| {
        rows.iter().find(|row| row.instance_id == *id).map(ResultRelease::from).unwrap_or_default()
    };
    Ok((of(&of_step()), of(instance)))
}
