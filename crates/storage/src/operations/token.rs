//! Client tokens: a repeated request gets its first answer again.

use crate::{Sha256Digest, StorageError, Transaction, values};
use domain::id::OrganizationId;
use domain::time::Timestamp;

record! {
    /// A request that was answered.
    pub struct ClientTokenRow: "client_token" {
        organization_id: OrganizationId,
        /// What the token was sent to, for example an endpoint and an id.
        scope: String,
        token: String,
        /// SHA-256 of what was asked, where another request with the token is an error.
        request_digest: Option<Sha256Digest>,
        /// The first answer.
        response: String,
        at: Timestamp,
    }
}

/// What an earlier request with this token made, so that asking again makes nothing.
pub fn find(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    scope: &str,
    token: &str,
) -> Result<Option<ClientTokenRow>, StorageError> {
    let columns = ClientTokenRow::columns();
    let sql = format!(
        "SELECT {columns} FROM client_token WHERE organization_id = $1 AND scope = $2 AND token = $3"
    );
    tx.find(&sql, values![organization, scope, token], ClientTokenRow::read)
}

/// # Errors
/// [`crate::UniqueRule::ClientToken`] when the token was used in its scope.
pub fn insert(tx: &mut dyn Transaction, token: &ClientTokenRow) -> Result<(), StorageError> {
    token.insert_row(tx)
}

/// Forgets tokens of a scope that starts with `scope` kept before an instant. Gives how many there
/// were.
pub fn forget(
    tx: &mut dyn Transaction,
    scope: &str,
    before: Timestamp,
) -> Result<u64, StorageError> {
    let sql = "DELETE FROM client_token WHERE at < $2 AND substr(scope, 1, length($1)) = $1";
    tx.execute(sql, values![scope, before])
}

/// Forgets tokens of exactly this scope kept before an instant, among those whose request is
/// compared. Gives how many there were.
pub fn forget_compared(
    tx: &mut dyn Transaction,
    scope: &str,
    before: Timestamp,
) -> Result<u64, StorageError> {
    tx.execute(FORGET_COMPARED, values![scope, before])
}

const FORGET_COMPARED: &str =
    "DELETE FROM client_token WHERE scope = $1 AND request_digest IS NOT NULL AND at < $2";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::UniqueRule;
    use crate::fixture::{NOW, StorageFixture};

    fn token(organization: &str, scope: &str) -> ClientTokenRow {
        ClientTokenRow {
            organization_id: organization.into(),
            scope: scope.into(),
            token: "t".into(),
            request_digest: None,
            response: "{}".into(),
            at: NOW,
        }
    }

    #[test]
    fn a_token_is_kept_once_in_its_scope() {
        let fixture = StorageFixture::new();
        fixture.write(|tx| insert(tx, &token("Og1", "start/Ca1")));
        let refused = fixture.try_write(|tx| insert(tx, &token("Og1", "start/Ca1")));
        assert_eq!(refused, Err(StorageError::Conflict(UniqueRule::ClientToken)));
        fixture.write(|tx| {
            insert(tx, &token("Og2", "start/Ca1"))
                .and_then(|()| insert(tx, &token("Og1", "start/Ca2")))
        });
    }

    #[test]
    fn old_tokens_of_a_scope_are_forgotten_and_others_stay() {
        let fixture = StorageFixture::new();
        fixture.write(|tx| {
            insert(tx, &token("Og1", "start/Ca1"))
                .and_then(|()| insert(tx, &token("Og1", "create/Tk1")))
        });
        assert_eq!(fixture.write(|tx| forget(tx, "create/", NOW)), 0);
        assert_eq!(fixture.write(|tx| forget(tx, "create/", NOW.plus_seconds(1))), 1);
        let stored = fixture.read(|tx| find(tx, &"Og1".into(), "start/Ca1", "t"));
        assert_eq!(stored, Some(token("Og1", "start/Ca1")));
        assert_eq!(fixture.read(|tx| find(tx, &"Og1".into(), "create/Tk1", "t")), None);
    }

    #[test]
    fn only_old_tokens_with_a_compared_request_are_forgotten_with_them() {
        let fixture = StorageFixture::embedded();
        let compared =
            |scope: &str| ClientTokenRow { request_digest: Some([1; 32]), ..token("Og1", scope) };
        fixture.write(move |tx| {
            insert(tx, &compared("a"))?;
            insert(tx, &compared("b"))?;
            insert(tx, &ClientTokenRow { token: "u".into(), ..token("Og1", "a") })
        });
        assert_eq!(fixture.write(|tx| forget_compared(tx, "a", NOW)), 0);
        assert_eq!(fixture.write(|tx| forget_compared(tx, "a", NOW.plus_seconds(1))), 1);
        let plan = fixture.query_plan(FORGET_COMPARED);
        assert!(plan.contains("client_token_compared (at<?"), "{plan}");
    }
}
