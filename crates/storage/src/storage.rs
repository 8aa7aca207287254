//! The handle through which everything above reaches the database.

use crate::backup::{self, Progress};
use crate::error::StorageError;
use crate::migration;
use crate::request::{Request, request};
use crate::sqlite;
use crate::threads::{serve_reads, serve_writes};
use crate::transaction::Transaction;
use crossbeam_channel::{Sender, TrySendError, bounded};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

/// Where the database is and how much of the machine it may use.
#[derive(Clone, Debug)]
pub struct Options {
    /// The file; made if it is missing. Its folder must exist.
    pub path: PathBuf,
    /// Reading threads, each with a connection and a cache of 4 MiB.
    pub readers: usize,
    /// Requests that may wait for the writer, and as many for the readers, before [`StorageError::Busy`].
    pub queue: usize,
    /// Writes that share one commit at most.
    pub group: usize,
    /// The file's greatest size in pages of 4 KiB; none is no limit.
    pub max_pages: Option<u32>,
}

impl Options {
    /// The settings for a file where nothing else is known.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), readers: 4, queue: 1024, group: 64, max_pages: None }
    }
}

/// A database being served. Clones share it; dropping the last one finishes what waits and closes it.
#[derive(Clone)]
pub struct Storage {
    threads: Arc<Threads>,
}

struct Threads {
    path: PathBuf,
    writes: Option<Sender<Box<dyn Request>>>,
    reads: Option<Sender<Box<dyn Request>>>,
    writer: Option<JoinHandle<()>>,
    readers: Vec<JoinHandle<()>>,
}

impl Storage {
    /// Opens the file, brings it to this program's schema and starts the threads.
    ///
    /// # Errors
    /// When the file cannot be opened or made, or is not a database this program knows.
    pub fn open(options: &Options) -> Result<Self, StorageError> {
        let mut connection = sqlite::open_writer(&options.path)?;
        migration::migrate(&mut connection, migration::SQLITE)?;
        if let Some(pages) = options.max_pages {
            connection.pragma_update(None, "max_page_count", pages).map_err(sqlite::translate)?;
        }
        let (writes, write_queue) = bounded(options.queue);
        let (reads, read_queue) = bounded(options.queue);
        let mut threads = Threads {
            path: options.path.clone(),
            writes: Some(writes),
            reads: Some(reads),
            writer: None,
            readers: Vec::new(),
        };
        let group = options.group.max(1);
        threads.writer = Some(start("storage-writer", move || serve_writes(&connection, &write_queue, group))?);
        for _ in 0..options.readers.max(1) {
            let connection = sqlite::open_reader(&options.path)?;
            let queue = read_queue.clone();
            threads.readers.push(start("storage-reader", move || serve_reads(&connection, &queue))?);
        }
        Ok(Self { threads: Arc::new(threads) })
    }

    /// Runs a closure in a transaction on the writing thread. The reply comes after the commit is on disk, or says
    /// that nothing was kept. A caller that stops waiting does not stop the write.
    ///
    /// The closure may run again, because a request beside it failed or the database asks for it, so it must change
    /// nothing but the database.
    ///
    /// # Errors
    /// What the closure returns, with its changes undone; or a [`StorageError`] of the transaction, nothing kept.
    pub async fn write<T, E, F>(&self, operation: F) -> Result<T, E>
    where
        F: Fn(&mut dyn Transaction) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let (request, reply) = request(operation);
        offer(self.threads.writes.as_ref(), request)?;
        reply.await.unwrap_or_else(|_| Err(StorageError::Closed.into()))
    }

    /// Runs a closure in a transaction on a reading thread: all its statements see one state of the database.
    ///
    /// # Errors
    /// What the closure returns, or a [`StorageError`].
    pub async fn read<T, E, F>(&self, operation: F) -> Result<T, E>
    where
        F: Fn(&mut dyn Transaction) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let (request, reply) = request(operation);
        offer(self.threads.reads.as_ref(), request)?;
        reply.await.unwrap_or_else(|_| Err(StorageError::Closed.into()))
    }

    /// [`Storage::write`] for callers outside an asynchronous runtime; waits for a place in the queue.
    ///
    /// # Errors
    /// As [`Storage::write`].
    pub fn write_blocking<T, E, F>(&self, operation: F) -> Result<T, E>
    where
        F: Fn(&mut dyn Transaction) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let (request, reply) = request(operation);
        wait_for_place(self.threads.writes.as_ref(), request)?;
        reply.blocking_recv().unwrap_or_else(|_| Err(StorageError::Closed.into()))
    }

    /// [`Storage::read`] for callers outside an asynchronous runtime; waits for a place in the queue.
    ///
    /// # Errors
    /// As [`Storage::read`].
    pub fn read_blocking<T, E, F>(&self, operation: F) -> Result<T, E>
    where
        F: Fn(&mut dyn Transaction) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let (request, reply) = request(operation);
        wait_for_place(self.threads.reads.as_ref(), request)?;
        reply.blocking_recv().unwrap_or_else(|_| Err(StorageError::Closed.into()))
    }

    /// Looks through the whole file for damage; gives what was found, at most ten lines. Blocks, long for a large file.
    ///
    /// # Errors
    /// When the file cannot be read at all.
    pub fn check(&self) -> Result<Vec<String>, StorageError> {
        backup::check(&self.threads.path)
    }

    /// Copies the database as it is at this moment into a new file, while reading and writing go on. Blocks.
    ///
    /// # Errors
    /// [`StorageError::Exists`] when there is a file already; otherwise when reading or writing fails.
    pub fn backup(&self, to: &Path, progress: &mut dyn FnMut(Progress)) -> Result<(), StorageError> {
        backup::copy(&self.threads.path, to, progress)
    }
}

fn offer(queue: Option<&Sender<Box<dyn Request>>>, request: Box<dyn Request>) -> Result<(), StorageError> {
    queue.ok_or(StorageError::Closed)?.try_send(request).map_err(|refused| match refused {
        TrySendError::Full(_) => StorageError::Busy,
        TrySendError::Disconnected(_) => StorageError::Closed,
    })
}

fn wait_for_place(queue: Option<&Sender<Box<dyn Request>>>, request: Box<dyn Request>) -> Result<(), StorageError> {
    queue.ok_or(StorageError::Closed)?.send(request).map_err(|_| StorageError::Closed)
}

fn start(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StorageError> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(|error| StorageError::Unavailable(error.to_string()))
}

impl Drop for Threads {
    /// Readers end first, so that the writer finds nobody in the log it folds away.
    fn drop(&mut self) {
        self.reads = None;
        self.readers.drain(..).for_each(join);
        self.writes = None;
        self.writer.take().into_iter().for_each(join);
    }
}

/// A thread that drops the last handle from within a request cannot wait for itself.
fn join(thread: JoinHandle<()>) {
    if thread.thread().id() != thread::current().id() {
        // A storage thread catches the panics of what it runs; there is nobody left to tell of another.
        let _ = thread.join();
    }
}

#[cfg(test)]
mod tests;
