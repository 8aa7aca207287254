//! Brings a PostgreSQL database to this program's schema, also when several nodes start at once.

use super::address::Address;
use super::session::{Line, Purpose};
use super::transaction::PostgresTransaction;
use crate::error::StorageError;
use crate::migration::{Migration, Schema, apply};
use crate::transaction::Transaction;

/// Any number; whoever migrates holds it.
const LOCK: &str = "SELECT pg_advisory_xact_lock(4172617961)";

/// Applies what is missing in one transaction; other nodes wait for it and then find nothing to do.
pub(crate) fn migrate(address: &Address, known: &[Migration]) -> Result<(), StorageError> {
    let mut line = Line::new(address, Purpose::Write)?;
    line.open().map_err(|broken| broken.error)?;
    line.finish("SET statement_timeout = 0; SET lock_timeout = 0").map_err(|broken| broken.error)?;
    let mut tx = PostgresTransaction::new(&mut line).map_err(|broken| broken.error)?;
    tx.script(LOCK).and_then(|()| apply(&mut tx, known))?;
    line.finish("COMMIT").map_err(|broken| broken.error)
}

impl Schema for PostgresTransaction<'_> {
    const TABLES: &'static str =
        "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()";
    const LEDGER: &'static str = "CREATE TABLE IF NOT EXISTS schema_migration \
        (number bigint PRIMARY KEY NOT NULL, checksum text NOT NULL)";

    fn run_script(&mut self, sql: &str) -> Result<(), StorageError> {
        self.script(sql)
    }

    fn statements(&mut self) -> &mut dyn Transaction {
        self
    }
}
