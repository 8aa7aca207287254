//! The history of a database as one task saw it: epochs, of which a restored copy begins a new one.
//!
//! What was said of changes beyond a backup was said of changes that are lost once the backup is
//! put back: its numbers are given to other changes. So a cursor belongs to an epoch, and those of
//! an epoch that ended are good up to where it ended. A change is always named by the cursor of the
//! epoch in which it was made, whenever it is read.

use crate::cursor;
use crate::id::TaskId;

/// An epoch in which a task changed, or which goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch {
    /// From 1.
    pub number: i64,
    /// Random: two copies of one backup begin epochs that differ.
    pub secret: String,
    /// The task's last revision in it; none for the epoch that goes on.
    pub end: Option<i64>,
}

/// A task's epochs, the oldest first. The last one goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpochHistory {
    epochs: Vec<Epoch>,
}

impl EpochHistory {
    /// None unless the numbers and ends rise and exactly the last epoch goes on.
    #[must_use]
    pub fn of(epochs: Vec<Epoch>) -> Option<Self> {
        let (last, ended) = epochs.split_last()?;
        let rise = epochs.is_sorted_by(|one, next| one.number < next.number);
        let ends = ended.is_sorted_by(|one, next| one.end <= next.end)
            && ended.iter().all(|epoch| epoch.end.is_some());
        (rise && ends && last.end.is_none()).then_some(Self { epochs })
    }

    /// The cursor of a task's revision, in the epoch in which the task reached it.
    #[must_use]
    pub fn issue(&self, task: &TaskId, revision: i64) -> String {
        cursor::issue(self.epoch_of(revision), task, revision)
    }

    /// The cursor of a reader that has read up to a revision of a task and not further, though the
    /// task was at `head`.
    #[must_use]
    pub fn issue_midway(&self, task: &TaskId, revision: i64, head: i64) -> String {
        match revision < head {
            true => cursor::issue_midway(self.epoch_of(head), task, revision, head),
            false => self.issue(task, revision),
        }
    }

    /// The revision of a cursor; none when it was not issued for this task in this history, as one
    /// for a change that a restored backup does not know. Whether the task has got that far is the
    /// caller's question.
    #[must_use]
    pub fn read(&self, task: &TaskId, text: &str) -> Option<i64> {
        let number = cursor::CursorClaim::of(text)?.epoch;
        let epoch = self.epochs.iter().find(|epoch| epoch.number == number)?;
        let claim = cursor::read(epoch, task, text)?;
        epoch.end.is_none_or(|end| claim.head <= end).then_some(claim.revision)
    }

    fn epoch_of(&self, revision: i64) -> &Epoch {
        let reached = |epoch: &&Epoch| epoch.end.is_none_or(|end| revision <= end);
        self.epochs.iter().find(reached).expect("the last epoch goes on")
    }
}

#[cfg(test)]
mod tests;
