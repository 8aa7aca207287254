//! Recordings that should be there and are not: numbers that never came, and gaps (section 9).

use super::EvidenceKind;
use crate::time::Timestamp;

/// A gap of more than five halves of the cadence is a recording that is missing.
const GAP_HALVES: i64 = 5;

/// A recording that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArrivedRecording {
    /// The browser's number, from 1 within instance and kind.
    pub number: Option<i64>,
    /// By the server's clock.
    pub stored_at: Timestamp,
    /// By the browser's clock.
    pub client_time: Option<Timestamp>,
}

/// A time in which recordings of a kind are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingRecordings {
    pub kind: EvidenceKind,
    /// About when it began, by the server's clock.
    pub from: Timestamp,
    /// About when it was over.
    pub until: Timestamp,
    /// How many numbers never came; 0 when there is a gap between numbers that follow each other,
    /// as where the camera was switched off.
    pub lost: i64,
}

/// A time in which nothing is recorded, as between a completion and a reopening.
pub type RecordingPause = (Timestamp, Timestamp);

/// What is missing of one kind between the first page and the end of an instance. What the page
/// records is evenly spaced (see [`EvidenceKind::cadence_millis`]), so both a number that was left
/// out and a long silence tell that something is missing.
///
/// A capture that was sent late, as after a lost connection, was not late itself: of two that follow
/// each other the shorter of both clocks' distances counts. So neither a slow line nor a second
/// device with another clock makes a gap.
#[must_use]
pub fn missing_recordings(
    kind: EvidenceKind,
    arrived: &[ArrivedRecording],
    begin: Timestamp,
    end: Timestamp,
    pauses: &[RecordingPause],
) -> Vec<MissingRecordings> {
    let longest = kind.cadence_millis() * GAP_HALVES / 2;
    let mut sorted = arrived.to_vec();
    sorted.sort_by_key(|recording| (recording.number, recording.stored_at));
    let mut missing = Vec::new();
    let mut note = |from: Timestamp, until: Timestamp, silence: i64, lost: i64| {
        if lost > 0 || silence - paused_millis(pauses, from, until) > longest {
            missing.push(MissingRecordings { kind, from, until: until.max(from), lost });
        }
    };
    let Some((first, last)) = sorted.first().zip(sorted.last()) else {
        note(begin, end, end.0.saturating_sub(begin.0), 0);
        return missing;
    };
    let first_at = first_taken_at(first, &sorted, begin);
    let lost_before = first.number.map_or(0, |number| (number - 1).max(0));
    note(begin, first_at, first_at.0.saturating_sub(begin.0), lost_before);
    for (before, after) in sorted.iter().zip(sorted.iter().skip(1)) {
        let lost = before.number.zip(after.number).map_or(0, |(left, right)| right - left - 1);
        note(before.stored_at, after.stored_at, silence_between(before, after), lost.max(0));
    }
    note(last.stored_at, end, end.0.saturating_sub(last.stored_at.0), 0);
    missing
}

/// The shorter of the distances by both clocks. The browser's counts only where it goes forward.
fn silence_between(before: &ArrivedRecording, after: &ArrivedRecording) -> i64 {
    let by_server = after.stored_at.0.saturating_sub(before.stored_at.0);
    let by_client = before
        .client_time
        .zip(after.client_time)
        .map(|(left, right)| right.0.saturating_sub(left.0))
        .filter(|millis| *millis >= 0);
    by_client.map_or(by_server, |by_client| by_client.min(by_server))
}

/// When the first recording was taken by the server's clock, as far as later ones, which arrived
/// sooner after they were taken, tell.
fn first_taken_at(
    first: &ArrivedRecording,
    sorted: &[ArrivedRecording],
    begin: Timestamp,
) -> Timestamp {
    let taken_at = |recording: &ArrivedRecording| {
        let (first_time, time) = first.client_time.zip(recording.client_time)?;
        let since = time.0.checked_sub(first_time.0).filter(|since| *since >= 0)?;
        Some(Timestamp(recording.stored_at.0.saturating_sub(since)))
    };
    let earliest = sorted.iter().filter_map(taken_at).min();
    earliest.unwrap_or(first.stored_at).clamp(begin.min(first.stored_at), first.stored_at)
}

fn paused_millis(pauses: &[RecordingPause], from: Timestamp, until: Timestamp) -> i64 {
    let within = |pause: &RecordingPause| {
        let (start, stop) = (pause.0.max(from), pause.1.min(until));
        stop.0.saturating_sub(start.0).max(0)
    };
    pauses.iter().map(within).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PHOTO: EvidenceKind = EvidenceKind::Photo;

    const fn at(seconds: i64) -> Timestamp {
        Timestamp(seconds * 1000)
    }

    fn recording(number: i64, seconds: i64) -> ArrivedRecording {
        ArrivedRecording {
            number: Some(number),
            stored_at: at(seconds),
            client_time: Some(at(seconds + 7_200)),
        }
    }

    fn missing(arrived: &[ArrivedRecording], end: i64) -> Vec<(i64, i64, i64)> {
        let found = missing_recordings(PHOTO, arrived, at(0), at(end), &[]);
        found.iter().map(|gap| (gap.from.0 / 1000, gap.until.0 / 1000, gap.lost)).collect()
    }

    #[test]
    fn one_photo_in_four_minutes_is_not_enough_f12() {
        assert_eq!(missing(&[recording(1, 0), recording(9, 240)], 240), [(0, 240, 7)]);
    }

    #[test]
    fn numbers_that_never_came_are_missing_although_no_gap_is_long() {
        let arrived = [recording(1, 0), recording(2, 30), recording(4, 60), recording(5, 90)];
        assert_eq!(missing(&arrived, 100), [(30, 60, 1)]);
        assert_eq!(missing(&[recording(3, 20), recording(4, 50)], 60), [(0, 20, 2)]);
    }

    #[test]
    fn a_camera_that_was_switched_off_and_on_again_leaves_a_gap() {
        let arrived = [recording(1, 0), recording(2, 30), recording(3, 106), recording(4, 136)];
        assert_eq!(missing(&arrived, 150), [(30, 106, 0)]);
        let arrived = [recording(1, 0), recording(2, 30), recording(3, 105), recording(4, 135)];
        assert_eq!(missing(&arrived, 150), []);
    }

    #[test]
    fn a_camera_that_was_never_on_or_is_off_at_the_end_is_missing() {
        assert_eq!(missing(&[], 75), []);
        assert_eq!(missing(&[], 76), [(0, 76, 0)]);
        assert_eq!(missing(&[recording(1, 5)], 200), [(5, 200, 0)]);
    }

    #[test]
    fn captures_that_were_sent_together_after_a_lost_connection_are_not_missing() {
        let late = |number: i64, taken: i64| ArrivedRecording {
            number: Some(number),
            stored_at: at(600 + number),
            client_time: Some(at(taken)),
        };
        let arrived: Vec<_> = (0..20).map(|n| late(n + 1, 30 * n)).collect();
        assert_eq!(missing(&arrived, 620), []);
    }

    #[test]
    fn a_second_device_with_another_clock_makes_no_gap() {
        let other = |number: i64, seconds: i64| ArrivedRecording {
            client_time: Some(at(seconds - 86_400)),
            ..recording(number, seconds)
        };
        let arrived = [recording(1, 0), recording(2, 30), other(3, 60), other(4, 90)];
        assert_eq!(missing(&arrived, 100), []);
    }

    #[test]
    fn the_time_between_a_completion_and_a_reopening_is_not_recorded() {
        let arrived = [recording(1, 0), recording(2, 30), recording(3, 9_030)];
        let pause = [(at(50), at(9_010))];
        assert_eq!(missing_recordings(PHOTO, &arrived, at(0), at(9_040), &pause), []);
    }

    proptest! {
        #[test]
        fn who_records_evenly_misses_nothing_and_whoever_leaves_one_out_does(
            count in 2_i64..60,
            left_out in 1_i64..60,
            skew in -1_000_000_i64..1_000_000,
            jitter in proptest::collection::vec(0_i64..10, 60),
        ) {
            let all: Vec<_> = (0..count).zip(&jitter).map(|(n, jitter)| ArrivedRecording {
                number: Some(n + 1),
                stored_at: at(30 * n + jitter),
                client_time: Some(at(30 * n + skew)),
            }).collect();
            prop_assert_eq!(missing(&all, 30 * count), vec![]);
            let some: Vec<_> = all.iter().copied().filter(|one| one.number != Some(left_out)).collect();
            let is_between = left_out < count;
            prop_assert_eq!(missing(&some, 30 * count).iter().any(|gap| gap.2 == 1), is_between);
        }
    }
}
