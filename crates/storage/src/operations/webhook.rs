//! Webhooks: where an organization has events sent to, which of them, and the secrets that sign.

use crate::{SqlRow, StorageError, Transaction, values};
use domain::callback::CallbackResource;
use domain::id::{OrganizationId, WebhookId};
use domain::instance::InstanceChange;
use domain::time::Timestamp;

record! {
    /// One receiver.
    pub struct WebhookRow: "webhook" {
        id: WebhookId,
        organization_id: OrganizationId,
        url: String,
        resource: CallbackResource,
        description: String,
        active: bool,
        /// When its receiver said that it is gone.
        gone_at: Option<Timestamp>,
        created_at: Timestamp,
        deleted_at: Option<Timestamp>,
    }
}

/// One secret of a webhook or, for the callbacks of candidates, of an organization.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecretRow {
    /// From 1; later ones are newer.
    pub number: i64,
    pub secret: Vec<u8>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

impl std::fmt::Debug for WebhookSecretRow {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Secret").field("number", &self.number).finish_non_exhaustive()
    }
}

/// Adds a webhook without any secret.
pub fn insert(tx: &mut dyn Transaction, webhook: &WebhookRow) -> Result<(), StorageError> {
    webhook.insert_row(tx)
}

/// A webhook that was not deleted.
pub fn find(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    webhook: &WebhookId,
) -> Result<Option<WebhookRow>, StorageError> {
    let columns = WebhookRow::columns();
    let sql = format!(
        "SELECT {columns} FROM webhook WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL"
    );
    tx.find(&sql, values![organization, webhook], WebhookRow::read)
}

/// The webhook of an id that came from the database, deleted or not.
pub fn find_any(
    tx: &mut dyn Transaction,
    webhook: &str,
) -> Result<Option<WebhookRow>, StorageError> {
    tx.find(
        &format!("SELECT {} FROM webhook WHERE id = $1", WebhookRow::columns()),
        values![webhook],
        WebhookRow::read,
    )
}

/// An organization's webhooks that were not deleted, oldest first.
pub fn list(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
) -> Result<Vec<WebhookRow>, StorageError> {
    let columns = WebhookRow::columns();
    let sql = format!(
        "SELECT {columns} FROM webhook WHERE organization_id = $1 AND deleted_at IS NULL ORDER BY created_at, id"
    );
    tx.list(&sql, values![organization], WebhookRow::read)
}

/// Writes all that may change of a webhook back. True when there was such a webhook.
pub fn update(tx: &mut dyn Transaction, webhook: &WebhookRow) -> Result<bool, StorageError> {
    let sql = "UPDATE webhook SET url = $3, resource = $4, description = $5, active = $6, gone_at = $7, \
        deleted_at = $8 WHERE organization_id = $1 AND id = $2";
    let values = values![
        webhook.organization_id,
        webhook.id,
        webhook.url,
        webhook.resource,
        webhook.description,
        webhook.active,
        webhook.gone_at,
        webhook.deleted_at,
    ];
    Ok(tx.execute(sql, values)? > 0)
}

/// The changes a webhook is told of.
pub fn events(
    tx: &mut dyn Transaction,
    webhook: &WebhookId,
) -> Result<Vec<InstanceChange>, StorageError> {
    let sql = "SELECT kind FROM webhook_event WHERE webhook_id = $1 ORDER BY kind";
    tx.list(sql, values![webhook], |row| row.get(0))
}

/// Makes these the changes a webhook is told of.
pub fn set_events(
    tx: &mut dyn Transaction,
    webhook: &WebhookId,
    kinds: &[InstanceChange],
) -> Result<(), StorageError> {
    tx.execute("DELETE FROM webhook_event WHERE webhook_id = $1", values![webhook])?;
    let sql = "INSERT INTO webhook_event (webhook_id, kind) VALUES ($1, $2)";
    kinds.iter().try_for_each(|kind| tx.execute(sql, values![webhook, kind]).map(|_| ()))
}

/// The secrets of an owner that work at a moment, the newest first.
pub fn secrets(
    tx: &mut dyn Transaction,
    owner: &str,
    now: Timestamp,
) -> Result<Vec<WebhookSecretRow>, StorageError> {
    let sql = "SELECT number, secret, created_at, expires_at FROM webhook_secret \
        WHERE owner_id = $1 AND (expires_at IS NULL OR expires_at > $2) ORDER BY number DESC";
    let read = |row: &dyn SqlRow| {
        Ok(WebhookSecretRow {
            number: row.get(0)?,
            secret: row.get(1)?,
            created_at: row.get(2)?,
            expires_at: row.get(3)?,
        })
    };
    tx.list(sql, values![owner, now], read)
}

/// Gives an owner another secret; those before it expire at a moment, unless they do so earlier.
///
/// # Errors
/// [`StorageError::Conflict`] when somebody else did so at the same time.
pub fn add_secret(
    tx: &mut dyn Transaction,
    owner: &str,
    secret: &[u8],
    now: Timestamp,
    others_expire_at: Timestamp,
) -> Result<i64, StorageError> {
    let expire = "UPDATE webhook_secret SET expires_at = $2 \
        WHERE owner_id = $1 AND (expires_at IS NULL OR expires_at > $2)";
    tx.execute(expire, values![owner, others_expire_at])?;
    let number = 1 + tx.integer(
        "SELECT coalesce(max(number), 0) FROM webhook_secret WHERE owner_id = $1",
        values![owner],
    )?;
    let sql =
        "INSERT INTO webhook_secret (owner_id, number, secret, created_at) VALUES ($1, $2, $3, $4)";
    tx.execute(sql, values![owner, number, secret, now])?;
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, StorageFixture};

    fn webhook() -> WebhookRow {
        WebhookRow {
            id: "Wh1".into(),
            organization_id: "Og1".into(),
            url: "https://example.org/hook".into(),
            resource: CallbackResource::Basic,
            description: String::new(),
            active: true,
            gone_at: None,
            created_at: NOW,
            deleted_at: None,
        }
    }

    #[test]
    fn another_organization_neither_finds_nor_changes_a_webhook() {
        let fixture = StorageFixture::new();
        fixture.write(|tx| insert(tx, &webhook()));
        assert_eq!(fixture.read(|tx| find(tx, &"Og2".into(), &"Wh1".into())), None);
        assert_eq!(fixture.read(|tx| list(tx, &"Og2".into())), []);
        assert!(
            !fixture
                .write(|tx| update(tx, &WebhookRow { organization_id: "Og2".into(), ..webhook() }))
        );
    }

    #[test]
    fn a_deleted_webhook_is_found_by_the_log_only() {
        let fixture = StorageFixture::new();
        fixture.write(|tx| insert(tx, &webhook()));
        let deleted = WebhookRow { deleted_at: Some(NOW), ..webhook() };
        fixture.write(move |tx| update(tx, &deleted));
        assert_eq!(fixture.read(|tx| find(tx, &"Og1".into(), &"Wh1".into())), None);
        assert!(fixture.read(|tx| find_any(tx, "Wh1")).is_some());
    }

    #[test]
    fn events_are_replaced_as_a_whole() {
        let fixture = StorageFixture::new();
        fixture.write(|tx| {
            insert(tx, &webhook())?;
            set_events(tx, &"Wh1".into(), &[InstanceChange::Completed, InstanceChange::Rescored])?;
            set_events(tx, &"Wh1".into(), &[InstanceChange::Ignored, InstanceChange::Completed])
        });
        let kinds = fixture.read(|tx| events(tx, &"Wh1".into()));
        assert_eq!(kinds, [InstanceChange::Completed, InstanceChange::Ignored]);
    }

    #[test]
    fn an_older_secret_works_until_it_expires() {
        let fixture = StorageFixture::new();
        let end = NOW.plus_seconds(60);
        fixture.write(move |tx| {
            add_secret(tx, "Og1", &[1; 32], NOW, end)?;
            add_secret(tx, "Og1", &[2; 32], NOW, end)
        });
        let numbers = |now| {
            let secrets = fixture.read(move |tx| secrets(tx, "Og1", now));
            secrets.iter().map(|secret| secret.number).collect::<Vec<_>>()
        };
        assert_eq!(numbers(NOW), [2, 1]);
        assert_eq!(numbers(end), [2]);
        assert_eq!(fixture.read(|tx| secrets(tx, "Og2", NOW)), []);
    }
}
