//! Answers, evaluations and corrections for any compiled test, thrown with repeatable dice.

use crate::compile::model::{CompiledTest, Slot};
use crate::compile::random::{RandomStream, Seed};
use crate::decimal::Decimal;
use crate::document::key::ElementKey;
use crate::document::model::{
    Input, MatchQuestion, MultipleChoice, Question, QuestionBody, TabularInput,
};
use crate::fixture::number;
use crate::instance::EvaluationMethod;
use crate::response::Response;
use crate::scoring::correction::{CorrectionChange, QuestionReplacement, corrected_question};
use crate::scoring::evaluation::EvaluationScore;
use crate::scoring::{Answer, Correction, Evaluation, ScoringInputs};
use std::collections::BTreeMap;

pub struct SeededDice(RandomStream<'static>);

impl SeededDice {
    pub fn new(seed: [u8; 32]) -> Self {
        // The stream copies the seed.
        Self(RandomStream::new(&Seed(seed), "dice"))
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
pub fn any(compiled: &CompiledTest, dice: &mut SeededDice) -> ScoringInputs {
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
pub fn uncorrected(compiled: &CompiledTest, dice: &mut SeededDice) -> ScoringInputs {
    let mut inputs = ScoringInputs::default();
    for (slot, number) in compiled.slots.iter().zip(1u32..) {
        let Some(response) = (!dice.one_in(4)).then(|| respond(&slot.question, dice)).flatten()
        else {
            continue;
        };
        inputs.answers.insert(number, Answer { seq: 1 + dice.below(3) as u64, response });
        if dice.one_in(4) {
            let evaluation = evaluate(slot, &inputs, number, dice);
            inputs.evaluations.insert(number, evaluation);
        }
    }
    inputs
}

pub fn evaluate(
    slot: &Slot,
    inputs: &ScoringInputs,
    number: u32,
    dice: &mut SeededDice,
) -> Evaluation {
    let question = corrected_question(slot, &inputs.corrections).0;
    let answer = &inputs.answers[&number];
    let step = Decimal::from(dice.below(201) as i64 - 100);
    let score = match dice.below(4) {
        0 => EvaluationScore::Points(question.points),
        1 => EvaluationScore::Points(-question.negative_points),
        _ => EvaluationScore::Percentage(step),
    };
    Evaluation::new(&question, Some(answer), score, EvaluationMethod::Manual, answer.seq).unwrap()
}

fn change(dice: &mut SeededDice) -> CorrectionChange {
    if dice.one_in(2) {
        return CorrectionChange::Ignore;
    }
    let literals: [&str; 4] = ["0", "1", "2.5", "100000"];
    let points = Some(number(literals[dice.below(literals.len())]));
    CorrectionChange::Replace(Box::new(QuestionReplacement {
        points,
        ..QuestionReplacement::default()
    }))
}

/// A response that fits the question, valid or not; `None` is blank.
pub fn respond(question: &Question, dice: &mut SeededDice) -> Option<Response> {
    let response = match &question.kind {
        QuestionBody::MultipleChoice(body) => select(body, dice),
        QuestionBody::Match(body) => pair(body, dice),
        QuestionBody::Input(Input::Tabular(body)) => fill(body, dice),
        QuestionBody::Input(
            Input::Audio(_) | Input::Video(_) | Input::File(_) | Input::Photo(_),
        ) => Response::Uploads(vec!["upload".to_owned()]),
        QuestionBody::Input(_) => Response::Text(typed(dice)),
    };
    Some(response).filter(|response| !response.is_blank())
}

fn typed(dice: &mut SeededDice) -> String {
    (*dice.pick(&["yes", " No ", "Stra\u{df}e", "5", "12.5", "-3", "0", "abc", "1,5", " "]))
        .to_owned()
}

fn select(body: &MultipleChoice, dice: &mut SeededDice) -> Response {
    let chosen = body.choices.iter().filter(|_| dice.one_in(2)).map(|choice| choice.key.clone());
    Response::Choices(chosen.take(body.max_selections as usize).collect())
}

fn pair(body: &MatchQuestion, dice: &mut SeededDice) -> Response {
    let shared: Vec<&ElementKey> = body.options.iter().map(|option| &option.key).collect();
    let mut made = BTreeMap::new();
    for item in &body.items {
        let own: Vec<&ElementKey> = item.options.iter().map(|option| &option.key).collect();
        let options = if own.is_empty() { &shared } else { &own };
        if !options.is_empty() && !dice.one_in(3) {
            made.insert(item.key.clone(), ElementKey::clone(options[dice.below(options.len())]));
        }
    }
    Response::Matches(made)
}

fn fill(input: &TabularInput, dice: &mut SeededDice) -> Response {
    let mut rows: BTreeMap<ElementKey, BTreeMap<ElementKey, String>> = BTreeMap::new();
    for row in &input.rows {
        for column in &input.columns {
            if dice.one_in(2) {
                rows.entry(row.key.clone()).or_default().insert(column.key.clone(), typed(dice));
            }
        }
    }
    Response::Cells(rows)
}
