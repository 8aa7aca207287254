//! Evaluations of answers by people and programs: at most one per slot; the newest replaces.

use crate::{StorageError, Transaction, values};
use domain::id::InstanceId;
use domain::instance::{ActorKind, EvaluationMethod};
use domain::time::Timestamp;

record! {
    /// What was given for the answer of a slot.
    pub struct EvaluationRow: "evaluation" {
        instance_id: InstanceId,
        slot: i64,
        /// `percentage`, `points` or `rubric`.
        given_kind: String,
        /// JSON.
        given: String,
        method: EvaluationMethod,
        /// None once erased.
        comment: Option<String>,
        actor_kind: ActorKind,
        actor_id: Option<String>,
        at: Timestamp,
        /// The answer it was made for.
        seq: i64,
        /// JSON: the lines of a rubric; none of another evaluation.
        rubric: Option<String>,
        /// Markdown for the candidate; none once erased.
        feedback: Option<String>,
    }
}

/// Keeps an evaluation in place of an earlier one of its slot.
pub fn upsert(tx: &mut dyn Transaction, evaluation: &EvaluationRow) -> Result<(), StorageError> {
    withdraw(tx, &evaluation.instance_id, evaluation.slot)?;
    evaluation.insert_row(tx)
}

/// Removes the evaluation of a slot. True when there was one.
pub fn withdraw(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
    slot: i64,
) -> Result<bool, StorageError> {
    Ok(tx.execute(
        "DELETE FROM evaluation WHERE instance_id = $1 AND slot = $2",
        values![instance, slot],
    )? > 0)
}

/// The evaluations of an instance by slot.
pub fn list(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
) -> Result<Vec<EvaluationRow>, StorageError> {
    let sql = format!(
        "SELECT {} FROM evaluation WHERE instance_id = $1 ORDER BY slot",
        EvaluationRow::columns()
    );
    tx.list(&sql, values![instance], EvaluationRow::read)
}

/// Removes the comments of an instance's evaluations and what they say to the candidate. Gives how
/// many had either.
pub fn erase(tx: &mut dyn Transaction, instance: &InstanceId) -> Result<u64, StorageError> {
    let sql = "UPDATE evaluation SET comment = NULL, feedback = NULL \
         WHERE instance_id = $1 AND (comment IS NOT NULL OR feedback IS NOT NULL)";
    tx.execute(sql, values![instance])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, StorageFixture};

    fn evaluation(slot: i64, evaluation_json: &str) -> EvaluationRow {
        EvaluationRow {
            instance_id: "Ti1".into(),
            slot,
            given_kind: "percentage".into(),
            given: evaluation_json.into(),
            method: EvaluationMethod::Manual,
            comment: Some("well argued".into()),
            actor_kind: ActorKind::User,
            actor_id: Some("Us1".into()),
            at: NOW,
            seq: 1,
            rubric: Some(r#"[{"weight":1,"percentage":50}]"#.into()),
            feedback: Some("*Well* done".into()),
        }
    }

    #[test]
    fn withdrawing_what_is_not_there_changes_nothing() {
        let fixture = StorageFixture::with_instance();
        assert!(!fixture.write(|tx| withdraw(tx, &"Ti1".into(), 1)));
    }

    #[test]
    fn the_newest_evaluation_of_a_slot_replaces_the_earlier() {
        let fixture = StorageFixture::with_instance();
        fixture.write(|tx| {
            [evaluation(2, "50"), evaluation(1, "70"), evaluation(2, "90")]
                .iter()
                .try_for_each(|one| upsert(tx, one))
        });
        assert_eq!(
            fixture.read(|tx| list(tx, &"Ti1".into())),
            [evaluation(1, "70"), evaluation(2, "90")]
        );
        assert!(fixture.write(|tx| withdraw(tx, &"Ti1".into(), 1)));
    }

    #[test]
    fn erasing_removes_comments_and_keeps_what_was_given() {
        let fixture = StorageFixture::with_instance();
        fixture.write(|tx| upsert(tx, &evaluation(1, "50")));
        assert_eq!(fixture.write(|tx| erase(tx, &"Ti1".into())), 1);
        let left = EvaluationRow { comment: None, feedback: None, ..evaluation(1, "50") };
        assert_eq!(fixture.read(|tx| list(tx, &"Ti1".into())), [left]);
    }
}
