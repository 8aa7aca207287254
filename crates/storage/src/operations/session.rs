//! Log-in sessions of candidates. A token is known by its hash only.

use crate::{Sha256Digest, StorageError, Transaction, values};
use domain::id::{CandidateId, OrganizationId, TaskId};
use domain::time::Timestamp;

record! {
    /// One browser in which a candidate is logged in.
    pub struct SessionRow: "login_session" {
        /// SHA-256 of the token.
        token_hash: Sha256Digest,
        organization_id: OrganizationId,
        task_id: TaskId,
        candidate_id: CandidateId,
        created_at: Timestamp,
        ended_at: Option<Timestamp>,
        /// When it ends by itself, if nobody uses it until then.
        ends_at: Timestamp,
    }
}

/// Adds a candidate's log-in session, by the digest of its token.
pub fn insert(tx: &mut dyn Transaction, session: &SessionRow) -> Result<(), StorageError> {
    session.insert_row(tx)
}

/// The session of a token that has not ended.
pub fn find(
    tx: &mut dyn Transaction,
    token_hash: &Sha256Digest,
) -> Result<Option<SessionRow>, StorageError> {
    let sql = "SELECT token_hash, organization_id, task_id, candidate_id, created_at, ended_at, ends_at FROM login_session \
        WHERE token_hash = $1 AND ended_at IS NULL";
    tx.find(sql, values![token_hash], SessionRow::read)
}

/// Moves the end of a session that has not ended.
pub fn postpone(
    tx: &mut dyn Transaction,
    token_hash: &Sha256Digest,
    ends_at: Timestamp,
) -> Result<(), StorageError> {
    let sql = "UPDATE login_session SET ends_at = $2 WHERE token_hash = $1 AND ended_at IS NULL";
    tx.execute(sql, values![token_hash, ends_at]).map(|_| ())
}

const END_DUE: &str = "UPDATE login_session SET ended_at = ends_at WHERE token_hash IN \
    (SELECT token_hash FROM login_session WHERE ended_at IS NULL AND ends_at <= $1 ORDER BY ends_at LIMIT $2)";

/// Ends sessions whose time is over, at most so many. Gives how many there were.
pub fn end_due(tx: &mut dyn Transaction, now: Timestamp, limit: i64) -> Result<u64, StorageError> {
    tx.execute(END_DUE, values![now, limit])
}

/// Ends one session. True when it had not ended.
pub fn end(
    tx: &mut dyn Transaction,
    token_hash: &Sha256Digest,
    at: Timestamp,
) -> Result<bool, StorageError> {
    let sql = "UPDATE login_session SET ended_at = $2 WHERE token_hash = $1 AND ended_at IS NULL";
    Ok(tx.execute(sql, values![token_hash, at])? > 0)
}

/// Ends all sessions of a candidate. Gives how many there were.
pub fn end_all(
    tx: &mut dyn Transaction,
    candidate: &CandidateId,
    at: Timestamp,
) -> Result<u64, StorageError> {
    let sql = "UPDATE login_session SET ended_at = $2 WHERE candidate_id = $1 AND ended_at IS NULL";
    tx.execute(sql, values![candidate, at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, StorageFixture};

    fn session(byte: u8) -> SessionRow {
        SessionRow {
            token_hash: [byte; 32],
            organization_id: "Og1".into(),
            task_id: "Tk1".into(),
            candidate_id: "Ca1".into(),
            created_at: NOW,
            ended_at: None,
            ends_at: NOW.plus_seconds(i64::from(byte)),
        }
    }

    #[test]
    fn an_ended_or_unknown_session_is_not_found() {
        let fixture = StorageFixture::with_instance();
        fixture.write(|tx| insert(tx, &session(1)));
        assert_eq!(fixture.read(|tx| find(tx, &[2; 32])), None);
        assert!(fixture.write(|tx| end(tx, &[1; 32], NOW)));
        assert!(!fixture.write(|tx| end(tx, &[1; 32], NOW)));
        assert_eq!(fixture.read(|tx| find(tx, &[1; 32])), None);
    }

    #[test]
    fn sessions_whose_time_is_over_end_a_few_at_a_time_and_by_their_index() {
        let fixture = StorageFixture::with_instance();
        fixture.write(|tx| (1..=5).try_for_each(|byte| insert(tx, &session(byte))));
        fixture.write(|tx| postpone(tx, &[1; 32], NOW.plus_seconds(100)));
        assert_eq!(fixture.write(|tx| end_due(tx, NOW.plus_seconds(4), 2)), 2);
        assert_eq!(fixture.write(|tx| end_due(tx, NOW.plus_seconds(4), 2)), 1);
        assert_eq!(fixture.write(|tx| end_due(tx, NOW.plus_seconds(4), 2)), 0);
        assert!(
            fixture.read(|tx| find(tx, &[1; 32])).is_some()
                && fixture.read(|tx| find(tx, &[5; 32])).is_some()
        );
        let plan = StorageFixture::embedded().query_plan(END_DUE);
        assert!(plan.contains("login_session_by_end"), "{plan}");
    }

    #[test]
    fn a_candidate_may_have_several_sessions_that_end_together() {
        let fixture = StorageFixture::with_instance();
        fixture.write(|tx| insert(tx, &session(1)).and_then(|()| insert(tx, &session(2))));
        assert_eq!(fixture.read(|tx| find(tx, &[2; 32])), Some(session(2)));
        assert_eq!(fixture.write(|tx| end_all(tx, &"Ca1".into(), NOW)), 2);
    }
}
