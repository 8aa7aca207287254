//! How much longer a candidate's time limits are.
//!
//! Extra time is the commonest accommodation (domain rules, 5.1). The factor is kept in hundredths,
//! so that scaling is whole-number arithmetic; a binary float never touches a deadline.

use crate::decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;

const WHOLE: u16 = 100;
const LARGEST: u16 = 1000;

/// A factor of 1 to 10 with at most 2 decimals. Reads and writes as its plain text, for example
/// `"1.25"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeFactor {
    hundredths: u16,
}

/// Why a text or number is no time factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTimeFactor {
    #[error("not a plain decimal number")]
    NotANumber,
    #[error("more than 2 decimals")]
    TooFine,
    #[error("a time factor is 1 to 10")]
    OutOfRange,
}

impl TimeFactor {
    /// The factor that changes nothing.
    pub const ONE: Self = Self { hundredths: WHOLE };

    /// The factor of so many hundredths.
    ///
    /// # Errors
    /// When it is not 100 to 1000.
    pub fn from_hundredths(hundredths: u16) -> Result<Self, InvalidTimeFactor> {
        if (WHOLE..=LARGEST).contains(&hundredths) {
            Ok(Self { hundredths })
        } else {
            Err(InvalidTimeFactor::OutOfRange)
        }
    }

    /// Reads a plain decimal literal such as `1.25`.
    ///
    /// # Errors
    /// When the text is no plain decimal, has more than 2 decimals, or lies outside 1 to 10.
    pub fn parse(literal: &str) -> Result<Self, InvalidTimeFactor> {
        Decimal::parse(literal).ok_or(InvalidTimeFactor::NotANumber)?.try_into()
    }

    /// The factor times 100.
    #[must_use]
    pub const fn hundredths(self) -> u16 {
        self.hundredths
    }

    /// A limit in seconds times the factor, rounded up to a second; 0, which is no limit, stays 0.
    #[must_use]
    pub fn scale(self, seconds: u32) -> u32 {
        let scaled = (u64::from(seconds) * u64::from(self.hundredths)).div_ceil(u64::from(WHOLE));
        u32::try_from(scaled).unwrap_or(u32::MAX)
    }
}

impl Default for TimeFactor {
    fn default() -> Self {
        Self::ONE
    }
}

impl TryFrom<Decimal> for TimeFactor {
    type Error = InvalidTimeFactor;

    fn try_from(number: Decimal) -> Result<Self, InvalidTimeFactor> {
        if number < Decimal::ONE || number > Decimal::from(10) {
            return Err(InvalidTimeFactor::OutOfRange);
        }
        if number.decimals() > 2 {
            return Err(InvalidTimeFactor::TooFine);
        }
        let hundredths = (number * Decimal::HUNDRED)
            .to_string()
            .parse()
            .map_err(|_| InvalidTimeFactor::OutOfRange)?;
        Self::from_hundredths(hundredths)
    }
}

impl TryFrom<String> for TimeFactor {
    type Error = InvalidTimeFactor;

    fn try_from(literal: String) -> Result<Self, InvalidTimeFactor> {
        Self::parse(&literal)
    }
}

impl From<TimeFactor> for Decimal {
    fn from(factor: TimeFactor) -> Self {
        Self::from(i64::from(factor.hundredths)).percent()
    }
}

impl From<TimeFactor> for String {
    fn from(factor: TimeFactor) -> Self {
        factor.to_string()
    }
}

/// Plain notation: `1`, `1.5`, `1.25`.
impl fmt::Display for TimeFactor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Decimal::from(*self).fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_factor_is_refused_with_its_reason() {
        for (literal, reason) in [
            ("", InvalidTimeFactor::NotANumber),
            ("1,5", InvalidTimeFactor::NotANumber),
            ("1e1", InvalidTimeFactor::NotANumber),
            ("0.99", InvalidTimeFactor::OutOfRange),
            ("10.01", InvalidTimeFactor::OutOfRange),
            ("-2", InvalidTimeFactor::OutOfRange),
            ("1.001", InvalidTimeFactor::TooFine),
        ] {
            assert_eq!(TimeFactor::parse(literal), Err(reason), "{literal:?}");
        }
        assert_eq!(TimeFactor::from_hundredths(99), Err(InvalidTimeFactor::OutOfRange));
        assert!(serde_json::from_str::<TimeFactor>("\"0\"").is_err());
    }

    #[test]
    fn a_factor_reads_back_from_its_text() {
        for (literal, text) in
            [("1", "1"), ("1.50", "1.5"), ("1.25", "1.25"), ("10", "10"), ("10.000", "10")]
        {
            let factor = TimeFactor::parse(literal).unwrap();
            assert_eq!(factor.to_string(), text);
            assert_eq!(
                serde_json::from_str::<TimeFactor>(&serde_json::to_string(&factor).unwrap())
                    .unwrap(),
                factor
            );
        }
    }

    #[test]
    fn scaled_limits_are_rounded_up_and_no_limit_stays_none() {
        let factor = TimeFactor::parse("1.01").unwrap();
        assert_eq!(factor.scale(0), 0);
        assert_eq!(factor.scale(1), 2);
        assert_eq!(factor.scale(100), 101);
        assert_eq!(TimeFactor::parse("10").unwrap().scale(604_800), 6_048_000);
        assert_eq!(TimeFactor::parse("10").unwrap().scale(u32::MAX), u32::MAX);
    }

    proptest! {
        /// Invariant 33 at its root.
        #[test]
        fn a_larger_factor_never_makes_a_limit_shorter(seconds in 0u32..=604_800, a in 100u16..=1000, b in 100u16..=1000) {
            let scaled = |hundredths: u16| TimeFactor::from_hundredths(hundredths).unwrap().scale(seconds);
            prop_assert!(scaled(a.max(b)) >= scaled(a.min(b)));
            prop_assert!(scaled(a) >= seconds);
        }
    }
}
