//! The roll of a task: its candidates as staff look through them, newest first, and how far
//! everybody has come.
//!
//! A page is found by walking ordinals, never by leaving rows out at the front.

use super::candidate::CandidateRow;
use crate::{SqlValue, StorageError, Transaction, values};
use domain::id::{CandidateId, OrganizationId, TaskId};

/// How far a candidate has come, by instances that are not ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CandidateStatus {
    /// Never entered the task.
    Absent,
    Entered,
    /// Has no instance.
    NotStarted,
    Started,
    /// Has an instance that is open.
    Open,
    /// Has one that is complete.
    Finished,
}

/// Which candidates; absent is any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RosterFilter {
    pub status: Option<CandidateStatus>,
    pub stage: Option<String>,
    pub group: Option<String>,
    pub active: Option<bool>,
    /// Those for whom an invitation is of use: not invited yet, reachable, let in, not finished.
    pub is_uninvited: bool,
}

/// Where a walk begins: an ordinal that is left out itself, and the direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RosterStart {
    Below(i64),
    Above(i64),
}

/// What a person is looked for by.
#[derive(Clone, Copy, Debug)]
pub struct SearchableCandidate<'row> {
    pub id: &'row str,
    pub ordinal: i64,
    pub fullname: Option<&'row str>,
    pub email: Option<&'row str>,
    pub external_id: Option<&'row str>,
    pub uniq_id: Option<&'row str>,
    pub code: Option<&'row str>,
    /// JSON list.
    pub labels: &'row str,
}

/// Numbers over a whole task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskCounts {
    pub candidates: i64,
    pub entered: i64,
    /// Instances, ignored ones too.
    pub started: i64,
    pub open: i64,
    /// Instances with an answer that waits for an evaluation.
    pub waiting: i64,
}

/// One candidate's instances that are not ignored, and whether an invitation waits or was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CandidateProgress {
    pub started: i64,
    pub finished: i64,
    pub is_invited: bool,
}

/// The candidates of a task by what an invitation of everybody would do; each is counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InvitationCounts {
    /// Would be invited.
    pub ready: i64,
    /// Have a complete instance, or are not let in.
    pub done: i64,
    pub invited: i64,
    pub without_address: i64,
}

/// An invitation was sent, or waits.
const INVITED: &str = "(invited_at IS NOT NULL OR EXISTS (SELECT 1 FROM mail \
    WHERE mail.candidate_id = candidate.id AND mail.instance_id IS NULL AND mail.state = 'waiting'))";
const REACHABLE: &str = "(email IS NOT NULL OR extra_emails <> '[]')";

const OWN: &str =
    "SELECT 1 FROM instance WHERE instance.candidate_id = candidate.id AND NOT instance.ignored";

impl CandidateStatus {
    fn condition(self) -> String {
        match self {
            Self::Absent => "NOT logged_in".to_owned(),
            Self::Entered => "logged_in".to_owned(),
            Self::NotStarted => format!("NOT EXISTS ({OWN})"),
            Self::Started => format!("EXISTS ({OWN})"),
            Self::Open => format!("EXISTS ({OWN} AND instance.state <> 'COMPLETE')"),
            Self::Finished => format!("EXISTS ({OWN} AND instance.state = 'COMPLETE')"),
        }
    }
}

impl RosterFilter {
    /// The condition behind `$1`, the organization, `$2`, the task, and `$3`, the ordinal.
    fn condition(&self) -> (String, Vec<SqlValue<'_>>) {
        let mut sql = "organization_id = $1 AND task_id = $2 AND erased_at IS NULL".to_owned();
        let mut parameters = Vec::new();
        for (column, value) in [("stage", &self.stage), ("group_name", &self.group)] {
            if let Some(value) = value {
                parameters.push(SqlValue::Text(value));
                sql.push_str(&format!(" AND {column} = ${}", parameters.len() + 3));
            }
        }
        if let Some(stand) = self.status {
            sql.push_str(" AND ");
            sql.push_str(&stand.condition());
        }
        match self.active {
            None => {}
            Some(true) => sql.push_str(" AND active"),
            Some(false) => sql.push_str(" AND NOT active"),
        }
        if self.is_uninvited {
            sql.push_str(&format!(
                " AND active AND {REACHABLE} AND NOT {INVITED} AND NOT {}",
                CandidateStatus::Finished.condition()
            ));
        }
        (sql, parameters)
    }

    fn sql(&self, columns: &str, from: RosterStart) -> (String, Vec<SqlValue<'_>>) {
        let (condition, parameters) = self.condition();
        let (comparison, order) = match from {
            RosterStart::Below(_) => ("<", "DESC"),
            RosterStart::Above(_) => (">", "ASC"),
        };
        let limit = parameters.len() + 4;
        let sql = format!(
            "SELECT {columns} FROM candidate WHERE {condition} AND ordinal {comparison} $3 \
             ORDER BY ordinal {order} LIMIT ${limit}"
        );
        (sql, parameters)
    }
}

impl RosterStart {
    const fn ordinal(self) -> i64 {
        match self {
            Self::Below(ordinal) | Self::Above(ordinal) => ordinal,
        }
    }
}

/// Walks so many candidates of a task that fit, in the direction, with what they are looked for by.
pub fn walk(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
    filter: &RosterFilter,
    from: RosterStart,
    limit: i64,
    each: &mut dyn FnMut(SearchableCandidate<'_>) -> Result<(), StorageError>,
) -> Result<(), StorageError> {
    let columns = "id, ordinal, fullname, email, external_id, uniq_id, invitation_code, labels";
    let (sql, parameters) = filter.sql(columns, from);
    let start = from.ordinal();
    let values =
        [values![organization, task, start], parameters.as_slice(), values![limit]].concat();
    tx.query(&sql, &values, &mut |row| {
        each(SearchableCandidate {
            id: row.get(0)?,
            ordinal: row.get(1)?,
            fullname: row.get(2)?,
            email: row.get(3)?,
            external_id: row.get(4)?,
            uniq_id: row.get(5)?,
            code: row.get(6)?,
            labels: row.get(7)?,
        })
    })
}

/// So many candidates that fit, in the direction.
pub fn list(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
    filter: &RosterFilter,
    from: RosterStart,
    limit: i64,
) -> Result<Vec<CandidateRow>, StorageError> {
    let (sql, parameters) = filter.sql(CandidateRow::columns(), from);
    let start = from.ordinal();
    let values =
        [values![organization, task, start], parameters.as_slice(), values![limit]].concat();
    tx.list(&sql, &values, CandidateRow::read)
}

/// How many instances of a candidate were started and finished, ignored ones apart, and whether it was invited.
pub fn progress(
    tx: &mut dyn Transaction,
    candidate: &CandidateId,
) -> Result<CandidateProgress, StorageError> {
    let sql = format!(
        "SELECT \
        (SELECT count(*) FROM instance WHERE candidate_id = $1 AND NOT ignored), \
        (SELECT count(*) FROM instance WHERE candidate_id = $1 AND NOT ignored AND state = 'COMPLETE'), \
        (SELECT count(*) FROM candidate WHERE id = $1 AND {INVITED})"
    );
    let found = tx.find(&sql, values![candidate], |row| {
        let is_invited = row.get::<i64>(2)? > 0;
        Ok(CandidateProgress { started: row.get(0)?, finished: row.get(1)?, is_invited })
    })?;
    found.ok_or_else(|| StorageError::Statement("counts gave no row".to_owned()))
}

/// Counts a task's candidates by what inviting everybody not invited yet would do with them.
pub fn invitation_counts(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
) -> Result<InvitationCounts, StorageError> {
    let done = CandidateStatus::Finished.condition();
    let sql = format!(
        "SELECT CASE WHEN NOT active OR {done} THEN 'done' WHEN {INVITED} THEN 'invited' \
         WHEN {REACHABLE} THEN 'ready' ELSE 'without_address' END AS outcome, count(*) \
         FROM candidate WHERE organization_id = $1 AND task_id = $2 AND erased_at IS NULL GROUP BY outcome"
    );
    let mut counts = InvitationCounts::default();
    tx.query(&sql, values![organization, task], &mut |row| {
        let count = row.get(1)?;
        match row.get::<&str>(0)? {
            "done" => counts.done = count,
            "invited" => counts.invited = count,
            "ready" => counts.ready = count,
            _ => counts.without_address = count,
        }
        Ok(())
    })?;
    Ok(counts)
}

/// The task's numbers; each is read from an index.
pub fn counts(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
) -> Result<TaskCounts, StorageError> {
    let candidates = "SELECT count(*) FROM candidate WHERE task_id = $1 AND erased_at IS NULL";
    let waiting =
        "SELECT count(*) FROM instance WHERE organization_id = $1 AND task_id = $2 AND waiting > 0";
    let started = "SELECT instance_count FROM task WHERE id = $1";
    let open = "SELECT count(*) FROM instance WHERE task_id = $1 AND state <> 'COMPLETE'";
    let entered = tx.integer(&format!("{candidates} AND logged_in"), values![task])?;
    Ok(TaskCounts {
        candidates: entered
            + tx.integer(&format!("{candidates} AND NOT logged_in"), values![task])?,
        entered,
        started: tx.integer(started, values![task])?,
        open: tx.integer(open, values![task])?,
        waiting: tx.integer(waiting, values![organization, task])?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, StorageFixture, candidate, instance, mail};
    use crate::instance::InstanceRow;
    use crate::mail::MailRow;
    use domain::instance::InstanceState;
    use domain::mail::MailState;

    /// Four candidates: 1 finished, 2 has one open, 3 entered only, 4 never came and has an
    /// address.
    fn called() -> StorageFixture {
        let fixture = StorageFixture::with_task();
        fixture.write(|tx| {
            for n in 1..=4 {
                let email = (n == 4).then(|| "d@example.org".to_owned());
                let stage = (n % 2 == 0).then(|| "Interview".to_owned());
                let row = CandidateRow {
                    logged_in: n < 4,
                    email,
                    stage,
                    ..candidate(&format!("Ca{n}"), n)
                };
                crate::candidate::insert(tx, &row)?;
            }
            let done = InstanceRow { state: InstanceState::Complete, ..instance("Ti1", "Ca1", 1) };
            crate::instance::insert(tx, &done)?;
            crate::instance::insert(
                tx,
                &InstanceRow { state: InstanceState::Started, ..instance("Ti2", "Ca2", 2) },
            )
        });
        fixture
    }

    fn ids(
        fixture: &StorageFixture,
        filter: RosterFilter,
        from: RosterStart,
        limit: i64,
    ) -> Vec<String> {
        fixture.read(move |tx| {
            let mut seen = Vec::new();
            walk(tx, &"Og1".into(), &"Tk1".into(), &filter, from, limit, &mut |row| {
                seen.push(row.id.to_owned());
                Ok(())
            })?;
            let rows = list(tx, &"Og1".into(), &"Tk1".into(), &filter, from, limit)?;
            assert_eq!(seen, rows.iter().map(|row| row.id.to_string()).collect::<Vec<_>>());
            Ok(seen)
        })
    }

    #[test]
    fn whoever_was_invited_is_remembered_when_the_log_of_mail_has_forgotten_it() {
        let fixture = called();
        let counts = |fixture: &StorageFixture| {
            fixture.read(|tx| invitation_counts(tx, &"Og1".into(), &"Tk1".into()))
        };
        fixture.write(|tx| {
            let reachable = |n: i64| CandidateRow {
                email: Some(format!("{n}@example.org")),
                ..candidate(&format!("Ca{n}"), n)
            };
            crate::candidate::insert(tx, &reachable(5))?;
            crate::candidate::insert(tx, &CandidateRow { active: false, ..reachable(6) })?;
            crate::candidate::insert(tx, &reachable(7))?;
            let done = InstanceRow { state: InstanceState::Complete, ..instance("Ti3", "Ca7", 3) };
            crate::instance::insert(tx, &done)
        });
        let before = InvitationCounts { ready: 2, done: 3, invited: 0, without_address: 2 };
        assert_eq!(counts(&fixture), before, "finished and switched off, nobody invites them");

        let to = |id: &str, candidate: &str| MailRow { candidate_id: candidate.into(), ..mail(id) };
        let finished =
            |mail: MailRow, state| MailRow { state, due_at: None, finished_at: Some(NOW), ..mail };
        fixture.write(move |tx| {
            crate::mail::insert(tx, &to("Ma1", "Ca4"))?;
            crate::mail::insert(tx, &to("Ma2", "Ca5"))
        });
        assert_eq!(counts(&fixture).invited, 2, "what waits counts");
        fixture.write(move |tx| {
            crate::mail::record_attempt(tx, &finished(to("Ma1", "Ca4"), MailState::Sent))?;
            crate::mail::record_attempt(tx, &finished(to("Ma2", "Ca5"), MailState::Failed))?;
            crate::mail::remove(tx, &["Ma1".into(), "Ma2".into()])
        });
        let uninvited = RosterFilter { is_uninvited: true, ..RosterFilter::default() };
        assert_eq!(
            ids(&fixture, uninvited, RosterStart::Above(0), 10),
            ["Ca5"],
            "it never arrived"
        );
        assert_eq!(counts(&fixture), InvitationCounts { ready: 1, invited: 1, ..before });
        assert!(fixture.read(|tx| progress(tx, &"Ca4".into())).is_invited);
    }

    #[test]
    fn everybody_is_found_by_how_far_they_have_come() {
        let fixture = called();
        let cases: [(CandidateStatus, &[&str]); 6] = [
            (CandidateStatus::Absent, &["Ca4"]),
            (CandidateStatus::Entered, &["Ca3", "Ca2", "Ca1"]),
            (CandidateStatus::NotStarted, &["Ca4", "Ca3"]),
            (CandidateStatus::Started, &["Ca2", "Ca1"]),
            (CandidateStatus::Open, &["Ca2"]),
            (CandidateStatus::Finished, &["Ca1"]),
        ];
        for (stand, expected) in cases {
            let filter = RosterFilter { status: Some(stand), ..RosterFilter::default() };
            assert_eq!(
                ids(&fixture, filter, RosterStart::Below(i64::MAX), 10),
                expected,
                "{stand:?}"
            );
        }
        let interview = RosterFilter {
            stage: Some("Interview".into()),
            group: Some("default".into()),
            ..RosterFilter::default()
        };
        assert_eq!(ids(&fixture, interview, RosterStart::Below(4), 10), ["Ca2"]);
        let uninvited =
            RosterFilter { is_uninvited: true, active: Some(true), ..RosterFilter::default() };
        assert_eq!(ids(&fixture, uninvited, RosterStart::Above(0), 10), ["Ca4"]);
        assert_eq!(
            ids(&fixture, RosterFilter::default(), RosterStart::Above(1), 2),
            ["Ca2", "Ca3"]
        );
    }

    #[test]
    fn numbers_of_a_task_and_of_one_candidate_agree_with_its_rows() {
        let fixture = called();
        let seen = fixture.read(|tx| counts(tx, &"Og1".into(), &"Tk1".into()));
        assert_eq!((seen.candidates, seen.entered, seen.open, seen.waiting), (4, 3, 1, 0));
        let own = fixture.read(|tx| progress(tx, &"Ca1".into()));
        assert_eq!(own, CandidateProgress { started: 1, finished: 1, is_invited: false });
    }

    #[test]
    fn walks_and_numbers_go_by_their_indexes() {
        let fixture = StorageFixture::embedded();
        let walk = RosterFilter::default().sql("id", RosterStart::Below(1)).0;
        assert!(
            fixture.query_plan(&walk).contains("candidate_by_ordinal (task_id=? AND ordinal<?)"),
            "{}",
            fixture.query_plan(&walk)
        );
        let count = "SELECT count(*) FROM candidate WHERE task_id = $1 AND erased_at IS NULL AND NOT logged_in";
        let plan = fixture.query_plan(count);
        assert!(plan.contains("candidate_by_entry"), "{plan}");
    }
}
