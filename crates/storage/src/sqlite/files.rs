//! Whether the files that are open are still the ones that lie where the database is.
//!
//! A file that was removed or replaced stays open, and writing to it succeeds: everything
//! acknowledged from then on would be gone with the process. So the names are compared with what
//! was opened before anything is acknowledged.

use crate::error::StorageError;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Device and number of a file: its identity, whatever its name.
type FileIdentity = (u64, u64);

/// The database's file and its log, as they were opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OpenFiles {
    files: Vec<(PathBuf, FileIdentity)>,
}

impl OpenFiles {
    /// The files of a database that is open. Its log is among them once it is there; while it is
    /// open it is never made anew under its name.
    pub(crate) fn of(path: &Path) -> Self {
        let log = PathBuf::from(format!("{}-wal", path.display()));
        let files = [path.to_owned(), log].into_iter();
        Self {
            files: files.filter_map(|file| identity(&file).map(|found| (file, found))).collect(),
        }
    }

    /// # Errors
    /// [`StorageError::Unavailable`] when one of them is not there any more or another lies in its
    /// place.
    pub(crate) fn are_in_place(&self) -> Result<(), StorageError> {
        match self.files.iter().find(|(file, opened)| identity(file) != Some(*opened)) {
            None => Ok(()),
            Some((file, _)) => Err(StorageError::Unavailable(format!(
                "{} was removed or replaced while it was open. Nothing is acknowledged until it is back; stop the server \
                 and put the right file there",
                file.display()
            ))),
        }
    }
}

fn identity(file: &Path) -> Option<FileIdentity> {
    fs::metadata(file).ok().map(|found| (found.dev(), found.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_comes_back_is_in_place_again_and_another_in_its_place_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (path, aside) = (folder.path().join("a"), folder.path().join("aside"));
        fs::write(&path, "one").unwrap();
        let files = OpenFiles::of(&path);
        files.are_in_place().unwrap();
        fs::rename(&path, &aside).unwrap();
        assert!(files.are_in_place().is_err());
        fs::write(&path, "one").unwrap();
        assert!(files.are_in_place().unwrap_err().is_temporary());
        fs::rename(&aside, &path).unwrap();
        files.are_in_place().unwrap();
    }
}
