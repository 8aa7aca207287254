//! Test instances: one attempt of one candidate at one step.

use super::answer::{self, ReceiptRow};
use crate::{Sha256Digest, SqlRow, StorageError, Transaction, values};
use domain::id::{CandidateId, InstanceId, OrganizationId, StepId, TaskId};
use domain::instance::{CandidateKind, ClosingReason, InstanceChange, InstanceState};
use domain::time::Timestamp;

record! {
    /// An instance with everything kept about it but answers, versions and events.
    pub struct InstanceRow: "instance" {
        id: InstanceId,
        organization_id: OrganizationId,
        task_id: TaskId,
        step_id: StepId,
        candidate_id: CandidateId,
        /// Dense in the task, from 1; from [`crate::task::next_ordinal`].
        ordinal: i64,
        /// The task's revision at the last change; from [`crate::task::next_revision`].
        revision: i64,
        change_kind: InstanceChange,
        changed_at: Timestamp,
        state: InstanceState,
        ignored: bool,
        closing: Option<ClosingReason>,
        candidate_kind: CandidateKind,
        /// `candidate.id` on the wire: the user for kind `user`, else the candidate.
        owner_id: String,
        started_at: Timestamp,
        completed_at: Option<Timestamp>,
        /// When it completes by itself; none when closed or without a running clock.
        due_at: Option<Timestamp>,
        erased_at: Option<Timestamp>,
        /// The latest result version, 0 is none.
        result_number: i64,
        /// Slots that wait for an evaluation.
        waiting: i64,
        engine_version: String,
        /// JSON, the basic result as it is sent.
        result_basic: Option<String>,
        /// The frozen document.
        document_digest: Sha256Digest,
        seed: Vec<u8>,
        /// A plain decimal.
        time_factor: String,
        external_id: Option<String>,
        folder: String,
        group_name: String,
        /// JSON list.
        labels: String,
        /// JSON object.
        tags: String,
        /// JSON, pages entered and locked, clocks.
        delivery: String,
        /// JSON, the detailed result as it is sent.
        result_detailed: Option<String>,
        /// The achievement ratio of the result in millionths, for ordering.
        ratio: Option<i64>,
    }
}

/// What saving an answer needs to know about an instance, in one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceForSave {
    pub organization_id: OrganizationId,
    pub task_id: TaskId,
    pub step_id: StepId,
    pub candidate_id: CandidateId,
    pub state: InstanceState,
    pub erased_at: Option<Timestamp>,
    pub started_at: Timestamp,
    pub due_at: Option<Timestamp>,
    pub document_digest: Sha256Digest,
    pub seed: Vec<u8>,
    pub time_factor: String,
    pub delivery: String,
    pub task_active: bool,
    pub step_active: bool,
    pub candidate_active: bool,
    /// JSON object by step id.
    pub step_overrides: String,
    /// Number and digest of the last receipt; none before the first.
    pub last_receipt: Option<(i64, Sha256Digest)>,
    /// Bytes of all kept responses; none before the first, and where they were not counted yet.
    pub kept_bytes: Option<i64>,
}

/// # Errors
/// [`crate::UniqueRule::OpenInstance`] when the candidate has an open one of the step.
pub fn insert(tx: &mut dyn Transaction, instance: &InstanceRow) -> Result<(), StorageError> {
    instance.insert_row(tx)
}

/// An instance of this task of this organization, unlocked; none is also another's.
pub fn find(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
    instance: &InstanceId,
) -> Result<Option<InstanceRow>, StorageError> {
    let columns = InstanceRow::columns();
    let sql = format!(
        "SELECT {columns} FROM instance WHERE organization_id = $1 AND task_id = $2 AND id = $3"
    );
    tx.find(&sql, values![organization, task, instance], InstanceRow::read)
}

/// The instance of an id that came from the database, such as an overdue one.
pub fn find_any(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
) -> Result<Option<InstanceRow>, StorageError> {
    let sql = format!("SELECT {} FROM instance WHERE id = $1", InstanceRow::columns());
    tx.find(&sql, values![instance], InstanceRow::read)
}

/// Finds an instance and keeps every other transaction from changing it or its answers until this
/// one ends. Where the task is locked too, the instance comes first.
pub fn lock(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
) -> Result<Option<InstanceRow>, StorageError> {
    let sql = format!(
        "SELECT {} FROM instance WHERE id = $1{}",
        InstanceRow::columns(),
        tx.lock_clause()
    );
    tx.find(&sql, values![instance], InstanceRow::read)
}

/// The open instance of a candidate and step; there is at most one.
pub fn find_open(
    tx: &mut dyn Transaction,
    candidate: &CandidateId,
    step: &StepId,
) -> Result<Option<InstanceRow>, StorageError> {
    let columns = InstanceRow::columns();
    let sql = format!(
        "SELECT {columns} FROM instance WHERE candidate_id = $1 AND step_id = $2 AND state <> 'COMPLETE'"
    );
    tx.find(&sql, values![candidate, step], InstanceRow::read)
}

/// All instances of a candidate in creation order, for attempt limits and prerequisites.
pub fn list_by_candidate(
    tx: &mut dyn Transaction,
    candidate: &CandidateId,
) -> Result<Vec<InstanceRow>, StorageError> {
    let sql = format!(
        "SELECT {} FROM instance WHERE candidate_id = $1 ORDER BY ordinal",
        InstanceRow::columns()
    );
    tx.list(&sql, values![candidate], InstanceRow::read)
}

/// The open instances of a step behind an ordinal and up to another, in creation order, with their
/// ordinals.
pub fn list_open(
    tx: &mut dyn Transaction,
    step: &StepId,
    after: i64,
    until: i64,
    limit: i64,
) -> Result<Vec<(InstanceId, i64)>, StorageError> {
    tx.list(LIST_OPEN, values![step, after, until, limit], |row| Ok((row.get(0)?, row.get(1)?)))
}

const LIST_OPEN: &str = "SELECT id, ordinal FROM instance WHERE step_id = $1 AND state <> 'COMPLETE' \
    AND ordinal > $2 AND ordinal <= $3 ORDER BY ordinal LIMIT $4";

/// The instances of a step behind an ordinal and up to another, in creation order. Costs the
/// ordinals between them, whatever else the task holds.
pub fn list_by_step(
    tx: &mut dyn Transaction,
    task: &TaskId,
    step: &StepId,
    after: i64,
    until: i64,
) -> Result<Vec<InstanceId>, StorageError> {
    let sql = "SELECT id FROM instance WHERE task_id = $1 AND step_id = $2 AND ordinal > $3 AND ordinal <= $4 \
        ORDER BY ordinal";
    tx.list(sql, values![task, step, after, until], |row| row.get(0))
}

/// The frozen documents of the same instances.
pub fn list_documents_by_step(
    tx: &mut dyn Transaction,
    task: &TaskId,
    step: &StepId,
    after: i64,
    until: i64,
) -> Result<Vec<Sha256Digest>, StorageError> {
    let sql = "SELECT DISTINCT document_digest FROM instance \
        WHERE task_id = $1 AND step_id = $2 AND ordinal > $3 AND ordinal <= $4";
    tx.list(sql, values![task, step, after, until], |row| row.get(0))
}

/// The instances of an organization, or of one task, that wait for evaluations: (task, instance,
/// slots), by task and ordinal.
pub fn list_waiting(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: Option<&TaskId>,
    limit: i64,
) -> Result<Vec<(TaskId, InstanceId, i64)>, StorageError> {
    let read = |row: &dyn SqlRow| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    match task {
        None => tx.list(LIST_WAITING, values![organization, limit], read),
        Some(task) => tx.list(LIST_WAITING_OF_TASK, values![organization, task, limit], read),
    }
}

const LIST_WAITING: &str = "SELECT task_id, id, waiting FROM instance WHERE organization_id = $1 AND waiting > 0 \
    ORDER BY task_id, ordinal LIMIT $2";
const LIST_WAITING_OF_TASK: &str = "SELECT task_id, id, waiting FROM instance \
    WHERE organization_id = $1 AND task_id = $2 AND waiting > 0 ORDER BY ordinal LIMIT $3";

/// Instances with waiting answers next to a place, exclusive: by task and ordinal, or the other way
/// round when not forward.
pub fn seek_waiting(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    within: Option<&TaskId>,
    from: Option<(&TaskId, i64)>,
    is_forward: bool,
    limit: i64,
) -> Result<Vec<(TaskId, InstanceId, i64)>, StorageError> {
    let read = |row: &dyn SqlRow| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let (beyond, direction) = if is_forward { (">", "") } else { ("<", " DESC") };
    let head =
        "SELECT task_id, id, ordinal FROM instance WHERE organization_id = $1 AND waiting > 0";
    let tail = format!("ORDER BY task_id{direction}, ordinal{direction} LIMIT");
    match (within, from) {
        (None, None) => tx.list(&format!("{head} {tail} $2"), values![organization, limit], read),
        (Some(task), None) => tx.list(
            &format!("{head} AND task_id = $2 {tail} $3"),
            values![organization, task, limit],
            read,
        ),
        (None, Some((task, ordinal))) => {
            let sql = format!("{head} AND (task_id, ordinal) {beyond} ($2, $3) {tail} $4");
            tx.list(&sql, values![organization, task, ordinal, limit], read)
        }
        (Some(within), Some((task, ordinal))) => {
            let sql = format!(
                "{head} AND task_id = $2 AND (task_id, ordinal) {beyond} ($3, $4) {tail} $5"
            );
            tx.list(&sql, values![organization, within, task, ordinal, limit], read)
        }
    }
}

/// How many instances of each task wait for an evaluation, and how many answers.
pub fn count_waiting(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
) -> Result<Vec<(TaskId, i64, i64)>, StorageError> {
    let sql = "SELECT task_id, count(*), CAST(sum(waiting) AS BIGINT) FROM instance \
        WHERE organization_id = $1 AND waiting > 0 GROUP BY task_id ORDER BY task_id";
    tx.list(sql, values![organization], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

/// The open instances of an organization, or of one task, step by step, with the page or so of them
/// that is wanted.
pub fn list_running(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: Option<&TaskId>,
    limit: i64,
) -> Result<Vec<InstanceId>, StorageError> {
    let read = |row: &dyn SqlRow| row.get(0);
    let head = "SELECT i.id FROM step s JOIN instance i ON i.step_id = s.id AND i.state <> 'COMPLETE' \
        WHERE s.organization_id = $1";
    match task {
        None => tx.list(
            &format!("{head} ORDER BY i.task_id, i.ordinal LIMIT $2"),
            values![organization, limit],
            read,
        ),
        Some(task) => {
            let sql = format!("{head} AND s.task_id = $2 ORDER BY i.ordinal LIMIT $3");
            tx.list(&sql, values![organization, task, limit], read)
        }
    }
}

/// How many instances of each task and step are open.
pub fn count_running(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
) -> Result<Vec<(TaskId, StepId, i64)>, StorageError> {
    let sql = "SELECT s.task_id, s.id, count(*) FROM step s JOIN instance i ON i.step_id = s.id \
        AND i.state <> 'COMPLETE' WHERE s.organization_id = $1 GROUP BY s.task_id, s.id ORDER BY s.task_id, s.id";
    tx.list(sql, values![organization], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

/// Reads what saving an answer needs, and locks the instance's row.
pub fn load_for_save(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
) -> Result<Option<InstanceForSave>, StorageError> {
    match tx.lock_clause() {
        "" => tx.find(HOT, values![instance], read_hot),
        lock => tx.find(&format!("{HOT}{lock} OF i"), values![instance], read_hot),
    }
}

/// As [`load_for_save`], of the candidate whose log-in session it is; none when the session has
/// ended or is somebody else's. With it comes what [`answer::find`] finds for a slot.
///
/// Session, instance and answer in one statement, because this runs with every save. On PostgreSQL
/// a statement that waited for the lock shows the receipts as they were before: the next number is
/// taken then, and the save runs again.
pub fn load_for_save_by_session(
    tx: &mut dyn Transaction,
    token_hash: &Sha256Digest,
    instance: &InstanceId,
    slot: i64,
) -> Result<Option<(InstanceForSave, Option<ReceiptRow>)>, StorageError> {
    let read = |row: &dyn SqlRow| {
        let stored =
            row.get::<Option<i64>>(KEPT)?.map(|_| answer::read_from(row, KEPT)).transpose()?;
        Ok((read_hot(row)?, stored))
    };
    let values = values![instance, token_hash, slot];
    match tx.lock_clause() {
        "" => tx.find(HOT_OF_SESSION, values, read),
        lock => tx.find(&format!("{HOT_OF_SESSION}{lock} OF i"), values, read),
    }
}

macro_rules! hot_columns {
    ($columns:literal, $session:literal) => {
        concat!(
            "SELECT i.organization_id, i.task_id, i.step_id, i.candidate_id, i.state, i.erased_at, i.started_at, \
            i.due_at, i.document_digest, i.seed, i.time_factor, i.delivery, t.active, s.active, c.active, \
            c.step_overrides, r.n, r.digest, r.total_bytes",
            $columns,
            " FROM instance i \
            JOIN task t ON t.id = i.task_id \
            JOIN step s ON s.id = i.step_id \
            JOIN candidate c ON c.id = i.candidate_id ",
            $session,
            "LEFT JOIN receipt r ON r.instance_id = i.id AND r.n = (SELECT max(n) FROM receipt WHERE instance_id = i.id) \
            WHERE i.id = $1"
        )
    };
}

const HOT: &str = hot_columns!("", "");
const HOT_OF_SESSION: &str = hot_columns!(
    ", k.n, k.slot, k.seq, k.response, k.received_at, k.digest",
    "JOIN login_session l ON l.token_hash = $2 AND l.candidate_id = i.candidate_id AND l.ended_at IS NULL \
    LEFT JOIN answer a ON a.instance_id = i.id AND a.slot = $3 \
    LEFT JOIN receipt k ON k.instance_id = a.instance_id AND k.n = a.n "
);
/// The first column of the slot's receipt.
const KEPT: usize = 19;

fn read_hot(row: &dyn SqlRow) -> Result<InstanceForSave, StorageError> {
    let last: (Option<i64>, Option<Sha256Digest>) = (row.get(16)?, row.get(17)?);
    Ok(InstanceForSave {
        organization_id: row.get(0)?,
        task_id: row.get(1)?,
        step_id: row.get(2)?,
        candidate_id: row.get(3)?,
        state: row.get(4)?,
        erased_at: row.get(5)?,
        started_at: row.get(6)?,
        due_at: row.get(7)?,
        document_digest: row.get(8)?,
        seed: row.get(9)?,
        time_factor: row.get(10)?,
        delivery: row.get(11)?,
        task_active: row.get(12)?,
        step_active: row.get(13)?,
        candidate_active: row.get(14)?,
        step_overrides: row.get(15)?,
        last_receipt: last.0.zip(last.1),
        kept_bytes: row.get(18)?,
    })
}

/// Writes the delivery state and the instant of the next deadline: entering, locking, extending. No
/// revision.
pub fn set_delivery(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
    delivery: &str,
    due_at: Option<Timestamp>,
) -> Result<(), StorageError> {
    let sql = "UPDATE instance SET delivery = $2, due_at = $3 WHERE id = $1";
    tx.execute(sql, values![instance, delivery, due_at]).map(|_| ())
}

/// Writes all that a change may alter of an instance back: revision, state, result, delivery, and
/// the copies that erasure empties. True when there was such an instance.
///
/// # Errors
/// [`crate::UniqueRule::OpenInstance`] when the candidate would have two open ones of the step.
pub fn update(tx: &mut dyn Transaction, instance: &InstanceRow) -> Result<bool, StorageError> {
    let i = instance;
    let sql = "UPDATE instance SET revision = $4, change_kind = $5, changed_at = $6, state = $7, ignored = $8, \
        closing = $9, completed_at = $10, due_at = $11, erased_at = $12, result_number = $13, waiting = $14, \
        engine_version = $15, result_basic = $16, result_detailed = $17, delivery = $18, external_id = $19, \
        group_name = $20, labels = $21, tags = $22, ratio = $23 WHERE organization_id = $1 AND task_id = $2 AND id = $3";
    let values = values![
        i.organization_id,
        i.task_id,
        i.id,
        i.revision,
        i.change_kind,
        i.changed_at,
        i.state,
        i.ignored,
        i.closing,
        i.completed_at,
        i.due_at,
        i.erased_at,
        i.result_number,
        i.waiting,
        i.engine_version,
        i.result_basic,
        i.result_detailed,
        i.delivery,
        i.external_id,
        i.group_name,
        i.labels,
        i.tags,
        i.ratio,
    ];
    Ok(tx.execute(sql, values)? > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, StorageFixture, instance};
    use crate::{UniqueRule, answer};

    fn complete(id: &str, ordinal: i64) -> InstanceRow {
        InstanceRow {
            state: InstanceState::Complete,
            completed_at: Some(NOW),
            ..instance(id, "Ca1", ordinal)
        }
    }

    #[test]
    fn a_candidate_has_one_open_instance_of_a_step() {
        let fixture = StorageFixture::with_instance();
        let refused = fixture.try_write(|tx| insert(tx, &instance("Ti2", "Ca1", 2)));
        assert_eq!(refused, Err(StorageError::Conflict(UniqueRule::OpenInstance)));
        fixture.write(|tx| insert(tx, &complete("Ti2", 2)));
        let reopened = InstanceRow { state: InstanceState::Resetup, ..complete("Ti2", 2) };
        let refused = fixture.try_write(move |tx| update(tx, &reopened));
        assert_eq!(refused, Err(StorageError::Conflict(UniqueRule::OpenInstance)));
    }

    #[test]
    fn ordinals_and_revisions_of_a_task_are_taken_once() {
        let fixture = StorageFixture::with_instance();
        let refused = fixture.try_write(|tx| insert(tx, &complete("Ti2", 1)));
        assert!(matches!(refused, Err(StorageError::Conflict(UniqueRule::Other(_)))));
        let same_revision = InstanceRow { revision: 1, ..complete("Ti2", 2) };
        let refused = fixture.try_write(move |tx| insert(tx, &same_revision));
        assert!(matches!(refused, Err(StorageError::Conflict(UniqueRule::Other(_)))));
    }

    #[test]
    fn another_organization_finds_and_changes_nothing() {
        let fixture = StorageFixture::with_instance();
        assert_eq!(fixture.read(|tx| find(tx, &"Og2".into(), &"Tk1".into(), &"Ti1".into())), None);
        let foreign = InstanceRow { organization_id: "Og2".into(), ..complete("Ti1", 1) };
        assert!(!fixture.write(move |tx| update(tx, &foreign)));
        assert_eq!(fixture.read(|tx| list_waiting(tx, &"Og2".into(), None, 10)), []);
    }

    #[test]
    fn an_unknown_instance_is_not_hot() {
        let fixture = StorageFixture::with_instance();
        assert_eq!(fixture.read(|tx| load_for_save(tx, &"Ti-none".into())), None);
    }

    #[test]
    fn an_instance_is_hot_for_the_running_session_of_its_candidate_only() {
        let fixture = StorageFixture::with_instance();
        let session = crate::session::SessionRow {
            token_hash: [1; 32],
            organization_id: "Og1".into(),
            task_id: "Tk1".into(),
            candidate_id: "Ca1".into(),
            created_at: NOW,
            ended_at: None,
            ends_at: NOW,
        };
        fixture.write(move |tx| crate::session::insert(tx, &session));
        let existing = fixture.read(|tx| load_for_save_by_session(tx, &[1; 32], &"Ti1".into(), 1));
        assert_eq!(
            existing,
            fixture.read(|tx| load_for_save(tx, &"Ti1".into())).map(|hot| (hot, None))
        );
        assert_eq!(
            fixture.read(|tx| load_for_save_by_session(tx, &[2; 32], &"Ti1".into(), 1)),
            None
        );
        assert_eq!(
            fixture.read(|tx| load_for_save_by_session(tx, &[1; 32], &"Ti-none".into(), 1)),
            None
        );
        let stored = |n, slot| answer::NewReceipt {
            n,
            slot,
            seq: n,
            response: "1",
            received_at: NOW,
            digest: [n as u8; 32],
            total_bytes: n,
        };
        fixture.write(move |tx| {
            [(1, 2), (2, 1), (3, 2)]
                .map(|(n, slot)| stored(n, slot))
                .iter()
                .try_for_each(|stored| answer::insert(tx, &"Ti1".into(), stored))
        });
        for slot in 0..4 {
            let (hot, found) = fixture
                .read(move |tx| load_for_save_by_session(tx, &[1; 32], &"Ti1".into(), slot))
                .unwrap();
            assert_eq!(found, fixture.read(move |tx| answer::find(tx, &"Ti1".into(), slot)));
            assert_eq!(hot.last_receipt, Some((3, [3; 32])));
        }
        fixture.write(|tx| crate::session::end(tx, &[1; 32], NOW));
        assert_eq!(
            fixture.read(|tx| load_for_save_by_session(tx, &[1; 32], &"Ti1".into(), 1)),
            None
        );
    }

    #[test]
    fn the_hot_row_shows_switches_and_the_last_receipt() {
        let fixture = StorageFixture::with_instance();
        let before = fixture.read(|tx| load_for_save(tx, &"Ti1".into())).unwrap();
        assert_eq!(before.last_receipt, None);
        assert!(before.task_active && before.step_active && before.candidate_active);
        fixture.write(|tx| {
            (1..=12).try_for_each(|n| {
                answer::insert(
                    tx,
                    &"Ti1".into(),
                    &answer::NewReceipt {
                        n,
                        slot: 1,
                        seq: n,
                        response: "1",
                        received_at: NOW,
                        digest: [9; 32],
                        total_bytes: 7 * n,
                    },
                )
            })?;
            tx.execute("UPDATE task SET active = FALSE", &[])
        });
        let after = fixture.read(|tx| load_for_save(tx, &"Ti1".into())).unwrap();
        assert_eq!((after.last_receipt, after.kept_bytes), (Some((12, [9; 32])), Some(84)));
        assert!(!after.task_active);
    }

    #[test]
    fn an_instance_reads_back_as_it_was_written() {
        let fixture = StorageFixture::with_instance();
        assert_eq!(
            fixture.read(|tx| find_open(tx, &"Ca1".into(), &"St1".into())),
            Some(instance("Ti1", "Ca1", 1))
        );
        let changed = InstanceRow {
            revision: 2,
            change_kind: InstanceChange::Completed,
            closing: Some(ClosingReason::TimeOver),
            result_number: 1,
            waiting: 3,
            result_basic: Some("{}".into()),
            result_detailed: Some("{}".into()),
            ..complete("Ti1", 1)
        };
        let expected = changed.clone();
        assert!(fixture.write(move |tx| update(tx, &changed)));
        assert_eq!(fixture.write(|tx| lock(tx, &"Ti1".into())), Some(expected));
        assert_eq!(fixture.read(|tx| find_open(tx, &"Ca1".into(), &"St1".into())), None);
        let waiting = vec![("Tk1".into(), "Ti1".into(), 3)];
        assert_eq!(fixture.read(|tx| list_waiting(tx, &"Og1".into(), None, 10)), waiting);
        assert_eq!(
            fixture.read(|tx| list_waiting(tx, &"Og1".into(), Some(&"Tk1".into()), 10)),
            waiting
        );
    }

    #[test]
    fn the_save_path_and_work_lists_go_by_their_indexes() {
        let fixture = StorageFixture::embedded();
        let hot = fixture.query_plan(HOT);
        assert!(!hot.contains("SCAN"), "{hot}");
        assert!(hot.contains("r USING PRIMARY KEY (instance_id=? AND n=?)"), "{hot}");
        let of_session = fixture.query_plan(HOT_OF_SESSION);
        assert!(!of_session.contains("SCAN"), "{of_session}");
        assert!(
            of_session.contains("l USING INDEX sqlite_autoindex_login_session_1 (token_hash=?)"),
            "{of_session}"
        );
        let open = fixture.query_plan(LIST_OPEN);
        assert!(
            open.contains("instance_by_open_step (step_id=? AND ordinal>? AND ordinal<?)"),
            "{open}"
        );
        for waiting in [LIST_WAITING, LIST_WAITING_OF_TASK] {
            let plan = fixture.query_plan(waiting);
            assert!(plan.contains("instance_by_waiting (organization_id=?"), "{plan}");
        }
    }

    #[test]
    fn moving_alters_no_revision() {
        let fixture = StorageFixture::with_instance();
        fixture.write(|tx| set_delivery(tx, &"Ti1".into(), "{\"page\":2}", Some(NOW)));
        let expected = InstanceRow {
            delivery: "{\"page\":2}".into(),
            due_at: Some(NOW),
            ..instance("Ti1", "Ca1", 1)
        };
        assert_eq!(fixture.read(|tx| find_any(tx, &"Ti1".into())), Some(expected));
        assert_eq!(fixture.read(|tx| list_open(tx, &"St1".into(), 0, 1, 9)), [("Ti1".into(), 1)]);
        assert_eq!(fixture.read(|tx| list_open(tx, &"St1".into(), 1, 9, 9)), []);
        assert_eq!(fixture.read(|tx| list_by_candidate(tx, &"Ca1".into())).len(), 1);
    }
}
