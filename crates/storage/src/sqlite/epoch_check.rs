//! Where a file is, and a new epoch of the history when it is another file than before.
//!
//! A copy made by a backup or put into its place by a restore says so itself; any other copy is
//! known by the file's own number and birth. A file whose content is overwritten by an older
//! content of itself cannot be known: that is what `assay restore` is for.

use super::{SqliteTransaction, open_writer, translate};
use crate::error::StorageError;
use crate::migration;
use crate::operations::history;
use crate::options::EpochSource;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// Opens the connection that writes, with this program's schema, in the epoch that goes on in this
/// place.
pub(crate) fn open_writer_in_epoch(
    path: &Path,
    epochs: Option<&EpochSource>,
) -> Result<Connection, StorageError> {
    refuse_foreign_log(path)?;
    let is_copy = path.exists() && is_copy(path);
    let mut connection = open_writer(path)?;
    if is_copy {
        // Without a log of its own: were the mark taken away in the log only and the power went,
        // the file would look like a copy beside a foreign log.
        connection.execute_batch("PRAGMA journal_mode = DELETE").map_err(translate)?;
    }
    migration::migrate(&mut connection, migration::SQLITE)?;
    if let Some(epochs) = epochs {
        arrive(&mut connection, path, epochs)?;
    }
    if is_copy {
        connection.execute_batch("PRAGMA journal_mode = WAL").map_err(translate)?;
    }
    Ok(connection)
}

/// A copy has no log: one that lies beside it is another file's, and folding that into the copy
/// would make a ruin of it, whatever the database is opened for.
///
/// # Errors
/// [`StorageError::ForeignLog`] when that is so.
pub(crate) fn refuse_foreign_log(path: &Path) -> Result<(), StorageError> {
    if has_log(path) && is_copy(path) {
        Err(StorageError::ForeignLog(path.display().to_string()))
    } else {
        Ok(())
    }
}

/// Tells this file from any other, a copy of it too.
pub(crate) fn file_fingerprint(path: &Path) -> Result<String, StorageError> {
    let found = path.metadata().map_err(|error| StorageError::Unavailable(error.to_string()))?;
    let born = found.created().ok().and_then(|born| born.duration_since(UNIX_EPOCH).ok());
    Ok(format!("file/{}/{}", found.ino(), born.map_or(0, |born| born.as_nanos())))
}

fn has_log(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    Path::new(&log).metadata().is_ok_and(|found| found.len() > 0)
}

/// Whether the file itself, whatever lies beside it, says that it is a copy.
fn is_copy(path: &Path) -> bool {
    let read_mark = || -> Result<bool, rusqlite::Error> {
        let mut address = String::from("file:");
        for byte in path.as_os_str().as_encoded_bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                    address.push(char::from(*byte))
                }
                other => address.push_str(&format!("%{other:02X}")),
            }
        }
        address.push_str("?immutable=1");
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_URI
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(address, flags)?;
        let sql = "SELECT place FROM history_epoch ORDER BY number DESC LIMIT 1";
        let place: Option<String> = connection.query_row(sql, [], |row| row.get(0))?;
        Ok(place.as_deref() == Some(history::COPY))
    };
    // What does not read so is no copy of ours, or older than the mark.
    read_mark().unwrap_or(false)
}

fn arrive(
    connection: &mut Connection,
    path: &Path,
    epochs: &EpochSource,
) -> Result<(), StorageError> {
    let place = file_fingerprint(path)?;
    // Nearly always nothing is to be done, and then the write lock is left to the server.
    let current = history::current(&mut SqliteTransaction::new(connection))?;
    if current.is_none_or(|row| row.place.as_deref() == Some(place.as_str())) {
        return Ok(());
    }
    let here =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(translate)?;
    if history::begin_if_moved(&mut SqliteTransaction::new(&here), &place, || epochs.next_epoch())?
    {
        tracing::warn!("the database is a copy: a new epoch of its history begins");
    }
    here.commit().map_err(translate)
}

/// Marks a file that nobody uses as a copy that serves nobody yet, and folds its log into it, so
/// that it is one file.
pub(crate) fn mark_copy(connection: &Connection) -> Result<(), StorageError> {
    connection
        .execute_batch("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL;")
        .map_err(translate)?;
    let has_history = "SELECT count(*) FROM sqlite_schema WHERE name = 'history_epoch'";
    let has_history: i64 =
        connection.query_row(has_history, [], |row| row.get(0)).map_err(translate)?;
    if has_history > 0 {
        history::set_place(&mut SqliteTransaction::new(connection), history::COPY)?;
    }
    Ok(())
}
