//! Lanes: what goes to one receiver goes by one lane, so that a receiver that hangs holds up nobody
//! else.
//!
//! A lane whose last try failed is given one message at a time, and one that was asked to wait is
//! left alone for so long.

use domain::id::OrganizationId;
use domain::time::Timestamp;
use std::collections::HashMap;

/// Messages under way at once on one server.
const MOST: usize = 256;
/// Those of them in one lane.
const MOST_IN_LANE: usize = 8;

/// The lane of a candidate's callback: all that goes to one host for one organization.
pub(super) fn callback_queue_key(organization: &OrganizationId, url: &str) -> String {
    let behind_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = behind_scheme.split(['/', '?']).next().unwrap_or_default();
    format!("{organization} {}", authority.to_ascii_lowercase())
}

/// What this server knows of the lanes it uses.
#[derive(Default)]
pub(super) struct ReceiverQueues {
    queues: HashMap<String, ReceiverQueue>,
    under_way: usize,
}

#[derive(Default)]
struct ReceiverQueue {
    under_way: usize,
    is_failing: bool,
    /// The message that failed first since the lane was well, and whether others did too.
    failed: Option<(String, bool)>,
    /// The receiver asked for a pause until then.
    resumes_at: Option<Timestamp>,
}

impl ReceiverQueues {
    /// How many messages of which lanes may be claimed now.
    pub(super) fn quotas(
        &self,
        waiting: Vec<(String, Timestamp)>,
        now: Timestamp,
    ) -> Vec<(String, usize)> {
        let mut left = MOST.saturating_sub(self.under_way);
        let mut quotas = Vec::new();
        for (lane, due_at) in waiting {
            let free_slots = self.free_slots(&lane, now).min(left);
            if due_at <= now && free_slots > 0 {
                left -= free_slots;
                quotas.push((lane, free_slots));
            }
        }
        quotas
    }

    fn free_slots(&self, lane: &str, now: Timestamp) -> usize {
        let Some(lane) = self.queues.get(lane) else { return MOST_IN_LANE };
        let most = match lane {
            ReceiverQueue { resumes_at: Some(at), .. } if now < *at => 0,
            ReceiverQueue { is_failing: true, .. } => 1,
            ReceiverQueue { .. } => MOST_IN_LANE,
        };
        most.saturating_sub(lane.under_way)
    }

    pub(super) fn begin(&mut self, lane: &str) {
        self.under_way += 1;
        self.queues.entry(lane.to_owned()).or_default().under_way += 1;
    }

    /// A message came back; says whether the lane is well again by that. Nothing is remembered of a
    /// lane where all is well.
    pub(super) fn end(
        &mut self,
        lane: &str,
        message: &str,
        is_failing: bool,
        resumes_at: Option<Timestamp>,
    ) -> Option<Recovery> {
        self.under_way = self.under_way.saturating_sub(1);
        let existing = self.queues.entry(lane.to_owned()).or_default();
        existing.under_way = existing.under_way.saturating_sub(1);
        existing.is_failing = is_failing;
        existing.resumes_at = resumes_at.or(existing.resumes_at);
        let failed = existing.failed.take();
        if is_failing {
            existing.failed = Some(match failed {
                Some((first, are_several)) => {
                    let is_another = first != message;
                    (first, are_several || is_another)
                }
                None => (message.to_owned(), false),
            });
            return None;
        }
        if existing.under_way == 0 {
            self.queues.remove(lane);
        }
        failed.map(
            |(_, are_several)| {
                if are_several { Recovery::OfReceiver } else { Recovery::AfterOneFailure }
            },
        )
    }
}

/// A lane is well again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recovery {
    /// Several messages had failed: it was the receiver.
    OfReceiver,
    /// One had failed. Perhaps it is the message that the receiver does not like: its waits must
    /// not all be cut short, or it would be given up within minutes.
    AfterOneFailure,
}

impl Recovery {
    /// Messages that have failed so often at most are brought forward.
    pub(super) const fn most_failures(self) -> i64 {
        match self {
            Self::OfReceiver => i64::MAX,
            Self::AfterOneFailure => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1000);

    fn due(lanes: &[&str]) -> Vec<(String, Timestamp)> {
        lanes.iter().map(|lane| ((*lane).to_owned(), NOW)).collect()
    }

    fn rooms(lanes: &ReceiverQueues, of: &[&str], now: Timestamp) -> Vec<usize> {
        lanes.quotas(due(of), now).into_iter().map(|(_, free_slots)| free_slots).collect()
    }

    #[test]
    fn callbacks_to_one_host_share_a_lane_and_organizations_do_not() {
        let of = |organization: &str, url| callback_queue_key(&organization.into(), url);
        assert_eq!(of("Og1", "https://Example.org/a"), of("Og1", "https://example.org?b"));
        assert_ne!(of("Og1", "https://example.org/a"), of("Og2", "https://example.org/a"));
        assert_ne!(of("Og1", "https://example.org"), of("Og1", "https://example.org:8443"));
    }

    #[test]
    fn a_lane_that_fails_is_given_one_message_and_one_that_asked_for_a_pause_none() {
        let mut lanes = ReceiverQueues::default();
        for _ in 0..3 {
            lanes.begin("a");
        }
        assert_eq!(rooms(&lanes, &["a", "b"], NOW), [MOST_IN_LANE - 3, MOST_IN_LANE]);
        assert_eq!(lanes.end("a", "1", false, None), None);
        assert_eq!(lanes.end("a", "2", false, None), None);
        assert_eq!(lanes.end("a", "3", true, Some(NOW.plus_seconds(9))), None);
        assert_eq!(rooms(&lanes, &["a"], NOW), Vec::<usize>::new());
        assert_eq!(rooms(&lanes, &["a"], NOW.plus_seconds(9)), [1]);
        lanes.begin("a");
        assert_eq!(lanes.end("a", "4", false, None), Some(Recovery::AfterOneFailure));
        assert_eq!(rooms(&lanes, &["a"], NOW), [MOST_IN_LANE]);
    }

    #[test]
    fn a_lane_recovers_once_and_one_message_that_fails_again_and_again_is_no_failing_receiver() {
        let mut lanes = ReceiverQueues::default();
        let mut end = |message, is_failing| {
            lanes.begin("a");
            lanes.end("a", message, is_failing, None)
        };
        assert_eq!((end("1", true), end("1", true)), (None, None));
        assert_eq!(end("2", false), Some(Recovery::AfterOneFailure));
        assert_eq!((end("3", true), end("4", true), end("3", true)), (None, None, None));
        assert_eq!((end("5", false), end("6", false)), (Some(Recovery::OfReceiver), None));
    }

    #[test]
    fn one_server_has_only_so_many_under_way_and_takes_nothing_that_is_not_due() {
        let lanes = ReceiverQueues::default();
        let names: Vec<String> = (0..100).map(|n| n.to_string()).collect();
        let all: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(rooms(&lanes, &all, NOW).iter().sum::<usize>(), MOST);
        assert_eq!(lanes.quotas(due(&["a"]), Timestamp(999)), []);
    }
}
