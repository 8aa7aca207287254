//! Where the database is and how much of the machine it may use.

use crate::pool::ReadPool;
use domain::time::Timestamp;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Threads that commit small writes together on PostgreSQL: while one waits for its commit, the
/// other collects.
pub(crate) const GROUPERS: usize = 2;

/// Which database, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file; made if it is missing. Its folder must exist.
    Sqlite(PathBuf),
    /// A server, as
    /// `postgres://user:password@host:5432/database?sslmode=require&sslrootcert=/etc/ca.pem`.
    Postgres(DatabaseUrl),
}

/// An address with a password in it, which it does not show.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(pub String);

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("postgres://...")
    }
}

/// What gives a new epoch's random text and the moment it begins: time and chance belong to whoever
/// opens the database.
#[derive(Clone)]
pub struct EpochSource(Arc<dyn Fn() -> (String, Timestamp) + Send + Sync>);

impl EpochSource {
    /// A source that asks `fresh` for each epoch: a random text and the moment it begins.
    pub fn new(fresh: impl Fn() -> (String, Timestamp) + Send + Sync + 'static) -> Self {
        Self(Arc::new(fresh))
    }

    pub(crate) fn next_epoch(&self) -> (String, Timestamp) {
        (self.0)()
    }
}

impl fmt::Debug for EpochSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("EpochSource")
    }
}

/// What a database is opened for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DatabaseAccess {
    /// By its server: brings the schema to this program's, makes what is missing, and empties the
    /// log of a file at the end.
    #[default]
    Own,
    /// To read and write beside a server. The schema stays as it is, and the log of a file is left
    /// to the server: emptying it takes the write lock and waits for readers, and everybody's
    /// answers would wait behind that.
    Beside,
    /// To read. There is no writing thread.
    Read,
}

/// Where the database is and how much of the machine it may use.
#[derive(Clone, Debug)]
pub struct StorageOptions {
    pub database: Database,
    pub access: DatabaseAccess,
    /// A copy of a PostgreSQL that follows it, for [`crate::Storage::read_replica`]. A SQLite file
    /// has none.
    pub replica: Option<DatabaseUrl>,
    /// Reading threads for requests, each with a connection; on SQLite also with a cache of 4 MiB.
    /// One more each for health and deadlines, for exports and for statistics
    /// ([`crate::ReadPool`]).
    pub readers: usize,
    /// Writing threads on PostgreSQL, each with a connection. SQLite has one.
    pub writers: usize,
    /// Requests that may wait for the writers, and as many for each pool of readers, before
    /// [`crate::StorageError::Busy`].
    pub queue: usize,
    /// Small writes that share one commit at most; a quarter as many large ones do.
    pub group: usize,
    /// A SQLite file's greatest size in pages of 4 KiB; none is no limit.
    pub max_pages: Option<u32>,
    /// With it, a database that is found in another place than the one it was left in, as a
    /// restored copy, begins a new epoch of its history before anything is read or written.
    pub epochs: Option<EpochSource>,
}

impl StorageOptions {
    /// The settings for a database where nothing else is known.
    #[must_use]
    pub fn of(database: Database) -> Self {
        let access = DatabaseAccess::Own;
        Self {
            database,
            access,
            replica: None,
            readers: 4,
            writers: 8,
            queue: 8192,
            group: 64,
            max_pages: None,
            epochs: None,
        }
    }

    /// How many connections a server takes to a PostgreSQL.
    #[must_use]
    pub fn connections(&self) -> usize {
        let reading: usize = ReadPool::ALL.iter().map(|pool| pool.threads(self.readers)).sum();
        self.writers.max(1) + GROUPERS + reading
    }

    /// The settings for a SQLite file where nothing else is known.
    #[must_use]
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self::of(Database::Sqlite(path.as_ref().to_owned()))
    }
}
