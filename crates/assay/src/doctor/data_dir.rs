//! The data directory and the file of the database, as the file system shows them. What was seen
//! and what is made of it are apart, so that the second can be tried with everything that a test
//! cannot bring about.

use super::Finding;
use crate::data_dir::DataDir;
use rustix::fs::{Access, StatVfsMountFlags, access, statvfs};
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const BEGIN: &str = "Name the right directory with --data-dir, mount it if it is not there, or begin with `assay org create NAME`.";

/// A path, looked at from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathState {
    Missing,
    /// Not even this can be told.
    Hidden(String),
    There(PathEntry),
}

/// What there is at a path, and whether this user may use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathEntry {
    pub is_directory: bool,
    pub mode: u32,
    pub bytes: u64,
    pub is_readable: bool,
    pub is_writable: bool,
}

/// What was seen of a data directory; nothing where everything is on a PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataDirState {
    pub path: PathBuf,
    pub is_on_server: bool,
    pub directory: PathState,
    pub database: PathState,
    pub is_read_only: bool,
    /// Files of the database that others than the owner may read.
    pub open_files: Vec<PathBuf>,
}

/// Looks at the directory and its files; changes nothing.
pub fn inspect(directory: &DataDir) -> DataDirState {
    let path = directory.path();
    let files =
        ["assay.sqlite", "assay.sqlite-wal", "assay.sqlite-shm"].map(|name| directory.file(name));
    let is_open =
        |path: &PathBuf| matches!(seen(path), PathState::There(entry) if entry.mode & 0o077 != 0);
    DataDirState {
        path: path.to_owned(),
        is_on_server: directory.is_on_postgres(),
        directory: seen(path),
        database: seen(&directory.database()),
        is_read_only: statvfs(path)
            .is_ok_and(|volume| volume.f_flag.contains(StatVfsMountFlags::RDONLY)),
        open_files: files.into_iter().filter(is_open).collect(),
    }
}

fn seen(path: &Path) -> PathState {
    match fs::metadata(path) {
        Ok(found) => PathState::There(PathEntry {
            is_directory: found.is_dir(),
            mode: found.permissions().mode() & 0o777,
            bytes: found.len(),
            is_readable: access(path, Access::READ_OK).is_ok(),
            is_writable: access(path, Access::WRITE_OK).is_ok(),
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => PathState::Missing,
        Err(error) => PathState::Hidden(error.to_string()),
    }
}

/// The findings, and whether it makes sense to open the database.
pub fn judge(place: &DataDirState) -> (Vec<Finding>, bool) {
    if place.is_on_server {
        return (
            vec![Finding::good(
                "data directory",
                "none is needed: the database is on a PostgreSQL",
            )],
            true,
        );
    }
    let path = place.path.display();
    let directory = match &place.directory {
        PathState::Missing => {
            return stop(Finding::bad("data directory", format!("there is none at {path}"), BEGIN));
        }
        PathState::Hidden(error) => {
            return stop(forbidden(format!("{path} cannot be looked at: {error}")));
        }
        PathState::There(entry) if !entry.is_directory => {
            return stop(Finding::bad("data directory", format!("{path} is no directory"), BEGIN));
        }
        PathState::There(entry) if !entry.is_readable => {
            return stop(forbidden(format!(
                "this user may not read {path} (mode {:o})",
                entry.mode
            )));
        }
        PathState::There(entry) => entry,
    };
    let database = match &place.database {
        PathState::Missing => {
            return stop(Finding::bad(
                "data directory",
                format!("{path} holds no database"),
                BEGIN,
            ));
        }
        PathState::Hidden(error) => {
            return stop(forbidden(format!("the database in {path} cannot be looked at: {error}")));
        }
        PathState::There(entry) if entry.bytes == 0 => {
            let message = format!("the database in {path} is an empty file");
            let advice = "Look for the file that belongs there, such as on a disk that is not mounted, before anything else.";
            return stop(Finding::bad("data directory", message, advice));
        }
        PathState::There(entry) if !entry.is_readable => {
            return stop(forbidden(format!(
                "this user may not read the database in {path} (mode {:o})",
                entry.mode
            )));
        }
        PathState::There(entry) => entry,
    };
    (judge_entries(place, directory, database), true)
}

/// What can be said of a directory and a database that are both there and can be read.
fn judge_entries(
    place: &DataDirState,
    directory: &PathEntry,
    database: &PathEntry,
) -> Vec<Finding> {
    let path = place.path.display();
    let mut findings = Vec::new();
    if place.is_read_only {
        let message = format!("{path} lies on a file system that can only be read");
        let advice = "Nothing is wrong with the data. See in the system's log why it was mounted so, and mount it for \
                      writing.";
        findings.push(Finding::bad("data directory", message, advice));
    } else if !directory.is_writable || !database.is_writable {
        findings.push(forbidden(format!("this user may not write to {path}")));
    }
    if directory.mode & 0o077 != 0 {
        let message =
            format!("other users of this machine may enter {path} (mode {:o})", directory.mode);
        findings.push(Finding::warning(
            "data directory",
            message,
            format!("Run: chmod 700 {path}"),
        ));
    }
    if let Some(file) = place.open_files.first() {
        let message = format!("other users of this machine may read {}", file.display());
        findings.push(Finding::warning(
            "data directory",
            message,
            format!("Run: chmod 600 {path}/assay.sqlite*"),
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::good("data directory", path.to_string()));
    }
    findings
}

fn stop(finding: Finding) -> (Vec<Finding>, bool) {
    (vec![finding], false)
}

fn forbidden(message: String) -> Finding {
    let advice = "Nothing is known to be wrong with the data. Run this as the user who runs the server, or give the \
                  directory and its files to that user.";
    Finding::bad("data directory", message, advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::CheckState;

    fn entry(is_directory: bool) -> PathEntry {
        let mode = if is_directory { 0o700 } else { 0o600 };
        PathEntry { is_directory, mode, bytes: 4096, is_readable: true, is_writable: true }
    }

    fn healthy() -> DataDirState {
        DataDirState {
            path: "/data".into(),
            is_on_server: false,
            directory: PathState::There(entry(true)),
            database: PathState::There(entry(false)),
            is_read_only: false,
            open_files: Vec::new(),
        }
    }

    /// Finding faults M6, a row each: what it says, whether it goes on, and that nobody is told to
    /// restore anything.
    /// States of a directory, what the first finding is, whether the doctor goes on, and its advice.
    fn states() -> Vec<(DataDirState, CheckState, bool, &'static str)> {
        let hidden = || PathState::Hidden("Permission denied".into());
        let unreadable = |is_directory| {
            PathState::There(PathEntry { is_readable: false, ..entry(is_directory) })
        };
        let there = |entry| DataDirState { directory: PathState::There(entry), ..healthy() };
        let database = |entry| DataDirState { database: entry, ..healthy() };
        vec![
            (healthy(), CheckState::Good, true, "/data"),
            (
                DataDirState { directory: PathState::Missing, ..healthy() },
                CheckState::Bad,
                false,
                "org create",
            ),
            (database(PathState::Missing), CheckState::Bad, false, "holds no database"),
            (
                DataDirState { directory: hidden(), ..healthy() },
                CheckState::Bad,
                false,
                "as the user who runs the server",
            ),
            (
                DataDirState { directory: unreadable(true), ..healthy() },
                CheckState::Bad,
                false,
                "may not read",
            ),
            (there(entry(false)), CheckState::Bad, false, "is no directory"),
            (database(hidden()), CheckState::Bad, false, "as the user who runs the server"),
            (database(unreadable(false)), CheckState::Bad, false, "may not read the database"),
            (
                database(PathState::There(PathEntry { bytes: 0, ..entry(false) })),
                CheckState::Bad,
                false,
                "not mounted",
            ),
            (
                DataDirState { is_read_only: true, ..healthy() },
                CheckState::Bad,
                true,
                "Nothing is wrong with the data",
            ),
            (
                database(PathState::There(PathEntry { is_writable: false, ..entry(false) })),
                CheckState::Bad,
                true,
                "may not write",
            ),
            (
                there(PathEntry { mode: 0o755, ..entry(true) }),
                CheckState::Warning,
                true,
                "chmod 700",
            ),
            (
                DataDirState { open_files: vec!["/data/assay.sqlite".into()], ..healthy() },
                CheckState::Warning,
                true,
                "chmod 600",
            ),
            (
                DataDirState { is_on_server: true, directory: PathState::Missing, ..healthy() },
                CheckState::Good,
                true,
                "PostgreSQL",
            ),
        ]
    }

    #[test]
    fn each_state_of_a_directory_has_its_own_advice_and_none_is_to_restore_m6() {
        for (place, state, goes_on, text) in states() {
            let (findings, can_go_on) = judge(&place);
            let finding = format!("{findings:?}");
            assert_eq!((findings[0].state, can_go_on), (state, goes_on), "{place:?}: {finding}");
            assert!(
                finding.contains(text) && !finding.to_lowercase().contains("restore"),
                "{place:?}: {finding}"
            );
        }
    }

    #[test]
    fn a_path_is_seen_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        assert_eq!(seen(&file), PathState::Missing);
        fs::write(&file, "x").unwrap();
        assert!(
            matches!(seen(&file), PathState::There(entry) if entry.bytes == 1 && !entry.is_directory)
        );
        assert!(matches!(seen(&file.join("below")), PathState::Hidden(_)));
    }
}
