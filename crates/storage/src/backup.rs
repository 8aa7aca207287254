//! A copy of the database as it is at one moment, made while it is in use.

use crate::error::StorageError;
use crate::sqlite::{self, translate};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

const PAGES_PER_STEP: i32 = 512;

/// How far a backup is, in pages of 4 KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupProgress {
    pub done: u64,
    pub total: u64,
}

/// Copies to a file that must not be there. What a failed copy leaves is the caller's to remove.
///
/// # Errors
/// [`StorageError::Exists`]; otherwise when reading or writing fails, or the copy is damaged.
pub fn copy_to_file(
    from: &Path,
    to: &Path,
    progress: &mut dyn FnMut(BackupProgress),
) -> Result<(), StorageError> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to);
    let made = made.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => StorageError::Exists(to.display().to_string()),
        _ => unavailable(&error),
    })?;
    copy_pages(from, to, progress)?;
    made.sync_all().map_err(|error| unavailable(&error))?;
    match sqlite::integrity_errors(&sqlite::open_immutable(to)?)?.as_slice() {
        [] => Ok(()),
        lines => Err(StorageError::Damaged(lines.join("; "))),
    }
}

fn unavailable(error: &std::io::Error) -> StorageError {
    StorageError::Unavailable(error.to_string())
}

fn copy_pages(
    from: &Path,
    to: &Path,
    progress: &mut dyn FnMut(BackupProgress),
) -> Result<(), StorageError> {
    let source = sqlite::open_reader(from)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut target = Connection::open_with_flags(to, flags).map_err(translate)?;
    // A copy that breaks off is thrown away, so it needs no journal, and it is written to the disk
    // at the end as a whole.
    target
        .execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
        .map_err(translate)?;
    // An open read transaction holds the state that is copied: writes meanwhile do not start the
    // copy again.
    source.execute_batch("BEGIN; SELECT count(*) FROM schema_migration").map_err(translate)?;
    {
        let backup = Backup::new(&source, &mut target).map_err(translate)?;
        while backup.step(PAGES_PER_STEP).map_err(translate)? != StepResult::Done {
            progress(pages(&backup));
        }
        progress(pages(&backup));
    }
    source.execute_batch("ROLLBACK").map_err(translate)?;
    // Whoever serves it begins a new epoch of its history: what is changed here meanwhile is not in
    // it.
    sqlite::mark_copy(&target)
}

fn pages(backup: &Backup<'_, '_>) -> BackupProgress {
    let counted = backup.progress();
    let total = u64::try_from(counted.pagecount).unwrap_or(0);
    BackupProgress {
        done: total.saturating_sub(u64::try_from(counted.remaining).unwrap_or(0)),
        total,
    }
}
