//! The data directory: what lies in it under which name, and who may use it.

use crate::trouble::{Kind, Trouble};
use anyhow::Context;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use storage::{Database, EpochSource, Options, Storage, StorageError, Url};

const DATABASE: &str = "assay.sqlite";
const SERVER_LOCK: &str = "serving.lock";

/// The directory that holds everything the server keeps.
#[derive(Clone, Debug)]
pub struct DataDir {
    path: PathBuf,
    /// How the database is opened: the directory's own file, or a PostgreSQL that makes the directory needless.
    options: Options,
}

/// Held by the one server of a directory, until it is dropped or the process ends.
#[derive(Debug)]
pub struct ServerLock(#[expect(dead_code, reason = "held, not used")] Option<File>);

impl DataDir {
    /// `readers` is the number of threads that read the database.
    #[must_use]
    pub fn new(path: &Path, readers: usize) -> Self {
        Self { path: path.to_owned(), options: Options { readers, ..Options::new(path.join(DATABASE)) } }
    }

    /// A directory whose database is on a PostgreSQL: nothing is kept in it, and it need not exist.
    #[must_use]
    pub fn of_server(path: &Path, url: &Url, readers: usize, writers: usize) -> Self {
        let database = Database::Postgres(url.clone());
        Self { path: path.to_owned(), options: Options { readers, writers, ..Options::of(database) } }
    }

    /// A replica of that PostgreSQL.
    #[must_use]
    pub fn with_replica(mut self, url: Option<&Url>) -> Self {
        self.options.replica = url.cloned();
        self
    }

    /// The same directory, whose database begins a new epoch of its history when it is a restored copy.
    #[must_use]
    pub fn beginning_epochs(mut self, epochs: EpochSource) -> Self {
        self.options.epochs = Some(epochs);
        self
    }

    /// Whether everything is kept on a PostgreSQL.
    #[must_use]
    pub const fn is_on_server(&self) -> bool {
        matches!(self.options.database, Database::Postgres(_))
    }

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

    #[must_use]
    pub fn has_database(&self) -> bool {
        self.is_on_server() || self.database().exists()
    }

    /// Makes the directory if it is missing. Only the owner may enter a directory made here: it holds personal data.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn make(&self) -> anyhow::Result<()> {
        if self.is_on_server() {
            return Ok(());
        }
        DirBuilder::new().recursive(true).mode(0o700).create(&self.path).with_context(|| {
            format!("cannot make the data directory {}; name another with --data-dir", self.path.display())
        })
    }

    /// Opens the database, making directory and database if they are missing.
    ///
    /// # Errors
    /// The directory cannot be made or the database not be opened.
    pub fn open_or_make(&self) -> anyhow::Result<Storage> {
        self.make()?;
        self.open()
    }

    /// Opens a database that is there.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when there is none; otherwise when it cannot be opened.
    pub fn open_existing(&self) -> anyhow::Result<Storage> {
        if !self.has_database() {
            return Err(self.nothing_here());
        }
        self.open()
    }

    /// Opens a database that is there for reading on one connection: nothing is changed, not even its schema.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when there is none; otherwise when it cannot be opened.
    pub fn open_reading(&self) -> anyhow::Result<Storage> {
        if !self.has_database() {
            return Err(self.nothing_here());
        }
        Ok(Storage::reading(&self.options.database, self.options.queue)?)
    }

    fn nothing_here(&self) -> anyhow::Error {
        let message = format!("There is no database in {}.", self.path.display());
        let advice = "Name the data directory with --data-dir, or begin with `assay org create NAME`.";
        Trouble::new(Kind::NotFound, message).advise(advice).into()
    }

    fn open(&self) -> anyhow::Result<Storage> {
        let opened = Storage::open(&self.options);
        if let Err(error @ StorageError::ForeignLog(_)) = &opened {
            let message =
                format!("A backup was put here beside what a crashed server left: {error}. Nothing was changed.");
            let advice =
                "Run `assay restore BACKUP --move-aside`: it puts the old log aside, and the backup into its place.";
            return Err(Trouble::new(Kind::Refused, message).advise(advice).into());
        }
        opened.with_context(|| match self.is_on_server() {
            true => "cannot open the database of --database-url".to_owned(),
            false => format!("cannot open {}; `assay doctor` may tell more", self.database().display()),
        })
    }

    /// Makes sure that no other server runs on this directory.
    ///
    /// # Errors
    /// Another one does, or the file of the lock cannot be made.
    pub fn lock_for_serving(&self) -> anyhow::Result<ServerLock> {
        if self.is_on_server() {
            // Servers may share it: what must not happen twice at once is locked there.
            return Ok(ServerLock(None));
        }
        let path = self.file(SERVER_LOCK);
        let file = File::create(&path).with_context(|| format!("cannot make {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(ServerLock(Some(file))),
            Err(TryLockError::WouldBlock) => {
                let message = format!("Another server runs on {}.", self.path.display());
                Err(Trouble::new(Kind::Failed, message)
                    .advise("Stop it, or name another directory with --data-dir.")
                    .into())
            }
            Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {}", path.display())),
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

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
        let error = directory.open_existing().err().unwrap();
        assert_eq!(error.downcast_ref::<Trouble>().unwrap().kind, Kind::NotFound);
        assert!(!directory.path().exists());
    }

    #[test]
    fn a_directory_made_here_is_for_its_owner_only() {
        let (_above, directory) = fresh();
        drop(directory.open_or_make().unwrap());
        assert_eq!(mode(directory.path()), 0o700);
        assert!(directory.open_existing().is_ok());
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
