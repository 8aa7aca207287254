//! The percentage of the best response to a question, for advice to authors.
//!
//! Never below the truth: where finding it would need a search (use limits of options, patterns)
//! the response is taken to succeed, so a warning is always right.

use crate::decimal::Decimal;
use crate::document::model::{
    CellRules, Comparison, Input, Item, Lang, MatchQuestion, MultipleChoice, Normalisation,
    NumericCondition, NumericRule, QuestionBody, TextCondition, TextRule,
};
use crate::document::typed_text::comparable;

/// The percentage the best response earns, capped.
pub fn percentage(kind: &QuestionBody, lang: Lang) -> Decimal {
    match kind {
        QuestionBody::MultipleChoice(kind) => of_choices(kind),
        QuestionBody::Match(kind) => of_match(kind),
        QuestionBody::Input(input) => of_input(input, lang),
    }
}

fn of_choices(kind: &MultipleChoice) -> Decimal {
    let mut percentages: Vec<_> = kind.choices.iter().map(|choice| choice.percentage).collect();
    percentages.sort_unstable_by(|left, right| right.cmp(left));
    let (least, most) = (kind.min_selections as usize, kind.max_selections as usize);
    if !kind.partial {
        let right = percentages.iter().filter(|percentage| **percentage > Decimal::ZERO).count();
        return if (least..=most).contains(&right) { Decimal::HUNDRED } else { Decimal::ZERO };
    }
    let sums =
        (least..=most).map(|count| percentages.iter().copied().take(count).sum::<Decimal>().cap());
    let best = sums.max().unwrap_or_default();
    if kind.threshold.is_some_and(|threshold| best < threshold) { Decimal::ZERO } else { best }
}

fn of_match(kind: &MatchQuestion) -> Decimal {
    kind.items.iter().map(|item| of_item(item, kind.options.len())).sum::<Decimal>().cap()
}

fn of_item(item: &Item, shared: usize) -> Decimal {
    let usable = if item.options.is_empty() { shared } else { item.options.len() };
    let wrong = (usable > item.matches.len()).then_some(item.wrong_percentage);
    let matched = item.matches.iter().map(|matching| matching.percentage);
    matched.chain(wrong).chain([item.blank_percentage]).max().unwrap_or_default()
}

fn of_input(input: &Input, lang: Lang) -> Decimal {
    match input {
        Input::Field(text) | Input::Area(text) => {
            of_texts(&text.rules, text.otherwise, text.normalisation, lang)
        }
        Input::Numeric(numeric) => of_numbers(&numeric.rules, numeric.otherwise),
        Input::Tabular(table) => {
            let cell = |rules: &CellRules, otherwise| match rules {
                CellRules::Field(rules) => of_texts(rules, otherwise, table.normalisation, lang),
                CellRules::Numeric(rules) => of_numbers(rules, otherwise),
            };
            // A cell left blank adds nothing.
            let cells = table
                .cells
                .iter()
                .map(|entry| cell(&entry.rules, entry.otherwise).max(Decimal::ZERO));
            cells.sum::<Decimal>().cap()
        }
        Input::Rich(_)
        | Input::Code(_)
        | Input::Audio(_)
        | Input::Video(_)
        | Input::File(_)
        | Input::Photo(_) => Decimal::HUNDRED,
    }
}

/// The best of the numbers where a rule begins or ends to hold, and of those between.
fn of_numbers(rules: &[NumericRule], otherwise: Decimal) -> Decimal {
    let mut bounds: Vec<_> = rules.iter().flat_map(|rule| bounds(&rule.condition)).collect();
    bounds.sort_unstable();
    bounds.dedup();
    let half = Decimal::parse("0.5").expect("a plain literal");
    let between = bounds.windows(2).map(|pair| (pair[0] + pair[1]) * half);
    let outside =
        [bounds.first().map(|x| *x - Decimal::ONE), bounds.last().map(|x| *x + Decimal::ONE)];
    let candidates: Vec<_> =
        between.chain(outside.into_iter().flatten()).chain(bounds.iter().copied()).collect();
    let earns = |x: Decimal| {
        let held =
            rules.iter().filter(|rule| holds(&rule.condition, x)).map(|rule| rule.percentage);
        sum_or(held, otherwise)
    };
    candidates.into_iter().map(earns).max().unwrap_or(otherwise)
}

/// The capped sum of what holds, or what is given when nothing does.
fn sum_or(held: impl Iterator<Item = Decimal>, otherwise: Decimal) -> Decimal {
    let held: Vec<_> = held.collect();
    if held.is_empty() { otherwise } else { held.into_iter().sum::<Decimal>().cap() }
}

fn bounds(condition: &NumericCondition) -> Vec<Decimal> {
    match condition {
        NumericCondition::Equal { value, tolerance }
        | NumericCondition::NotEqual { value, tolerance } => {
            vec![*value - *tolerance, *value, *value + *tolerance]
        }
        NumericCondition::Between { min, max, .. } => vec![*min, *max],
        NumericCondition::Compare { value, .. } => vec![*value],
        NumericCondition::OneOf { values, tolerance }
        | NumericCondition::NoneOf { values, tolerance } => values
            .iter()
            .flat_map(|value| [*value - *tolerance, *value, *value + *tolerance])
            .collect(),
    }
}

fn holds(condition: &NumericCondition, x: Decimal) -> bool {
    let near = |value: &Decimal, tolerance: &Decimal| (x - *value).abs() <= *tolerance;
    match condition {
        NumericCondition::Equal { value, tolerance } => near(value, tolerance),
        NumericCondition::NotEqual { value, tolerance } => !near(value, tolerance),
        NumericCondition::Between { min, max, inclusive: true } => *min <= x && x <= *max,
        NumericCondition::Between { min, max, inclusive: false } => *min < x && x < *max,
        NumericCondition::Compare { op, value } => match op {
            Comparison::Less => x < *value,
            Comparison::LessOrEqual => x <= *value,
            Comparison::Greater => x > *value,
            Comparison::GreaterOrEqual => x >= *value,
        },
        NumericCondition::OneOf { values, tolerance } => {
            values.iter().any(|value| near(value, tolerance))
        }
        NumericCondition::NoneOf { values, tolerance } => {
            !values.iter().any(|value| near(value, tolerance))
        }
    }
}

/// The best of the named texts and of a text that is none of them; patterns are taken to do what is
/// best.
fn of_texts(
    rules: &[TextRule],
    otherwise: Decimal,
    normalisation: Normalisation,
    lang: Lang,
) -> Decimal {
    let mut named: Vec<_> = rules
        .iter()
        .flat_map(|rule| named(&rule.condition))
        .map(|text| comparable(text, normalisation, lang))
        .collect();
    named.sort_unstable();
    named.dedup();
    let candidates = named.iter().map(|text| Some(&**text)).chain([None]);
    candidates
        .map(|text| of_text(text, rules, otherwise, normalisation, lang))
        .max()
        .unwrap_or(otherwise)
}

/// What a text earns; `None` stands for a text that is named by no rule.
fn of_text(
    text: Option<&str>,
    rules: &[TextRule],
    otherwise: Decimal,
    normalisation: Normalisation,
    lang: Lang,
) -> Decimal {
    let is =
        |value: &String| text.is_some_and(|text| comparable(value, normalisation, lang) == text);
    let mut sure = Vec::new();
    let mut possible = Vec::new();
    for rule in rules {
        let held = match &rule.condition {
            TextCondition::Equal { value } => is(value),
            TextCondition::NotEqual { value } => !is(value),
            TextCondition::OneOf { values } => values.iter().any(is),
            TextCondition::NoneOf { values } => !values.iter().any(is),
            TextCondition::Matches { .. } | TextCondition::NotMatches { .. } => {
                possible.push(rule.percentage);
                false
            }
        };
        if held {
            sure.push(rule.percentage);
        }
    }
    let least = sum_or(sure.iter().copied(), otherwise);
    let helpful: Vec<_> =
        possible.into_iter().filter(|percentage| *percentage > Decimal::ZERO).collect();
    if helpful.is_empty() {
        return least;
    }
    least.max(sure.into_iter().chain(helpful).sum::<Decimal>().cap())
}

fn named(condition: &TextCondition) -> &[String] {
    match condition {
        TextCondition::Equal { value } | TextCondition::NotEqual { value } => {
            std::slice::from_ref(value)
        }
        TextCondition::OneOf { values } | TextCondition::NoneOf { values } => values,
        TextCondition::Matches { .. } | TextCondition::NotMatches { .. } => &[],
    }
}
