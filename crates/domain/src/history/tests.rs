use super::*;
use proptest::prelude::*;

fn task(id: &str) -> TaskId {
    id.into()
}

fn epoch(number: i64, end: Option<i64>) -> Epoch {
    Epoch { number, secret: format!("secret {number}"), end }
}

fn history(epochs: &[Epoch]) -> EpochHistory {
    EpochHistory::of(epochs.to_vec()).unwrap()
}

#[test]
fn epochs_that_do_not_follow_each_other_are_no_history() {
    let wrong: [&[Epoch]; 5] = [
        &[],
        &[epoch(1, Some(4))],
        &[epoch(1, None), epoch(2, None)],
        &[epoch(2, Some(4)), epoch(1, None)],
        &[epoch(1, Some(4)), epoch(2, Some(3)), epoch(3, None)],
    ];
    for epochs in wrong {
        assert_eq!(EpochHistory::of(epochs.to_vec()), None, "{epochs:?}");
    }
}

#[test]
fn a_cursor_of_what_a_restored_backup_lost_stays_unknown_however_far_the_copy_gets() {
    let before = history(&[epoch(1, None)]);
    let (existing, lost) = (before.issue(&task("Tk1"), 5), before.issue(&task("Tk1"), 6));
    let restored = history(&[epoch(1, Some(5)), epoch(2, None)]);
    assert_eq!(restored.read(&task("Tk1"), &existing), Some(5));
    assert_eq!(restored.read(&task("Tk1"), &lost), None);
    assert_ne!(restored.issue(&task("Tk1"), 6), lost);
    assert_eq!(restored.issue(&task("Tk1"), 5), existing, "the same change has the same cursor");
    let again = history(&[epoch(1, Some(5)), epoch(2, Some(9)), epoch(3, None)]);
    assert_eq!(again.read(&task("Tk1"), &lost), None);
    assert_eq!(again.read(&task("Tk1"), &restored.issue(&task("Tk1"), 9)), Some(9));
    assert_eq!(again.read(&task("Tk1"), &restored.issue(&task("Tk1"), 10)), None);
}

/// It has read up to 4 of 7 changes; the instance that was changed last is behind it again once
/// that is lost.
#[test]
fn a_cursor_from_the_middle_of_a_run_is_unknown_when_what_was_ahead_of_it_is_lost() {
    let before = history(&[epoch(1, None)]);
    let (midway, earlier) =
        (before.issue_midway(&task("Tk1"), 4, 7), before.issue_midway(&task("Tk1"), 4, 6));
    assert_eq!(before.read(&task("Tk1"), &midway), Some(4));
    assert_eq!(before.issue_midway(&task("Tk1"), 7, 7), before.issue(&task("Tk1"), 7));
    let restored = history(&[epoch(1, Some(6)), epoch(2, None)]);
    assert_eq!(restored.read(&task("Tk1"), &midway), None);
    assert_eq!(restored.read(&task("Tk1"), &earlier), Some(4));
    assert_eq!(restored.read(&task("Tk1"), &restored.issue_midway(&task("Tk1"), 4, 9)), Some(4));
}

#[test]
fn two_copies_of_one_backup_know_nothing_of_each_other() {
    let copy = |secret: &str| {
        let own = Epoch { secret: secret.into(), ..epoch(2, None) };
        history(&[epoch(1, Some(5)), own])
    };
    let (one, other) = (copy("one"), copy("other"));
    assert_eq!(one.read(&task("Tk1"), &other.issue(&task("Tk1"), 6)), None);
    assert_eq!(one.read(&task("Tk1"), &other.issue(&task("Tk1"), 5)), Some(5));
}

proptest! {
    #[test]
    fn every_cursor_of_a_history_reads_back_in_it_and_in_all_that_follow(
        mut ends in prop::collection::vec(0..1000_i64, 0..6),
        revision in 0..2000_i64,
        more in 0..1000_i64,
    ) {
        ends.sort_unstable();
        let mut epochs: Vec<Epoch> = (1..).zip(&ends).map(|(number, end)| epoch(number, Some(*end))).collect();
        let last = epochs.len() as i64 + 1;
        epochs.push(epoch(last, None));
        let cursor = history(&epochs).issue(&task("Tk1"), revision);
        prop_assert_eq!(history(&epochs).read(&task("Tk1"), &cursor), Some(revision));
        prop_assert_eq!(history(&epochs).read(&task("Tk2"), &cursor), None);
        // The next epoch begins no earlier than the last one began.
        let end = ends.last().copied().unwrap_or(0).max(more);
        epochs.last_mut().unwrap().end = Some(end);
        epochs.push(epoch(last + 1, None));
        let read = history(&epochs).read(&task("Tk1"), &cursor);
        prop_assert_eq!(read, Some(revision).filter(|revision| *revision <= end));
    }
}
