//! Cursors of a task's change feed: a position, and proof that this installation gave it out for
//! this task.
//!
//! A cursor stands for a revision of its task (domain rules, 5.9) in an epoch of the database's
//! history ([`crate::history`]). The same cursor names the change in callbacks, so that a receiver
//! can ask for what it missed. Nothing is kept about cursors: they do not expire.

use crate::history::Epoch;
use crate::id::TaskId;
use sha2::{Digest as _, Sha256};

const PREFIX: &str = "c_";
/// Hexadecimal digits of the proof.
const PROOF: usize = 24;
/// Hexadecimal digits a position has at least.
const POSITION: usize = 8;

/// The cursor of a task's revision in an epoch. Those of the first epoch do not name it: they are
/// older than epochs.
#[must_use]
pub fn issue(epoch: &Epoch, task: &TaskId, revision: i64) -> String {
    let position = format!("{revision:0POSITION$x}");
    let proof = proof(&["assay-cursor-1", &epoch.secret, task.as_str(), &position]);
    match epoch.number {
        ..=1 => format!("{PREFIX}{position}{proof}"),
        number => format!("{PREFIX}{number:x}_{position}{proof}"),
    }
}

/// The cursor of a reader in the middle of a run: it has read up to a revision while the task was
/// at `head`. What changed in between it has not read, and if that is lost, those instances are
/// behind the reader again, as they were before. So it is good only where the head is known.
#[must_use]
pub fn issue_midway(epoch: &Epoch, task: &TaskId, revision: i64, head: i64) -> String {
    let position = format!("{revision:0POSITION$x}");
    let named = format!("{:x}_{head:x}", epoch.number);
    let proof = proof(&["assay-cursor-2", &epoch.secret, task.as_str(), &named, &position]);
    format!("{PREFIX}{named}_{position}{proof}")
}

/// What a cursor says. Whether it was issued at all is [`read`]'s question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CursorClaim {
    /// The number of its epoch.
    pub epoch: i64,
    pub revision: i64,
    /// How far the task was when it was given out, as far as the cursor tells.
    pub head: i64,
    is_midway: bool,
}

impl CursorClaim {
    /// None when the text has not the form of a cursor.
    #[must_use]
    pub fn of(cursor: &str) -> Option<Self> {
        let mut parts: Vec<&str> = cursor.strip_prefix(PREFIX)?.splitn(4, '_').collect();
        let digits = parts.pop()?;
        let (position, _) = digits.split_at_checked(digits.len().checked_sub(PROOF)?)?;
        let number = |text: &str| i64::from_str_radix(text, 16).ok();
        let revision = number(position)?;
        match parts.as_slice() {
            [] => Some(Self { epoch: 1, revision, head: revision, is_midway: false }),
            [epoch] => {
                Some(Self { epoch: number(epoch)?, revision, head: revision, is_midway: false })
            }
            [epoch, head] => {
                Some(Self { epoch: number(epoch)?, revision, head: number(head)?, is_midway: true })
            }
            _ => None,
        }
    }
}

/// What a cursor says; none when it was not issued in this epoch for this task.
#[must_use]
pub fn read(epoch: &Epoch, task: &TaskId, cursor: &str) -> Option<CursorClaim> {
    let claim = CursorClaim::of(cursor)?;
    let right = match claim.is_midway {
        true => issue_midway(epoch, task, claim.revision, claim.head),
        false => issue(epoch, task, claim.revision),
    };
    (right == cursor).then_some(claim)
}

fn proof(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
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

    fn epoch(number: i64, secret: &str) -> Epoch {
        Epoch { number, secret: secret.into(), end: None }
    }

    #[test]
    fn what_was_not_issued_here_for_this_task_is_no_cursor() {
        for number in [1, 2, 300] {
            let here = epoch(number, "epoch");
            for cursor in [issue(&here, &task("Tk1"), 5), issue_midway(&here, &task("Tk1"), 5, 7)] {
                assert_eq!(
                    read(&here, &task("Tk1"), &cursor).map(|claim| claim.epoch),
                    Some(number)
                );
                assert_eq!(read(&here, &task("Tk2"), &cursor), None);
                assert_eq!(read(&epoch(number, "other"), &task("Tk1"), &cursor), None);
                assert_eq!(read(&epoch(number + 1, "epoch"), &task("Tk1"), &cursor), None);
                let changed = [
                    cursor.to_uppercase(),
                    format!("{cursor}0"),
                    format!("{cursor} "),
                    cursor.replacen("00000005", "00000006", 1),
                    cursor.replacen("00000005", "000000005", 1),
                    cursor.replacen("_7_", "_6_", 1).replacen("c_", "c_+", 1),
                ];
                for wrong in changed {
                    assert_eq!(read(&here, &task("Tk1"), &wrong), None, "{wrong}");
                }
            }
            for wrong in
                ["", "c_", "5", "c_00000005", "c__", "c_2_", "c_2_3_4_00000005", "c_________"]
            {
                assert_eq!(read(&here, &task("Tk1"), wrong), None, "{wrong}");
            }
        }
    }

    #[test]
    fn a_cursor_from_before_there_were_epochs_is_one_of_the_first() {
        let first = epoch(1, "epoch");
        assert_eq!(issue(&first, &task("Tk1"), 5), "c_0000000583b6afbfefc10d1fda21efac");
    }

    proptest! {
        #[test]
        fn every_issued_cursor_reads_back_and_has_the_form_of_an_id(
            revision in 0..=(1_i64 << 53),
            more in 0..1000_i64,
            number in 1..=i64::from(u32::MAX),
            text in ".{0,64}",
        ) {
            let (epoch, head) = (epoch(number, "epoch"), (revision + more).min(1 << 53));
            let cursors = [
                (issue(&epoch, &task("Tk1"), revision), revision),
                (issue_midway(&epoch, &task("Tk1"), revision, head), head),
            ];
            for (cursor, head) in cursors {
                let claim = read(&epoch, &task("Tk1"), &cursor).unwrap();
                prop_assert_eq!((claim.epoch, claim.revision, claim.head), (number, revision, head));
                prop_assert!(cursor.len() <= 64);
                prop_assert!(cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
            }
            prop_assert_eq!(read(&epoch, &task("Tk1"), &text), None);
        }
    }
}
