//! Plurals by the rules of Unicode CLDR.

use crate::format;
use fixed_decimal::Decimal;
use icu_plurals::{PluralCategory, PluralOperands, PluralRuleType, PluralRules};
use std::fmt::Display;

/// A text in the forms that a number asks for: zero, one, two, few, many, other. A form that the
/// language has no need for is empty.
#[derive(Debug)]
pub struct PluralText(pub [&'static str; 6]);

impl PluralText {
    /// The form that goes with a number, and the number as the language writes it.
    pub fn of(&self, locale: &str, n: &impl Display) -> (&'static str, String) {
        let written = n.to_string();
        let number = written.parse::<Decimal>().ok();
        let category = number.as_ref().map_or(PluralCategory::Other, |n| category(locale, n));
        let [zero, one, two, few, many, other] = self.0;
        let form = match category {
            PluralCategory::Zero => zero,
            PluralCategory::One => one,
            PluralCategory::Two => two,
            PluralCategory::Few => few,
            PluralCategory::Many => many,
            PluralCategory::Other => other,
        };
        let form = if form.is_empty() { other } else { form };
        (form, number.map_or(written, |number| format::decimal(locale, &number)))
    }
}

fn category(locale: &str, n: &Decimal) -> PluralCategory {
    // The rules are those of a language, whatever its script; the tables know "sr", not "sr-Latn".
    let language = locale.split('-').next().unwrap_or_default();
    let rules = format::locale(language).and_then(|locale| {
        PluralRules::try_new((&locale).into(), PluralRuleType::Cardinal.into()).ok()
    });
    rules.map_or(PluralCategory::Other, |rules| rules.category_for(PluralOperands::from(n)))
}
