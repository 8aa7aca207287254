//! Exact base-10 numbers: parsed from the literal text, written plainly, rounded only by
//! [`Decimal::round6`].

use rust_decimal::{Decimal as Inner, RoundingStrategy};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use std::fmt;
use std::ops::{Add, AddAssign, Mul, Neg, Sub};

/// An exact decimal of at most 28 digits.
///
/// The ranges of the specification (points to 100000 with 6 decimals, rates with 6, 1000 slots)
/// need 21 of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(Inner);

impl Decimal {
    /// 0, the start of every sum.
    pub const ZERO: Self = Self(Inner::ZERO);
    /// 1, the default of points.
    pub const ONE: Self = Self(Inner::ONE);
    /// 100, what percentages are parts of.
    pub const HUNDRED: Self = Self(Inner::ONE_HUNDRED);

    /// Reads a plain JSON number literal without exponent; `None` when it is none or has more than
    /// 28 digits.
    #[must_use]
    pub fn parse(literal: &str) -> Option<Self> {
        let digits = literal.strip_prefix('-').unwrap_or(literal);
        let (whole, fraction) =
            digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
        let all_digits =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let plain = all_digits(whole)
            && (whole == "0" || !whole.starts_with('0'))
            && fraction.is_none_or(all_digits);
        if !plain {
            return None;
        }
        let trimmed = match fraction {
            Some(fraction) => {
                let trimmed_fraction = fraction.trim_end_matches('0');
                if trimmed_fraction.is_empty() {
                    whole.to_owned()
                } else {
                    format!("{whole}.{trimmed_fraction}")
                }
            }
            None => whole.to_owned(),
        };
        let magnitude = Inner::from_str_exact(&trimmed).ok()?;
        let signed = if literal.starts_with('-') { -magnitude } else { magnitude };
        Some(Self(signed.normalize()))
    }

    /// The number of decimals of the plain form.
    #[must_use]
    pub fn decimals(self) -> u32 {
        self.0.normalize().scale()
    }

    /// Below zero; zero itself never is, whatever its sign.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.0.is_sign_negative() && !self.0.is_zero()
    }

    /// Zero in any number of decimals.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// The distance from zero.
    #[must_use]
    pub fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// Rounds half-up by magnitude to 6 decimals. The only rounding there is.
    #[must_use]
    pub fn round6(self) -> Self {
        Self(self.0.round_dp_with_strategy(6, RoundingStrategy::MidpointAwayFromZero))
    }

    /// `Round6(self / divisor)`, 0 when the divisor is 0. Exact up to the rounding: ties are
    /// decided on the remainder, not on an already rounded quotient.
    #[must_use]
    pub fn divide_round6(self, divisor: Self) -> Self {
        if divisor.is_zero() {
            return Self::ZERO;
        }
        let dividend = self.0.abs() * Inner::from(1_000_000);
        let by = divisor.0.abs();
        let mut whole = (dividend / by).trunc();
        let mut rest = dividend - whole * by;
        if rest.is_sign_negative() && !rest.is_zero() {
            whole -= Inner::ONE;
            rest += by;
        }
        if rest + rest >= by {
            whole += Inner::ONE;
        }
        let magnitude = whole / Inner::from(1_000_000);
        Self(
            if self.is_negative() == divisor.is_negative() { magnitude } else { -magnitude }
                .normalize(),
        )
    }

    /// The number in millionths, rounded as [`Decimal::round6`] does; `None` when that is more than
    /// 64 bits hold.
    #[must_use]
    pub fn millionths(self) -> Option<i64> {
        let scaled = self.round6().0.checked_mul(Inner::from(1_000_000))?.normalize();
        i64::try_from(scaled.mantissa()).ok().filter(|_| scaled.scale() == 0)
    }

    /// A number of millionths.
    #[must_use]
    pub fn from_millionths(millionths: i64) -> Self {
        Self(Inner::new(millionths, 6).normalize())
    }

    /// The percentage as a rate: divided by 100, exactly.
    #[must_use]
    pub fn percent(self) -> Self {
        Self(self.0 * Inner::new(1, 2))
    }

    /// Limits a percentage to -100..100.
    #[must_use]
    pub fn cap(self) -> Self {
        Self(self.0.clamp(-Inner::ONE_HUNDRED, Inner::ONE_HUNDRED))
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self(Inner::from(number))
    }
}

impl Add for Decimal {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Decimal {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Decimal {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Mul for Decimal {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self(self.0 * other.0)
    }
}

impl Neg for Decimal {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl std::iter::Sum for Decimal {
    fn sum<I: Iterator<Item = Self>>(numbers: I) -> Self {
        numbers.fold(Self::ZERO, Add::add)
    }
}

/// Plain notation: no exponent, no trailing zeros, never `-0`.
impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_zero() {
            formatter.write_str("0")
        } else {
            write!(formatter, "{}", self.0.normalize())
        }
    }
}

/// A JSON number in plain notation, exact at any length.
impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let literal = RawValue::from_string(self.to_string()).map_err(serde::ser::Error::custom)?;
        literal.serialize(serializer)
    }
}

impl schemars::JsonSchema for Decimal {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Decimal".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "An exact decimal, as a number or as a string with the same text.",
            "anyOf": [{ "type": "number" }, { "type": "string", "pattern": "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?$" }],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(literal: &str) -> Decimal {
        Decimal::parse(literal).unwrap()
    }

    #[test]
    fn a_half_rounds_away_from_zero() {
        assert_eq!(decimal("0.0000005").round6().to_string(), "0.000001");
        assert_eq!(decimal("-0.0000005").round6().to_string(), "-0.000001");
        assert_eq!(decimal("0.00000049").round6().to_string(), "0");
    }

    #[test]
    fn tenths_add_up_and_zero_has_no_sign() {
        assert_eq!((decimal("0.1") + decimal("0.2")).to_string(), "0.3");
        assert_eq!(decimal("7.0").to_string(), "7");
        assert_eq!((-decimal("0.0")).to_string(), "0");
        assert_eq!(serde_json::to_string(&decimal("-0.00")).unwrap(), "0");
    }

    #[test]
    fn ratios_of_the_worked_example_round_as_published() {
        assert_eq!(decimal("1.050002").divide_round6(decimal("6.5")).to_string(), "0.161539");
        assert_eq!(decimal("-0.1").divide_round6(decimal("4")).to_string(), "-0.025");
        assert_eq!(decimal("1").divide_round6(Decimal::ZERO).to_string(), "0");
    }

    #[test]
    fn only_plain_literals_are_numbers() {
        for literal in [
            "",
            "-",
            "01",
            "1.",
            ".5",
            "1e3",
            "+1",
            " 1",
            "1 ",
            "0x1",
            "99999999999999999999999999999",
        ] {
            assert_eq!(Decimal::parse(literal), None, "{literal:?}");
        }
        assert_eq!(decimal("1.50000000000000000000000000000000000").to_string(), "1.5");
    }

    proptest! {
        #[test]
        fn a_rounded_quotient_differs_from_the_true_one_by_at_most_half_a_millionth(
            points in -1_000_000_000_000i64..1_000_000_000_000, maximum in 1i64..1_000_000_000_000,
        ) {
            let rounded = Decimal::from(points).divide_round6(Decimal::from(maximum));
            let back = (rounded.0 * Inner::from(1_000_000)).mantissa()
                / 10i128.pow((rounded.0 * Inner::from(1_000_000)).scale());
            let error = (i128::from(points) * 1_000_000 - back * i128::from(maximum)).abs();
            prop_assert!(2 * error <= i128::from(maximum));
        }
    }
}
