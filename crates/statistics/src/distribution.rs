//! How often each value occurs, and what follows from the values in their order.
//!
//! Values are whole numbers (achievement ratios in millionths), so sums are exact and nothing
//! depends on the order in which they came.

use crate::to_f64;
use std::collections::BTreeMap;

/// Distinct values in ascending order, each with how many values are at most it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    values: Vec<(i64, u64)>,
}

/// A group of values in a few figures, in the unit of the values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DistributionSummary {
    pub count: u64,
    pub mean: f64,
    /// None of fewer than two values.
    pub standard_deviation: Option<f64>,
    pub minimum: i64,
    pub lower_quartile: f64,
    pub median: f64,
    pub upper_quartile: f64,
    pub maximum: i64,
}

/// Values with how often each came. The same value may come again.
impl FromIterator<(i64, u64)> for Distribution {
    fn from_iter<I: IntoIterator<Item = (i64, u64)>>(counted: I) -> Self {
        let mut counts: BTreeMap<i64, u64> = BTreeMap::new();
        for (value, count) in counted.into_iter().filter(|(_, count)| *count > 0) {
            *counts.entry(value).or_default() += count;
        }
        Self::from_ascending(counts)
    }
}

impl Distribution {
    /// Of values that come in ascending order, each once: nothing is kept beside the result.
    pub fn from_ascending(counted: impl IntoIterator<Item = (i64, u64)>) -> Self {
        let mut below = 0;
        let cumulated = counted.into_iter().map(|(value, count)| {
            below += count;
            (value, below)
        });
        Self { values: cumulated.collect() }
    }

    /// How many values there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.values.last().map_or(0, |(_, count)| *count)
    }

    /// Each distinct value with how often it came, in ascending order.
    pub fn value_counts(&self) -> impl Iterator<Item = (i64, u64)> + '_ {
        let mut before = 0;
        self.values.iter().map(move |(value, cumulated)| {
            (*value, cumulated - std::mem::replace(&mut before, *cumulated))
        })
    }

    /// Mean, spread and quartiles; none of nothing.
    ///
    /// The standard deviation is the sample's, `sqrt(sum((x - mean)^2) / (n - 1))` (NIST/SEMATECH
    /// e-Handbook of Statistical Methods, 1.3.5.6); its sums are exact.
    #[must_use]
    pub fn summary(&self) -> Option<DistributionSummary> {
        let (first, last) = (self.values.first()?.0, self.values.last()?.0);
        let mut sums = (0_i128, 0_i128);
        for (value, count) in self.value_counts() {
            let (value, count) = (i128::from(value), i128::from(count));
            sums = (sums.0 + value * count, sums.1 + value * value * count);
        }
        let count = self.count();
        Some(DistributionSummary {
            count,
            mean: float(sums.0) / to_f64(count),
            standard_deviation: (count > 1).then(|| deviation(count, sums)),
            minimum: first,
            lower_quartile: self.quantile(0.25)?,
            median: self.quantile(0.5)?,
            upper_quartile: self.quantile(0.75)?,
            maximum: last,
        })
    }

    /// The value below which the share `p` (0 to 1) of the group lies, interpolated between
    /// neighbours; none of nothing.
    ///
    /// With `h = (n - 1) p`: `x[floor h] + (h - floor h) (x[floor h + 1] - x[floor h])`, which is
    /// type 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages", The American
    /// Statistician 50 (1996), and the default of R and of spreadsheets (`PERCENTILE.INC`).
    #[must_use]
    pub fn quantile(&self, p: f64) -> Option<f64> {
        let last = self.count().checked_sub(1)?;
        let place = to_f64(last) * p.clamp(0.0, 1.0);
        let below = place.floor();
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to the number of values"
        )]
        let index = below as u64;
        let (lower, upper) = (self.nth(index)?, self.nth((index + 1).min(last))?);
        let (lower, upper) = (float(lower.into()), float(upper.into()));
        Some((place - below).mul_add(upper - lower, lower).clamp(lower, upper))
    }

    /// The percentile rank of a value, as [`percentile_rank`] has it; none of nothing.
    #[must_use]
    pub fn percentile_rank(&self, value: i64) -> Option<f64> {
        let at_most = |index: usize| index.checked_sub(1).map_or(0, |index| self.values[index].1);
        let at = self.values.partition_point(|(entry, _)| *entry < value);
        let below = at_most(at);
        let same = self
            .values
            .get(at)
            .filter(|(entry, _)| *entry == value)
            .map_or(0, |(_, cumulated)| cumulated - below);
        percentile_rank(below, same, self.count())
    }

    /// The value at a place of the order, from 0.
    fn nth(&self, index: u64) -> Option<i64> {
        let at = self.values.partition_point(|(_, cumulated)| *cumulated <= index);
        self.values.get(at).map(|(value, _)| *value)
    }
}

/// The share of a group that lies below a value, in percent; those who have the same value count
/// half; none of an empty group.
///
/// `100 (below + same / 2) / n`, the mid-rank form: Crocker and Algina, "Introduction to Classical
/// and Modern Test Theory" (1986), chapter 19; also Wikipedia, "Percentile rank".
#[must_use]
pub fn percentile_rank(below: u64, same: u64, count: u64) -> Option<f64> {
    (count > 0).then(|| 100.0 * (to_f64(below) + to_f64(same) / 2.0) / to_f64(count))
}

/// `sqrt((n sum(x^2) - sum(x)^2) / (n (n - 1)))`, exact until the division.
fn deviation(count: u64, (sum, squares): (i128, i128)) -> f64 {
    let n = i128::from(count);
    let spread =
        n.checked_mul(squares).zip(sum.checked_mul(sum)).map(|(left, right)| float(left - right));
    // Beyond what 128 bits hold, rounding no longer shows.
    let spread = spread.unwrap_or_else(|| to_f64(count) * float(squares) - float(sum) * float(sum));
    (spread.max(0.0) / to_f64(count) / to_f64(count - 1)).sqrt()
}

#[allow(clippy::cast_precision_loss, reason = "figures are shown with few digits")]
const fn float(exact: i128) -> f64 {
    exact as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[i64]) -> Distribution {
        values.iter().map(|value| (*value, 1)).collect()
    }

    #[test]
    fn a_small_group_has_the_figures_computed_by_hand() {
        // 2, 4, 4, 4, 5, 5, 7, 9: the sum is 40, the squared distances from 5 add up to 32.
        let summary = of(&[9, 4, 2, 4, 5, 7, 4, 5]).summary().unwrap();
        assert_eq!((summary.count, summary.minimum, summary.maximum), (8, 2, 9));
        assert!((summary.mean - 5.0).abs() < 1e-12);
        assert!((summary.standard_deviation.unwrap() - (32.0_f64 / 7.0).sqrt()).abs() < 1e-12);
        // h = 7 / 4 = 1.75 lies between the second and third value, both 4; 3.5 between 4 and 5;
        // 5.25 between 5 and 7.
        let quartiles = [summary.lower_quartile, summary.median, summary.upper_quartile];
        assert_eq!(quartiles, [4.0, 4.5, 5.5]);
    }

    #[test]
    fn nothing_has_no_figures_and_one_value_has_no_spread() {
        assert_eq!(of(&[]).summary(), None);
        assert_eq!(of(&[]).percentile_rank(1), None);
        let summary = of(&[-3]).summary().unwrap();
        assert_eq!((summary.mean, summary.standard_deviation, summary.median), (-3.0, None, -3.0));
    }

    #[test]
    fn equals_share_their_rank_and_who_is_outside_is_at_an_end() {
        let group = of(&[10, 20, 20, 40]);
        let rank = |value| group.percentile_rank(value).unwrap();
        assert_eq!(
            [rank(5), rank(10), rank(20), rank(30), rank(40), rank(50)],
            [0.0, 12.5, 50.0, 75.0, 87.5, 100.0]
        );
    }

    #[test]
    fn figures_of_a_huge_group_do_not_overflow() {
        let group: Distribution =
            [(-100_000_000_000, 5_000_000_000), (1_000_000, 5_000_000_000)].into_iter().collect();
        let summary = group.summary().unwrap();
        assert!((summary.mean / -49_999_500_000.0 - 1.0).abs() < 1e-9);
        assert!((summary.standard_deviation.unwrap() / 50_000_500_000.0 - 1.0).abs() < 1e-6);
    }
}
