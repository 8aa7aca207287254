//! The handle through which everything above reaches the database.

use crate::backup::{self, BackupProgress};
use crate::error::StorageError;
use crate::meters::RequestBacklog;
use crate::migration;
use crate::operations::history;
use crate::options::{Database, DatabaseAccess, DatabaseUrl, GROUPERS, StorageOptions};
use crate::pool::ReadPool;
use crate::postgres::{
    self, Arrival, ConnectionPurpose, Durability, PostgresAddress, PostgresConnection,
};
use crate::request::{RequestQueue, StorageRequest, request};
use crate::sqlite::{self, LogWipe, OpenFiles, SqliteTransaction};
use crate::transaction::Transaction;
use crossbeam_channel::{Sender, TrySendError, bounded};
use domain::pattern::require_match_budget;
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

type PendingReply = Sender<Box<dyn StorageRequest>>;
/// One end of a queue for each [`ReadPool`], in the order of [`ReadPool::ALL`].
type ReadQueues<End> = [End; ReadPool::ALL.len()];

/// A database being served. Clones share it; dropping the last one finishes what waits and closes
/// it.
#[derive(Clone)]
pub struct Storage {
    threads: Arc<StorageThreads>,
}

/// Opens a database for reading beside the storage that serves it.
#[derive(Clone, Debug)]
pub struct StorageOpener {
    database: Database,
    queue: usize,
}

impl StorageOpener {
    /// # Errors
    /// As [`Storage::open_for_reading`].
    pub fn open(&self) -> Result<Storage, StorageError> {
        Storage::open_for_reading(&self.database, self.queue)
    }
}

struct StorageThreads {
    database: Database,
    /// Requests that may wait.
    queue: usize,
    writes: Option<PendingReply>,
    /// Small writes. On PostgreSQL they share transactions, on SQLite all do and these come first.
    groups: Option<PendingReply>,
    /// One queue for each [`ReadPool`]; none once the storage closes.
    reads: Option<ReadQueues<PendingReply>>,
    /// The same for reads that a replica may serve, where there is one.
    replica: Option<ReadQueues<PendingReply>>,
    writers: Vec<JoinHandle<()>>,
    readers: Vec<JoinHandle<()>>,
    /// Of a file that may be written to.
    files: Option<OpenFiles>,
    wipe: LogWipe,
}

impl Storage {
    /// Opens the database and starts the threads; with [`DatabaseAccess::Own`] makes it and brings
    /// it to this program's schema. Blocks; on PostgreSQL outside an asynchronous runtime only, or
    /// in one of its blocking threads.
    ///
    /// # Errors
    /// When it cannot be reached, opened or made, or is not a database this program knows; with
    /// another access than [`DatabaseAccess::Own`] also [`StorageError::NoSchema`] and
    /// [`StorageError::OlderSchema`].
    pub fn open(options: &StorageOptions) -> Result<Self, StorageError> {
        let (writes, write_queue) = bounded(options.queue);
        let (groups, group_queue) = bounded(options.queue);
        let (reads, read_queues) = bounded_queues(options.queue);
        let mut threads = StorageThreads {
            database: options.database.clone(),
            queue: options.queue,
            groups: Some(groups),
            writes: Some(writes),
            reads: Some(reads),
            replica: None,
            writers: Vec::new(),
            readers: Vec::new(),
            files: None,
            wipe: LogWipe::default(),
        };
        match &options.database {
            Database::Sqlite(path) => {
                let writes = sqlite::WriteQueues { small: group_queue, large: write_queue };
                threads.start_sqlite(path, options, writes, &read_queues)?;
            }
            Database::Postgres(url) => {
                threads.start_postgres(url, options, [&write_queue, &group_queue], &read_queues)?;
            }
        }
        if let Some(url) = &options.replica {
            let (replica, replica_queues) = bounded_queues(options.queue);
            threads.start_replica(url, options, &replica_queues)?;
            threads.replica = Some(replica);
        }
        Ok(Self { threads: Arc::new(threads) })
    }

    /// What opens the same database once more, for reading aside: it keeps nothing open itself.
    #[must_use]
    pub fn opener(&self) -> StorageOpener {
        StorageOpener { database: self.threads.database.clone(), queue: self.threads.queue }
    }

    /// A database that is there, on one reading thread with a connection of its own: for long work
    /// in short transactions. Nobody else waits for it, and it waits for nobody. It writes nothing,
    /// and the schema stays as it is, as does a log that a crash left.
    ///
    /// # Errors
    /// When the database cannot be reached or opened; [`StorageError::ForeignLog`] for a copy
    /// beside another file's log.
    pub fn open_for_reading(database: &Database, queue: usize) -> Result<Self, StorageError> {
        let (reads, queues) = bounded_queues(queue);
        let waiting = queues[ReadPool::Requests.index()].clone();
        let reader = match database {
            Database::Sqlite(path) => {
                let connection = sqlite::open_reader_that_keeps_the_log(path)?;
                start("aside-reader", move || sqlite::serve_reads(&connection, &waiting))?
            }
            Database::Postgres(url) => {
                let mut line = PostgresConnection::new(
                    &PostgresAddress::parse(&url.0)?,
                    ConnectionPurpose::Read,
                )?;
                start("aside-reader", move || postgres::serve_reads(&mut line, &waiting))?
            }
        };
        let threads = StorageThreads {
            database: database.clone(),
            queue,
            groups: None,
            writes: None,
            reads: Some(reads),
            replica: None,
            writers: Vec::new(),
            readers: vec![reader],
            files: None,
            wipe: LogWipe::default(),
        };
        Ok(Self { threads: Arc::new(threads) })
    }

    /// Runs a closure in a transaction on a writing thread. The reply comes after the commit is on
    /// disk, or says that nothing was kept. A caller that stops waiting does not stop the write.
    ///
    /// The closure may run again, because a request beside it failed or the database asks for it,
    /// so it must change nothing but the database.
    ///
    /// # Errors
    /// What the closure returns, with its changes undone; or a [`StorageError`] of the transaction,
    /// nothing kept.
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

    /// Runs a closure in a transaction on a reading thread: all its statements see one state of the
    /// database.
    ///
    /// # Errors
    /// What the closure returns, or a [`StorageError`].
    pub async fn read<T, E, F>(&self, operation: F) -> Result<T, E>
    where
        F: Fn(&mut dyn Transaction) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        self.read_in(ReadPool::Requests, operation).await
    }

    /// [`Storage::read`] on the threads of a pool.
    ///
    /// # Errors
    /// As [`Storage::read`].
    pub async fn read_in<T, E, F>(&self, pool: ReadPool, operation: F) -> Result<T, E>
    where
        F: Fn(&mut dyn Transaction) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let (request, reply) = request(operation);
        offer(queue(self.threads.reads.as_ref(), pool), request)?;
        reply.await.unwrap_or_else(|_| Err(StorageError::Closed.into()))
    }

    /// [`Storage::read_in`] on the replica, which may be behind; its state is the closure's to
    /// judge. It is given up sooner than the primary.
    ///
    /// # Errors
    /// As [`Storage::read`]; [`StorageError::Closed`] without a replica.
    pub async fn read_replica<T, E, F>(&self, pool: ReadPool, operation: F) -> Result<T, E>
    where
        F: Fn(&mut dyn Transaction) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let (request, reply) = request(operation);
        offer(queue(self.threads.replica.as_ref(), pool), request)?;
        reply.await.unwrap_or_else(|_| Err(StorageError::Closed.into()))
    }

    /// Whether lists and exports may be read from a replica, which may be behind.
    #[must_use]
    pub fn has_replica(&self) -> bool {
        self.threads.replica.is_some()
    }

    /// [`Storage::write`] for a small closure that locks one instance and nothing else: on
    /// PostgreSQL too, many may share one commit then, and on SQLite it goes before others.
    ///
    /// # Errors
    /// As [`Storage::write`].
    pub async fn write_grouped<T, E, F>(&self, operation: F) -> Result<T, E>
    where
        F: Fn(&mut dyn Transaction) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let (request, reply) = request(operation);
        offer(self.threads.groups.as_ref(), request)?;
        reply.await.unwrap_or_else(|_| Err(StorageError::Closed.into()))
    }

    /// [`Storage::write`] for callers outside an asynchronous runtime; waits for a place in the
    /// queue.
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

    /// [`Storage::read`] for callers outside an asynchronous runtime; waits for a place in the
    /// queue.
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
        wait_for_place(queue(self.threads.reads.as_ref(), ReadPool::Requests), request)?;
        reply.blocking_recv().unwrap_or_else(|_| Err(StorageError::Closed.into()))
    }

    /// [`Storage::read_replica`] for callers outside an asynchronous runtime; waits for a place in
    /// the queue.
    ///
    /// # Errors
    /// As [`Storage::read_replica`].
    pub fn read_replica_blocking<T, E, F>(&self, operation: F) -> Result<T, E>
    where
        F: Fn(&mut dyn Transaction) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let (request, reply) = request(operation);
        wait_for_place(queue(self.threads.replica.as_ref(), ReadPool::Requests), request)?;
        reply.blocking_recv().unwrap_or_else(|_| Err(StorageError::Closed.into()))
    }

    /// Whether the files of the database are still where they were opened, as far as that can be
    /// known.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] when they were removed or replaced: then no write is
    /// acknowledged.
    pub fn is_in_place(&self) -> Result<(), StorageError> {
        self.threads.files.as_ref().map_or(Ok(()), OpenFiles::are_in_place)
    }

    /// Has the log of a file emptied as soon as nobody reads from it, so that what was erased is
    /// not left in it. Comes back at once. Until [`Storage::is_log_wiped`] it is to be called again
    /// from time to time, because a log that somebody reads is not waited for.
    pub fn wipe_log(&self) {
        self.threads.wipe.request();
        // Whatever becomes of it: it only makes the writer look.
        let (look, _) = request(|_: &mut dyn Transaction| Ok::<_, StorageError>(()));
        let _ = offer(self.threads.groups.as_ref(), look);
    }

    /// Whether nothing is left to be done for [`Storage::wipe_log`].
    #[must_use]
    pub fn is_log_wiped(&self) -> bool {
        self.threads.files.is_none() || !self.threads.wipe.is_requested()
    }

    /// How many requests wait at this moment.
    #[must_use]
    pub fn backlog(&self) -> RequestBacklog {
        let StorageThreads { writes, groups, reads, replica, .. } = self.threads.as_ref();
        let length = |queue: &Option<Sender<_>>| queue.as_ref().map_or(0, Sender::len);
        let all = |queues: &Option<ReadQueues<Sender<_>>>| {
            queues.iter().flatten().map(Sender::len).sum::<usize>()
        };
        RequestBacklog { writes: length(writes) + length(groups), reads: all(reads) + all(replica) }
    }

    /// Looks through the whole file for damage; gives what was found, at most ten lines. Blocks,
    /// long for a large file. A PostgreSQL looks after its own files: nothing is found there.
    ///
    /// # Errors
    /// When the file cannot be read at all.
    pub fn integrity_errors(&self) -> Result<Vec<String>, StorageError> {
        match &self.threads.database {
            Database::Sqlite(path) => sqlite::integrity_errors(&sqlite::open_reader(path)?),
            Database::Postgres(_) => Ok(Vec::new()),
        }
    }

    /// Remembers the file in which a new installation began. On PostgreSQL every writing connection
    /// sees to it.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn remember_place(&self) -> Result<(), StorageError> {
        let Database::Sqlite(path) = &self.threads.database else { return Ok(()) };
        let current = self.read(|tx: &mut dyn Transaction| history::current(tx)).await?;
        if current.is_none_or(|row| row.place.is_some()) {
            // Whoever only reads has nothing to write with, and nobody else needs the write lock
            // for it.
            return Ok(());
        }
        let place = sqlite::file_fingerprint(path)?;
        self.write(move |tx| match history::current(tx)? {
            Some(row) if row.place.is_none() => history::set_place(tx, &place),
            _ => Ok(()),
        })
        .await
    }

    /// What the database's server promises of what is committed; none on a file, where this program
    /// sees to it. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn durability(&self) -> Result<Option<Durability>, StorageError> {
        match &self.threads.database {
            Database::Sqlite(_) => Ok(None),
            Database::Postgres(_) => self.read_blocking(postgres::durability).map(Some),
        }
    }

    /// Copies the database as it is at this moment into a new file, while reading and writing go
    /// on. Blocks.
    ///
    /// # Errors
    /// [`StorageError::Exists`] when there is a file already; [`StorageError::Elsewhere`] on
    /// PostgreSQL; otherwise when reading or writing fails.
    pub fn backup(
        &self,
        to: &Path,
        progress: &mut dyn FnMut(BackupProgress),
    ) -> Result<(), StorageError> {
        match &self.threads.database {
            Database::Sqlite(path) => backup::copy_to_file(path, to, progress),
            Database::Postgres(_) => Err(StorageError::Elsewhere(
                "a PostgreSQL database is backed up with its own tools, such as pg_dump or a base backup",
            )),
        }
    }
}

impl StorageThreads {
    fn start_sqlite(
        &mut self,
        path: &Path,
        options: &StorageOptions,
        writes: sqlite::WriteQueues,
        reads: &ReadQueues<RequestQueue>,
    ) -> Result<(), StorageError> {
        if options.access != DatabaseAccess::Own {
            // Before a writer is opened: it would make a database of an empty file.
            sqlite::refuse_foreign_log(path)?;
            let connection = sqlite::open_reader(path)?;
            migration::demand_current(&mut SqliteTransaction::new(&connection), migration::SQLITE)?;
        }
        if options.access == DatabaseAccess::Read {
            self.groups = None;
            self.writes = None;
        } else {
            self.start_sqlite_writer(path, options, writes)?;
        }
        for (pool, queue) in readers(options, reads) {
            let connection = sqlite::open_reader(path)?;
            self.readers
                .push(start(pool.thread_name(), move || sqlite::serve_reads(&connection, &queue))?);
        }
        Ok(())
    }

    fn start_sqlite_writer(
        &mut self,
        path: &Path,
        options: &StorageOptions,
        writes: sqlite::WriteQueues,
    ) -> Result<(), StorageError> {
        let owns_log = options.access == DatabaseAccess::Own;
        // Whoever opens it beside a server has seen that the schema is the present one, and changes
        // nothing of it here.
        let mut connection = sqlite::open_writer_in_epoch(path, options.epochs.as_ref())?;
        if let Some(pages) = options.max_pages {
            connection.pragma_update(None, "max_page_count", pages).map_err(sqlite::translate)?;
        }
        let folding = sqlite::Checkpointer::start(
            path,
            &mut connection,
            sqlite::CHECKPOINT_AT_PAGES,
            self.wipe.clone(),
        )?;
        let files = OpenFiles::of(path);
        self.files = Some(files.clone());
        let writer = sqlite::SqliteWriter {
            connection,
            folding,
            files,
            group: options.group.max(1),
            owns_log,
        };
        self.writers.push(start("storage-writer", move || sqlite::serve_writes(writer, &writes))?);
        Ok(())
    }

    fn start_postgres(
        &mut self,
        url: &DatabaseUrl,
        options: &StorageOptions,
        [writes, groups]: [&RequestQueue; 2],
        reads: &ReadQueues<RequestQueue>,
    ) -> Result<(), StorageError> {
        let address = PostgresAddress::parse(&url.0)?;
        // A thread of its own: an event loop may not run inside another.
        let (schema, access) = (address.clone(), options.access);
        // Whoever only reads, as a command does, begins no epoch; and what it reads leads nobody
        // on.
        let arrival =
            options.epochs.clone().filter(|_| access != DatabaseAccess::Read).map(Arrival::new);
        let first = arrival.clone();
        let seen_to = thread::spawn(move || {
            match access {
                DatabaseAccess::Own => postgres::migrate(&schema, migration::POSTGRES)?,
                DatabaseAccess::Beside => postgres::demand_schema(&schema, migration::POSTGRES)?,
                DatabaseAccess::Read => {
                    return postgres::demand_schema(&schema, migration::POSTGRES);
                }
            }
            // A database that cannot be written is told of at the start.
            PostgresConnection::new(&schema, ConnectionPurpose::Write)?
                .arriving(first)
                .connect_and_check_epoch()
        });
        seen_to.join().map_err(|_| StorageError::Panicked)??;
        let (writers, groupers) = match access {
            DatabaseAccess::Own | DatabaseAccess::Beside => (options.writers.max(1), GROUPERS),
            DatabaseAccess::Read => (0, 0),
        };
        if access == DatabaseAccess::Read {
            self.groups = None;
            self.writes = None;
        }
        for _ in 0..writers {
            let line = PostgresConnection::new(&address, ConnectionPurpose::Write)?
                .arriving(arrival.clone());
            let (mut line, queue) = (line, writes.clone());
            self.writers
                .push(start("storage-writer", move || postgres::serve_writes(&mut line, &queue))?);
        }
        let group = options.group.max(1);
        for _ in 0..groupers {
            let line = PostgresConnection::new(&address, ConnectionPurpose::Write)?
                .arriving(arrival.clone());
            let (mut line, queue) = (line, groups.clone());
            self.writers.push(start("storage-grouper", move || {
                postgres::serve_groups(&mut line, &queue, group)
            })?);
        }
        for (pool, queue) in readers(options, reads) {
            let mut line = PostgresConnection::new(&address, ConnectionPurpose::Read)?
                .arriving(arrival.clone());
            self.readers
                .push(start(pool.thread_name(), move || postgres::serve_reads(&mut line, &queue))?);
        }
        Ok(())
    }

    /// The replica need not be there yet, nor ever: it is asked when there is something to read.
    fn start_replica(
        &mut self,
        url: &DatabaseUrl,
        options: &StorageOptions,
        reads: &ReadQueues<RequestQueue>,
    ) -> Result<(), StorageError> {
        if let Database::Sqlite(_) = options.database {
            return Err(StorageError::Address("a file has no replica".to_owned()));
        }
        let address = PostgresAddress::parse(&url.0)?;
        for (_, queue) in readers(options, reads) {
            let mut line = PostgresConnection::new(&address, ConnectionPurpose::Read)?;
            self.readers.push(start("replica-reader", move || {
                postgres::serve_replica_reads(&mut line, &queue)
            })?);
        }
        Ok(())
    }
}

fn bounded_queues(length: usize) -> (ReadQueues<PendingReply>, ReadQueues<RequestQueue>) {
    let ends = ReadPool::ALL.map(|_| bounded(length));
    (ends.clone().map(|(waiting, _)| waiting), ends.map(|(_, queue)| queue))
}

/// The queue each reading thread is to serve.
fn readers(
    options: &StorageOptions,
    queues: &ReadQueues<RequestQueue>,
) -> impl Iterator<Item = (ReadPool, RequestQueue)> {
    let threads = |pool: ReadPool| std::iter::repeat_n(pool, pool.threads(options.readers));
    ReadPool::ALL.into_iter().flat_map(threads).map(|pool| (pool, queues[pool.index()].clone()))
}

fn queue(queues: Option<&ReadQueues<PendingReply>>, pool: ReadPool) -> Option<&PendingReply> {
    queues.map(|queues| &queues[pool.index()])
}

fn offer(
    queue: Option<&PendingReply>,
    request: Box<dyn StorageRequest>,
) -> Result<(), StorageError> {
    queue.ok_or(StorageError::Closed)?.try_send(request).map_err(|refused| match refused {
        TrySendError::Full(_) => StorageError::Busy,
        TrySendError::Disconnected(_) => StorageError::Closed,
    })
}

fn wait_for_place(
    queue: Option<&PendingReply>,
    request: Box<dyn StorageRequest>,
) -> Result<(), StorageError> {
    queue.ok_or(StorageError::Closed)?.send(request).map_err(|_| StorageError::Closed)
}

fn start(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StorageError> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(|| {
            require_match_budget();
            work();
        })
        .map_err(|error| StorageError::Unavailable(error.to_string()))
}

impl Drop for StorageThreads {
    /// Readers end first, so that the writer finds nobody in the log it folds away.
    fn drop(&mut self) {
        self.reads = None;
        self.replica = None;
        self.readers.drain(..).for_each(join);
        self.writes = None;
        self.groups = None;
        self.writers.drain(..).for_each(join);
    }
}

/// A thread that drops the last handle from within a request cannot wait for itself.
fn join(thread: JoinHandle<()>) {
    if thread.thread().id() != thread::current().id() {
        // A storage thread catches the panics of what it runs; there is nobody left to tell of
        // another.
        let _ = thread.join();
    }
}

#[cfg(test)]
mod tests;
