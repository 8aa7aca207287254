//! What a PostgreSQL server promises of what is committed, and whether it is one that we can work
//! with.

use crate::{StorageError, Transaction};

/// Settings of the server that a power cut puts to the test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Durability {
    /// Whether commits wait for the disk at all. Without it a power cut may lose or ruin
    /// everything.
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
    let settings = tx.list(sql, &[], |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?)))?;
    let value = |name: &str| {
        settings.iter().find(|(setting, _)| setting == name).map(|(_, value)| value.clone())
    };
    Ok(Durability {
        fsync: value("fsync").is_some_and(|value| value == "on"),
        full_page_writes: value("full_page_writes").is_some_and(|value| value == "on"),
        synchronous_commit: value("synchronous_commit").unwrap_or_default(),
    })
}

/// What is to be known of a server before it is relied on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerFacts {
    pub version: String,
    /// As 15 of 15.4.
    pub major: i64,
    /// A copy that follows another server and takes no writes.
    pub is_standby: bool,
    /// Sessions are read-only unless they ask for more.
    pub is_read_only: bool,
    pub wal_level: String,
    /// Connections that are not kept for its administrators.
    pub connections: i64,
    /// Whether we may ask which server and timeline this is.
    pub tells_its_place: bool,
}

/// Asks the server.
///
/// # Errors
/// When it cannot be read.
pub fn server_facts(tx: &mut dyn Transaction) -> Result<ServerFacts, StorageError> {
    let sql = "SELECT current_setting('server_version'), current_setting('server_version_num')::bigint / 10000, \
        pg_is_in_recovery(), current_setting('default_transaction_read_only') = 'on', current_setting('wal_level'), \
        current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint, \
        has_function_privilege('pg_control_system()', 'execute')";
    let facts = tx.find(sql, &[], |row| {
        Ok(ServerFacts {
            version: row.get(0)?,
            major: row.get(1)?,
            is_standby: row.get(2)?,
            is_read_only: row.get(3)?,
            wal_level: row.get(4)?,
            connections: row.get(5)?,
            tells_its_place: row.get(6)?,
        })
    })?;
    facts.ok_or_else(|| StorageError::Unavailable("the server tells nothing of itself".to_owned()))
}
