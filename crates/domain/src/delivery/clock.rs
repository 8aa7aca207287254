//! One time limit and what is left of it.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How long answers and `complete` are still accepted after a deadline (domain rules, 5.7), in
/// milliseconds.
pub const GRACE_MILLIS: i64 = 2000;

/// The limit of a test, section or page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryClock {
    /// No limit.
    None,
    /// Standing still with so many milliseconds left.
    Left(i64),
    /// Running to this end.
    Until(Timestamp),
}

impl DeliveryClock {
    /// A clock that has not run yet; 0 seconds are no limit.
    #[must_use]
    pub fn of_limit(seconds: u32) -> Self {
        if seconds == 0 { Self::None } else { Self::of_seconds(seconds) }
    }

    /// A clock with so many seconds left; 0 are none left.
    #[must_use]
    pub fn of_seconds(seconds: u32) -> Self {
        Self::Left(i64::from(seconds) * 1000)
    }

    /// Whether there is a limit at all, running or not.
    #[must_use]
    pub fn is_limited(self) -> bool {
        self != Self::None
    }

    /// Whether the limit was used up before the clock was stopped.
    #[must_use]
    pub fn is_used_up(self) -> bool {
        matches!(self, Self::Left(..=0))
    }

    /// The end, while it runs.
    #[must_use]
    pub fn end(self) -> Option<Timestamp> {
        match self {
            Self::Until(end) => Some(end),
            Self::None | Self::Left(_) => None,
        }
    }

    /// The clock set going at a moment; one that runs keeps its end.
    #[must_use]
    pub fn running(self, now: Timestamp) -> Self {
        match self {
            Self::Left(millis) => Self::Until(now.plus_millis(millis)),
            other => other,
        }
    }

    /// The clock halted at a moment, with what is left and never less than nothing.
    #[must_use]
    pub fn stopped(self, now: Timestamp) -> Self {
        match self {
            Self::Until(end) => Self::Left(end.0.saturating_sub(now.0).max(0)),
            other => other,
        }
    }

    /// More time; without a limit there is nothing to lengthen.
    #[must_use]
    pub fn longer(self, seconds: u32) -> Self {
        let millis = i64::from(seconds) * 1000;
        match self {
            Self::None => Self::None,
            Self::Left(left) => Self::Left(left.saturating_add(millis)),
            Self::Until(end) => Self::Until(end.plus_millis(millis)),
        }
    }
}
