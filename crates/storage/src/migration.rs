//! Brings a database to this program's schema: numbered steps, each applied once, checked by their
//! digests.
//!
//! A landed migration is never edited; an edited one, a newer schema or another program's tables
//! are refused.

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

macro_rules! migrations {
    ($database:literal: $($number:literal $name:literal),* $(,)?) => {
        &[$(Migration { number: $number, sql: include_str!(concat!("../migrations/", $database, "/", $name)) }),*]
    };
}

/// The migration whose columns hold folded texts, which SQL cannot make.
const RESULT_SEARCH: i64 = 22;

pub(crate) const SQLITE: &[Migration] = migrations!("sqlite": 1 "0001_initial.sql", 2 "0002_integration.sql", 3 "0003_outbox.sql", 4 "0004_mail.sql", 5 "0005_staff.sql", 6 "0006_bank_and_retention.sql", 7 "0007_media.sql", 8 "0008_roll.sql", 9 "0009_results.sql", 10 "0010_statistics.sql", 11 "0011_history.sql", 12 "0012_clock.sql", 13 "0013_correction_job.sql", 14 "0014_limits.sql", 15 "0015_write_count.sql", 16 "0016_bulk_act.sql", 17 "0017_organization_profile.sql", 18 "0018_author_media.sql", 19 "0019_result_release.sql", 20 "0020_rubric.sql", 21 "0021_invited_at.sql", 22 "0022_result_search.sql", 23 "0023_confirmation_mail.sql");
pub(crate) const POSTGRES: &[Migration] = migrations!("postgres": 1 "0001_initial.sql", 2 "0002_integration.sql", 3 "0003_outbox.sql", 4 "0004_mail.sql", 5 "0005_staff.sql", 6 "0006_bank_and_retention.sql", 7 "0007_media.sql", 8 "0008_roll.sql", 9 "0009_results.sql", 10 "0010_statistics.sql", 11 "0011_history.sql", 12 "0012_clock.sql", 13 "0013_correction_job.sql", 14 "0014_limits.sql", 15 "0015_write_count.sql", 16 "0016_bulk_act.sql", 17 "0017_organization_profile.sql", 18 "0018_author_media.sql", 19 "0019_result_release.sql", 20 "0020_rubric.sql", 21 "0021_invited_at.sql", 22 "0022_result_search.sql", 23 "0023_confirmation_mail.sql");

/// A transaction that may change the schema.
pub(crate) trait SchemaTransaction {
    /// Lists the names of the tables there are.
    const TABLES: &'static str;
    /// Makes the list of applied migrations, if it is missing.
    const LEDGER: &'static str;

    fn run_script(&mut self, sql: &str) -> Result<(), StorageError>;

    fn statements(&mut self) -> &mut dyn Transaction;
}

impl SchemaTransaction for SqliteTransaction<'_> {
    const TABLES: &'static str = "SELECT name FROM sqlite_schema WHERE type = 'table'";
    const LEDGER: &'static str = "CREATE TABLE IF NOT EXISTS schema_migration \
        (number INTEGER PRIMARY KEY NOT NULL, checksum TEXT NOT NULL) STRICT";

    fn run_script(&mut self, sql: &str) -> Result<(), StorageError> {
        self.script(sql)
    }

    fn statements(&mut self) -> &mut dyn Transaction {
        self
    }
}

/// How far the schema of a database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// There are no tables.
    Missing,
    /// An older program's.
    Older {
        found: i64,
        newest: i64,
    },
    Current,
}

/// Looks how far a schema is, and changes nothing.
pub(crate) fn state<S: SchemaTransaction>(
    schema: &mut S,
    migrations: &[Migration],
) -> Result<SchemaState, StorageError> {
    let tables = schema.statements().list(S::TABLES, &[], |row| row.get::<String>(0))?;
    if tables.is_empty() {
        return Ok(SchemaState::Missing);
    }
    if !tables.iter().any(|table| table == "schema_migration") {
        return Err(StorageError::Foreign);
    }
    let applied = ledger(schema)?;
    check(&applied, migrations)?;
    let newest = migrations.last().map_or(0, |migration| migration.number);
    Ok(match applied.last() {
        None => SchemaState::Missing,
        Some((found, _)) if *found < newest => SchemaState::Older { found: *found, newest },
        Some(_) => SchemaState::Current,
    })
}

/// # Errors
/// When the schema is not this program's.
pub(crate) fn demand_current<S: SchemaTransaction>(
    schema: &mut S,
    migrations: &[Migration],
) -> Result<(), StorageError> {
    match state(schema, migrations)? {
        SchemaState::Current => Ok(()),
        SchemaState::Missing => Err(StorageError::NoSchema),
        SchemaState::Older { found, newest } => Err(StorageError::OlderSchema { found, newest }),
    }
}

/// Applies what is missing to a SQLite file, all in one transaction under the database's write
/// lock. When nothing is missing the lock is not taken: somebody else may hold it.
pub(crate) fn migrate(
    connection: &mut Connection,
    migrations: &[Migration],
) -> Result<(), StorageError> {
    if state(&mut SqliteTransaction::new(connection), migrations)? == SchemaState::Current {
        return Ok(());
    }
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(translate)?;
    apply(&mut SqliteTransaction::new(&transaction), migrations)?;
    transaction.commit().map_err(translate)
}

/// Applies what is missing in a transaction that keeps every other program from doing the same.
pub(crate) fn apply<S: SchemaTransaction>(
    schema: &mut S,
    migrations: &[Migration],
) -> Result<(), StorageError> {
    let applied = applied(schema)?;
    check(&applied, migrations)?;
    for migration in migrations.iter().skip(applied.len()) {
        schema.run_script(migration.sql)?;
        if migration.number == RESULT_SEARCH {
            crate::candidate::fill_search_columns(schema.statements())?;
        }
        schema.statements().execute(
            "INSERT INTO schema_migration (number, checksum) VALUES ($1, $2)",
            values![migration.number, checksum(migration)],
        )?;
    }
    Ok(())
}

/// The number of the last migration there is.
pub(crate) fn newest_number(migrations: &[Migration]) -> i64 {
    migrations.last().map_or(0, |migration| migration.number)
}

fn applied<S: SchemaTransaction>(schema: &mut S) -> Result<Vec<(i64, String)>, StorageError> {
    let tables = schema.statements().list(S::TABLES, &[], |row| row.get::<String>(0))?;
    if !tables.is_empty() && !tables.iter().any(|table| table == "schema_migration") {
        return Err(StorageError::Foreign);
    }
    schema.run_script(S::LEDGER)?;
    ledger(schema)
}

fn ledger<S: SchemaTransaction>(schema: &mut S) -> Result<Vec<(i64, String)>, StorageError> {
    let sql = "SELECT number, checksum FROM schema_migration ORDER BY number";
    schema.statements().list(sql, &[], |row| Ok((row.get(0)?, row.get(1)?)))
}

fn check(applied: &[(i64, String)], migrations: &[Migration]) -> Result<(), StorageError> {
    let newest = newest_number(migrations);
    if let Some((found, _)) = applied.last().filter(|(number, _)| *number > newest) {
        return Err(StorageError::NewerSchema { found: *found, newest });
    }
    let differs = |((number, sum), migration): &(&(i64, String), &Migration)| {
        *number != migration.number || *sum != checksum(migration)
    };
    match applied.iter().zip(migrations).find(differs) {
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
    use crate::fixture::StorageFixture;
    use std::collections::BTreeMap;

    fn empty() -> Connection {
        Connection::open_in_memory().unwrap()
    }

    #[test]
    fn an_edited_migration_is_refused() {
        let mut connection = empty();
        migrate(&mut connection, &[Migration { number: 1, sql: "CREATE TABLE a (b TEXT)" }])
            .unwrap();
        let edited = [Migration { number: 1, sql: "CREATE TABLE a (c TEXT)" }];
        assert_eq!(
            migrate(&mut connection, &edited),
            Err(StorageError::EditedMigration { number: 1 })
        );
    }

    #[test]
    fn a_newer_schema_is_refused() {
        let mut connection = empty();
        let first = || Migration { number: 1, sql: "CREATE TABLE a (b TEXT)" };
        migrate(
            &mut connection,
            &[first(), Migration { number: 2, sql: "CREATE TABLE c (d TEXT)" }],
        )
        .unwrap();
        assert_eq!(
            migrate(&mut connection, &[first()]),
            Err(StorageError::NewerSchema { found: 2, newest: 1 })
        );
    }

    #[test]
    fn a_database_of_another_program_is_refused_and_left_alone() {
        let mut connection = empty();
        connection.execute_batch("CREATE TABLE theirs (a TEXT)").unwrap();
        assert_eq!(migrate(&mut connection, SQLITE), Err(StorageError::Foreign));
        let tables: i64 = connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .unwrap();
        assert_eq!(tables, 1);
    }

    #[test]
    fn a_failing_migration_leaves_nothing_of_itself() {
        let mut connection = empty();
        let broken = [Migration { number: 1, sql: "CREATE TABLE a (b TEXT); CREATE NONSENSE" }];
        assert!(matches!(migrate(&mut connection, &broken), Err(StorageError::Statement(_))));
        let tables: i64 = connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .unwrap();
        assert_eq!(tables, 0);
    }

    #[test]
    fn an_empty_database_gets_the_schema_once() {
        let mut connection = empty();
        migrate(&mut connection, SQLITE).unwrap();
        migrate(&mut connection, SQLITE).unwrap();
        let number: i64 = connection
            .query_row("SELECT max(number) FROM schema_migration", [], |row| row.get(0))
            .unwrap();
        assert_eq!(number, SQLITE[SQLITE.len() - 1].number);
    }

    fn whole(migrations: &[Migration]) -> String {
        migrations.iter().map(|migration| migration.sql).collect()
    }

    /// What the databases' own catalogues say of columns, keys and indexes, a line each. On
    /// PostgreSQL only.
    #[test]
    fn the_catalogues_of_both_databases_say_the_same() {
        if !crate::testing::is_postgres() {
            return;
        }
        let lines = |fixture: &StorageFixture, sql: &'static str| -> Vec<String> {
            let read =
                move |tx: &mut dyn Transaction| tx.list(sql, &[], |row| row.get::<String>(0));
            fixture.read(read).into_iter().filter(|line| !line.starts_with("sqlite_")).collect()
        };
        let (here, there) = (StorageFixture::embedded(), StorageFixture::new());
        let columns = lines(
            &here,
            "SELECT m.name || '.' || c.name || ' ' || (CASE c.type WHEN 'TEXT' THEN 'text' \
            WHEN 'BLOB' THEN 'bytea' ELSE 'number' END) || (CASE WHEN c.\"notnull\" THEN ' always' ELSE '' END) \
            || ' key ' || c.pk FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1",
        );
        let theirs = lines(
            &there,
            "SELECT (c.relname || '.' || a.attname || ' ' || (CASE WHEN a.atttypid IN \
            ('bigint'::regtype, 'boolean'::regtype) THEN 'number' ELSE format_type(a.atttypid, NULL) END) \
            || (CASE WHEN a.attnotnull THEN ' always' ELSE '' END) || ' key ' \
            || coalesce(array_position(k.conkey, a.attnum), 0)) COLLATE \"C\" FROM pg_class c \
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
            LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p' \
            WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace ORDER BY 1",
        );
        assert!(columns.len() > 200);
        assert_eq!(columns, theirs);
        let indexes = lines(
            &here,
            "SELECT tbl_name || '.' || name || (CASE WHEN sql LIKE 'CREATE UNIQUE%' THEN \
            ' unique' ELSE '' END) FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY 1",
        );
        let theirs = lines(
            &there,
            "SELECT (t.relname || '.' || c.relname || (CASE WHEN i.indisunique THEN ' unique' \
            ELSE '' END)) COLLATE \"C\" FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
            JOIN pg_class t ON t.oid = i.indrelid WHERE NOT i.indisprimary \
            AND c.relnamespace = current_schema()::regnamespace ORDER BY 1",
        );
        assert!(indexes.len() > 20);
        assert_eq!(indexes, theirs);
    }

    /// Lines of a schema that declare a column: (table.column, type, class of personal values).
    fn columns(sql: &str) -> BTreeMap<String, (String, String)> {
        let mut table = "";
        let mut columns = BTreeMap::new();
        for line in sql.lines() {
            if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
                table = rest.split_whitespace().next().unwrap();
            }
            let declared = line
                .strip_prefix("    ")
                .filter(|rest| rest.starts_with(|first: char| first.is_lowercase()));
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
        assert!(columns(&whole(POSTGRES)).len() > 200);
        assert_eq!(columns(&whole(SQLITE)), columns(&whole(POSTGRES)));
        let indexes = |sql: &str| {
            sql.lines()
                .filter(|line| line.contains(" INDEX "))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(indexes(&whole(SQLITE)), indexes(&whole(POSTGRES)));
        assert!(!whole(SQLITE).lines().any(|line| line == ");"), "every table is STRICT");
    }

    #[test]
    fn every_column_says_what_personal_values_it_holds() {
        let classes = [
            "none",
            "reference",
            "identity",
            "contact",
            "credential",
            "content",
            "result",
            "grouping",
            "remark",
        ];
        for (column, (_, class)) in columns(&whole(SQLITE)) {
            assert!(classes.contains(&class.as_str()), "{column} is of no class");
        }
    }
}
