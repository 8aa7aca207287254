//! What staff begin with: an operator, a completed instance of the worked example, and readers of failures.

use crate::hall::{Hall, refusal, write};
use app::Failure;
use app::administration::Standing;
use app::caller::Caller;
use app::evaluation::{Evaluations, NewEvaluation, NewGiven};
use domain::decimal::Decimal;
use domain::id::InstanceId;
use domain::instance::Scope;
use domain::refusal::Refusal;
use std::sync::Arc;

/// A word that stands in everything of a person and nowhere else.
pub const NOTHING_OF_ADA: &str = "nothingofada";

pub fn operator(hall: &Hall) -> Caller {
    Caller::operator(hall.organization.clone(), "Rq1".into())
}

/// A key with these scopes only.
pub fn key(hall: &Hall, scopes: &[Scope]) -> Caller {
    let grant = app::caller::Grant {
        organization: hall.organization.clone(),
        key: "Ky1".into(),
        scopes: scopes.to_vec(),
        tasks: None,
        folders: None,
        expires_at: None,
    };
    Caller::with_key(Arc::new(grant), "Rq1".into())
}

/// Candidate A of the worked example, submitted.
pub async fn candidate_a(hall: &Hall) -> InstanceId {
    candidate_a_as(hall, "a").await
}

/// The same, begun with another client token.
pub async fn candidate_a_as(hall: &Hall, token: &str) -> InstanceId {
    let visitor = hall.enter().await;
    let instance = hall.start(&visitor, token).await.unwrap();
    for page in 1..=3 {
        hall.go(&visitor, &instance, page).await.unwrap();
    }
    let answers = [
        ("q1", r#"["a","d"]"#),
        ("q2", r#""12.1""#),
        ("q3", r#"{"i1":"o1","i2":"o4"}"#),
        ("q4", r#"["b"]"#),
        ("q5", r#""Because it was due.""#),
    ];
    for (question, response) in answers {
        hall.answer(&visitor, &instance, write(slot(question), 1, response)).await;
    }
    hall.complete(&visitor, &instance, "c").await.unwrap();
    instance
}

/// The slot of a question: the worked example shuffles no pages and no questions.
pub fn slot(question: &str) -> u32 {
    let place = ["q1", "q2", "q3", "q4", "q5"].iter().position(|known| *known == question).unwrap();
    u32::try_from(place).unwrap() + 1
}

/// Lets the organization count on from the rows the hall was furnished with.
pub async fn count_on(hall: &Hall) {
    hall.sql("UPDATE organization SET last_ordinal = 1").await;
}

pub fn decimal(literal: &str) -> Decimal {
    Decimal::parse(literal).unwrap()
}

pub fn given(slot: u32, seq: u64, given: NewGiven) -> NewEvaluation {
    NewEvaluation { slot, seq, given, method: None, comment: None }
}

pub async fn evaluate(
    hall: &Hall,
    instance: &InstanceId,
    token: &str,
    list: Vec<NewEvaluation>,
) -> Result<Standing, Failure> {
    let asked = Evaluations { client_token: token.into(), list, note: None };
    hall.app.evaluate(&operator(hall), &hall.task, instance, asked).await
}

/// Places and codes of the faults a use case refused with.
pub fn faults<T>(result: Result<T, Failure>) -> Vec<String> {
    match result {
        Err(Failure::Faults(faults)) => faults.iter().map(|fault| format!("{} {}", fault.place, fault.code)).collect(),
        Err(other) => panic!("{other:?}"),
        Ok(_) => Vec::new(),
    }
}

/// The code and slots of what does not fit.
pub fn unfit<T>(result: Result<T, Failure>) -> (&'static str, Vec<u32>) {
    match result {
        Err(Failure::Unfit { code, slots }) => (code, slots),
        Err(other) => panic!("{other:?}"),
        Ok(_) => ("fits", Vec::new()),
    }
}

pub fn is_not_found<T>(result: &Result<T, Failure>) -> bool {
    matches!(result, Err(Failure::NotFound))
        || matches!(result, Err(Failure::Refused(refused)) if refused.code == Refusal::NotFound)
}

pub fn assert_refused<T>(result: Result<T, Failure>, code: Refusal) {
    assert_eq!(refusal(result), Some(code));
}
