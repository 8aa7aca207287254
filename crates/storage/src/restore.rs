//! Getting a copy of the database ready to be put into its place: looked through, folded into one
//! file, and marked, so that whoever serves it first begins a new epoch of its history.

use crate::error::StorageError;
use crate::migration::{SQLITE, newest_number};
use crate::sqlite::{mark_copy, translate};
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use std::path::Path;

/// Why a copy is not put into its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnfitBackup {
    #[error("it is no database: {0}")]
    NoDatabase(String),
    #[error("it is damaged: {0}")]
    Damaged(String),
    #[error("it is no database of this program")]
    Foreign,
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What a copy holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedCopy {
    /// The newest migration that was applied.
    pub schema: i64,
    /// The text that tells the installation from others.
    pub installation: String,
    pub organizations: i64,
    pub instances: i64,
}

/// A file of a candidate that a copy knows as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedFile {
    pub id: String,
    pub bytes: i64,
    /// Of the file as it came.
    pub sha256: Option<Vec<u8>>,
}

/// Looks through a copy that nobody else uses and marks it. It is changed: give it a copy of the
/// backup.
///
/// # Errors
/// When it is not whole, not ours or newer than this program.
pub fn check_and_mark_copy(file: &Path) -> Result<PreparedCopy, UnfitBackup> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).map_err(no_database)?;
    // Reads the file for the first time, and its log with it.
    let tables: i64 = connection
        .query_row(
            "SELECT count(*) FROM sqlite_schema WHERE name IN ('schema_migration', 'installation')",
            [],
            |row| row.get(0),
        )
        .map_err(no_database)?;
    if tables < 2 {
        return Err(UnfitBackup::Foreign);
    }
    check(&connection)?;
    let prepared = read(&connection)?;
    let newest = newest_number(SQLITE);
    if prepared.schema > newest {
        return Err(StorageError::NewerSchema { found: prepared.schema, newest }.into());
    }
    mark_copy(&connection)?;
    Ok(prepared)
}

/// A file that cannot be read from the beginning: a database whose schema is torn, or none.
fn no_database(error: rusqlite::Error) -> UnfitBackup {
    if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseCorrupt) {
        return UnfitBackup::Damaged(error.to_string());
    }
    UnfitBackup::NoDatabase(error.to_string())
}

fn check(connection: &Connection) -> Result<(), UnfitBackup> {
    let mut statement = connection.prepare("PRAGMA quick_check(10)").map_err(translate)?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0)).map_err(translate)?;
    let lines = lines
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| UnfitBackup::Damaged(error.to_string()))?;
    match lines.as_slice() {
        [ok] if ok == "ok" => Ok(()),
        found => Err(UnfitBackup::Damaged(found.join("; "))),
    }
}

/// Only what every schema has had since the first one.
fn read(connection: &Connection) -> Result<PreparedCopy, UnfitBackup> {
    let number =
        |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(translate);
    let installation =
        connection.query_row("SELECT epoch FROM installation WHERE id = 1", [], |row| row.get(0));
    Ok(PreparedCopy {
        schema: number("SELECT COALESCE(max(number), 0) FROM schema_migration")?,
        installation: installation.optional().map_err(translate)?.unwrap_or_default(),
        organizations: number("SELECT count(*) FROM organization")?,
        instances: number("SELECT COALESCE(sum(instance_count), 0) FROM task")?,
    })
}

const OF_CANDIDATES: &str =
    "SELECT id, bytes, sha256 FROM media WHERE state = 'kept' AND NOT file_gone";
const OF_AUTHORS: &str = "SELECT id, bytes, sha256 FROM asset WHERE state = 'kept'";

/// Hands over the files that a copy knows as kept; none of a schema from before there were files.
///
/// # Errors
/// When it cannot be read.
pub fn each_expected_file(
    file: &Path,
    each: &mut dyn FnMut(ExpectedFile),
) -> Result<(), StorageError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).map_err(translate)?;
    let has = |table: &str| -> Result<bool, StorageError> {
        let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1";
        let count: i64 = connection.query_row(sql, [table], |row| row.get(0)).map_err(translate)?;
        Ok(count > 0)
    };
    let sql = match (has("media")?, has("asset")?) {
        (false, _) => return Ok(()),
        (true, false) => OF_CANDIDATES.to_owned(),
        (true, true) => format!("{OF_CANDIDATES} UNION ALL {OF_AUTHORS}"),
    };
    let sql = format!("{sql} ORDER BY id");
    let mut statement = connection.prepare(&sql).map_err(translate)?;
    let mut rows = statement.query([]).map_err(translate)?;
    while let Some(row) = rows.next().map_err(translate)? {
        let (id, bytes) = (row.get(0).map_err(translate)?, row.get(1).map_err(translate)?);
        each(ExpectedFile { id, bytes, sha256: row.get(2).map_err(translate)? });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::StorageFixture;
    use crate::history;

    /// A copy of a database with an instance.
    fn copy() -> (tempfile::TempDir, std::path::PathBuf) {
        let fixture = StorageFixture::embedded().and_instance();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("copy.sqlite");
        fixture.storage.backup(&file, &mut |_| {}).unwrap();
        (folder, file)
    }

    #[test]
    fn what_is_damaged_foreign_or_no_database_is_not_prepared() {
        let (folder, file) = copy();
        let bytes = std::fs::read(&file).unwrap();
        let other = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            check_and_mark_copy(&path)
        };
        assert!(matches!(
            other("text", b"no database at all, but long enough to be read as one"),
            Err(UnfitBackup::NoDatabase(_))
        ));
        assert_eq!(other("empty", b""), Err(UnfitBackup::Foreign));
        let mut zeroed = bytes.clone();
        let middle = zeroed.len() / 2 / 4096 * 4096;
        // Many pages: some that migrations left free may be anything.
        zeroed[middle - 65_536..middle + 65_536].fill(0);
        let damaged = other("zeroed", &zeroed);
        assert!(matches!(damaged, Err(UnfitBackup::Damaged(_))), "{damaged:?}");
        assert!(other("cut", &bytes[..bytes.len() / 2]).is_err());
        let newer = Connection::open(&file).unwrap();
        newer.execute("INSERT INTO schema_migration VALUES (9999, 'x')", []).unwrap();
        drop(newer);
        assert!(matches!(
            check_and_mark_copy(&file),
            Err(UnfitBackup::Storage(StorageError::NewerSchema { found: 9999, .. }))
        ));
    }

    #[test]
    fn a_prepared_copy_is_one_file_that_says_that_it_is_a_copy() {
        let (folder, file) = copy();
        let used = Connection::open(&file).unwrap();
        used.execute_batch(
            "PRAGMA journal_mode = WAL; UPDATE organization SET name = 'in the log'",
        )
        .unwrap();
        let beside = folder.path().join("beside.sqlite");
        std::fs::copy(&file, &beside).unwrap();
        std::fs::copy(
            folder.path().join("copy.sqlite-wal"),
            folder.path().join("beside.sqlite-wal"),
        )
        .unwrap();
        assert_eq!(check_and_mark_copy(&beside).unwrap().organizations, 2);
        assert!(!folder.path().join("beside.sqlite-wal").exists());
        let read = Connection::open(&beside).unwrap();
        let name: String =
            read.query_row("SELECT name FROM organization", [], |row| row.get(0)).unwrap();
        assert_eq!(name, "in the log");
        let places: Vec<Option<String>> = read
            .prepare("SELECT place FROM history_epoch")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert!(places.iter().all(|place| place.as_deref() == Some(history::COPY)));
    }
}
