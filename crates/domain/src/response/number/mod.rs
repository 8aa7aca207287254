//! Numbers as people type them (domain rules, 2.7).

use crate::decimal::Decimal;
use crate::document::model::{
    DecimalSeparator, GroupSeparator, Lang, Normalisation, NumberSeparators, NumericInput,
    TabularInput, Typography,
};
use crate::document::typed_text::{self, is_format_character};
use unicode_general_category::{GeneralCategory, get_general_category};

const MOST_WHOLE_DIGITS: usize = 18;
const MOST_DECIMALS: usize = 9;
/// Decimal digits stand in the code charts in runs of tens; this many in one piece at most.
const LONGEST_DIGIT_RUN: u32 = 50;

/// How the numbers of a question are written.
#[derive(Clone, Copy, Debug)]
pub struct NumberFormat<'question> {
    pub separators: NumberSeparators,
    pub typography: Option<Typography>,
    /// What may stand after the number; empty for none.
    pub unit: &'question str,
    /// Of the document, which decides what `auto` means.
    pub lang: Lang,
}

/// Why a text is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberFault {
    NotANumber,
    /// It may mean thousands as well as decimals.
    Ambiguous,
}

impl NumericInput {
    /// How its numbers are written in a document of a language.
    #[must_use]
    pub fn format(&self, lang: Lang) -> NumberFormat<'_> {
        let Self { unit, separators, typography, .. } = self;
        NumberFormat { separators: *separators, typography: *typography, unit, lang }
    }
}

impl TabularInput {
    /// How the numbers in its cells are written in a document of a language.
    #[must_use]
    pub const fn number_format(&self, lang: Lang) -> NumberFormat<'_> {
        NumberFormat {
            separators: self.separators,
            typography: self.normalisation.typography,
            unit: "",
            lang,
        }
    }
}

impl NumberFormat<'_> {
    fn is_decimal_separator(&self, letter: char) -> bool {
        match self.separators.decimal_separator {
            DecimalSeparator::Either => letter == '.' || letter == ',',
            DecimalSeparator::Point => letter == '.',
            DecimalSeparator::Comma => letter == ',',
            DecimalSeparator::Auto => letter == self.decimal_separator(),
        }
    }

    /// What a number is written with when it is shown: of two that are taken, the point.
    #[must_use]
    pub const fn decimal_separator(&self) -> char {
        match (self.separators.decimal_separator, self.lang) {
            (DecimalSeparator::Comma, _) => ',',
            (DecimalSeparator::Point | DecimalSeparator::Either, _)
            | (DecimalSeparator::Auto, Lang::En) => '.',
            (DecimalSeparator::Auto, _) => ',',
        }
    }

    /// Whether thousands may be divided like this: as the document says, and with `auto` also as
    /// people do in its language.
    fn takes_groups(&self, by: GroupSeparator) -> bool {
        let is_of_language = match self.lang {
            Lang::En => by == GroupSeparator::Comma,
            _ => matches!(
                by,
                GroupSeparator::Point | GroupSeparator::Space | GroupSeparator::Apostrophe
            ),
        };
        by != GroupSeparator::None
            && (by == self.separators.group_separator
                || self.separators.decimal_separator == DecimalSeparator::Auto && is_of_language)
    }
}

/// Reads a number: an optional sign, digits, at most one decimal separator, group separators only
/// before it; at most 18 digits before and 9 after it. Outer white space does not matter; a missing
/// digit before or after the decimal separator stands for 0.
///
/// With loose typography format characters do not matter, digits are those of any one script,
/// blanks may follow the sign and the unit the number, and group separators of one kind count only
/// in groups of three digits after one to three that do not begin with 0. Otherwise all is as it
/// was with engine version 1.
///
/// # Errors
/// When it is no number, or when it may be read in two ways.
pub fn read(typed: &str, format: NumberFormat<'_>) -> Result<Decimal, NumberFault> {
    match format.typography {
        Some(Typography::Loose) => loose(typed, format),
        Some(Typography::Exact) | None => exact(typed, format).ok_or(NumberFault::NotANumber),
    }
}

fn loose(typed: &str, format: NumberFormat<'_>) -> Result<Decimal, NumberFault> {
    let visible: String = typed.chars().filter(|letter| !is_format_character(*letter)).collect();
    let visible = visible.trim();
    match of_digits(visible, format) {
        Err(NumberFault::NotANumber) => without_unit(visible, format.unit)
            .map_or(Err(NumberFault::NotANumber), |number| of_digits(number, format)),
        read => read,
    }
}

/// What stands before the unit, if the text ends with it, written as loosely as any text.
fn without_unit<'typed>(typed: &'typed str, unit: &str) -> Option<&'typed str> {
    let how = Normalisation { typography: Some(Typography::Loose), ..Normalisation::default() };
    let comparable = |text| typed_text::comparable(text, how, Lang::En);
    let unit = comparable(unit);
    if unit.is_empty() {
        return None;
    }
    let mut ends = typed.char_indices().map(|(at, _)| typed.split_at(at));
    ends.find(|(_, end)| comparable(end) == unit).map(|(number, _)| number.trim_end())
}

/// The digits before the decimal separator, or those after it.
#[derive(Default)]
struct LooseDigits {
    whole: String,
    fraction: Option<String>,
    /// The digit 0 of the script that is written.
    zero: Option<u32>,
    group_separator: Option<GroupSeparator>,
    /// Digits of the groups before the present one.
    groups: Vec<usize>,
    /// Digits of the present group.
    in_group: usize,
}

impl LooseDigits {
    /// Takes the next letter; none when it has no place here.
    fn take(&mut self, letter: char, format: &NumberFormat<'_>) -> Option<()> {
        if let Some((zero, digit)) = decimal_digit(letter) {
            let is_same_script = *self.zero.get_or_insert(zero) == zero;
            let digits = self.fraction.as_mut().unwrap_or(&mut self.whole);
            digits.push(digit);
            self.in_group += 1;
            return is_same_script.then_some(());
        }
        if self.fraction.is_some() {
            return None;
        }
        if format.is_decimal_separator(letter) {
            self.fraction = Some(String::new());
        } else {
            let by = group_separator(letter).filter(|by| format.takes_groups(*by))?;
            if *self.group_separator.get_or_insert(by) != by {
                return None;
            }
        }
        self.groups.push(self.in_group);
        self.in_group = 0;
        Some(())
    }

    /// Whether group separators stand where thousands are divided.
    fn is_grouped_rightly(&self) -> bool {
        if self.group_separator.is_none() {
            return true;
        }
        let last = self.fraction.is_none().then_some(&self.in_group);
        let mut groups = self.groups.iter().chain(last);
        groups.next().is_some_and(|first| (1..=3).contains(first))
            && groups.all(|group| *group == 3)
            && !self.whole.starts_with('0')
    }
}

fn of_digits(typed: &str, format: NumberFormat<'_>) -> Result<Decimal, NumberFault> {
    let (negative, rest) = match typed.chars().next() {
        Some(sign) if is_sign(sign) => (sign != '+', typed.split_at(sign.len_utf8()).1),
        _ => (false, typed),
    };
    let mut digits = LooseDigits::default();
    for letter in rest.trim_start().chars() {
        digits.take(letter, &format).ok_or(NumberFault::NotANumber)?;
    }
    let fraction = digits.fraction.as_deref().unwrap_or_default();
    if !digits.is_grouped_rightly() {
        return Err(NumberFault::NotANumber);
    }
    let number = number(negative, &digits.whole, fraction).ok_or(NumberFault::NotANumber)?;
    let may_mean_thousands = format.separators.decimal_separator == DecimalSeparator::Either
        && digits.group_separator.is_none()
        && fraction.len() == 3;
    if may_mean_thousands { Err(NumberFault::Ambiguous) } else { Ok(number) }
}

const fn is_sign(letter: char) -> bool {
    matches!(letter, '+' | '-' | '\u{2212}' | '\u{2010}'..='\u{2013}' | '\u{fe63}' | '\u{ff0d}')
}

/// A decimal digit of any script as the 0 of its script and an ASCII digit.
fn decimal_digit(letter: char) -> Option<(u32, char)> {
    if letter.is_ascii_digit() {
        return Some((u32::from('0'), letter));
    }
    let is_digit = |code: u32| {
        char::from_u32(code)
            .is_some_and(|letter| get_general_category(letter) == GeneralCategory::DecimalNumber)
    };
    let code = u32::from(letter);
    if letter.is_ascii() || !is_digit(code) {
        return None;
    }
    let first = (1..LONGEST_DIGIT_RUN)
        .map(|back| code - back)
        .take_while(|code| is_digit(*code))
        .last()
        .unwrap_or(code);
    let value = (code - first) % 10;
    Some((code - value, char::from_digit(value, 10)?))
}

/// What kind of group separator a letter may be.
const fn group_separator(letter: char) -> Option<GroupSeparator> {
    match letter {
        '.' => Some(GroupSeparator::Point),
        ',' => Some(GroupSeparator::Comma),
        ' ' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            Some(GroupSeparator::Space)
        }
        '\'' | '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{ff07}' => Some(GroupSeparator::Apostrophe),
        _ => None,
    }
}

/// A number of so many digits; none when it has too many, or none at all.
fn number(negative: bool, whole: &str, fraction: &str) -> Option<Decimal> {
    if whole.len() > MOST_WHOLE_DIGITS
        || fraction.len() > MOST_DECIMALS
        || whole.len() + fraction.len() == 0
    {
        return None;
    }
    let number = Decimal::parse(&literal(whole, fraction))?;
    Some(if negative { -number } else { number })
}

/// As engine version 1 read numbers.
fn exact(typed: &str, format: NumberFormat<'_>) -> Option<Decimal> {
    let typed = typed.trim();
    let (negative, digits) = match typed.chars().next()? {
        sign @ ('+' | '-' | '\u{2212}') => (sign != '+', typed.split_at(sign.len_utf8()).1),
        _ => (false, typed),
    };
    let (whole, fraction) =
        digits.split_once(|letter| format.is_decimal_separator(letter)).unwrap_or((digits, ""));
    let whole = ungrouped(whole, format)?;
    let all_digits = fraction.bytes().all(|byte| byte.is_ascii_digit());
    if all_digits { number(negative, &whole, fraction) } else { None }
}

/// The digits before the decimal separator without their group separators, wherever those stand
/// between digits.
fn ungrouped(whole: &str, format: NumberFormat<'_>) -> Option<String> {
    let mut digits = String::with_capacity(whole.len());
    let mut after_separator = false;
    for letter in whole.chars() {
        let separates = || exact_group_separator(letter).is_some_and(|by| format.takes_groups(by));
        if letter.is_ascii_digit() {
            digits.push(letter);
            after_separator = false;
        } else if separates() && !digits.is_empty() && !after_separator {
            after_separator = true;
        } else {
            return None;
        }
    }
    (!after_separator).then_some(digits)
}

/// The group separators of engine version 1. Word processors and keyboards put no-break spaces and
/// curly apostrophes in the place of the plain ones; those are the same to people.
const fn exact_group_separator(letter: char) -> Option<GroupSeparator> {
    match letter {
        '.' => Some(GroupSeparator::Point),
        ',' => Some(GroupSeparator::Comma),
        ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}' => Some(GroupSeparator::Space),
        '\'' | '\u{2019}' => Some(GroupSeparator::Apostrophe),
        _ => None,
    }
}

fn literal(whole: &str, fraction: &str) -> String {
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

#[cfg(test)]
mod tests;
