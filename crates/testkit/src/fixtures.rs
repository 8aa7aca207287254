//! Documents and values that tests of several crates begin with.

use app::evaluation::{NewEvaluation, NewScore};
use domain::decimal::Decimal;

/// The test of the worked example in the domain rules (2.10): five questions on three pages, the
/// last one an essay.
pub const DESK_SCREENING: &str = include_str!("../../domain/tests/documents/desk-screening.json");

/// A test of three questions on two pages, whose figures are computed in the head.
pub const SMALL: &str = include_str!("../fixtures/small.json");

/// The invitation code of the candidate of a [`TestApp`](crate::TestApp).
pub const CODE: &str = "7Q2M0KX4TB";
/// The same of its [`neighbour`](crate::TestApp::neighbour).
pub(crate) const NEIGHBOURS_CODE: &str = "7Q2M0KX4TN";

/// The slot of a question: the worked example shuffles no pages and no questions.
pub fn slot(question: &str) -> u32 {
    let place = ["q1", "q2", "q3", "q4", "q5"].iter().position(|entry| *entry == question).unwrap();
    u32::try_from(place).unwrap() + 1
}

/// A decimal as it is written.
pub fn decimal(literal: &str) -> Decimal {
    Decimal::parse(literal).unwrap()
}

/// An evaluation without a method or a comment.
pub fn new_evaluation(slot: u32, seq: u64, given_score: NewScore) -> NewEvaluation {
    NewEvaluation { slot, seq, score: given_score, method: None, comment: None, feedback: None }
}
