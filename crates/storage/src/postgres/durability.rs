//! What a PostgreSQL server promises of what is committed.

use crate::{StorageError, Transaction};

/// Settings of the server that a power cut puts to the test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Durability {
    /// Whether commits wait for the disk at all. Without it a power cut may lose or ruin everything.
    pub fsync: bool,
    /// Without it a power cut in the middle of writing a page may ruin it.
    pub full_page_writes: bool,
    /// As configured for server, database or role. Our own sessions raise it to `on` at least.
    pub synchronous_commit: String,
}

/// Asks the server.
///
/// # Errors
/// When it cannot be read.
pub fn durability(tx: &mut dyn Transaction) -> Result<Durability, StorageError> {
    let sql = "SELECT name, reset_val FROM pg_settings \
        WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')";
    let known = tx.list(sql, &[], |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?)))?;
    let value = |name: &str| known.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    Ok(Durability {
        fsync: value("fsync").is_some_and(|value| value == "on"),
        full_page_writes: value("full_page_writes").is_some_and(|value| value == "on"),
        synchronous_commit: value("synchronous_commit").unwrap_or_default(),
    })
}
