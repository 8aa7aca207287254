//! SQLite behind [`crate::Transaction`]: connections, their settings, errors in our words.

mod checkpoint;
mod epoch_check;
mod files;
mod threads;
mod transaction;

pub(crate) use checkpoint::{CHECKPOINT_AT_PAGES, Checkpointer, LogWipe};
pub(crate) use epoch_check::{
    file_fingerprint, mark_copy, open_writer_in_epoch, refuse_foreign_log,
};
pub(crate) use files::OpenFiles;
pub(crate) use threads::{SqliteWriter, WriteQueues, serve_reads, serve_writes};
pub(crate) use transaction::SqliteTransaction;

use crate::error::{StorageError, UniqueRule};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};
use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a connection waits for another process, such as the command line beside the server.
const PATIENCE: Duration = Duration::from_secs(10);
const STATEMENTS_KEPT: usize = 256;

/// Settings of the writing connection: a commit returns once the log is on disk, and folds nothing
/// of it ([`Checkpointer`]). The operating system's page cache holds the database, so our own
/// caches stay small, the writer's large enough for what one commit of an exam's end touches.
const WRITER_SETTINGS: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA mmap_size = 0;
    PRAGMA cache_size = -65536;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA journal_size_limit = 67108864;
";

const READER_SETTINGS: &str = "
    PRAGMA query_only = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA mmap_size = 0;
    PRAGMA cache_size = -4096;
";

/// Opens the connection that writes, making the file if it is missing: for its owner only, and
/// SQLite gives its log the same mode.
pub(crate) fn open_writer(path: &Path) -> Result<Connection, StorageError> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    if let Err(error) = made.map(drop)
        && error.kind() != ErrorKind::AlreadyExists
    {
        return Err(StorageError::Unavailable(error.to_string()));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    open(path, flags, WRITER_SETTINGS)
}

/// Opens a connection that folds the log, as durably as the writer commits.
fn open_checkpointer(path: &Path) -> Result<Connection, StorageError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    open(path, flags, "PRAGMA synchronous = FULL;")
}

/// Opens a connection that refuses to write.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, StorageError> {
    open(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX, READER_SETTINGS)
}

/// Opens a connection that refuses to write and leaves the log as it is. Whoever closes a database
/// last folds its log into it, and beside a crashed or restored database that may be what is looked
/// at.
pub(crate) fn open_reader_that_keeps_the_log(path: &Path) -> Result<Connection, StorageError> {
    refuse_foreign_log(path)?;
    let connection = open_reader(path)?;
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        .map_err(translate)?;
    Ok(connection)
}

/// Opens a connection that changes nothing, not even a log that is to be folded: for a look at what
/// may be ill. Without a log nothing but the file itself is opened, so nothing is made beside it.
pub(crate) fn open_immutable(path: &Path) -> Result<Connection, StorageError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let log = PathBuf::from(format!("{}-wal", path.display()));
    let has_log = fs::metadata(&log).is_ok_and(|found| found.len() > 0);
    let connection = match address_of_unchanging(path).filter(|_| !has_log) {
        Some(address) => Connection::open_with_flags(address, flags | OpenFlags::SQLITE_OPEN_URI),
        None => Connection::open_with_flags(path, flags),
    };
    let connection = connection.map_err(translate)?;
    connection.busy_timeout(PATIENCE).map_err(translate)?;
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        .map_err(translate)?;
    connection.execute_batch(READER_SETTINGS).map_err(translate)?;
    Ok(connection)
}

/// What is damaged in a file, at most ten lines; nothing when it is whole.
pub(crate) fn integrity_errors(connection: &Connection) -> Result<Vec<String>, StorageError> {
    let mut statement = connection.prepare("PRAGMA quick_check(10)").map_err(translate)?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0)).map_err(translate)?;
    let lines = lines.collect::<Result<Vec<_>, _>>().map_err(translate)?;
    Ok(lines.into_iter().filter(|line| line != "ok").collect())
}

/// The path as SQLite reads addresses; none for a path that is no text.
fn address_of_unchanging(path: &Path) -> Option<String> {
    let text = path.to_str()?.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    Some(format!("file:{text}?immutable=1"))
}

fn open(path: &Path, flags: OpenFlags, settings: &str) -> Result<Connection, StorageError> {
    let connection = Connection::open_with_flags(path, flags).map_err(translate)?;
    connection.busy_timeout(PATIENCE).map_err(translate)?;
    // Without it every new value in a range makes SQLite plan the statement again: a fifth of the
    // cost of a page.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(translate)?;
    connection.execute_batch(settings).map_err(translate)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(connection)
}

/// A driver's error in our words.
#[allow(clippy::needless_pass_by_value, reason = "used as a function in map_err")]
pub(crate) fn translate(error: rusqlite::Error) -> StorageError {
    let text = error.to_string();
    match error.sqlite_error() {
        Some(failure) if is_unique_violation(failure) => StorageError::Conflict(unique_rule(&text)),
        // A damaged file stays damaged: to say "later" would have everybody try for ever.
        Some(failure)
            if matches!(failure.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) =>
        {
            StorageError::Damaged(text)
        }
        Some(failure) if is_outage(failure.code) => StorageError::Unavailable(text),
        _ => StorageError::Statement(text),
    }
}

fn is_unique_violation(failure: &ffi::Error) -> bool {
    matches!(
        failure.extended_code,
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
    )
}

fn is_outage(code: ErrorCode) -> bool {
    use ErrorCode::{
        CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, FileLockingProtocolFailed, OutOfMemory,
        PermissionDenied, ReadOnly, SystemIoFailure,
    };
    matches!(
        code,
        CannotOpen
            | DatabaseBusy
            | DatabaseLocked
            | DiskFull
            | FileLockingProtocolFailed
            | OutOfMemory
            | PermissionDenied
            | ReadOnly
            | SystemIoFailure
    )
}

/// SQLite names the columns of the broken rule:
/// `UNIQUE constraint failed: candidate.task_id, candidate.credential1`.
fn unique_rule(message: &str) -> UniqueRule {
    let columns = message.rsplit(": ").next().unwrap_or(message);
    match columns {
        "user_account.organization_id, user_account.username" => UniqueRule::Username,
        "candidate.invitation_code" => UniqueRule::InvitationCode,
        "candidate.task_id, candidate.credential1" => UniqueRule::Credential,
        "instance.candidate_id, instance.step_id" => UniqueRule::OpenInstance,
        "client_token.organization_id, client_token.scope, client_token.token" => {
            UniqueRule::ClientToken
        }
        other => UniqueRule::Other(other.to_owned()),
    }
}
