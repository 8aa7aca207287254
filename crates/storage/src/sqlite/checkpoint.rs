//! Folding the log into the database file, beside the writer.
//!
//! A commit that folds the log as well makes everybody who waits for it wait for thousands of pages
//! and one more sync. So a thread of its own folds while the writer goes on, and leaves to the
//! writer the few pages that were written meanwhile: only a log of which nothing is left to fold is
//! begun anew. Must never be needed for a commit: when it fails, the log grows until the next try.

use super::{PATIENCE, open_checkpointer, translate};
use crate::error::StorageError;
use crossbeam_channel::{Receiver, Sender, bounded};
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Pages in the log from which it is folded: 16 MiB. A page that is written again and again is
/// folded once.
pub(crate) const CHECKPOINT_AT_PAGES: u32 = 4000;
/// Pages that the writer folds itself: some milliseconds.
const LEFT_TO_WRITER: u32 = 400;

/// The folding of one file's log, as its writer sees it.
pub(crate) struct Checkpointer {
    /// Pages in the log after the last commit.
    log: Arc<AtomicU32>,
    folder: Arc<CheckpointState>,
    ask: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
    fold_at: u32,
    /// The log is looked at again when it holds so many pages.
    next: u32,
    /// The length of the log when it was last looked at: a shorter one has begun anew.
    seen: u32,
    wipe: LogWipe,
}

/// Whether the log is to be emptied: what was erased stays readable in it otherwise, as long as
/// nobody writes.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogWipe(Arc<AtomicBool>);

impl LogWipe {
    pub(crate) fn request(&self) {
        self.0.store(true, Ordering::Release);
    }

    pub(crate) fn is_requested(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    fn is_done(&self) {
        self.0.store(false, Ordering::Release);
    }
}

/// What writer and thread tell each other. Two that fold at once would only be in each other's way.
#[derive(Default)]
struct CheckpointState {
    is_busy: AtomicBool,
    /// Pages of the log that were folded when the thread was last done; 0 when the writer has heard
    /// of it.
    folded: AtomicU32,
}

impl Checkpointer {
    /// Takes the folding of a log away from the writer's commits and gives it to a thread.
    pub(crate) fn start(
        path: &Path,
        writer: &mut Connection,
        fold_at: u32,
        wipe: LogWipe,
    ) -> Result<Self, StorageError> {
        let (log, folder) = (Arc::new(AtomicU32::new(0)), Arc::new(CheckpointState::default()));
        let pages = log.clone();
        let note = move |_: &mut rusqlite::hooks::Wal, length: std::ffi::c_int| {
            pages.store(length.unsigned_abs(), Ordering::Relaxed);
            Ok(())
        };
        // After the writer's settings, never before: `PRAGMA wal_autocheckpoint` is a hook of
        // SQLite's own, and each takes the place of the other.
        writer.wal_hook(Some(note)).map_err(translate)?;
        let (connection, state) = (open_checkpointer(path)?, folder.clone());
        let (ask, requests) = bounded(1);
        let fold = move || serve_folding(&connection, &requests, &state);
        let thread = thread::Builder::new().name("storage-folder".to_owned()).spawn(fold);
        let thread = thread.map_err(|error| StorageError::Unavailable(error.to_string()))?;
        Ok(Self {
            log,
            folder,
            ask: Some(ask),
            thread: Some(thread),
            fold_at,
            next: fold_at,
            seen: 0,
            wipe,
        })
    }

    /// Has the log folded when it is long. To be called between the writer's groups, when nobody
    /// waits for the last one.
    pub(crate) fn checkpoint_if_long(&mut self, writer: &Connection) {
        if self.wipe.is_requested() && !self.folder.is_busy.load(Ordering::Acquire) {
            self.wipe_log(writer);
        }
        let log = self.log.load(Ordering::Relaxed);
        if log < self.seen {
            self.next = self.fold_at;
        }
        self.seen = log;
        if log < self.next || self.folder.is_busy.load(Ordering::Acquire) {
            return;
        }
        // Bounded, because the log may have begun anew since the thread counted and be shorter than
        // what was folded of it.
        let folded = self.folder.folded.swap(0, Ordering::Relaxed).min(log);
        // Were the thread never fast enough, the log would grow without end.
        if folded > 0 && log - folded <= LEFT_TO_WRITER.max(log / 16) {
            fold(writer);
            // When somebody still reads from the log, it goes on, and is looked at again later.
            self.next = log + self.fold_at / 4;
        } else {
            self.ask_thread();
        }
    }

    fn ask_thread(&self) {
        if let Some(ask) = &self.ask {
            // Before the thread is asked: set afterwards, it could overwrite what a thread that is
            // already done has put back, and the log would never be folded again.
            self.folder.is_busy.store(true, Ordering::Relaxed);
            // There is room: the thread is not busy, and nobody else asks.
            let _ = ask.try_send(());
        }
    }

    /// Empties the log, without waiting for anybody: while somebody reads from it, it is tried
    /// again later. The thread folds most of it first, so that the writer has few pages left to
    /// fold.
    fn wipe_log(&mut self, writer: &Connection) {
        let log = self.log.load(Ordering::Relaxed);
        if log.saturating_sub(self.folder.folded.load(Ordering::Relaxed)) > LEFT_TO_WRITER {
            self.ask_thread();
            return;
        }
        match truncate_log(writer, Duration::ZERO) {
            Ok(true) => {
                self.log.store(0, Ordering::Relaxed);
                self.wipe.is_done();
            }
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%error, "the log was not emptied after an erasure; it is tried again")
            }
        }
    }
}

/// Folds the whole log and empties its file, waiting so long for others. False when others did not
/// let go of it.
pub(super) fn truncate_log(
    connection: &Connection,
    patience: Duration,
) -> Result<bool, StorageError> {
    connection.busy_timeout(patience).map_err(translate)?;
    let is_busy =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    connection.busy_timeout(PATIENCE).map_err(translate)?;
    Ok(is_busy.map_err(translate)? == 0)
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.ask = None;
        if let Some(thread) = self.thread.take() {
            // There is nobody left to tell of a panic.
            let _ = thread.join();
        }
    }
}

fn serve_folding(connection: &Connection, requests: &Receiver<()>, folder: &CheckpointState) {
    while requests.recv().is_ok() {
        folder.folded.store(fold(connection).unwrap_or(0), Ordering::Relaxed);
        folder.is_busy.store(false, Ordering::Release);
    }
}

/// Folds what is in the log now, without waiting for anybody. Gives how many pages of it are
/// folded; none when another is folding.
fn fold(connection: &Connection) -> Option<u32> {
    let outcome =
        connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get::<_, i64>(2));
    match outcome {
        // -1 when another is folding.
        Ok(folded) => u32::try_from(folded).ok(),
        Err(error) => {
            tracing::warn!(%error, "the log was not folded into the database; it is tried again");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::open_writer;

    #[test]
    fn a_log_that_is_written_without_a_pause_begins_anew_again_and_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("assay.sqlite");
        let mut writer = open_writer(&path).unwrap();
        let mut folding = Checkpointer::start(&path, &mut writer, 100, LogWipe::default()).unwrap();
        writer.execute_batch("CREATE TABLE page (id INTEGER PRIMARY KEY, content BLOB)").unwrap();
        let (mut before, mut begun_anew) = (0, 0);
        for _ in 0..20_000 {
            writer.execute("INSERT INTO page (content) VALUES (zeroblob(4000))", []).unwrap();
            let log = folding.log.load(Ordering::Relaxed);
            begun_anew += u32::from(log < before);
            before = log;
            folding.checkpoint_if_long(&writer);
            if begun_anew == 3 {
                return;
            }
        }
        panic!("the log began anew {begun_anew} times");
    }

    #[test]
    fn a_reader_in_the_log_keeps_it_and_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("assay.sqlite");
        let mut writer = open_writer(&path).unwrap();
        let mut folding = Checkpointer::start(&path, &mut writer, 20, LogWipe::default()).unwrap();
        writer.execute_batch("CREATE TABLE page (id INTEGER PRIMARY KEY, content BLOB)").unwrap();
        let reader = crate::sqlite::open_reader(&path).unwrap();
        let count = |connection: &Connection| -> i64 {
            connection.query_row("SELECT count(*) FROM page", [], |row| row.get(0)).unwrap()
        };
        reader.execute_batch("BEGIN").unwrap();
        assert_eq!(count(&reader), 0);
        for _ in 0..200 {
            writer.execute("INSERT INTO page (content) VALUES (zeroblob(4000))", []).unwrap();
            folding.checkpoint_if_long(&writer);
        }
        assert_eq!((count(&reader), count(&writer)), (0, 200));
        reader.execute_batch("ROLLBACK").unwrap();
        assert_eq!(count(&reader), 200);
    }

    #[test]
    fn the_thread_ends_with_its_writer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("assay.sqlite");
        let mut writer = open_writer(&path).unwrap();
        drop(Checkpointer::start(&path, &mut writer, 1, LogWipe::default()).unwrap());
        writer.execute_batch("CREATE TABLE page (id INTEGER PRIMARY KEY)").unwrap();
        writer
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0))
            .unwrap();
        assert_eq!(std::fs::metadata(path.with_extension("sqlite-wal")).unwrap().len(), 0);
    }

    /// Finding bugs m13: what was erased is not left readable in the log.
    #[test]
    fn a_log_that_is_to_be_emptied_is_as_soon_as_nobody_reads_from_it_m13() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("assay.sqlite");
        let (mut writer, wipe) = (open_writer(&path).unwrap(), LogWipe::default());
        let mut folding = Checkpointer::start(&path, &mut writer, 4000, wipe.clone()).unwrap();
        writer
            .execute_batch("CREATE TABLE person (name TEXT); INSERT INTO person VALUES ('Ada')")
            .unwrap();
        let reader = crate::sqlite::open_reader(&path).unwrap();
        reader.execute_batch("BEGIN; SELECT count(*) FROM person").unwrap();
        writer.execute_batch("UPDATE person SET name = NULL").unwrap();
        wipe.request();
        folding.checkpoint_if_long(&writer);
        assert!(wipe.is_requested(), "somebody reads from it");
        reader.execute_batch("ROLLBACK").unwrap();
        folding.checkpoint_if_long(&writer);
        assert!(!wipe.is_requested());
        assert_eq!(std::fs::metadata(path.with_extension("sqlite-wal")).unwrap().len(), 0);
        assert!(!String::from_utf8_lossy(&std::fs::read(&path).unwrap()).contains("Ada"));
    }
}
