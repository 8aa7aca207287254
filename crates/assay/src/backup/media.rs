//! The files of candidates in a backup: further links to the same files where that is possible,
//! because a kept file is never changed, otherwise copies.

use domain::id::MediaId;
use sha2::{Digest as _, Sha256};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use storage::media::StoredFile;

/// Bytes that are copied at once.
pub const PIECE: usize = 128 * 1024;

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyOutcome {
    Taken,
    /// It is not there: it was removed meanwhile, as by an erasure, or it is lost.
    Missing,
    /// It is there and is not what came: another length, or another digest where it was read.
    Altered,
}

/// Where files are and where they go, both laid out alike.
pub struct MediaCopier {
    from: PathBuf,
    to: PathBuf,
    /// Folders made, which the disk is still to be told of.
    folders: RefCell<BTreeSet<PathBuf>>,
}

impl MediaCopier {
    /// # Errors
    /// When the folder cannot be made.
    pub fn new(from: &Path, to: &Path) -> io::Result<Self> {
        DirBuilder::new().mode(0o700).create(to)?;
        Ok(Self { from: from.to_owned(), to: to.to_owned(), folders: RefCell::default() })
    }

    /// # Errors
    /// When the file is there and cannot be read, or cannot be written.
    pub fn take(&self, file: &StoredFile) -> io::Result<CopyOutcome> {
        let Some(folder) = folder_of(&file.id) else { return Ok(CopyOutcome::Missing) };
        let (from, to) = (self.from.join(&folder).join(file.id.as_str()), self.to.join(&folder));
        if self.folders.borrow_mut().insert(to.clone()) {
            DirBuilder::new().recursive(true).mode(0o700).create(&to)?;
        }
        let to = to.join(file.id.as_str());
        match fs::hard_link(&from, &to) {
            Ok(()) => {
                let is_whole =
                    i64::try_from(fs::metadata(&to)?.len()).is_ok_and(|bytes| bytes == file.bytes);
                Ok(if is_whole { CopyOutcome::Taken } else { CopyOutcome::Altered })
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(CopyOutcome::Missing),
            // Another disk, or one that knows no further links.
            Err(_) => copied(&from, &to, file),
        }
    }

    /// Has the names written to the disk.
    ///
    /// # Errors
    /// When that fails.
    pub fn finish(&self) -> io::Result<()> {
        self.folders.borrow().iter().try_for_each(|folder| File::open(folder)?.sync_all())?;
        File::open(&self.to)?.sync_all()
    }
}

/// The folder of a file: the last two characters of its id.
pub fn folder_of(id: &MediaId) -> Option<String> {
    let text = id.as_str();
    text.get(text.len().checked_sub(2)?..).map(str::to_owned)
}

fn copied(from: &Path, to: &Path, file: &StoredFile) -> io::Result<CopyOutcome> {
    let mut source = match File::open(from) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(CopyOutcome::Missing),
        opened => opened?,
    };
    let mut target = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    let (mut digest, mut piece) = (Sha256::new(), vec![0; PIECE]);
    loop {
        let read = source.read(&mut piece)?;
        let bytes = piece.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            break;
        }
        digest.update(bytes);
        target.write_all(bytes)?;
    }
    target.sync_all()?;
    let is_same = file.sha256.is_none_or(|entry| digest.finalize().as_slice() == entry.as_slice());
    Ok(if is_same { CopyOutcome::Taken } else { CopyOutcome::Altered })
}
