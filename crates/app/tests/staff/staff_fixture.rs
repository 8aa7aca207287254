//! What staff begin with: an operator, a completed instance of the worked example, and readers of
//! failures.

use crate::test_app::{TestApp, refusal, write};
use app::Failure;
use app::administration::InstanceStatus;
use app::caller::Caller;
use app::evaluation::{EvaluationBatch, NewEvaluation, NewScore};
use domain::decimal::Decimal;
use domain::id::InstanceId;
use domain::instance::Scope;
use domain::refusal::Refusal;
use std::sync::Arc;

/// A word that stands in everything of a person and nowhere else.
pub const NOTHING_OF_ADA: &str = "nothingofada";

pub fn operator(test_app: &TestApp) -> Caller {
    Caller::operator(test_app.organization.clone(), "Rq1".into())
}

/// A key with these scopes only.
pub fn key(test_app: &TestApp, scopes: &[Scope]) -> Caller {
    let grant = app::caller::KeyGrant {
        organization: test_app.organization.clone(),
        key: "Ky1".into(),
        scopes: scopes.to_vec(),
        tasks: None,
        folders: None,
        expires_at: None,
    };
    Caller::with_key(Arc::new(grant), "Rq1".into())
}

/// Candidate A of the worked example, submitted.
pub async fn candidate_a(test_app: &TestApp) -> InstanceId {
    candidate_a_as(test_app, "a").await
}

/// The same, begun with another client token.
pub async fn candidate_a_as(test_app: &TestApp, token: &str) -> InstanceId {
    let visitor = test_app.enter().await;
    let instance = test_app.start(&visitor, token).await.unwrap();
    for page in 1..=3 {
        test_app.go(&visitor, &instance, page).await.unwrap();
    }
    let answers = [
        ("q1", r#"["a","d"]"#),
        ("q2", r#""12.1""#),
        ("q3", r#"{"i1":"o1","i2":"o4"}"#),
        ("q4", r#"["b"]"#),
        ("q5", r#""Because it was due.""#),
    ];
    for (question, response) in answers {
        test_app.answer(&visitor, &instance, write(slot(question), 1, response)).await;
    }
    test_app.complete(&visitor, &instance, "c").await.unwrap();
    instance
}

/// The slot of a question: the worked example shuffles no pages and no questions.
pub fn slot(question: &str) -> u32 {
    let place = ["q1", "q2", "q3", "q4", "q5"].iter().position(|known| *known == question).unwrap();
    u32::try_from(place).unwrap() + 1
}

/// Lets the organization count on from the rows the test_app was furnished with.
pub async fn continue_ordinals(test_app: &TestApp) {
    test_app.sql("UPDATE organization SET last_ordinal = 1").await;
}

pub fn decimal(literal: &str) -> Decimal {
    Decimal::parse(literal).unwrap()
}

pub fn new_evaluation(slot: u32, seq: u64, given: NewScore) -> NewEvaluation {
    NewEvaluation { slot, seq, score: given, method: None, comment: None }
}

pub async fn evaluate(
    test_app: &TestApp,
    instance: &InstanceId,
    token: &str,
    list: Vec<NewEvaluation>,
) -> Result<InstanceStatus, Failure> {
    let asked = EvaluationBatch { client_token: token.into(), list, note: None };
    test_app.app.evaluate(&operator(test_app), &test_app.task, instance, asked).await
}

/// Places and codes of the faults a use case refused with.
pub fn faults<T>(result: Result<T, Failure>) -> Vec<String> {
    match result {
        Err(Failure::Faults(faults)) => {
            faults.iter().map(|fault| format!("{} {}", fault.place, fault.code)).collect()
        }
        Err(other) => panic!("{other:?}"),
        Ok(_) => Vec::new(),
    }
}

/// The code and slots of what does not fit.
pub fn conflict_of<T>(result: Result<T, Failure>) -> (&'static str, Vec<u32>) {
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
