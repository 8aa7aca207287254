//! Mean, spread and correlation of values that come one after the other, from a few sums.

use crate::to_f64;

/// A spread this small beside the values is what rounding leaves of none.
const NOTHING: f64 = 1e-18;

/// Number, mean and squared distances of values that are forgotten at once.
///
/// `mean += (x - mean) / n; m2 += (x - old mean) (x - new mean)`: Welford, "Note on a method for
/// calculating corrected sums of squares and products", Technometrics 4 (1962).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    count: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    /// Takes a value in; by Welford's method, so that large values lose no digits.
    pub fn add(&mut self, value: f64) {
        self.count += 1;
        let distance = value - self.mean;
        self.mean += distance / to_f64(self.count);
        self.squares += distance * (value - self.mean);
    }

    /// How many values were taken in.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// None of nothing.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }

    /// The sample's variance; none of fewer than two values.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        (self.count > 1).then(|| self.squares.max(0.0) / to_f64(self.count - 1))
    }

    /// Whether the values are all the same as far as can be told.
    fn is_constant(&self) -> bool {
        self.squares <= NOTHING * to_f64(self.count) * self.mean.mul_add(self.mean, 1.0)
    }
}

/// Two values that come together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PairedMoments {
    one: Moments,
    other: Moments,
    products: f64,
}

impl PairedMoments {
    /// Takes a pair in, such as a question's points and the total.
    pub fn add(&mut self, one: f64, other: f64) {
        let distance = one - self.one.mean;
        self.one.add(one);
        self.other.add(other);
        self.products += distance * (other - self.other.mean);
    }

    /// Pearson's correlation, `sum((x - mx) (y - my)) / sqrt(sum((x - mx)^2) sum((y - my)^2))`
    /// (NIST/SEMATECH e-Handbook, 1.3.3.26.1); none of fewer than three pairs or where one side
    /// never changes.
    #[must_use]
    pub fn correlation(&self) -> Option<f64> {
        if self.one.count < 3 || self.one.is_constant() || self.other.is_constant() {
            return None;
        }
        Some(
            (self.products / (self.one.squares.sqrt() * self.other.squares.sqrt()))
                .clamp(-1.0, 1.0),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_variance_and_correlation_of_a_small_group_are_those_computed_by_hand() {
        let (mut moments, mut pair) = (Moments::default(), PairedMoments::default());
        // Distances from the means 2 and 4: (-1, -2), (0, 1), (1, 1); squares 2 and 6, products 3.
        for (one, other) in [(1.0, 2.0), (2.0, 5.0), (3.0, 5.0)] {
            moments.add(one);
            pair.add(one, other);
        }
        assert_eq!((moments.mean(), moments.variance()), (Some(2.0), Some(1.0)));
        assert!((pair.correlation().unwrap() - 3.0 / 12.0_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn what_never_changes_goes_with_nothing() {
        let mut pair = PairedMoments::default();
        for value in [0.1 + 0.2, 0.3, 0.30000000000000004] {
            pair.add(value, value * 7.0);
        }
        assert_eq!(pair.correlation(), None);
    }
}
