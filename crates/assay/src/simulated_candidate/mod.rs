//! Imitated candidates: how a person of some skill and patience may answer a question. For `seed`
//! and `demo`.
//!
//! Answers are of the right shape and never refused; whether one is right is left to chance and
//! skill, and what it earns to scoring. Nothing here is secret: the draws are reproducible from
//! their seed.

use domain::decimal::Decimal;
use domain::document::key::ElementKey;
use domain::document::model::{
    CellRules, Choice, ColumnKind, DecimalSeparator, Input, Item, Lang, MatchQuestion,
    MultipleChoice, NumericCondition, NumericInput, NumericRule, Question, QuestionBody,
    TableColumn, TabularInput, TextCondition, TextInput, TextRule,
};
use domain::response::Response;
use domain::response::number::NumberFormat;
use std::collections::{BTreeMap, BTreeSet};

/// What people write when a question asks for text of their own.
const SENTENCES: [&str; 6] = [
    "Thank you for writing again, and I am sorry that it took three letters.",
    "I have read what you sent us and called the colleague who worked on it.",
    "The short answer is that the part is on its way and will reach you on Thursday.",
    "I would first look at what happens most often and start there.",
    "If anything is still open, please call me; my number is below.",
    "Numbers first: half of the cases take less than ten minutes, a few take all day.",
];

/// A person who is only imitated.
pub struct SimulatedCandidate {
    draws: SplitMix64,
    /// How often the person finds the right answer, in per cent.
    skill: u64,
    /// How often the person answers at all, in per cent.
    patience: u64,
    /// In which the present question's numbers are written.
    lang: Lang,
}

impl SimulatedCandidate {
    /// The same seed is the same person, giving the same answers to the same questions.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut draws = SplitMix64(seed);
        let skill = 25 + draws.below(70);
        let patience = 80 + draws.below(21);
        Self { draws, skill, patience, lang: Lang::default() }
    }

    /// The answer to a question of a test in a language; none when the person leaves it out, as
    /// with every upload.
    pub fn answer(&mut self, question: &Question, lang: Lang) -> Option<Response> {
        self.lang = lang;
        if !self.draws.happens(self.patience) {
            return None;
        }
        let response = match &question.kind {
            QuestionBody::MultipleChoice(question) => Response::Choices(self.choices(question)),
            QuestionBody::Match(question) => Response::Matches(self.matches(question)),
            QuestionBody::Input(Input::Field(input) | Input::Area(input)) => {
                Response::Text(self.text(input))
            }
            QuestionBody::Input(Input::Rich(input)) => Response::Text(self.essay(input.max_length)),
            QuestionBody::Input(Input::Code(input)) => {
                Response::Text(cut("return 0", input.max_length))
            }
            QuestionBody::Input(Input::Numeric(input)) => Response::Text(self.number(input)),
            QuestionBody::Input(Input::Tabular(input)) => Response::Cells(self.cells(input)),
            QuestionBody::Input(
                Input::Audio(_) | Input::Video(_) | Input::File(_) | Input::Photo(_),
            ) => return None,
        };
        Some(response).filter(|response| !response.is_blank())
    }

    fn choices(&mut self, question: &MultipleChoice) -> BTreeSet<ElementKey> {
        let most = question.max_selections as usize;
        let right: Vec<&Choice> =
            question.choices.iter().filter(|choice| is_positive(choice.percentage)).collect();
        if !right.is_empty() && self.draws.happens(self.skill) {
            return right.into_iter().take(most).map(|choice| choice.key.clone()).collect();
        }
        let least = question.min_selections as usize;
        let count = least + self.draws.index(most.saturating_sub(least) + 1);
        let mut left: Vec<&Choice> = question.choices.iter().collect();
        let mut selected = BTreeSet::new();
        while selected.len() < count && !left.is_empty() {
            selected.insert(left.swap_remove(self.draws.index(left.len())).key.clone());
        }
        selected
    }

    fn matches(&mut self, question: &MatchQuestion) -> BTreeMap<ElementKey, ElementKey> {
        let mut uses: BTreeMap<&ElementKey, u32> = BTreeMap::new();
        let mut made = BTreeMap::new();
        for item in &question.items {
            let free: Vec<&ElementKey> = if item.options.is_empty() {
                let is_free = |used: u32, most: u32| most == 0 || used < most;
                let options = question.options.iter();
                let free = options.filter(|option| {
                    is_free(uses.get(&option.key).copied().unwrap_or(0), option.max_uses)
                });
                free.map(|option| &option.key).collect()
            } else {
                item.options.iter().map(|option| &option.key).collect()
            };
            let Some(option) = self.option(item, &free) else { continue };
            if item.options.is_empty() {
                *uses.entry(option).or_default() += 1;
            }
            made.insert(item.key.clone(), option.clone());
        }
        made
    }

    fn option<'keys>(
        &mut self,
        item: &Item,
        free: &[&'keys ElementKey],
    ) -> Option<&'keys ElementKey> {
        let best = item
            .matches
            .iter()
            .filter(|matching| is_positive(matching.percentage))
            .max_by_key(|matching| matching.percentage);
        let best = best.and_then(|best| free.iter().find(|key| ***key == best.option).copied());
        if self.draws.happens(self.skill) && best.is_some() {
            best
        } else {
            self.draws.pick(free).copied()
        }
    }

    fn text(&mut self, input: &TextInput) -> String {
        if input.rules.is_empty() {
            return self.essay(input.max_length);
        }
        let text = self.ruled_text(&input.rules);
        cut(&text, input.max_length)
    }

    fn essay(&mut self, most: u32) -> String {
        let count = 1 + self.draws.index(4);
        let from = self.draws.index(SENTENCES.len());
        let sentences: Vec<&str> =
            SENTENCES.iter().cycle().skip(from).take(count).copied().collect();
        cut(&sentences.join(" "), most)
    }

    fn ruled_text(&mut self, rules: &[TextRule]) -> String {
        let right: Vec<&str> = rules
            .iter()
            .filter(|rule| is_positive(rule.percentage))
            .filter_map(text_that_fits)
            .collect();
        match self.draws.pick(&right) {
            Some(text) if self.draws.happens(self.skill) => (*text).to_owned(),
            _ => ["perhaps", "north", "none of these", "42"][self.draws.index(4)].to_owned(),
        }
    }

    fn number(&mut self, input: &NumericInput) -> String {
        let number = self.ruled_number(&input.rules);
        typed(number, input.format(self.lang))
    }

    fn ruled_number(&mut self, rules: &[NumericRule]) -> Decimal {
        let right: Vec<Decimal> = rules
            .iter()
            .filter(|rule| is_positive(rule.percentage))
            .filter_map(number_that_fits)
            .collect();
        match self.draws.pick(&right) {
            Some(number) if self.draws.happens(self.skill) => *number,
            _ => Decimal::from(i64::from(u32::try_from(self.draws.below(200)).unwrap_or_default())),
        }
    }

    fn cells(
        &mut self,
        input: &TabularInput,
    ) -> BTreeMap<ElementKey, BTreeMap<ElementKey, String>> {
        let mut rows = BTreeMap::new();
        for row in &input.rows {
            let filled = input.columns.iter().filter_map(|column| {
                let text = self
                    .draws
                    .happens(self.patience)
                    .then(|| self.cell(input, &row.key, column))?;
                Some((column.key.clone(), text))
            });
            rows.insert(row.key.clone(), filled.collect());
        }
        rows
    }

    fn cell(&mut self, input: &TabularInput, row: &ElementKey, column: &TableColumn) -> String {
        let rules = input
            .cells
            .iter()
            .find(|cell| cell.row == *row && cell.column == column.key)
            .map(|cell| &cell.rules);
        let text = match (rules, column.kind) {
            (Some(CellRules::Field(rules)), _) => self.ruled_text(rules),
            (Some(CellRules::Numeric(rules)), _) => {
                typed(self.ruled_number(rules), input.number_format(self.lang))
            }
            (None, ColumnKind::Field) => self.ruled_text(&[]),
            (None, ColumnKind::Numeric) => {
                typed(self.ruled_number(&[]), input.number_format(self.lang))
            }
        };
        cut(&text, 1000)
    }
}

fn is_positive(percentage: Decimal) -> bool {
    percentage > Decimal::ZERO
}

fn text_that_fits(rule: &TextRule) -> Option<&str> {
    match &rule.condition {
        TextCondition::Equal { value } => Some(value),
        TextCondition::OneOf { values } => values.first().map(String::as_str),
        // Whatever else is asked, something unlikely fits "not"; a pattern is not worth guessing.
        TextCondition::NotEqual { .. } | TextCondition::NoneOf { .. } => Some("something else"),
        TextCondition::Matches { .. } | TextCondition::NotMatches { .. } => None,
    }
}

fn number_that_fits(rule: &NumericRule) -> Option<Decimal> {
    match &rule.condition {
        NumericCondition::Equal { value, .. } | NumericCondition::Compare { value, .. } => {
            Some(*value)
        }
        NumericCondition::Between { min, .. } => Some(*min),
        NumericCondition::OneOf { values, .. } => values.first().copied(),
        NumericCondition::NotEqual { .. } | NumericCondition::NoneOf { .. } => None,
    }
}

/// A number as this question lets it be typed.
fn typed(number: Decimal, format: NumberFormat<'_>) -> String {
    let plain = number.to_string();
    let decimals = plain.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    // Where three decimals may be taken for thousands, nobody stops there.
    let is_either = format.separators.decimal_separator == DecimalSeparator::Either;
    let end = if is_either && decimals == 3 { "0" } else { "" };
    format!("{}{end}", plain.replace('.', format.decimal_separator().encode_utf8(&mut [0; 4])))
}

/// The text without what is over a number of characters.
fn cut(text: &str, most: u32) -> String {
    text.chars().take(most as usize).collect()
}

/// A small reproducible generator (SplitMix64): fast, and good enough where nothing depends on it.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to, not including, `bound`; 0 when there is nothing to choose from.
    fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or_default()
    }

    fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).expect("an index below a length fits")
    }

    fn happens(&mut self, per_cent: u64) -> bool {
        self.below(100) < per_cent
    }

    fn pick<'list, T>(&mut self, list: &'list [T]) -> Option<&'list T> {
        list.get(self.index(list.len()))
    }
}

#[cfg(test)]
mod tests;
