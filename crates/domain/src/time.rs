//! Instants, as the server keeps and publishes them.

use serde::{Deserialize, Serialize};

/// A moment in milliseconds since the Unix epoch, UTC. Read once per request; client clocks decide nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The published form: whole seconds, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The moment this many seconds after the epoch.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// This moment moved by a number of milliseconds.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// This moment moved by a number of seconds.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_millis(seconds.saturating_mul(1000))
    }
}

/// A half-open window: open when `after <= now < before`; a missing bound is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    pub after: Option<Timestamp>,
    pub before: Option<Timestamp>,
}

/// Where a moment lies relative to a [`Window`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    NotOpen,
    Open,
    Closed,
}

impl Window {
    #[must_use]
    pub fn phase(&self, now: Timestamp) -> Phase {
        if self.before.is_some_and(|before| now >= before) {
            Phase::Closed
        } else if self.after.is_some_and(|after| now < after) {
            Phase::NotOpen
        } else {
            Phase::Open
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_contains_its_start_and_not_its_end() {
        let window = Window { after: Some(Timestamp(10)), before: Some(Timestamp(20)) };
        assert_eq!(window.phase(Timestamp(9)), Phase::NotOpen);
        assert_eq!(window.phase(Timestamp(10)), Phase::Open);
        assert_eq!(window.phase(Timestamp(19)), Phase::Open);
        assert_eq!(window.phase(Timestamp(20)), Phase::Closed);
        assert_eq!(Window::default().phase(Timestamp(i64::MIN)), Phase::Open);
    }

    #[test]
    fn published_seconds_are_rounded_down_also_before_the_epoch() {
        assert_eq!(Timestamp(1999).seconds(), 1);
        assert_eq!(Timestamp(-1).seconds(), -1);
    }
}
