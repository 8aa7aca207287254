//! Moves everything from one database to an empty one of the other kind, and proves that both hold
//! the same.
//!
//! One transaction reads, one writes: the copy holds one state of the source, and it is there as a
//! whole or not at all. Every row is digested on its way in and again when it is read back.

use crate::error::StorageError;
use crate::migration::{self, POSTGRES, SQLITE};
use crate::options::DatabaseUrl;
use crate::postgres::{self, ConnectionPurpose, PostgresAddress, PostgresConnection};
use crate::sqlite::{self, SqliteTransaction, translate};
use crate::transaction::{SqlRow, Transaction};
use crate::value::SqlValue;
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::time::Duration;

/// Rows that travel in one statement.
const BATCH: usize = 32;

/// Which way the rows go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferDirection {
    ToServer,
    ToFile,
}

/// What was copied of one table: the same on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopiedTable {
    pub table: String,
    pub rows: u64,
    /// SHA-256 of all values in the order of the primary key, hexadecimal.
    pub checksum: String,
}

/// How far a copy is, counted over all tables; every row is written and read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransferProgress {
    pub done: u64,
    pub total: u64,
}

/// Copies everything from a SQLite file to a PostgreSQL or back. Blocks, outside of any
/// asynchronous runtime.
///
/// # Errors
/// [`StorageError::InUse`] when somebody works on a PostgreSQL that is to be copied;
/// [`StorageError::Occupied`] when the target holds anything; [`StorageError::Differs`] when what
/// was read back is not what was written. Nothing is kept in the target then.
pub fn transfer(
    file: &Path,
    server: &DatabaseUrl,
    direction: TransferDirection,
    progress: &mut dyn FnMut(TransferProgress),
) -> Result<Vec<CopiedTable>, StorageError> {
    let address = PostgresAddress::parse(&server.0)?;
    if direction == TransferDirection::ToFile {
        demand_quiet(&address)?;
    }
    let mut connection = sqlite::open_writer(file)?;
    migration::migrate(&mut connection, SQLITE)?;
    postgres::migrate(&address, POSTGRES)?;
    let tables = tables(&mut SqliteTransaction::new(&connection))?;
    let purpose = match direction {
        TransferDirection::ToServer => ConnectionPurpose::Write,
        TransferDirection::ToFile => ConnectionPurpose::Read,
    };
    let mut line = PostgresConnection::connect_without_timeouts(&address, purpose)?;
    connection.execute_batch("BEGIN IMMEDIATE").map_err(translate)?;
    let copied = {
        let mut file = SqliteTransaction::new(&connection);
        line.transaction(|server| match direction {
            TransferDirection::ToServer => copy(&tables, &mut file, server, progress),
            TransferDirection::ToFile => copy(&tables, server, &mut file, progress),
        })
    };
    let end = if copied.is_ok() && direction == TransferDirection::ToFile {
        "COMMIT"
    } else {
        "ROLLBACK"
    };
    connection.execute_batch(end).map_err(translate)?;
    if copied.is_ok() && direction == TransferDirection::ToServer {
        // Statements are planned once a connection: before the server knew its tables it would walk
        // a whole task for one person's instances. A failure is no loss, the server looks by itself
        // some minutes later.
        let _ = line.run_script("ANALYZE");
    }
    copied
}

/// How often, and with what pause, others are given the time to be gone: a session outlives its
/// client for a moment.
const QUIET_TRIES: u32 = 20;
const QUIET_PAUSE: Duration = Duration::from_millis(100);

/// Makes sure that no server works on a PostgreSQL. What it takes while its rows are copied is lost
/// at the switch.
fn demand_quiet(address: &PostgresAddress) -> Result<(), StorageError> {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
        AND application_name = current_setting('application_name')";
    let mut line = PostgresConnection::connect_without_timeouts(address, ConnectionPurpose::Read)?;
    let mut others = 0;
    for _ in 0..QUIET_TRIES {
        others = line.transaction(|tx| (tx as &mut dyn Transaction).integer(sql, &[]))?;
        if others == 0 {
            return Ok(());
        }
        line.pause(QUIET_PAUSE);
    }
    Err(StorageError::InUse(others))
}

/// A table's columns, and those that order its rows.
struct TransferTable {
    name: String,
    columns: Vec<String>,
    key: Vec<String>,
}

/// Every table in the order they were made: a table refers to earlier ones only.
fn tables(file: &mut dyn Transaction) -> Result<Vec<TransferTable>, StorageError> {
    let made = POSTGRES.iter().flat_map(|migration| migration.sql.lines());
    let names =
        made.filter_map(|line| line.strip_prefix("CREATE TABLE ")?.split_whitespace().next());
    names.map(|name| table(file, name)).collect()
}

fn table(file: &mut dyn Transaction, name: &str) -> Result<TransferTable, StorageError> {
    let sql = "SELECT name, pk FROM pragma_table_info($1) ORDER BY cid";
    let columns = file
        .list(sql, crate::values![name], |row| Ok((row.get::<String>(0)?, row.get::<i64>(1)?)))?;
    let mut key: Vec<_> = columns.iter().filter(|(_, place)| *place > 0).collect();
    key.sort_by_key(|(_, place)| *place);
    Ok(TransferTable {
        name: name.to_owned(),
        key: key.into_iter().map(|(name, _)| name.clone()).collect(),
        columns: columns.iter().map(|(name, _)| name.clone()).collect(),
    })
}

impl TransferTable {
    fn count(&self, tx: &mut dyn Transaction) -> Result<u64, StorageError> {
        let rows = tx.integer(&format!("SELECT count(*) FROM {}", self.name), &[])?;
        u64::try_from(rows).map_err(|error| StorageError::Statement(error.to_string()))
    }

    fn select(&self) -> String {
        format!(
            "SELECT {} FROM {} ORDER BY {}",
            self.columns.join(", "),
            self.name,
            self.key.join(", ")
        )
    }

    fn insert(&self, rows: usize) -> String {
        let width = self.columns.len();
        let row = |n: usize| {
            let places: Vec<String> =
                (1..=width).map(|place| format!("${}", n * width + place)).collect();
            format!("({})", places.join(", "))
        };
        let rows: Vec<String> = (0..rows).map(row).collect();
        format!(
            "INSERT INTO {} ({}) VALUES {}",
            self.name,
            self.columns.join(", "),
            rows.join(", ")
        )
    }
}

fn copy(
    tables: &[TransferTable],
    from: &mut dyn Transaction,
    to: &mut dyn Transaction,
    progress: &mut dyn FnMut(TransferProgress),
) -> Result<Vec<CopiedTable>, StorageError> {
    let mut moved = TransferProgress { done: 0, total: 0 };
    for table in tables {
        moved.total += 2 * table.count(from)?;
        if table.count(to)? > 0 {
            return Err(StorageError::Occupied(table.name.clone()));
        }
    }
    let mut step = |rows: usize| {
        moved.done += rows as u64;
        progress(moved);
    };
    tables.iter().map(|table| copy_table(table, from, to, &mut step)).collect()
}

fn copy_table(
    table: &TransferTable,
    from: &mut dyn Transaction,
    to: &mut dyn Transaction,
    step: &mut dyn FnMut(usize),
) -> Result<CopiedTable, StorageError> {
    let (whole, single) = (table.insert(BATCH), table.insert(1));
    let (mut sent, mut batch) = (Digester::default(), Vec::with_capacity(BATCH));
    from.query(&table.select(), &[], &mut |row| {
        batch.push(sent.take(row, table.columns.len())?);
        if batch.len() == BATCH {
            let values: Vec<SqlValue<'_>> =
                batch.iter().flatten().map(OwnedSqlValue::borrow).collect();
            to.execute(&whole, &values)?;
            batch.clear();
            step(BATCH);
        }
        Ok(())
    })?;
    for row in &batch {
        let values: Vec<SqlValue<'_>> = row.iter().map(OwnedSqlValue::borrow).collect();
        to.execute(&single, &values)?;
        step(1);
    }
    let mut stored = Digester::default();
    to.query(&table.select(), &[], &mut |row| {
        step(1);
        stored.take(row, table.columns.len()).map(drop)
    })?;
    let (sent, stored) = (sent.finish(table), stored.finish(table));
    if sent == stored { Ok(sent) } else { Err(StorageError::Differs(table.name.clone())) }
}

/// A value that outlives its row. Databases differ in what a flag is: here it is 0 or 1.
enum OwnedSqlValue {
    Null,
    Integer(i64),
    Text(String),
    Blob(Vec<u8>),
}

impl OwnedSqlValue {
    fn of(value: SqlValue<'_>) -> Self {
        match value {
            SqlValue::Null => Self::Null,
            SqlValue::Integer(number) => Self::Integer(number),
            SqlValue::Boolean(flag) => Self::Integer(i64::from(flag)),
            SqlValue::Text(text) => Self::Text(text.to_owned()),
            SqlValue::Blob(bytes) => Self::Blob(bytes.to_owned()),
        }
    }

    fn borrow(&self) -> SqlValue<'_> {
        match self {
            Self::Null => SqlValue::Null,
            Self::Integer(number) => SqlValue::Integer(*number),
            Self::Text(text) => SqlValue::Text(text),
            Self::Blob(bytes) => SqlValue::Blob(bytes),
        }
    }

    /// Kind, length and bytes: no two rows digest alike by accident.
    fn digest(&self, digest: &mut Sha256) {
        let (kind, bytes): (u8, &[u8]) = match self {
            Self::Null => (0, &[]),
            Self::Integer(number) => (1, &number.to_be_bytes()),
            Self::Text(text) => (2, text.as_bytes()),
            Self::Blob(bytes) => (3, bytes),
        };
        digest.update([kind]);
        digest.update((bytes.len() as u64).to_be_bytes());
        digest.update(bytes);
    }
}

#[derive(Default)]
struct Digester {
    digest: Sha256,
    rows: u64,
}

impl Digester {
    fn take(&mut self, row: &dyn SqlRow, width: usize) -> Result<Vec<OwnedSqlValue>, StorageError> {
        let values = (0..width)
            .map(|column| row.value(column).map(OwnedSqlValue::of))
            .collect::<Result<Vec<_>, _>>()?;
        values.iter().for_each(|value| value.digest(&mut self.digest));
        self.rows += 1;
        Ok(values)
    }

    fn finish(self, table: &TransferTable) -> CopiedTable {
        CopiedTable {
            table: table.name.clone(),
            rows: self.rows,
            checksum: hex::encode(self.digest.finalize()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, StorageFixture};
    use crate::testing::{ScratchDatabase, is_postgres};
    use crate::{Database, Storage, StorageOptions, answer, instance};

    fn server(scratch: &ScratchDatabase) -> DatabaseUrl {
        match scratch.options().database {
            Database::Postgres(url) => url,
            Database::Sqlite(_) => unreachable!("asked for on PostgreSQL only"),
        }
    }

    /// A file with some rows of many tables, closed.
    fn file() -> ScratchDatabase {
        let StorageFixture { storage, scratch } = StorageFixture::embedded().and_instance();
        let stored = |n| answer::NewReceipt {
            n,
            slot: 1,
            seq: n,
            response: "\"çok\"",
            received_at: NOW,
            digest: [9; 32],
            total_bytes: n,
        };
        storage
            .write_blocking(move |tx| {
                (1..=70).try_for_each(|n| answer::insert(tx, &"Ti1".into(), &stored(n)))
            })
            .unwrap();
        drop(storage);
        scratch
    }

    fn path(scratch: &ScratchDatabase) -> std::path::PathBuf {
        scratch.folder().join("assay.sqlite")
    }

    #[test]
    fn a_way_there_and_back_keeps_every_row_of_every_table() {
        if !is_postgres() {
            return;
        }
        let (here, there, back) = (file(), ScratchDatabase::new(), ScratchDatabase::embedded());
        let url = server(&there);
        let mut last = TransferProgress { done: 0, total: 1 };
        let sent =
            transfer(&path(&here), &url, TransferDirection::ToServer, &mut |moved| last = moved)
                .unwrap();
        assert_eq!(last.done, last.total);
        assert_eq!(sent.iter().find(|copied| copied.table == "receipt").unwrap().rows, 70);
        let existing = Storage::open(&there.options()).unwrap().read_blocking(|tx| {
            tx.integer(
                "SELECT count(*) FROM pg_class WHERE relname = 'receipt' AND reltuples = 70",
                &[],
            )
        });
        assert_eq!(
            existing.unwrap(),
            1,
            "the server has looked at what it got before it plans anything"
        );
        let returned =
            transfer(&path(&back), &url, TransferDirection::ToFile, &mut |_| {}).unwrap();
        assert_eq!(returned, sent);
        let storage = Storage::open(&StorageOptions::new(path(&back))).unwrap();
        let found = storage.read_blocking(|tx| instance::find_any(tx, &"Ti1".into()));
        assert!(found.unwrap().is_some());
    }

    /// Finding faults, minor: what servers take while their PostgreSQL is copied would be lost.
    #[test]
    fn a_postgresql_that_a_server_uses_is_not_copied() {
        if !is_postgres() {
            return;
        }
        let (there, back) = (ScratchDatabase::new(), ScratchDatabase::embedded());
        let serving = Storage::open(&there.options()).unwrap();
        // A server reads all the time; one that was only opened has no connection yet.
        serving.read_blocking(crate::organization::list).unwrap();
        let refused =
            transfer(&path(&back), &server(&there), TransferDirection::ToFile, &mut |_| {});
        assert!(matches!(refused, Err(StorageError::InUse(others)) if others > 0), "{refused:?}");
        assert!(!path(&back).exists(), "nothing was begun");
        drop(serving);
        transfer(&path(&back), &server(&there), TransferDirection::ToFile, &mut |_| {}).unwrap();
    }

    #[test]
    fn a_target_that_holds_something_is_left_as_it_is() {
        if !is_postgres() {
            return;
        }
        let (here, there) = (file(), ScratchDatabase::new());
        let url = server(&there);
        transfer(&path(&here), &url, TransferDirection::ToServer, &mut |_| {}).unwrap();
        for direction in [TransferDirection::ToServer, TransferDirection::ToFile] {
            let refused = transfer(&path(&here), &url, direction, &mut |_| {});
            assert_eq!(refused, Err(StorageError::Occupied("organization".to_owned())));
        }
    }
}
