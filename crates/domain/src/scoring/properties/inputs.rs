//! Answers, evaluations and corrections for any compiled test, thrown with repeatable dice.

use crate::compile::model::{Compiled, Slot};
use crate::compile::random::{Seed, Stream};
use crate::decimal::Decimal;
use crate::document::key::Key;
use crate::document::model::{Input, Kind, Match, MultipleChoice, Question, Tabular};
use crate::fixture::number;
use crate::instance::Method;
use crate::response::Response;
use crate::scoring::correction::{Change, Replacement, corrected};
use crate::scoring::evaluation::Given;
use crate::scoring::{Answer, Correction, Evaluation, Inputs};
use std::collections::BTreeMap;

pub struct Dice(Stream<'static>);

impl Dice {
    pub fn new(seed: [u8; 32]) -> Self {
        // The stream copies the seed.
        Self(Stream::new(&Seed(seed), "dice"))
    }

    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.0.below(bound as u64)).unwrap()
    }

    pub fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    pub fn pick<'t, T>(&mut self, things: &'t [T]) -> &'t T {
        &things[self.below(things.len())]
    }
}

/// Some answers, some of them evaluated, and some corrections.
pub fn any(compiled: &Compiled, dice: &mut Dice) -> Inputs {
    let mut inputs = uncorrected(compiled, dice);
    for slot in &compiled.slots {
        if dice.one_in(8) {
            let question = slot.question.key.clone();
            inputs.corrections.push(Correction { question, change: change(dice) });
        }
    }
    inputs
}

/// Some answers, some of them evaluated.
pub fn uncorrected(compiled: &Compiled, dice: &mut Dice) -> Inputs {
    let mut inputs = Inputs::default();
    for (slot, number) in compiled.slots.iter().zip(1u32..) {
        let Some(response) = (!dice.one_in(4)).then(|| respond(&slot.question, dice)).flatten() else { continue };
        inputs.answers.insert(number, Answer { seq: 1 + dice.below(3) as u64, response });
        if dice.one_in(4) {
            let evaluation = evaluate(slot, &inputs, number, dice);
            inputs.evaluations.insert(number, evaluation);
        }
    }
    inputs
}

pub fn evaluate(slot: &Slot, inputs: &Inputs, number: u32, dice: &mut Dice) -> Evaluation {
    let question = corrected(slot, &inputs.corrections).0;
    let answer = &inputs.answers[&number];
    let step = Decimal::from(dice.below(201) as i64 - 100);
    let given = match dice.below(4) {
        0 => Given::Points(question.points),
        1 => Given::Points(-question.negative_points),
        _ => Given::Percentage(step),
    };
    Evaluation::new(&question, Some(answer), given, Method::Manual, answer.seq).unwrap()
}

fn change(dice: &mut Dice) -> Change {
    if dice.one_in(2) {
        return Change::Ignore;
    }
    let literals: [&str; 4] = ["0", "1", "2.5", "100000"];
    let points = Some(number(literals[dice.below(literals.len())]));
    Change::Replace(Box::new(Replacement { points, ..Replacement::default() }))
}

/// A response that fits the question, valid or not; `None` is blank.
pub fn respond(question: &Question, dice: &mut Dice) -> Option<Response> {
    let response = match &question.kind {
        Kind::MultipleChoice(asked) => select(asked, dice),
        Kind::Match(asked) => pair(asked, dice),
        Kind::Input(Input::Tabular(asked)) => fill(asked, dice),
        Kind::Input(Input::Audio(_) | Input::Video(_) | Input::File(_) | Input::Photo(_)) => {
            Response::Uploads(vec!["upload".to_owned()])
        }
        Kind::Input(_) => Response::Text(typed(dice)),
    };
    Some(response).filter(|response| !response.is_blank())
}

fn typed(dice: &mut Dice) -> String {
    (*dice.pick(&["yes", " No ", "Stra\u{df}e", "5", "12.5", "-3", "0", "abc", "1,5", " "])).to_owned()
}

fn select(asked: &MultipleChoice, dice: &mut Dice) -> Response {
    let chosen = asked.choices.iter().filter(|_| dice.one_in(2)).map(|choice| choice.key.clone());
    Response::Choices(chosen.take(asked.max_selections as usize).collect())
}

fn pair(asked: &Match, dice: &mut Dice) -> Response {
    let shared: Vec<&Key> = asked.options.iter().map(|option| &option.key).collect();
    let mut made = BTreeMap::new();
    for item in &asked.items {
        let own: Vec<&Key> = item.options.iter().map(|option| &option.key).collect();
        let options = if own.is_empty() { &shared } else { &own };
        if !options.is_empty() && !dice.one_in(3) {
            made.insert(item.key.clone(), Key::clone(options[dice.below(options.len())]));
        }
    }
    Response::Matches(made)
}

fn fill(asked: &Tabular, dice: &mut Dice) -> Response {
    let mut rows: BTreeMap<Key, BTreeMap<Key, String>> = BTreeMap::new();
    for row in &asked.rows {
        for column in &asked.columns {
            if dice.one_in(2) {
                rows.entry(row.key.clone()).or_default().insert(column.key.clone(), typed(dice));
            }
        }
    }
    Response::Cells(rows)
}
