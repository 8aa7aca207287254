//! Brings a PostgreSQL database to this program's schema, also when several nodes start at once.

use super::address::PostgresAddress;
use super::connection::{ConnectionPurpose, PostgresConnection};
use super::transaction::PostgresTransaction;
use crate::error::StorageError;
use crate::migration::{Migration, SchemaState, SchemaTransaction, apply, demand_current, state};
use crate::transaction::Transaction;

/// Any number; whoever migrates holds it.
const LOCK: &str = "SELECT pg_advisory_xact_lock(4172617961)";

/// How far the schema is.
pub(crate) fn schema_state(
    line: &mut PostgresConnection,
    migrations: &[Migration],
) -> Result<SchemaState, StorageError> {
    line.transaction(|tx| state(tx, migrations))
}

/// # Errors
/// When the schema is not this program's.
pub(crate) fn demand_schema(
    address: &PostgresAddress,
    migrations: &[Migration],
) -> Result<(), StorageError> {
    PostgresConnection::connect_without_timeouts(address, ConnectionPurpose::Read)?
        .transaction(|tx| demand_current(tx, migrations))
}

/// Applies what is missing in one transaction; other nodes wait for it and then find nothing to do.
pub(crate) fn migrate(
    address: &PostgresAddress,
    migrations: &[Migration],
) -> Result<(), StorageError> {
    PostgresConnection::connect_without_timeouts(address, ConnectionPurpose::Write)?.transaction(
        |tx| {
            tx.script(LOCK)?;
            apply(tx, migrations)
        },
    )
}

impl SchemaTransaction for PostgresTransaction<'_> {
    const TABLES: &'static str = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()";
    const LEDGER: &'static str = "CREATE TABLE IF NOT EXISTS schema_migration \
        (number bigint PRIMARY KEY NOT NULL, checksum text NOT NULL)";

    fn run_script(&mut self, sql: &str) -> Result<(), StorageError> {
        self.script(sql)
    }

    fn statements(&mut self) -> &mut dyn Transaction {
        self
    }
}
