//! The data directory: what lies in it under which name, and who may use it.

use crate::cli_error::{CliError, ExitKind};
use anyhow::Context;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use storage::{
    Database, DatabaseAccess, DatabaseInspection, DatabaseUrl, EpochSource, SchemaState, Storage,
    StorageError, StorageOptions,
};

const DATABASE: &str = "assay.sqlite";
/// SQLite's names of the files beside it.
const LOG: &str = "assay.sqlite-wal";
const LOG_INDEX: &str = "assay.sqlite-shm";
const SERVER_LOCK: &str = "serving.lock";
/// What is said beside the database about what it held; see [`crate::witness`].
pub const WITNESS: &str = "witness.json";
/// Where and when the last backup was made.
pub const LAST_BACKUP: &str = "last-backup.json";
/// Modes that let others than the owner in.
const OTHERS: u32 = 0o077;

/// The directory that holds everything the server keeps.
#[derive(Clone, Debug)]
pub struct DataDir {
    path: PathBuf,
    /// How the database is opened: the directory's own file, or a PostgreSQL that makes the
    /// directory needless.
    options: StorageOptions,
}

/// Held by the one server of a directory, until it is dropped or the process ends.
#[derive(Debug)]
pub struct ServerLock(#[expect(dead_code, reason = "held, not used")] Option<File>);

impl DataDir {
    /// `readers` is the number of threads that read the database.
    #[must_use]
    pub fn new(path: &Path, readers: usize) -> Self {
        Self {
            path: path.to_owned(),
            options: StorageOptions { readers, ..StorageOptions::new(path.join(DATABASE)) },
        }
    }

    /// A directory whose database is on a PostgreSQL: nothing is kept in it, and it need not exist.
    #[must_use]
    pub fn on_postgres(path: &Path, url: &DatabaseUrl, readers: usize, writers: usize) -> Self {
        let database = Database::Postgres(url.clone());
        Self {
            path: path.to_owned(),
            options: StorageOptions { readers, writers, ..StorageOptions::of(database) },
        }
    }

    /// A replica of that PostgreSQL.
    #[must_use]
    pub fn with_replica(mut self, url: Option<&DatabaseUrl>) -> Self {
        self.options.replica = url.cloned();
        self
    }

    /// The same directory, whose database begins a new epoch of its history when it is a restored
    /// copy.
    #[must_use]
    pub fn with_epochs(mut self, epochs: EpochSource) -> Self {
        self.options.epochs = Some(epochs);
        self
    }

    /// Whether everything is kept on a PostgreSQL.
    #[must_use]
    pub const fn is_on_postgres(&self) -> bool {
        matches!(self.options.database, Database::Postgres(_))
    }

    /// How many connections a server takes to a PostgreSQL.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.options.connections()
    }

    /// Where the directory is; it need not exist.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file of the database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// Another file of the directory.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Whether there is a database; a PostgreSQL is taken to be one without being asked.
    #[must_use]
    pub fn has_database(&self) -> bool {
        self.is_on_postgres() || self.database().exists()
    }

    /// Makes the directory if it is missing. Only the owner may enter a directory made here: it
    /// holds personal data.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn make(&self) -> anyhow::Result<()> {
        if self.is_on_postgres() {
            return Ok(());
        }
        DirBuilder::new().recursive(true).mode(0o700).create(&self.path).with_context(|| {
            format!(
                "cannot make the data directory {}; name another with --data-dir",
                self.path.display()
            )
        })
    }

    /// Where the database is.
    #[must_use]
    pub const fn location(&self) -> &Database {
        &self.options.database
    }

    /// Opens the database for whoever serves it, making it if it is missing and bringing it to this
    /// program's schema. The lock of [`DataDir::lock_for_serving`] is to be held.
    ///
    /// # Errors
    /// The database cannot be opened.
    pub fn open_to_serve(&self) -> anyhow::Result<Storage> {
        self.tighten();
        self.open(DatabaseAccess::Own)
    }

    /// Opens the database beside a server that may run, making directory and database if they are
    /// missing.
    ///
    /// # Errors
    /// The directory cannot be made or the database not be opened.
    pub fn open_or_make(&self) -> anyhow::Result<Storage> {
        if self.schema_state().is_ok_and(|state| state == SchemaState::Missing) {
            self.make()?;
            let _alone = self.lock_for_serving()?;
            drop(self.open_to_serve()?);
        }
        self.open_alongside()
    }

    /// Opens a database that is there to read and write it beside a server that may run.
    ///
    /// # Errors
    /// [`ExitKind::NotFound`] when there is none; otherwise when it cannot be opened.
    pub fn open_alongside(&self) -> anyhow::Result<Storage> {
        self.demand_file()?;
        self.tighten();
        self.open(DatabaseAccess::Beside)
    }

    /// Opens a database that is there to read it.
    ///
    /// # Errors
    /// As [`DataDir::open_alongside`].
    pub fn open_to_read(&self) -> anyhow::Result<Storage> {
        self.demand_file()?;
        let storage = self.open(DatabaseAccess::Read)?;
        // Tables alone are no installation, and who only reads cannot begin one.
        let installation = storage.read_blocking(|tx| storage::organization::installation(tx))?;
        if installation.is_some() { Ok(storage) } else { Err(self.no_database().into()) }
    }

    /// Opens a database that is there for reading on one connection: nothing is changed, not even
    /// its schema.
    ///
    /// # Errors
    /// [`ExitKind::NotFound`] when there is none; otherwise when it cannot be opened.
    pub fn open_inspection(&self) -> anyhow::Result<Storage> {
        self.require_installation()?;
        let opened = Storage::open_for_reading(&self.options.database, self.options.queue);
        opened.map_err(|error| self.cannot_open(error))
    }

    /// Whether there is a database to serve. A server never makes one: a directory that is not
    /// mounted, a wrong name and a lost file all look like a new installation, and people's codes
    /// would be unknown to it.
    ///
    /// # Errors
    /// [`ExitKind::NotFound`] when there is none; otherwise when it cannot be read.
    pub fn require_installation(&self) -> anyhow::Result<()> {
        let state = self.schema_state().map_err(|error| self.cannot_open(error))?;
        if state == SchemaState::Missing { Err(self.no_database().into()) } else { Ok(()) }
    }

    /// How far the schema of the database is, without making or changing anything. On PostgreSQL
    /// outside of any asynchronous runtime.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn schema_state(&self) -> Result<SchemaState, StorageError> {
        if !self.is_on_postgres()
            && fs::metadata(self.database()).map_or_else(is_missing, |found| found.len() == 0)
        {
            return Ok(SchemaState::Missing);
        }
        DatabaseInspection::open(&self.options.database)?.schema()
    }

    /// Whether the last server did not come to its end: it would have emptied the log.
    #[must_use]
    pub fn has_leftover_wal(&self) -> bool {
        !self.is_on_postgres() && fs::metadata(self.file(LOG)).is_ok_and(|found| found.len() > 0)
    }

    fn demand_file(&self) -> anyhow::Result<()> {
        if self.has_database() { Ok(()) } else { Err(self.no_database().into()) }
    }

    fn no_database(&self) -> CliError {
        let (message, place) = match self.is_on_postgres() {
            true => (
                "There is no assay in the database of --database-url.".to_owned(),
                "the right database",
            ),
            false if self.database().exists() => (
                format!("{} is empty: there is no database in it.", self.database().display()),
                "the data directory",
            ),
            false => {
                (format!("There is no database in {}.", self.path.display()), "the data directory")
            }
        };
        let named = if self.is_on_postgres() {
            "--database-url"
        } else {
            "--data-dir, mount it if it is not there"
        };
        let advice = format!("Name {place} with {named}, or begin with `assay org create NAME`.");
        CliError::new(ExitKind::NotFound, message).with_advice(advice)
    }

    fn open(&self, access: DatabaseAccess) -> anyhow::Result<Storage> {
        let options = StorageOptions { access, ..self.options.clone() };
        Storage::open(&options).map_err(|error| match error {
            StorageError::NoSchema => self.no_database().into(),
            error => self.cannot_open(error),
        })
    }

    fn cannot_open(&self, error: StorageError) -> anyhow::Error {
        if let StorageError::ForeignLog(_) = error {
            let message = format!(
                "A backup was put here beside what a crashed server left: {error}. Nothing was changed."
            );
            let advice = "Run `assay restore BACKUP --move-aside`: it puts the old log aside, and the backup into its place.";
            return CliError::new(ExitKind::Refused, message).with_advice(advice).into();
        }
        anyhow::Error::new(error).context(match self.is_on_postgres() {
            true => "cannot open the database of --database-url".to_owned(),
            false => {
                format!("cannot open {}; `assay doctor` may tell more", self.database().display())
            }
        })
    }

    /// Takes away what others than the owner may do with the directory and its files, and says so:
    /// they hold codes, keys and what people answered.
    fn tighten(&self) {
        if self.is_on_postgres() {
            return;
        }
        tighten(&self.path);
        for name in [DATABASE, LOG, LOG_INDEX, SERVER_LOCK, WITNESS, LAST_BACKUP] {
            tighten(&self.file(name));
        }
    }

    /// Whether a server runs on this directory. Makes nothing, and lets go of the lock at once: a
    /// server that starts meanwhile tries again.
    #[must_use]
    pub fn is_served(&self) -> bool {
        File::open(self.file(SERVER_LOCK))
            .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Makes sure that no other server runs on this directory.
    ///
    /// # Errors
    /// Another one does, or the file of the lock cannot be made.
    pub fn lock_for_serving(&self) -> anyhow::Result<ServerLock> {
        if self.is_on_postgres() {
            // Servers may share it: what must not happen twice at once is locked there.
            return Ok(ServerLock(None));
        }
        let path = self.file(SERVER_LOCK);
        let file =
            OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = file.with_context(|| format!("cannot make {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(ServerLock(Some(file))),
            Err(TryLockError::WouldBlock) => {
                let message = format!("Another server runs on {}.", self.path.display());
                Err(CliError::new(ExitKind::Failed, message)
                    .with_advice("Stop it, or name another directory with --data-dir.")
                    .into())
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", path.display()))
            }
        }
    }

    /// Writes a secret to a new file that only its owner may read.
    ///
    /// # Errors
    /// The file exists or cannot be written.
    pub fn write_secret(&self, name: &str, secret: &str) -> anyhow::Result<()> {
        use std::io::Write;
        let path = self.file(name);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let written = file.and_then(|mut file| {
            writeln!(file, "{secret}")?;
            file.sync_all()
        });
        written.with_context(|| format!("cannot write {}", path.display()))
    }

    /// The secret kept in a file, if the file exists.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read_secret(&self, name: &str) -> anyhow::Result<Option<String>> {
        let path = self.file(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text.trim_end().to_owned())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }
}

fn is_missing(error: std::io::Error) -> bool {
    error.kind() == ErrorKind::NotFound
}

fn tighten(path: &Path) {
    let Ok(found) = fs::metadata(path) else { return };
    let mode = found.permissions().mode() & 0o7777;
    if mode & OTHERS == 0 {
        return;
    }
    let (path_shown, before) = (path.display(), format!("{mode:o}"));
    match fs::set_permissions(path, fs::Permissions::from_mode(mode & !OTHERS)) {
        Ok(()) => {
            tracing::warn!(path = %path_shown, before, "others could reach this; now only its owner can")
        }
        Err(error) => {
            tracing::warn!(path = %path_shown, before, %error, "others can reach this, and it stays so")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> (tempfile::TempDir, DataDir) {
        let above = tempfile::tempdir().unwrap();
        let directory = DataDir::new(&above.path().join("deep/inside"), 1);
        (above, directory)
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_command_that_needs_a_database_makes_none() {
        let (_above, directory) = fresh();
        let error = directory.open_alongside().err().unwrap();
        assert_eq!(error.downcast_ref::<CliError>().unwrap().kind, ExitKind::NotFound);
        assert!(!directory.path().exists());
    }

    #[test]
    fn a_directory_made_here_is_for_its_owner_only() {
        let (_above, directory) = fresh();
        drop(directory.open_or_make().unwrap());
        assert_eq!(mode(directory.path()), 0o700);
        assert!(directory.open_alongside().is_ok());
        // Tables without an installation: there is nothing to read yet, and the operator is told
        // how to begin.
        let error = directory.open_to_read().err().unwrap();
        assert_eq!(error.downcast_ref::<CliError>().unwrap().kind, ExitKind::NotFound);
    }

    /// Findings faults M10 and security M1: also what an older version left open.
    #[test]
    fn a_directory_and_files_that_others_could_reach_are_closed_to_them_m1() {
        let (_above, directory) = fresh();
        drop(directory.open_or_make().unwrap());
        for (path, open) in [(directory.path().to_owned(), 0o755), (directory.database(), 0o644)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(open)).unwrap();
        }
        let _storage = directory.open_alongside().unwrap();
        assert_eq!(mode(directory.path()), 0o700);
        for name in [DATABASE, LOG, LOG_INDEX] {
            assert_eq!(mode(&directory.file(name)), 0o600, "{name}");
        }
    }

    /// Finding faults M4: a missing directory, a missing file, an empty file.
    #[test]
    fn where_there_is_no_database_none_is_served_and_none_is_made_m4() {
        let (_above, directory) = fresh();
        let refusal = |directory: &DataDir| {
            let error = directory.require_installation().unwrap_err();
            let trouble = error.downcast::<CliError>().unwrap();
            assert!(trouble.advice.as_ref().unwrap().contains("assay org create NAME"));
            (trouble.kind, trouble.message)
        };
        assert_eq!(refusal(&directory).0, ExitKind::NotFound);
        assert!(!directory.path().exists());
        directory.make().unwrap();
        assert_eq!(refusal(&directory).0, ExitKind::NotFound);
        fs::write(directory.database(), "").unwrap();
        assert!(refusal(&directory).1.contains("is empty"));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "nothing was made");
        drop(directory.open_or_make().unwrap());
        directory.require_installation().unwrap();
    }

    #[test]
    fn whether_a_server_runs_is_seen_without_making_anything() {
        let (_above, directory) = fresh();
        directory.make().unwrap();
        assert!(!directory.is_served());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
        let lock = directory.lock_for_serving().unwrap();
        assert!(directory.is_served());
        drop(lock);
        assert!(!directory.is_served());
    }

    #[test]
    fn two_servers_never_share_a_directory() {
        let (_above, directory) = fresh();
        drop(directory.open_or_make().unwrap());
        let first = directory.lock_for_serving().unwrap();
        assert!(directory.lock_for_serving().unwrap_err().to_string().contains("Another server"));
        drop(first);
        directory.lock_for_serving().unwrap();
    }

    #[test]
    fn a_secret_is_readable_by_its_owner_only_and_never_overwritten() {
        let (_above, directory) = fresh();
        drop(directory.open_or_make().unwrap());
        assert_eq!(directory.read_secret("demo-key").unwrap(), None);
        directory.write_secret("demo-key", "s3cret").unwrap();
        assert!(directory.write_secret("demo-key", "other").is_err());
        assert_eq!(directory.read_secret("demo-key").unwrap().as_deref(), Some("s3cret"));
        assert_eq!(mode(&directory.file("demo-key")), 0o600);
    }
}
