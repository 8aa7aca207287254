//! Log-in sessions of users. A token is known by its hash only.

use crate::{Sha256Digest, StorageError, Transaction, values};
use domain::id::{OrganizationId, StaffSessionId, UserId};
use domain::time::Timestamp;

record! {
    /// One browser in which a user is signed in.
    pub struct StaffSessionRow: "staff_session" {
        id: StaffSessionId,
        /// SHA-256 of the token.
        token_hash: Sha256Digest,
        organization_id: OrganizationId,
        user_id: UserId,
        /// What the browser calls itself.
        client: String,
        created_at: Timestamp,
        /// About when it was last used.
        seen_at: Timestamp,
        ended_at: Option<Timestamp>,
    }
}

/// Adds a user's session, by the digest of its token.
pub fn insert(tx: &mut dyn Transaction, session: &StaffSessionRow) -> Result<(), StorageError> {
    session.insert_row(tx)
}

/// The session of a token that has not been ended.
pub fn find(
    tx: &mut dyn Transaction,
    token_hash: &Sha256Digest,
) -> Result<Option<StaffSessionRow>, StorageError> {
    let sql = format!(
        "SELECT {} FROM staff_session WHERE token_hash = $1 AND ended_at IS NULL",
        StaffSessionRow::columns()
    );
    tx.find(&sql, values![token_hash], StaffSessionRow::read)
}

/// A user's sessions that were used since an instant and have not been ended, latest first.
pub fn list(
    tx: &mut dyn Transaction,
    user: &UserId,
    since: Timestamp,
) -> Result<Vec<StaffSessionRow>, StorageError> {
    let sql = format!(
        "SELECT {} FROM staff_session WHERE user_id = $1 AND ended_at IS NULL AND seen_at >= $2 \
        ORDER BY created_at DESC, id DESC",
        StaffSessionRow::columns()
    );
    tx.list(&sql, values![user, since], StaffSessionRow::read)
}

/// Remembers that a session was used; an earlier instant changes nothing.
pub fn touch(
    tx: &mut dyn Transaction,
    session: &StaffSessionId,
    at: Timestamp,
) -> Result<(), StorageError> {
    let sql = "UPDATE staff_session SET seen_at = $2 WHERE id = $1 AND seen_at < $2";
    tx.execute(sql, values![session, at]).map(|_| ())
}

/// Ends one session of a user. True when it had not ended.
pub fn end(
    tx: &mut dyn Transaction,
    user: &UserId,
    session: &StaffSessionId,
    at: Timestamp,
) -> Result<bool, StorageError> {
    let sql = "UPDATE staff_session SET ended_at = $3 WHERE user_id = $1 AND id = $2 AND ended_at IS NULL";
    Ok(tx.execute(sql, values![user, session, at])? > 0)
}

/// Ends all sessions of a user, but for one if it is named. Gives how many there were.
pub fn end_all(
    tx: &mut dyn Transaction,
    user: &UserId,
    stored: Option<&StaffSessionId>,
    at: Timestamp,
) -> Result<u64, StorageError> {
    let sql = "UPDATE staff_session SET ended_at = $3 WHERE user_id = $1 AND id <> $2 AND ended_at IS NULL";
    tx.execute(sql, values![user, stored.map_or("", StaffSessionId::as_str), at])
}

/// Ends all sessions of a user and forgets what their browsers were. Gives how many there were.
pub fn end_and_anonymize_all(
    tx: &mut dyn Transaction,
    user: &UserId,
    at: Timestamp,
) -> Result<u64, StorageError> {
    let sql = "UPDATE staff_session SET client = '', ended_at = coalesce(ended_at, $2) WHERE user_id = $1";
    tx.execute(sql, values![user, at])
}

/// Removes sessions that were last used before an instant. Gives how many there were.
pub fn remove_unused_since(
    tx: &mut dyn Transaction,
    before: Timestamp,
) -> Result<u64, StorageError> {
    tx.execute("DELETE FROM staff_session WHERE seen_at < $1", values![before])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, StorageFixture, user};

    fn session(byte: u8) -> StaffSessionRow {
        StaffSessionRow {
            id: format!("Ss{byte}").into(),
            token_hash: [byte; 32],
            organization_id: "Og1".into(),
            user_id: "Us1".into(),
            client: "Browser".into(),
            created_at: NOW.plus_seconds(i64::from(byte)),
            seen_at: NOW.plus_seconds(i64::from(byte)),
            ended_at: None,
        }
    }

    fn with_sessions() -> StorageFixture {
        let fixture = StorageFixture::new();
        fixture.write(|tx| {
            crate::user::insert(tx, &user("Us1", 1, "ada"))?;
            (1..=3).try_for_each(|byte| insert(tx, &session(byte)))
        });
        fixture
    }

    #[test]
    fn an_ended_or_unknown_session_is_not_found_and_nobody_ends_anothers() {
        let fixture = with_sessions();
        assert_eq!(fixture.read(|tx| find(tx, &[9; 32])), None);
        assert!(!fixture.write(|tx| end(tx, &"Us2".into(), &"Ss1".into(), NOW)));
        assert!(fixture.write(|tx| end(tx, &"Us1".into(), &"Ss1".into(), NOW)));
        assert!(!fixture.write(|tx| end(tx, &"Us1".into(), &"Ss1".into(), NOW)));
        assert_eq!(fixture.read(|tx| find(tx, &[1; 32])), None);
    }

    #[test]
    fn sessions_are_listed_latest_first_and_end_together_but_for_one() {
        let fixture = with_sessions();
        let ids = |fixture: &StorageFixture| -> Vec<String> {
            let list = fixture.read(|tx| list(tx, &"Us1".into(), NOW));
            list.into_iter().map(|session| session.id.to_string()).collect()
        };
        assert_eq!(ids(&fixture), ["Ss3", "Ss2", "Ss1"]);
        assert_eq!(fixture.write(|tx| end_all(tx, &"Us1".into(), Some(&"Ss2".into()), NOW)), 2);
        assert_eq!(ids(&fixture), ["Ss2"]);
    }

    #[test]
    fn an_erased_users_sessions_say_nothing_and_old_ones_go() {
        let fixture = with_sessions();
        fixture.write(|tx| touch(tx, &"Ss1".into(), NOW.plus_seconds(99)));
        assert_eq!(fixture.write(|tx| remove_unused_since(tx, NOW.plus_seconds(3))), 1);
        assert_eq!(fixture.write(|tx| end_and_anonymize_all(tx, &"Us1".into(), NOW)), 2);
        assert_eq!(fixture.read(|tx| list(tx, &"Us1".into(), NOW)), []);
    }
}
