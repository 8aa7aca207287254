//! Cursors of a task's change feed: a position, and proof that this installation gave it out for this task.
//!
//! A cursor stands for a revision of its task (domain rules, 5.9). The same cursor names the change in callbacks, so
//! that a receiver can ask for what it missed. Nothing is kept about cursors: they do not expire.

use crate::id::TaskId;
use sha2::{Digest as _, Sha256};

const PREFIX: &str = "c_";
/// Hexadecimal digits of the proof.
const PROOF: usize = 24;
/// Hexadecimal digits a position has at least.
const POSITION: usize = 8;

/// The cursor of a task's revision. `epoch` is the installation's own random text.
#[must_use]
pub fn issue(epoch: &str, task: &TaskId, revision: i64) -> String {
    let position = format!("{:0POSITION$x}", revision.unsigned_abs());
    let proof = proof(epoch, task, &position);
    format!("{PREFIX}{position}{proof}")
}

/// The revision of a cursor; none when it was not issued by this installation for this task. Whether the task has got
/// that far is the caller's question.
#[must_use]
pub fn read(epoch: &str, task: &TaskId, cursor: &str) -> Option<i64> {
    let digits = cursor.strip_prefix(PREFIX)?;
    let (position, _) = digits.split_at_checked(digits.len().checked_sub(PROOF)?)?;
    let revision = i64::from_str_radix(position, 16).ok()?;
    (issue(epoch, task, revision) == cursor).then_some(revision)
}

fn proof(epoch: &str, task: &TaskId, position: &str) -> String {
    let mut hasher = Sha256::new();
    for part in ["assay-cursor-1", epoch, task.as_str(), position] {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hex::encode(hasher.finalize())[..PROOF].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn task(id: &str) -> TaskId {
        id.into()
    }

    #[test]
    fn what_was_not_issued_here_for_this_task_is_no_cursor() {
        let cursor = issue("epoch", &task("Tk1"), 5);
        assert_eq!(read("epoch", &task("Tk2"), &cursor), None);
        assert_eq!(read("other", &task("Tk1"), &cursor), None);
        for wrong in ["", "c_", "5", "c_00000005", &cursor.to_uppercase(), &format!("{cursor}0"), &format!("{cursor} ")]
        {
            assert_eq!(read("epoch", &task("Tk1"), wrong), None, "{wrong}");
        }
        let shifted = cursor.replacen("00000005", "00000006", 1);
        assert_eq!(read("epoch", &task("Tk1"), &shifted), None);
        let longer = cursor.replacen("00000005", "000000005", 1);
        assert_eq!(read("epoch", &task("Tk1"), &longer), None);
    }

    proptest! {
        #[test]
        fn every_issued_cursor_reads_back_and_has_the_form_of_an_id(revision in 0..=i64::MAX, text in ".{0,64}") {
            let cursor = issue("epoch", &task("Tk1"), revision);
            prop_assert_eq!(read("epoch", &task("Tk1"), &cursor), Some(revision));
            prop_assert!(cursor.len() <= 64 && cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
            prop_assert_eq!(read("epoch", &task("Tk1"), &text), None);
        }
    }
}
