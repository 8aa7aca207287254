//! What the threads measure for the metrics. Must never decide anything: a time measured here goes
//! nowhere else.

use metrics::histogram;
use std::time::Instant;

/// Requests that wait for a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestBacklog {
    pub writes: usize,
    pub reads: usize,
}

/// Commits `writes` requests together, or tries to, and records how many they were and how long it
/// took.
#[expect(clippy::disallowed_methods, reason = "how long a commit took decides nothing")]
pub(crate) fn measure_commit<T>(writes: usize, commit: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let outcome = commit();
    histogram!("assay_storage_commit_duration_seconds").record(began.elapsed());
    histogram!("assay_storage_commit_requests").record(u32::try_from(writes).unwrap_or(u32::MAX));
    outcome
}
