//! Which time the server goes by when its wall clock jumps.
//!
//! A wall clock is compared with a steady one, which only ever counts on. Small differences are the
//! network's setting of the clock and are followed. A jump is not: the server goes on by its steady
//! clock, so nobody's time ends early or late, until the wall clock comes back, the jump concerns
//! nobody, or the operator confirms it. Independent of that, work that cannot be undone (erasing
//! persons, removing files) waits while the time is in doubt.

use crate::time::Timestamp;
use std::time::Duration;

/// Wall and steady clock may part by so much, in milliseconds, before it is a jump.
pub const TOLERANCE_MILLIS: i64 = 2 * 60_000;
/// How often a small difference is followed. Not at every look: many small steps would add up to a
/// jump.
const ANCHOR_PERIOD: Duration = Duration::from_secs(600);
/// A jump that concerns nobody is followed after this time; shorter ones have no effect at all.
pub const SHORTEST_HOLD: Duration = Duration::from_secs(60);
/// The longest pause of a server that its clock is believed after, in milliseconds: holidays.
pub const LONGEST_PAUSE_MILLIS: i64 = 14 * 24 * 3_600_000;
/// Up to such a pause a start is a mere restart, in milliseconds.
const RESTART_MILLIS: i64 = 5 * 60_000;
/// After a longer pause erasing waits until the clock has gone on steadily for so long.
pub const SETTLING: Duration = Duration::from_secs(2 * 3600);
/// A confirmation holds for a clock that shows the confirmed moment, give or take so much, in
/// milliseconds.
const CONFIRMED_MILLIS: i64 = 10 * 60_000;
/// A jump concerns whoever has a deadline up to so long after it, in milliseconds: longer than an
/// examination.
const CONCERNED_MILLIS: i64 = 24 * 3_600_000;

/// Both clocks at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockReading {
    pub wall: Timestamp,
    /// Since any fixed moment of this process.
    pub steady: Duration,
}

impl ClockReading {
    /// What the wall clock shows at a later steady moment if nobody changes it.
    fn at(&self, steady: Duration) -> Timestamp {
        let passed =
            i64::try_from(steady.saturating_sub(self.steady).as_millis()).unwrap_or(i64::MAX);
        Timestamp(self.wall.0.saturating_add(passed))
    }

    /// How far a later reading is ahead of that, in milliseconds.
    fn ahead(&self, later: ClockReading) -> i64 {
        later.wall.0.saturating_sub(self.at(later.steady).0)
    }
}

/// How far the time is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockConfidence {
    Trusted,
    /// The server did not run for a while, and its clock is plausible: trusted once it has gone on
    /// steadily.
    Settling,
    /// Nothing but the operator's confirmation, or the clock's coming back, ends it.
    Unconfirmed,
}

/// How things stand with the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockStatus {
    pub confidence: ClockConfidence,
    /// Whether the server goes by its steady clock because the wall clock jumped.
    pub is_held: bool,
    /// How far the wall clock is ahead of the time that was trusted last, in milliseconds; negative
    /// is behind.
    pub ahead_millis: i64,
}

impl ClockStatus {
    /// Whether work that cannot be undone may rely on the time.
    #[must_use]
    pub fn may_destroy(&self) -> bool {
        self.confidence == ClockConfidence::Trusted && !self.is_held
    }
}

/// The course of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedClock {
    /// What was believed last without doubt.
    trusted: ClockReading,
    /// How long after `trusted` a believable clock may be: nobody knows how long a server was off.
    allowance: i64,
    /// What the time is reckoned from.
    anchor: ClockReading,
    held_since: Option<Duration>,
    confidence: ClockConfidence,
    settling_since: Duration,
}

impl TrustedClock {
    /// At a start: `trusted_at` is the last moment at which a clock of this installation was
    /// trusted. `is_concerned` says whether somebody has a deadline that [`concerned_until`] names.
    #[must_use]
    pub fn begin(now: ClockReading, trusted_at: Timestamp, is_concerned: bool) -> Self {
        let trusted = ClockReading { wall: trusted_at, steady: now.steady };
        let pause = trusted.ahead(now);
        let mut course = Self {
            trusted,
            allowance: LONGEST_PAUSE_MILLIS,
            anchor: now,
            held_since: None,
            confidence: ClockConfidence::Trusted,
            settling_since: now.steady,
        };
        if (-TOLERANCE_MILLIS..=RESTART_MILLIS).contains(&pause) {
            course.trust(now);
        } else if (-TOLERANCE_MILLIS..=LONGEST_PAUSE_MILLIS).contains(&pause) {
            course.confidence = ClockConfidence::Settling;
        } else {
            course.confidence = ClockConfidence::Unconfirmed;
            if is_concerned {
                course.anchor = trusted;
                course.held_since = Some(now.steady);
            }
        }
        course
    }

    /// The time to go by. Looking at it is what notices a jump, so the first request after one is
    /// safe already.
    pub fn now(&mut self, now: ClockReading) -> Timestamp {
        let is_near = self.anchor.ahead(now).abs() <= TOLERANCE_MILLIS;
        match (self.held_since, is_near) {
            (None, true) => {
                if now.steady.saturating_sub(self.anchor.steady) >= ANCHOR_PERIOD {
                    self.follow(now);
                }
                now.wall
            }
            (None, false) => {
                self.held_since = Some(now.steady);
                self.anchor.at(now.steady)
            }
            (Some(_), true) => {
                self.held_since = None;
                now.wall
            }
            (Some(_), false) => self.anchor.at(now.steady),
        }
    }

    /// Whether a held jump is old enough to be followed if it concerns nobody.
    #[must_use]
    pub fn may_follow_jump(&self, now: ClockReading) -> bool {
        self.held_since.is_some_and(|since| now.steady.saturating_sub(since) >= SHORTEST_HOLD)
    }

    /// Whoever has a deadline up to this moment is concerned by the jump.
    #[must_use]
    pub fn concerned_until(&self, now: ClockReading) -> Timestamp {
        Timestamp(now.wall.0.max(self.anchor.at(now.steady).0).saturating_add(CONCERNED_MILLIS))
    }

    /// Follows a jump that concerns nobody.
    pub fn follow_jump(&mut self, now: ClockReading) {
        let ahead = self.trusted.ahead(now);
        self.anchor = now;
        self.held_since = None;
        if !(-TOLERANCE_MILLIS..=TOLERANCE_MILLIS.saturating_add(self.allowance)).contains(&ahead) {
            self.confidence = ClockConfidence::Unconfirmed;
        } else if self.allowance == 0 {
            self.trust(now);
        } else {
            self.confidence = ClockConfidence::Settling;
            self.settling_since = now.steady;
        }
    }

    /// Lets a plausible clock that has gone on steadily be trusted.
    pub fn trust_if_steady(&mut self, now: ClockReading) {
        let has_settled = now.steady.saturating_sub(self.settling_since) >= SETTLING;
        if self.confidence == ClockConfidence::Settling && self.held_since.is_none() && has_settled
        {
            self.trust(now);
        }
    }

    /// Takes the operator's word, if it is about what the clock shows. True when it was.
    pub fn confirm(&mut self, now: ClockReading, confirmed_at: Timestamp) -> bool {
        let is_about_this = now.wall.0.saturating_sub(confirmed_at.0).abs() <= CONFIRMED_MILLIS;
        if is_about_this {
            self.anchor = now;
            self.held_since = None;
            self.trust(now);
        }
        is_about_this
    }

    /// How far the clock is believed at this reading, for health and metrics.
    #[must_use]
    pub fn status(&self, now: ClockReading) -> ClockStatus {
        ClockStatus {
            confidence: self.confidence,
            is_held: self.held_since.is_some(),
            ahead_millis: self.trusted.ahead(now),
        }
    }

    fn follow(&mut self, now: ClockReading) {
        self.anchor = now;
        if self.confidence == ClockConfidence::Trusted {
            self.trusted = now;
        }
    }

    fn trust(&mut self, now: ClockReading) {
        self.confidence = ClockConfidence::Trusted;
        (self.trusted, self.allowance) = (now, 0);
    }
}

/// At a start: whoever has a deadline up to this moment is concerned if the clock is wrong.
#[must_use]
pub fn concerned_until(wall: Timestamp, trusted_at: Timestamp) -> Timestamp {
    Timestamp(wall.0.max(trusted_at.0).saturating_add(CONCERNED_MILLIS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOON: Timestamp = Timestamp(1_767_225_600_000);
    const HOUR: i64 = 3_600_000;

    fn reading(wall: i64, seconds: u64) -> ClockReading {
        ClockReading { wall: Timestamp(NOON.0 + wall), steady: Duration::from_secs(seconds) }
    }

    fn trusted() -> TrustedClock {
        TrustedClock::begin(reading(0, 0), NOON, true)
    }

    #[test]
    fn a_jump_of_two_hours_for_four_seconds_has_no_effect_m8() {
        let mut course = trusted();
        assert_eq!(course.now(reading(1000, 1)).0, NOON.0 + 1000);
        assert_eq!(course.now(reading(2 * HOUR, 2)).0, NOON.0 + 2000);
        assert!(
            course.status(reading(2 * HOUR, 3)).is_held
                && !course.may_follow_jump(reading(2 * HOUR, 5))
        );
        assert_eq!(course.now(reading(6000, 6)).0, NOON.0 + 6000);
        assert!(course.status(reading(6000, 6)).may_destroy());
    }

    #[test]
    fn a_jump_that_concerns_nobody_is_followed_and_erasing_waits_until_it_is_confirmed_or_comes_back()
     {
        let mut course = trusted();
        course.now(reading(2 * HOUR, 0));
        assert!(course.may_follow_jump(reading(2 * HOUR, 60)));
        course.follow_jump(reading(2 * HOUR, 60));
        assert_eq!(course.now(reading(2 * HOUR, 61)), reading(2 * HOUR, 0).wall);
        assert_eq!(course.status(reading(2 * HOUR, 61)).confidence, ClockConfidence::Unconfirmed);
        let mut back = course.clone();
        back.now(reading(100_000, 100));
        back.follow_jump(reading(160_000, 160));
        assert!(back.status(reading(160_000, 160)).may_destroy());
        assert!(!course.confirm(reading(2 * HOUR, 70), NOON), "another clock's confirmation");
        assert!(course.confirm(reading(2 * HOUR, 70), Timestamp(NOON.0 + 2 * HOUR + 3000)));
        assert!(course.status(reading(2 * HOUR, 71)).may_destroy());
    }

    #[test]
    fn a_weekend_off_is_believed_for_deadlines_and_after_two_steady_hours_for_erasing() {
        let weekend = 62 * HOUR;
        let mut course = TrustedClock::begin(reading(weekend, 0), NOON, true);
        assert_eq!(course.now(reading(weekend, 0)), reading(weekend, 0).wall);
        assert!(!course.status(reading(weekend, 0)).may_destroy());
        let later =
            |seconds: u64| reading(weekend + i64::try_from(seconds).unwrap() * 1000, seconds);
        course.trust_if_steady(later(7199));
        assert_eq!(course.status(later(7199)).confidence, ClockConfidence::Settling);
        course.trust_if_steady(later(7200));
        assert!(course.status(later(7200)).may_destroy());
    }

    #[test]
    fn a_start_four_hundred_days_later_holds_the_time_of_whoever_sits_and_never_settles_m8() {
        let later = 400 * 24 * HOUR;
        let mut sitting = TrustedClock::begin(reading(later, 0), NOON, true);
        assert_eq!(sitting.now(reading(later + 5000, 5)).0, NOON.0 + 5000);
        let mut empty = TrustedClock::begin(reading(later, 0), NOON, false);
        assert_eq!(empty.now(reading(later, 0)), reading(later, 0).wall);
        for mut course in [sitting, empty] {
            course.trust_if_steady(reading(later, 1_000_000));
            assert!(!course.status(reading(later, 1_000_000)).may_destroy());
        }
    }

    #[test]
    fn a_clock_that_is_set_right_soon_after_a_start_settles_like_a_pause() {
        let mut course = TrustedClock::begin(reading(400 * 24 * HOUR, 0), NOON, false);
        course.now(reading(HOUR, 30));
        course.follow_jump(reading(HOUR + 60_000, 90));
        assert_eq!(course.status(reading(HOUR + 60_000, 90)).confidence, ClockConfidence::Settling);
        let behind = TrustedClock::begin(reading(-HOUR, 0), NOON, true);
        assert_eq!(behind.status(reading(-HOUR, 0)).confidence, ClockConfidence::Unconfirmed);
    }

    proptest! {
        /// Whatever the wall clock does, the time to go by never parts from the steady clock by
        /// more than the tolerance a look apart, and ten minutes of it let at most one tolerance
        /// through.
        #[test]
        fn no_sequence_of_wall_clocks_moves_a_held_or_trusted_time_by_more_than_the_tolerance(
            walls in proptest::collection::vec(-5_000_000_i64..5_000_000, 1..60)
        ) {
            let mut course = trusted();
            for (second, offset) in (1_u64..).zip(walls) {
                let passed = i64::try_from(second).unwrap() * 1000;
                let shown = course.now(reading(passed + offset, second));
                prop_assert!((shown.0 - NOON.0 - passed).abs() <= TOLERANCE_MILLIS);
            }
        }
    }
}
