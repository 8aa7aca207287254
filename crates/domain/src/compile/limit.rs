//! Time limits as a candidate gets them.

use crate::decimal::Decimal;

/// What a candidate's limits are multiplied by: 1 to 10 with at most 2 decimals (domain rules, 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeFactor {
    hundredths: u16,
}

impl TimeFactor {
    pub const ONE: Self = Self { hundredths: 100 };

    /// The factor, if it lies in 1..10 and has at most 2 decimals.
    #[must_use]
    pub fn new(factor: Decimal) -> Option<Self> {
        let hundredths = (factor * Decimal::HUNDRED).to_string().parse().ok()?;
        Self::from_hundredths(hundredths)
    }

    /// The factor of a number of hundredths, 100 to 1000.
    #[must_use]
    pub const fn from_hundredths(hundredths: u16) -> Option<Self> {
        if matches!(hundredths, 100..=1000) { Some(Self { hundredths }) } else { None }
    }

    /// The factor in hundredths, 100 to 1000: what is stored.
    #[must_use]
    pub const fn hundredths(self) -> u16 {
        self.hundredths
    }

    /// The factor as a number.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        Decimal::from(i64::from(self.hundredths)).percent()
    }

    /// A limit in seconds, multiplied and rounded up to a second; 0 (no limit) stays 0.
    #[must_use]
    pub fn stretch(self, seconds: u64) -> u32 {
        let stretched = seconds.saturating_mul(u64::from(self.hundredths)).div_ceil(100);
        u32::try_from(stretched).unwrap_or(u32::MAX)
    }
}

impl Default for TimeFactor {
    fn default() -> Self {
        Self::ONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factor(literal: &str) -> Option<TimeFactor> {
        TimeFactor::new(Decimal::parse(literal).unwrap())
    }

    #[test]
    fn factors_outside_one_to_ten_or_finer_than_hundredths_are_refused() {
        for literal in ["0", "0.99", "10.01", "1.001", "-1", "100000"] {
            assert_eq!(factor(literal), None, "{literal}");
        }
        assert_eq!(factor("1.250").map(TimeFactor::hundredths), Some(125));
        assert_eq!(factor("10").unwrap().decimal().to_string(), "10");
    }

    #[test]
    fn a_stretched_limit_is_rounded_up_and_none_stays_none() {
        assert_eq!(factor("1.01").unwrap().stretch(99), 100);
        assert_eq!(factor("1.5").unwrap().stretch(1800), 2700);
        assert_eq!(factor("10").unwrap().stretch(0), 0);
        assert_eq!(factor("10").unwrap().stretch(u64::MAX), u32::MAX);
    }
}
