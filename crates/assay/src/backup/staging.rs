//! The folder in which a backup is made, and how it comes into its place.

use crate::cli_error::{CliError, ExitKind};
use anyhow::Context;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

const ENDING: &str = ".sqlite";
const PARTIAL: &str = ".partial";
/// In every folder in which a backup is made; locked as long as somebody makes it.
const LOCK: &str = ".assay-backup";

/// Where a backup goes: the name of its database, and what lies beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupTarget {
    database: PathBuf,
}

impl BackupTarget {
    /// A backup whose files lie beside its database.
    pub fn new(database: &Path) -> Self {
        Self { database: database.to_owned() }
    }

    /// The name of the database in its folder.
    pub fn name(&self) -> String {
        self.database.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The folder of candidates' files.
    pub fn media(&self) -> PathBuf {
        self.beside(".media")
    }

    /// The list of what the backup holds, one JSON line each.
    pub fn manifest(&self) -> PathBuf {
        self.beside(".manifest.jsonl")
    }

    fn folder(&self) -> &Path {
        match self.database.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    fn partial(&self) -> PathBuf {
        with_ending(self.database.as_os_str().to_owned(), PARTIAL)
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let text = self.database.as_os_str();
        let stem = text
            .to_str()
            .and_then(|text| text.strip_suffix(ENDING))
            .map_or_else(|| text.to_owned(), OsString::from);
        with_ending(stem, ending)
    }
}

fn with_ending(mut name: OsString, ending: &str) -> PathBuf {
    name.push(ending);
    name.into()
}

/// The folder while it is filled. What does not come to its end is removed.
pub struct Staging {
    target: BackupTarget,
    folder: PathBuf,
    _lock: File,
    is_finished: bool,
}

impl Staging {
    /// # Errors
    /// There is something at the target, another backup to it is under way, or the folder cannot be
    /// made.
    pub fn begin(target: &BackupTarget) -> anyhow::Result<Self> {
        remove_leftovers(target.folder());
        let folder = target.partial();
        if folder.exists() {
            let message = format!("Another backup to {} is under way.", target.database.display());
            return Err(CliError::new(ExitKind::Refused, message)
                .with_advice("Wait for it, or name another file.")
                .into());
        }
        for path in [target.database.clone(), target.media(), target.manifest()] {
            if path.exists() {
                let message =
                    format!("{} exists already; a backup overwrites nothing.", path.display());
                return Err(CliError::new(ExitKind::Refused, message)
                    .with_advice("Name a new file.")
                    .into());
            }
        }
        let cannot = || format!("cannot write a backup to {}", target.database.display());
        DirBuilder::new().mode(0o700).create(&folder).with_context(cannot)?;
        let lock =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(folder.join(LOCK));
        let lock = lock.with_context(cannot)?;
        lock.try_lock().with_context(cannot)?;
        Ok(Self { target: target.clone(), folder, _lock: lock, is_finished: false })
    }

    /// Where the database is written before the backup is whole.
    pub fn database(&self) -> PathBuf {
        self.inside(&self.target.database)
    }

    /// Where candidates' files are written before the backup is whole.
    pub fn media(&self) -> PathBuf {
        self.inside(&self.target.media())
    }

    /// Where the manifest is written before the backup is whole.
    pub fn manifest(&self) -> PathBuf {
        self.inside(&self.target.manifest())
    }

    fn inside(&self, path: &Path) -> PathBuf {
        self.folder.join(path.file_name().unwrap_or_default())
    }

    /// Moves everything into its place, the database last, and waits until the disk knows.
    ///
    /// # Errors
    /// When that fails; what is in its place already is removed again.
    pub fn finish(mut self) -> anyhow::Result<()> {
        let target = self.target.clone();
        let parts = [
            (self.media(), target.media()),
            (self.manifest(), target.manifest()),
            (self.database(), target.database.clone()),
        ];
        File::open(&self.folder)?.sync_all()?;
        // A kill in between leaves the folder, and with it the knowledge that what is in its place
        // is not whole.
        for (from, to) in parts {
            fs::rename(&from, &to).with_context(|| format!("cannot write {}", to.display()))?;
        }
        self.is_finished = true;
        fs::remove_dir_all(&self.folder)?;
        Ok(File::open(target.folder())?.sync_all()?)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.is_finished {
            discard(&self.folder);
        }
    }
}

/// Removes what backups that were killed have left in a folder. Only what bears our lock is ours to
/// remove, and only when nobody holds it.
pub fn remove_leftovers(folder: &Path) {
    for partial in leftovers(folder) {
        tracing::info!(path = %partial.display(), "what a backup left that broke off is removed");
        discard(&partial);
    }
}

/// What backups that were killed have left in a folder.
pub fn leftovers(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_partial =
        |path: &PathBuf| path.to_str().is_some_and(|text| text.ends_with(PARTIAL)) && path.is_dir();
    entries.filter(is_partial).filter(|path| is_given_up(path)).collect()
}

fn is_given_up(partial: &Path) -> bool {
    let Ok(lock) = File::open(partial.join(LOCK)) else { return false };
    !matches!(lock.try_lock(), Err(TryLockError::WouldBlock))
}

/// Removes a folder in which a backup was made, and what of it was moved into place already:
/// without its database a backup is none.
fn discard(partial: &Path) {
    let database = partial.to_str().and_then(|text| text.strip_suffix(PARTIAL)).map(PathBuf::from);
    if let Some(target) = database
        .map(|database| BackupTarget::new(&database))
        .filter(|target| !target.database.exists())
    {
        note(&target.media(), fs::remove_dir_all(target.media()));
        note(&target.manifest(), fs::remove_file(target.manifest()));
    }
    note(partial, fs::remove_dir_all(partial));
}

fn note(path: &Path, removed: io::Result<()>) {
    if let Err(error) = removed
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(path = %path.display(), %error, "what a backup left that broke off was not removed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn filled(target: &BackupTarget) -> Staging {
        let staging = Staging::begin(target).unwrap();
        fs::create_dir(staging.media()).unwrap();
        fs::write(staging.manifest(), "").unwrap();
        fs::write(staging.database(), "").unwrap();
        staging
    }

    /// Finding faults, polish: nothing is left behind.
    #[test]
    fn a_backup_that_fails_leaves_nothing_and_one_that_ends_leaves_its_three_parts() {
        let folder = tempfile::tempdir().unwrap();
        let target = BackupTarget::new(&folder.path().join("one.sqlite"));
        drop(filled(&target));
        assert_eq!(names(folder.path()), [""; 0]);
        filled(&target).finish().unwrap();
        assert_eq!(names(folder.path()), ["one.manifest.jsonl", "one.media", "one.sqlite"]);
        assert!(Staging::begin(&target).is_err(), "nothing is overwritten");
    }

    #[test]
    fn what_a_killed_backup_left_is_removed_by_the_next_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let killed = BackupTarget::new(&folder.path().join("one.sqlite"));
        let mut staging = filled(&killed);
        // As after a kill between two of its last steps.
        fs::rename(staging.media(), killed.media()).unwrap();
        staging.is_finished = true;
        drop(staging);
        fs::create_dir(folder.path().join("theirs.partial")).unwrap();
        assert_eq!(leftovers(folder.path()), [killed.partial()]);
        filled(&BackupTarget::new(&folder.path().join("two.sqlite"))).finish().unwrap();
        assert_eq!(
            names(folder.path()),
            ["theirs.partial", "two.manifest.jsonl", "two.media", "two.sqlite"]
        );
    }

    #[test]
    fn a_backup_under_way_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let target = BackupTarget::new(&folder.path().join("one.sqlite"));
        let staging = filled(&target);
        assert!(leftovers(folder.path()).is_empty());
        assert!(Staging::begin(&target).is_err());
        staging.finish().unwrap();
        assert_eq!(names(folder.path()).len(), 3);
    }

    #[test]
    fn the_parts_of_a_backup_are_named_after_its_database() {
        let target = BackupTarget::new(Path::new("assay-2027.sqlite"));
        assert_eq!(
            (target.media(), target.manifest()),
            ("assay-2027.media".into(), "assay-2027.manifest.jsonl".into())
        );
        let plain = BackupTarget::new(Path::new("/backups/assay"));
        assert_eq!(
            (plain.media(), plain.folder()),
            ("/backups/assay.media".into(), Path::new("/backups"))
        );
    }
}
