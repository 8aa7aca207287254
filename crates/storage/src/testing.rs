//! Development only: an empty database for one test, on either engine.
//!
//! With `ASSAY_TEST_POSTGRES` set to the address of a server's maintenance database, each test gets
//! a database of its own there, copied from a template that the first test makes; otherwise a file
//! in a temporary folder.

use crate::postgres::{ConnectionPurpose, PostgresAddress, PostgresConnection};
use crate::{
    Database, DatabaseUrl, SqlRow, Storage, StorageOptions, Transaction, migration, values,
};
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;

/// The setting that names the server.
pub const SERVER: &str = "ASSAY_TEST_POSTGRES";

/// A database that is removed with this.
pub struct ScratchDatabase {
    folder: TempDir,
    database: Database,
}

impl ScratchDatabase {
    /// # Panics
    /// When there is no place for a database.
    #[must_use]
    pub fn new() -> Self {
        let mut scratch = Self::embedded();
        if let Some(server) = server() {
            scratch.database = Database::Postgres(DatabaseUrl(copy_of_template(&server)));
        }
        scratch
    }

    /// A SQLite file, whatever the tests run on.
    ///
    /// # Panics
    /// When there is no place for a database.
    #[must_use]
    pub fn embedded() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let database = Database::Sqlite(folder.path().join("assay.sqlite"));
        Self { folder, database }
    }

    /// Options that open this database with few threads.
    #[must_use]
    pub fn options(&self) -> StorageOptions {
        // Few threads: a test's load is small, and a server has a hundred connections for all tests
        // together.
        StorageOptions { writers: 3, readers: 2, ..StorageOptions::of(self.database.clone()) }
    }

    /// Another database with everything that is in this one at this moment; nothing may be
    /// connected to this one. None for a file.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn copied(&self) -> Option<Self> {
        let (Database::Postgres(url), Some(server)) = (&self.database, server()) else {
            return None;
        };
        let mut copy = Self::embedded();
        copy.database = Database::Postgres(DatabaseUrl(copy_of(&server, name_of(url))));
        Some(copy)
    }

    /// Where the database is, when it is on a server.
    #[must_use]
    pub fn url(&self) -> Option<DatabaseUrl> {
        match &self.database {
            Database::Postgres(url) => Some(url.clone()),
            Database::Sqlite(_) => None,
        }
    }

    /// The temporary folder, removed at the end of the test.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Default for ScratchDatabase {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for ScratchDatabase {
    fn drop(&mut self) {
        if let (Database::Postgres(url), Some(server)) = (&self.database, server()) {
            command(&server, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", name_of(url)));
        }
    }
}

/// The text columns of all tables that hold a word in some row, in any case, as `table.column`.
///
/// # Panics
/// When the catalogue cannot be read.
pub fn columns_holding(tx: &mut dyn Transaction, word: &str) -> Vec<String> {
    let catalogue = if tx.lock_clause().is_empty() {
        "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c \
            WHERE m.type = 'table' AND c.type = 'TEXT' ORDER BY m.name, c.cid"
    } else {
        "SELECT table_name::text, column_name::text FROM information_schema.columns \
            WHERE table_schema = current_schema() AND data_type = 'text' ORDER BY 1, ordinal_position"
    };
    let read = |row: &dyn SqlRow| Ok((row.get::<String>(0)?, row.get::<String>(1)?));
    let columns = tx.list(catalogue, &[], read).expect("a catalogue can be read");
    let pattern = format!("%{}%", word.to_lowercase());
    let mut holds = |table: &str, column: &str| {
        let sql = format!("SELECT count(*) FROM {table} WHERE lower({column}) LIKE $1");
        tx.integer(&sql, values![&pattern]).expect("a table can be read") > 0
    };
    let found = columns.into_iter().filter(|(table, column)| holds(table, column));
    found.map(|(table, column)| format!("{table}.{column}")).collect()
}

/// Whether tests run on PostgreSQL.
#[must_use]
pub fn is_postgres() -> bool {
    server().is_some()
}

fn server() -> Option<String> {
    std::env::var(SERVER).ok().filter(|url| !url.is_empty())
}

fn copy_of_template(server: &str) -> String {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    copy_of(server, TEMPLATE.get_or_init(|| make_template(server)))
}

fn copy_of(server: &str, template: &str) -> String {
    static COPIES: AtomicU64 = AtomicU64::new(0);
    let name = format!("assay_{}_{}", std::process::id(), COPIES.fetch_add(1, Ordering::SeqCst));
    command(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
    command(server, &format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"));
    with_database(server, &name)
}

/// Named after what it holds, so that a changed schema makes another. Made under another name
/// first: whoever finds it finds it whole.
fn make_template(server: &str) -> String {
    let mut digest = Sha256::new();
    migration::POSTGRES.iter().for_each(|migration| digest.update(migration.sql));
    let name = format!("assay_template_{}", &hex::encode(digest.finalize())[..12]);
    let making = format!("{name}_{}", std::process::id());
    command(server, &format!("DROP DATABASE IF EXISTS {making} WITH (FORCE)"));
    command(server, &format!("CREATE DATABASE {making} TEMPLATE template0 ENCODING 'UTF8'"));
    let database = Database::Postgres(DatabaseUrl(with_database(server, &making)));
    drop(Storage::open(&StorageOptions::of(database)).expect("the template can be made"));
    let sql = format!("ALTER DATABASE {making} RENAME TO {name}");
    if !run(server, &sql) {
        // Another test process was first.
        command(server, &format!("DROP DATABASE {making} WITH (FORCE)"));
    }
    name
}

fn name_of(url: &DatabaseUrl) -> &str {
    url.0.split('?').next().and_then(|front| front.rsplit('/').next()).unwrap_or_default()
}

fn with_database(server: &str, name: &str) -> String {
    let (front, query) = server
        .split_once('?')
        .map_or((server, String::new()), |(front, query)| (front, format!("?{query}")));
    let (host, _) = front.rsplit_once('/').expect("an address with a database");
    format!("{host}/{name}{query}")
}

fn command(server: &str, sql: &str) {
    assert!(run(server, sql), "{sql}");
}

/// Runs one statement on a connection of its own. In a thread: tests may be inside an event loop.
fn run(server: &str, sql: &str) -> bool {
    let (server, sql) = (server.to_owned(), sql.to_owned());
    let statement = move || {
        let address = PostgresAddress::parse(&server).expect("the server's address can be used");
        let mut line = PostgresConnection::new(&address, ConnectionPurpose::Write)
            .expect("a line can be made");
        line.execute_alone(&sql).map_err(|error| eprintln!("{sql}: {error}")).is_ok()
    };
    std::thread::spawn(statement).join().unwrap_or(false)
}
