//! The settled results of a step: complete, not ignored, with nothing waiting for an evaluation.
//! How they are spread is read from an index that holds nothing else; what is inside them is read
//! one by one.
//!
//! A step is named by an id that was found with its task.

use crate::{Sha256Digest, SqlRow, StorageError, Transaction, values};
use domain::id::{InstanceId, OrganizationId, StepId, TaskId};

/// In the words of the index's condition, or SQLite would not take it.
macro_rules! settled {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " step_id = $1 AND ratio IS NOT NULL AND NOT ignored AND waiting = 0",
            $after
        )
    };
}

const COUNT: &str = settled!("SELECT count(*) FROM instance WHERE", "");
const COUNT_BELOW: &str = settled!("SELECT count(*) FROM instance WHERE", " AND ratio < $2");
const COUNT_SAME: &str = settled!("SELECT count(*) FROM instance WHERE", " AND ratio = $2");
const RATIOS: &str =
    settled!("SELECT ratio, count(*) FROM instance WHERE", " GROUP BY ratio ORDER BY ratio");
const SAMPLE: &str = settled!(
    "SELECT ordinal FROM (SELECT ordinal, row_number() OVER (ORDER BY ratio, ordinal) AS place FROM instance WHERE",
    ") AS ranked WHERE place % $2 = $3 ORDER BY ordinal"
);
const INSIDE: &str = "SELECT i.id, i.document_digest, i.seed, i.time_factor, v.passed, v.slots, v.detailed \
    FROM instance i JOIN result_version v ON v.instance_id = i.id AND v.number = i.result_number \
    WHERE i.task_id = $1 AND i.ordinal = $2 AND i.ratio IS NOT NULL AND NOT i.ignored AND i.waiting = 0";

/// What is inside one settled result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettledResult {
    pub id: InstanceId,
    pub document_digest: Sha256Digest,
    pub seed: Vec<u8>,
    pub time_factor: String,
    /// None without a pass mark.
    pub passed: Option<bool>,
    /// JSON, rate and points per slot.
    pub slots: String,
    /// JSON, the detailed result.
    pub detailed: String,
}

/// How many settled results a step has.
pub fn count(tx: &mut dyn Transaction, step: &StepId) -> Result<i64, StorageError> {
    tx.integer(COUNT, values![step])
}

/// How many of them have a lower ratio, and how many the same, in millionths.
pub fn rank(
    tx: &mut dyn Transaction,
    step: &StepId,
    ratio: i64,
) -> Result<(i64, i64), StorageError> {
    Ok((
        tx.integer(COUNT_BELOW, values![step, ratio])?,
        tx.integer(COUNT_SAME, values![step, ratio])?,
    ))
}

/// Each ratio in millionths with how many settled results have it, in ascending order.
pub fn ratios(tx: &mut dyn Transaction, step: &StepId) -> Result<Vec<(i64, i64)>, StorageError> {
    tx.list(RATIOS, values![step], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Ordinals of every `every`-th settled result in the order of ratios, so that each range of ratios
/// has its part.
pub fn sample(
    tx: &mut dyn Transaction,
    step: &StepId,
    every: i64,
) -> Result<Vec<i64>, StorageError> {
    let every = every.max(1);
    tx.list(SAMPLE, values![step, every, every / 2], |row| row.get(0))
}

/// What is inside the result with an ordinal; none when it is settled no more.
pub fn load_settled(
    tx: &mut dyn Transaction,
    task: &TaskId,
    ordinal: i64,
) -> Result<Option<SettledResult>, StorageError> {
    tx.find(INSIDE, values![task, ordinal], read_inside)
}

fn read_inside(row: &dyn SqlRow) -> Result<SettledResult, StorageError> {
    Ok(SettledResult {
        id: row.get(0)?,
        document_digest: row.get(1)?,
        seed: row.get(2)?,
        time_factor: row.get(3)?,
        passed: row.get(4)?,
        slots: row.get(5)?,
        detailed: row.get(6)?,
    })
}

/// How many instances of a step are open, and how many wait for an evaluation; neither is counted
/// beyond `most`.
pub fn unsettled(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
    step: &StepId,
    most: i64,
) -> Result<(i64, i64), StorageError> {
    let open = "SELECT count(*) FROM (SELECT 1 AS one FROM instance WHERE step_id = $1 AND state <> 'COMPLETE' LIMIT $2) AS few";
    let waiting = "SELECT count(*) FROM (SELECT 1 AS one FROM instance WHERE organization_id = $1 AND task_id = $2 \
        AND waiting > 0 AND step_id = $3 AND NOT ignored LIMIT $4) AS few";
    Ok((
        tx.integer(open, values![step, most])?,
        tx.integer(waiting, values![organization, task, step, most])?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, StorageFixture, instance};
    use crate::instance::InstanceRow;
    use crate::version::ResultVersionRow;
    use domain::instance::{ActorKind, InstanceState, VersionReason};

    /// Open, ratios 5, 3, 3 and 9, one ignored, one that waits.
    fn group() -> StorageFixture {
        let fixture = StorageFixture::with_two_candidates();
        fixture.write(|tx| {
            let rows = [None, Some(5), Some(3), Some(3), Some(9), Some(1), Some(2)];
            for (n, ratio) in (1..).zip(rows) {
                let row = InstanceRow {
                    state: if ratio.is_some() {
                        InstanceState::Complete
                    } else {
                        InstanceState::Started
                    },
                    ratio,
                    completed_at: ratio.map(|_| NOW),
                    result_number: ratio.map_or(0, |_| 1),
                    ignored: n == 6,
                    waiting: i64::from(n == 7),
                    ..instance(&format!("Ti{n}"), if n % 2 == 1 { "Ca1" } else { "Ca2" }, n)
                };
                crate::instance::insert(tx, &row)?;
            }
            Ok(())
        });
        fixture
    }

    #[test]
    fn settled_ratios_are_counted_in_their_order_and_nothing_else_is() {
        let fixture = group();
        assert_eq!(fixture.read(|tx| ratios(tx, &"St1".into())), [(3, 2), (5, 1), (9, 1)]);
        assert_eq!(fixture.read(|tx| count(tx, &"St1".into())), 4);
        assert_eq!(fixture.read(|tx| rank(tx, &"St1".into(), 5)), (2, 1));
        assert_eq!(fixture.read(|tx| rank(tx, &"St1".into(), 4)), (2, 0));
        assert_eq!(fixture.read(|tx| count(tx, &"St2".into())), 0);
        let (organization, task, step) = ("Og1".into(), "Tk1".into(), "St1".into());
        assert_eq!(fixture.read(move |tx| unsettled(tx, &organization, &task, &step, 10)), (1, 1));
    }

    #[test]
    fn a_sample_has_its_part_of_every_range_and_all_is_a_sample_too() {
        let fixture = group();
        assert_eq!(fixture.read(|tx| sample(tx, &"St1".into(), 1)), [2, 3, 4, 5]);
        // In the order of ratios: 3, 4, 2, 5; the first and the third of them.
        assert_eq!(fixture.read(|tx| sample(tx, &"St1".into(), 2)), [2, 3]);
    }

    #[test]
    fn the_inside_is_that_of_the_latest_version_and_of_settled_results_only() {
        let fixture = group();
        let version = |id: &str, number| ResultVersionRow {
            instance_id: id.into(),
            number,
            at: NOW,
            actor_kind: ActorKind::System,
            actor_id: None,
            reason: VersionReason::Completed,
            note: None,
            waiting: 0,
            passed: Some(number == 1),
            level: None,
            inputs_digest: [5; 32],
            engine_version: "1".into(),
            slots: format!("[{number}]"),
            detailed: "{}".into(),
        };
        let versions = [version("Ti2", 1), version("Ti2", 2), version("Ti6", 1)];
        fixture.write(move |tx| {
            versions.iter().try_for_each(|version| crate::version::append(tx, version))
        });
        let found = fixture.read(|tx| load_settled(tx, &"Tk1".into(), 2)).unwrap();
        assert_eq!((found.slots.as_str(), found.passed), ("[1]", Some(true)));
        assert_eq!(fixture.read(|tx| load_settled(tx, &"Tk1".into(), 6)), None);
        assert_eq!(fixture.read(|tx| load_settled(tx, &"Tk2".into(), 2)), None);
    }

    #[test]
    fn counting_reads_the_index_alone() {
        let fixture = StorageFixture::embedded();
        for sql in [COUNT, COUNT_BELOW, COUNT_SAME, RATIOS, SAMPLE] {
            let plan = fixture.query_plan(sql);
            assert!(
                plan.contains("USING COVERING INDEX instance_by_settled_ratio (step_id=?"),
                "{plan}"
            );
        }
        assert!(!fixture.query_plan(RATIOS).contains("TEMP B-TREE"));
    }
}
