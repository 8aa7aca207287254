//! Brings a database to this program's schema: numbered steps, each applied once, checked by their digests.
//!
//! A landed migration is never edited; an edited one, a newer schema or another program's tables are refused.

use crate::error::StorageError;
use crate::sqlite::{SqliteTransaction, translate};
use crate::transaction::Transaction;
use crate::values;
use rusqlite::{Connection, TransactionBehavior};
use sha2::{Digest as _, Sha256};

pub(crate) struct Migration {
    pub(crate) number: i64,
    pub(crate) sql: &'static str,
}

pub(crate) const SQLITE: &[Migration] = &[
    Migration { number: 1, sql: include_str!("../migrations/sqlite/0001_initial.sql") },
    Migration { number: 3, sql: include_str!("../migrations/sqlite/0003_integration.sql") },
];

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS schema_migration \
    (number INTEGER PRIMARY KEY NOT NULL, checksum TEXT NOT NULL) STRICT";

/// Applies what is missing, all in one transaction under the database's write lock.
pub(crate) fn migrate(connection: &mut Connection, known: &[Migration]) -> Result<(), StorageError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(translate)?;
    let applied = applied(&mut SqliteTransaction::new(&transaction))?;
    check(&applied, known)?;
    for migration in known.iter().skip(applied.len()) {
        transaction.execute_batch(migration.sql).map_err(translate)?;
        SqliteTransaction::new(&transaction).execute(
            "INSERT INTO schema_migration (number, checksum) VALUES ($1, $2)",
            values![migration.number, checksum(migration)],
        )?;
    }
    transaction.commit().map_err(translate)
}

fn applied(tx: &mut dyn Transaction) -> Result<Vec<(i64, String)>, StorageError> {
    let tables = "SELECT count(*) FROM sqlite_schema WHERE type = 'table'";
    let ledgers = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migration'";
    if tx.integer(tables, &[])? > 0 && tx.integer(ledgers, &[])? == 0 {
        return Err(StorageError::Foreign);
    }
    tx.execute(LEDGER, &[])?;
    tx.list("SELECT number, checksum FROM schema_migration ORDER BY number", &[], |row| Ok((row.get(0)?, row.get(1)?)))
}

fn check(applied: &[(i64, String)], known: &[Migration]) -> Result<(), StorageError> {
    let newest = known.last().map_or(0, |migration| migration.number);
    if let Some((found, _)) = applied.last().filter(|(number, _)| *number > newest) {
        return Err(StorageError::NewerSchema { found: *found, known: newest });
    }
    let differs = |((number, sum), migration): &(&(i64, String), &Migration)| {
        *number != migration.number || *sum != checksum(migration)
    };
    match applied.iter().zip(known).find(differs) {
        Some(((number, _), _)) => Err(StorageError::EditedMigration { number: *number }),
        None => Ok(()),
    }
}

fn checksum(migration: &Migration) -> String {
    hex::encode(Sha256::digest(migration.sql.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const POSTGRES: &str = include_str!("../migrations/postgres/0001_initial.sql");

    fn empty() -> Connection {
        Connection::open_in_memory().unwrap()
    }

    #[test]
    fn an_edited_migration_is_refused() {
        let mut connection = empty();
        migrate(&mut connection, &[Migration { number: 1, sql: "CREATE TABLE a (b TEXT)" }]).unwrap();
        let edited = [Migration { number: 1, sql: "CREATE TABLE a (c TEXT)" }];
        assert_eq!(migrate(&mut connection, &edited), Err(StorageError::EditedMigration { number: 1 }));
    }

    #[test]
    fn a_newer_schema_is_refused() {
        let mut connection = empty();
        let first = || Migration { number: 1, sql: "CREATE TABLE a (b TEXT)" };
        migrate(&mut connection, &[first(), Migration { number: 2, sql: "CREATE TABLE c (d TEXT)" }]).unwrap();
        assert_eq!(migrate(&mut connection, &[first()]), Err(StorageError::NewerSchema { found: 2, known: 1 }));
    }

    #[test]
    fn a_database_of_another_program_is_refused_and_left_alone() {
        let mut connection = empty();
        connection.execute_batch("CREATE TABLE theirs (a TEXT)").unwrap();
        assert_eq!(migrate(&mut connection, SQLITE), Err(StorageError::Foreign));
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
        assert_eq!(tables, 1);
    }

    #[test]
    fn a_failing_migration_leaves_nothing_of_itself() {
        let mut connection = empty();
        let broken = [Migration { number: 1, sql: "CREATE TABLE a (b TEXT); CREATE NONSENSE" }];
        assert!(matches!(migrate(&mut connection, &broken), Err(StorageError::Statement(_))));
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
        assert_eq!(tables, 0);
    }

    #[test]
    fn an_empty_database_gets_the_schema_once() {
        let mut connection = empty();
        migrate(&mut connection, SQLITE).unwrap();
        migrate(&mut connection, SQLITE).unwrap();
        let number: i64 =
            connection.query_row("SELECT max(number) FROM schema_migration", [], |row| row.get(0)).unwrap();
        assert_eq!(number, SQLITE[SQLITE.len() - 1].number);
    }

    /// Lines of a schema that declare a column: (table.column, type, class of personal values).
    fn columns(sql: &str) -> BTreeMap<String, (String, String)> {
        let mut table = "";
        let mut columns = BTreeMap::new();
        for line in sql.lines() {
            if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
                table = rest.split_whitespace().next().unwrap();
            }
            let declared =
                line.strip_prefix("    ").filter(|rest| rest.starts_with(|first: char| first.is_lowercase()));
            let Some(declared) = declared else { continue };
            let (code, comment) = declared.split_once("-- ").unwrap_or((declared, ""));
            let mut words = code.split_whitespace();
            let name = words.next().unwrap();
            let kind = words.next().unwrap().trim_end_matches(',');
            let flag = code.contains(&format!("CHECK ({name} IN (0, 1))"));
            let kind = match kind {
                "INTEGER" if flag => "boolean",
                "INTEGER" => "bigint",
                "TEXT" => "text",
                "BLOB" => "bytea",
                other => other,
            };
            let class = comment.split(':').next().unwrap().to_owned();
            columns.insert(format!("{table}.{name}"), (kind.to_owned(), class));
        }
        columns
    }

    #[test]
    fn both_databases_have_the_same_columns() {
        assert!(columns(POSTGRES).len() > 200);
        assert_eq!(columns(SQLITE[0].sql), columns(POSTGRES));
        let indexes =
            |sql: &str| sql.lines().filter(|line| line.contains(" INDEX ")).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(indexes(SQLITE[0].sql), indexes(POSTGRES));
        assert!(!SQLITE[0].sql.lines().any(|line| line == ");"), "every table is STRICT");
    }

    #[test]
    fn every_column_says_what_personal_values_it_holds() {
        let classes =
            ["none", "reference", "identity", "contact", "credential", "content", "result", "grouping", "remark"];
        for (column, (_, class)) in columns(SQLITE[0].sql) {
            assert!(classes.contains(&class.as_str()), "{column} is of no class");
        }
    }
}
