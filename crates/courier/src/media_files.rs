//! Files of candidates in a directory: the adapter of [`app::ports::MediaStore`]. Each lies under its id, in a folder named
//! by the id's last two characters, so that no folder grows too large.
//!
//! A file is written under another name and renamed once its bytes are on the disk; then its folder is told to the disk
//! as well. Several servers may share the directory.

use app::ports::{MediaDraft, MediaReader, MediaStore};
use domain::id::{MediaId, is_well_formed};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

const ENDING: &str = ".part";

/// A directory of files. It is made with the first one.
pub struct MediaFiles {
    directory: PathBuf,
}

impl MediaFiles {
    #[must_use]
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    fn folder(&self, id: &MediaId) -> io::Result<PathBuf> {
        let text = id.as_str();
        if !is_well_formed(text) || text.len() < 2 {
            return Err(io::Error::new(ErrorKind::NotFound, "no id of a file"));
        }
        Ok(self.directory.join(&text[text.len() - 2..]))
    }

    fn file(&self, id: &MediaId) -> io::Result<PathBuf> {
        Ok(self.folder(id)?.join(id.as_str()))
    }
}

impl MediaStore for MediaFiles {
    fn begin(&self, id: &MediaId) -> io::Result<Box<dyn MediaDraft>> {
        let (folder, goal) = (self.folder(id)?, self.file(id)?);
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        let part = folder.join(format!("{id}{ENDING}"));
        // Only the owner may read what candidates sent.
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
        Ok(Box::new(Draft { file, part: Some(part), goal, folder }))
    }

    fn open(&self, id: &MediaId) -> io::Result<Box<dyn MediaReader>> {
        Ok(Box::new(File::open(self.file(id)?)?))
    }

    fn remove(&self, id: &MediaId) -> io::Result<()> {
        match fs::remove_file(self.file(id)?) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn older_than(&self, seconds: u64) -> Vec<MediaId> {
        let folders = fs::read_dir(&self.directory).into_iter().flatten().flatten();
        folders.flat_map(|folder| old_files(&folder.path(), Duration::from_secs(seconds))).collect()
    }
}

/// Ids of old files; what never became one is removed on the way.
fn old_files(folder: &Path, age: Duration) -> Vec<MediaId> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let modified = entry.metadata().and_then(|known| known.modified());
        let is_old = modified.is_ok_and(|at| at.elapsed().is_ok_and(|elapsed| elapsed > age));
        let Some(name) = entry.file_name().to_str().map(str::to_owned).filter(|_| is_old) else { continue };
        if name.ends_with(ENDING) {
            // Another server may have done so first.
            let _ = fs::remove_file(entry.path());
        } else if is_well_formed(&name) {
            found.push(MediaId::from(name.as_str()));
        }
    }
    found
}

struct Draft {
    file: File,
    /// None once it was kept.
    part: Option<PathBuf>,
    goal: PathBuf,
    folder: PathBuf,
}

impl MediaDraft for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    fn keep(mut self: Box<Self>) -> io::Result<()> {
        self.file.sync_all()?;
        if let Some(part) = &self.part {
            fs::rename(part, &self.goal)?;
        }
        self.part = None;
        File::open(&self.folder)?.sync_all()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(part) = self.part.take() {
            // What stays is swept up later.
            let _ = fs::remove_file(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn a_kept_file_reads_back_and_one_that_broke_off_leaves_nothing() {
        let above = tempfile::tempdir().unwrap();
        let files = MediaFiles::new(above.path().join("media"));
        let id = MediaId::from("Me1");
        let mut draft = files.begin(&id).unwrap();
        draft.write(b"one").unwrap();
        assert!(files.open(&id).is_err(), "not kept yet");
        draft.keep().unwrap();
        let mut text = String::new();
        files.open(&id).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "one");
        drop(files.begin(&"Me2".into()).unwrap());
        assert_eq!(fs::read_dir(above.path().join("media/e2")).unwrap().count(), 0);
        assert!(files.older_than(3600).is_empty());
        files.remove(&id).unwrap();
        files.remove(&id).unwrap();
        assert!(files.open(&id).is_err());
    }

    #[test]
    fn an_id_never_leads_out_of_the_directory() {
        let above = tempfile::tempdir().unwrap();
        let files = MediaFiles::new(above.path().join("media"));
        for id in ["../secret", "/etc/passwd", "a", "a/b", ""] {
            assert!(files.begin(&id.into()).is_err() && files.open(&id.into()).is_err(), "{id}");
        }
    }
}
