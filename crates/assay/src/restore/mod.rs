//! Putting a backup into a data directory. Nothing is overwritten and nothing deleted: the backup
//! is copied beside its goal and looked through there, files of candidates are added, what was
//! there is moved aside, and the last act renames the copy into its place. Whatever ends it before
//! that leaves the directory without a server, and running it again goes on.

mod files;
mod manifest;

pub use files::RestoredFiles;

use crate::cli_error::{CliError, ExitKind};
use crate::data_dir::DataDir;
use crate::system::SystemClock;
use anyhow::Context;
use app::ports::Clock as _;
use manifest::RestoreManifest;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use storage::restore::{PreparedCopy, check_and_mark_copy};

/// What a copy is called until it is whole.
const STAGED: &str = "assay.sqlite.restoring";
/// What SQLite keeps beside a file.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Where a backup goes.
pub struct RestoreTarget {
    pub directory: DataDir,
    /// Files of candidates.
    pub media: PathBuf,
    pub move_aside: bool,
}

/// What was done.
pub struct RestoreReport {
    pub database: PathBuf,
    pub prepared: PreparedCopy,
    /// Where what was there before is now.
    pub aside: Option<PathBuf>,
    pub files: RestoredFiles,
}

/// Restores a backup. The caller holds the lock of the directory's server.
///
/// # Errors
/// When the backup is not whole or not ours, something is in the way, or a file cannot be written.
pub fn restore(goal: &RestoreTarget, backup: &Path) -> anyhow::Result<RestoreReport> {
    let database = goal.directory.database();
    let there = existing(&database);
    if !there.is_empty() && !goal.move_aside {
        return Err(in_the_way(&there));
    }
    let manifest = RestoreManifest::beside(backup)?;
    if let Some(manifest) = &manifest {
        manifest.check(backup)?;
    }
    let staged = goal.directory.file(STAGED);
    stage(backup, &staged)?;
    let prepared = check_and_mark_copy(&staged).map_err(|unfit| match discard(&staged) {
        Ok(()) => unfit_backup(backup, &unfit.to_string()),
        Err(error) => error,
    })?;
    // Before anything is moved: a rename may reach the disk before the content it names does, and a
    // power cut between the two would leave a torn database in its place.
    sync(&staged)?;
    let files = files::restore(goal, backup, manifest.as_ref(), &staged)?;
    let aside = if there.is_empty() { None } else { Some(move_aside(goal, &there)?) };
    fs::rename(&staged, &database)
        .with_context(|| format!("cannot put {} into its place", staged.display()))?;
    sync_folder(goal.directory.path())?;
    Ok(RestoreReport { database, prepared, aside, files })
}

/// The database and what SQLite keeps beside it: an old log beside a restored file would ruin it.
fn existing(database: &Path) -> Vec<PathBuf> {
    let beside = BESIDE.iter().map(|ending| ended(database, ending));
    std::iter::once(database.to_owned()).chain(beside).filter(|path| path.exists()).collect()
}

fn ended(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn in_the_way(there: &[PathBuf]) -> anyhow::Error {
    let lines: Vec<String> = there.iter().map(|path| format!("  {}", path.display())).collect();
    let message =
        format!("There is a database already; nothing was changed:\n{}", lines.join("\n"));
    let advice = "With --move-aside it is kept in a folder beside the restored one. It may hold what the backup does not.";
    CliError::new(ExitKind::Refused, message).with_advice(advice).into()
}

fn unfit_backup(backup: &Path, why: &str) -> anyhow::Error {
    let message = format!("{} cannot be restored; nothing was changed: {why}.", backup.display());
    CliError::new(ExitKind::Refused, message).with_advice("Try an older backup.").into()
}

/// Copies the backup, and a log that lies beside it, for nobody but the owner to read.
fn stage(backup: &Path, staged: &Path) -> anyhow::Result<()> {
    // What a restore that was ended left.
    discard(staged)?;
    copy(backup, staged)?;
    let log = ended(backup, "-wal");
    if log.metadata().is_ok_and(|found| found.len() > 0) {
        copy(&log, &ended(staged, "-wal"))?;
    }
    Ok(())
}

fn discard(staged: &Path) -> anyhow::Result<()> {
    std::iter::once("").chain(BESIDE).try_for_each(|ending| remove(&ended(staged, ending)))
}

fn remove(path: &Path) -> anyhow::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let copied = || -> io::Result<u64> {
        // A pipe would be waited for without end.
        if !from.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file"));
        }
        let mut source = File::open(from)?;
        let mut goal = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
        let bytes = io::copy(&mut source, &mut goal)?;
        goal.sync_all()?;
        Ok(bytes)
    };
    copied().map(drop).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound if !from.exists() => {
            CliError::new(ExitKind::NotFound, format!("There is no file {}.", from.display()))
                .into()
        }
        _ => anyhow::Error::new(error).context(format!(
            "cannot copy {} to {}",
            from.display(),
            to.display()
        )),
    })
}

/// Moves what was there into a folder of its own. The database goes first: without it no server
/// starts, so that one that is started in between does not take an old log for the new file's.
fn move_aside(goal: &RestoreTarget, there: &[PathBuf]) -> anyhow::Result<PathBuf> {
    let moment = crate::moment::show(SystemClock.now()).replace([' ', ':'], "-");
    let folder = free_folder(&goal.directory.file(&format!("before-restore-{moment}")));
    DirBuilder::new()
        .mode(0o700)
        .create(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    for path in there {
        let name = path.file_name().context("a file without a name")?;
        fs::rename(path, folder.join(name))
            .with_context(|| format!("cannot move {} aside", path.display()))?;
    }
    sync_folder(&folder)?;
    Ok(folder)
}

fn free_folder(wanted: &Path) -> PathBuf {
    let numbered = (2..).map(|number| ended(wanted, &format!("-{number}")));
    std::iter::once(wanted.to_owned())
        .chain(numbered)
        .find(|path| !path.exists())
        .unwrap_or_default()
}

fn sync(path: &Path) -> anyhow::Result<()> {
    File::open(path)
        .and_then(|file| file.sync_all())
        .with_context(|| format!("cannot write {}", path.display()))
}

fn sync_folder(path: &Path) -> anyhow::Result<()> {
    sync(path)
}
