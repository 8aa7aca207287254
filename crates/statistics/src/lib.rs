//! Statistics of tests: how results are spread, how sections compare, and what each question does.
//! Pure computation.
//!
//! Every figure names its formula and a public source in its documentation. What is fed in is
//! forgotten at once: a [`Distribution`] keeps each distinct value with a count, everything else
//! keeps a few sums. This crate must never know SQL, HTTP, a clock, a test document or a person.

mod distribution;
mod histogram;
mod moments;
mod questions;

pub use distribution::{Distribution, DistributionSummary, percentile_rank};
pub use histogram::{HistogramBin, HistogramScale};
pub use moments::{Moments, PairedMoments};
pub use questions::{
    ChoiceFrequency, Discrimination, ItemStatistics, NoReliability, QuestionObservation,
    QuestionStatus, QuestionTally, Reliability,
};

/// A count as a number to compute with; counts stay far below 2^53.
#[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub(crate) const fn to_f64(count: u64) -> f64 {
    count as f64
}
