//! What was measured: one sample a request, kept whole, so that percentiles are exact.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// The requests of a candidate's page, and an integrator's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequestKind {
    Enter,
    Steps,
    Start,
    Page,
    Test,
    Save,
    Complete,
    List,
}

impl RequestKind {
    pub const ALL: [Self; 8] = [
        Self::Enter,
        Self::Steps,
        Self::Start,
        Self::Page,
        Self::Test,
        Self::Save,
        Self::Complete,
        Self::List,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enter => "enter",
            Self::Steps => "list steps",
            Self::Start => "start",
            Self::Page => "open a page",
            Self::Test => "fetch the test",
            Self::Save => "save an answer",
            Self::Complete => "complete",
            Self::List => "list results (integrators)",
        }
    }
}

/// One request. Latency counts from the moment somebody wished it, not from the moment it could be
/// sent.
#[derive(Clone, Copy, Debug)]
pub struct RequestSample {
    pub kind: RequestKind,
    /// HTTP status; 0 when there was no reply.
    pub status: u16,
    /// Since the beginning of the exam.
    pub wished: Duration,
    pub latency: Duration,
}

impl RequestSample {
    pub fn of(kind: RequestKind, status: u16, begin: Instant, wished: Instant) -> Self {
        Self {
            kind,
            status,
            wished: wished.saturating_duration_since(begin),
            latency: wished.elapsed(),
        }
    }

    fn replied(&self) -> Duration {
        self.wished + self.latency
    }
}

/// One kind of request summed up. Rates are a second, latencies milliseconds; failures count
/// towards latencies too.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RequestFigures {
    pub count: usize,
    /// By status.
    pub errors: BTreeMap<u16, usize>,
    pub offered: f64,
    pub achieved: f64,
    pub p50: f64,
    pub p99: f64,
    pub max: f64,
}

#[allow(clippy::cast_precision_loss, reason = "counts of requests are far below 2^52")]
pub fn figures(samples: &[RequestSample], kind: RequestKind) -> Option<RequestFigures> {
    let of_kind: Vec<&RequestSample> =
        samples.iter().filter(|sample| sample.kind == kind).collect();
    let first = of_kind.iter().map(|sample| sample.wished).min()?;
    let last_wish = of_kind.iter().map(|sample| sample.wished).max()?;
    let last_reply = of_kind.iter().map(|sample| sample.replied()).max()?;
    let mut errors = BTreeMap::new();
    for sample in of_kind.iter().filter(|sample| sample.status != 200) {
        *errors.entry(sample.status).or_insert(0) += 1;
    }
    let failed: usize = errors.values().sum();
    let a_second =
        |count: usize, until: Duration| count as f64 / (until - first).as_secs_f64().max(0.001);
    let latencies = sorted(of_kind.iter().map(|sample| sample.latency));
    Some(RequestFigures {
        count: of_kind.len(),
        offered: a_second(of_kind.len(), last_wish),
        achieved: a_second(of_kind.len() - failed, last_reply),
        p50: millis(percentile(&latencies, 50)),
        p99: millis(percentile(&latencies, 99)),
        max: millis(percentile(&latencies, 100)),
        errors,
    })
}

/// The second in which most replies came, and how many.
pub fn busiest_second(samples: &[RequestSample]) -> usize {
    let mut seconds = BTreeMap::new();
    for sample in samples {
        *seconds.entry(sample.replied().as_secs()).or_insert(0) += 1;
    }
    seconds.into_values().max().unwrap_or(0)
}

pub fn sorted(durations: impl Iterator<Item = Duration>) -> Vec<Duration> {
    let mut sorted: Vec<_> = durations.collect();
    sorted.sort_unstable();
    sorted
}

/// The smallest value that at least this part of all do not exceed; zero of nothing.
pub fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

pub fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(status: u16, wished: u64, latency: u64) -> RequestSample {
        let (wished, latency) = (Duration::from_millis(wished), Duration::from_millis(latency));
        RequestSample { kind: RequestKind::Save, status, wished, latency }
    }

    #[test]
    fn nothing_measured_gives_nothing() {
        assert!(figures(&[], RequestKind::Save).is_none());
        assert_eq!(percentile(&[], 99), Duration::ZERO);
    }

    #[test]
    fn failures_are_told_by_status_and_are_not_achieved() {
        let samples = [sample(200, 0, 10), sample(503, 500, 10), sample(0, 1000, 1000)];
        let figures = figures(&samples, RequestKind::Save).unwrap();
        assert_eq!(figures.errors, BTreeMap::from([(0, 1), (503, 1)]));
        assert!((figures.offered - 3.0).abs() < 1e-9 && (figures.achieved - 0.5).abs() < 1e-9);
    }

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let latencies = sorted((1..=1000).rev().map(Duration::from_millis));
        let at = |percent| percentile(&latencies, percent).as_millis();
        assert_eq!((at(50), at(99), at(100)), (500, 990, 1000));
    }
}
