//! A copy of the database as it is at one moment, made while it is in use.

use crate::error::StorageError;
use crate::sqlite::{mark_copy, open_reader, translate};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::fs;
use std::path::{Path, PathBuf};

const PAGES_PER_STEP: i32 = 512;

/// How far a backup is, in pages of 4 KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub done: u64,
    pub total: u64,
}

/// Copies to a file beside the target first, so that a target file is always whole.
pub(crate) fn copy(from: &Path, to: &Path, progress: &mut dyn FnMut(Progress)) -> Result<(), StorageError> {
    if to.exists() {
        return Err(StorageError::Exists(to.display().to_string()));
    }
    let partial = partial(to);
    discard(&partial)?;
    let copied = copy_pages(from, &partial, progress);
    if let Err(error) = copied {
        // The copy's own failure is what the caller must hear of.
        let _ = discard(&partial);
        return Err(error);
    }
    fs::rename(&partial, to).map_err(|error| StorageError::Unavailable(error.to_string()))
}

/// What the database finds damaged in a file, nothing when it is whole.
pub(crate) fn check(file: &Path) -> Result<Vec<String>, StorageError> {
    let connection = open_reader(file)?;
    let mut statement = connection.prepare("PRAGMA quick_check(10)").map_err(translate)?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0)).map_err(translate)?;
    let lines = lines.collect::<Result<Vec<_>, _>>().map_err(translate)?;
    Ok(lines.into_iter().filter(|line| line != "ok").collect())
}

fn partial(to: &Path) -> PathBuf {
    let mut name = to.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}

fn discard(path: &Path) -> Result<(), StorageError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StorageError::Unavailable(error.to_string())),
        _ => Ok(()),
    }
}

fn copy_pages(from: &Path, to: &Path, progress: &mut dyn FnMut(Progress)) -> Result<(), StorageError> {
    let source = open_reader(from)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut target = Connection::open_with_flags(to, flags).map_err(translate)?;
    // An open read transaction holds the state that is copied: writes meanwhile do not start the copy again.
    source.execute_batch("BEGIN; SELECT count(*) FROM schema_migration").map_err(translate)?;
    {
        let backup = Backup::new(&source, &mut target).map_err(translate)?;
        while backup.step(PAGES_PER_STEP).map_err(translate)? != StepResult::Done {
            progress(pages(&backup));
        }
        progress(pages(&backup));
    }
    source.execute_batch("ROLLBACK").map_err(translate)?;
    // Whoever serves it begins a new epoch of its history: what is changed here meanwhile is not in it.
    mark_copy(&target)
}

fn pages(backup: &Backup<'_, '_>) -> Progress {
    let counted = backup.progress();
    let total = u64::try_from(counted.pagecount).unwrap_or(0);
    Progress { done: total.saturating_sub(u64::try_from(counted.remaining).unwrap_or(0)), total }
}
