//! Absences from full screen, measured with the server's clock, and when they end an instance.

use crate::access::settings::FullscreenRules;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How long an absence for a file dialogue or a device's question costs nothing, in milliseconds.
const ALLOWED_MILLIS: i64 = 60_000;

/// All absences of an instance so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AbsenceLog {
    /// Those that counted and are over.
    pub count: u32,
    /// Their counted time.
    pub millis: i64,
    /// Counted time before staff reopened the instance, which counts against no limit any more.
    pub earlier_millis: i64,
    /// The one that lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub away: Option<OngoingAbsence>,
}

/// An absence that lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OngoingAbsence {
    pub since: Timestamp,
    /// For choosing a file or granting a device.
    pub is_allowed: bool,
}

impl OngoingAbsence {
    /// From when it counts.
    const fn counts_from(self) -> Timestamp {
        self.since.plus_millis(if self.is_allowed { ALLOWED_MILLIS } else { 0 })
    }
}

impl AbsenceLog {
    /// The candidate left full screen. Whoever is away already stays so.
    pub fn leave(&mut self, now: Timestamp, is_allowed: bool) -> bool {
        let is_new = self.away.is_none();
        self.away.get_or_insert(OngoingAbsence { since: now, is_allowed });
        is_new
    }

    /// The candidate is back: gives the milliseconds that counted, if there was an absence.
    pub fn come_back(&mut self, now: Timestamp) -> Option<i64> {
        let from = self.away.take()?.counts_from();
        let counted = now.0.saturating_sub(from.0).max(0);
        if counted > 0 {
            self.count = self.count.saturating_add(1);
            self.millis = self.millis.saturating_add(counted);
        }
        Some(counted)
    }

    /// The instance ends: should staff reopen it, limits count from nothing again.
    pub fn conclude(&mut self, at: Timestamp) {
        self.come_back(at);
        self.earlier_millis = self.earlier_millis.saturating_add(self.millis);
        (self.count, self.millis) = (0, 0);
    }

    /// The moment at which the absence that lasts passes a limit; none without an absence or a
    /// limit for it.
    #[must_use]
    pub fn due(&self, rules: &FullscreenRules) -> Option<Timestamp> {
        let from = self.away?.counts_from();
        let Some(resume) = rules.resume else { return Some(from) };
        let counts = [Some(resume.max_count), rules.terminate_after_count];
        let seconds = [Some(resume.max_seconds), rules.terminate_after_seconds];
        let by_count = counts.into_iter().flatten().any(|most| self.count >= most).then_some(from);
        let by_seconds =
            seconds.into_iter().flatten().min().map(|most| from.plus_seconds(most.into()));
        let by_total = rules.terminate_after_total_seconds.map(|most| {
            let left = i64::from(most).saturating_mul(1000).saturating_sub(self.millis);
            from.plus_millis(left.max(0))
        });
        [by_count, by_seconds, by_total].into_iter().flatten().min()
    }

    /// The moment a limit was passed, if it was by now.
    #[must_use]
    pub fn passed(&self, rules: &FullscreenRules, now: Timestamp) -> Option<Timestamp> {
        self.due(rules).filter(|due| *due <= now)
    }

    /// Counted time up to now.
    #[must_use]
    pub fn total_millis(&self, now: Timestamp) -> i64 {
        let lasting = self.away.map_or(0, |away| now.0.saturating_sub(away.counts_from().0).max(0));
        self.millis.saturating_add(lasting).saturating_add(self.earlier_millis)
    }

    /// Whether the candidate was away longer than staff are content with.
    #[must_use]
    pub fn is_too_long(&self, rules: &FullscreenRules, now: Timestamp) -> bool {
        let most =
            rules.flag_after_total_seconds.map(|seconds| i64::from(seconds).saturating_mul(1000));
        most.is_some_and(|most| self.total_millis(now) > most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::settings::ResumeRules;

    const fn at(seconds: i64) -> Timestamp {
        Timestamp(seconds * 1000)
    }

    fn lenient(max_count: u32, max_seconds: u32) -> FullscreenRules {
        FullscreenRules {
            resume: Some(ResumeRules { max_count, max_seconds }),
            ..FullscreenRules::default()
        }
    }

    #[test]
    fn without_resuming_leaving_ends_the_instance_at_once() {
        let mut absences = AbsenceLog::default();
        assert_eq!(absences.due(&FullscreenRules::default()), None);
        absences.leave(at(5), false);
        assert_eq!(absences.passed(&FullscreenRules::default(), at(5)), Some(at(5)));
    }

    #[test]
    fn a_system_dialogue_has_a_minute_and_counts_beyond_it_only() {
        let mut absences = AbsenceLog::default();
        absences.leave(at(0), true);
        assert_eq!(absences.passed(&FullscreenRules::default(), at(59)), None);
        assert_eq!(absences.due(&FullscreenRules::default()), Some(at(60)));
        assert_eq!(absences.come_back(at(50)), Some(0));
        assert_eq!((absences.count, absences.millis), (0, 0));
        absences.leave(at(100), true);
        assert_eq!(absences.come_back(at(170)), Some(10_000));
        assert_eq!((absences.count, absences.millis), (1, 10_000));
    }

    #[test]
    fn limits_of_number_of_one_absence_and_of_all_are_passed_at_their_own_moments() {
        let mut absences = AbsenceLog::default();
        absences.leave(at(10), false);
        assert!(!absences.leave(at(12), true), "the first report counts");
        assert_eq!(absences.due(&lenient(2, 30)), Some(at(40)));
        absences.come_back(at(20));
        absences.leave(at(30), false);
        assert_eq!(absences.due(&lenient(2, 30)), Some(at(60)));
        assert_eq!(absences.due(&lenient(1, 30)), Some(at(30)));
        let total = FullscreenRules { terminate_after_total_seconds: Some(15), ..lenient(9, 900) };
        assert_eq!(absences.due(&total), Some(at(35)));
        let single = FullscreenRules { terminate_after_seconds: Some(7), ..lenient(9, 900) };
        assert_eq!(absences.due(&single), Some(at(37)));
        let count = FullscreenRules { terminate_after_count: Some(1), ..lenient(9, 900) };
        assert_eq!(absences.due(&count), Some(at(30)));
    }

    #[test]
    fn an_absence_without_a_report_lasts_until_the_next() {
        let mut absences = AbsenceLog::default();
        absences.leave(at(0), false);
        let rules = FullscreenRules { flag_after_total_seconds: Some(20), ..lenient(9, 900) };
        assert!(!absences.is_too_long(&rules, at(20)));
        assert!(absences.is_too_long(&rules, at(21)));
        absences.come_back(at(30));
        assert_eq!(absences.total_millis(at(99)), 30_000);
        assert_eq!(absences.come_back(at(31)), None);
    }
}
