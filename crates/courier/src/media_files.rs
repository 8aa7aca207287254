//! Files of candidates in a directory: the adapter of [`app::ports::MediaStore`]. Each lies under
//! its id, in a folder named by the id's last two characters, so that no folder grows too large.
//!
//! A file is written under another name and renamed once its bytes are on the disk; then its folder
//! is told to the disk as well. Several servers of one installation may share the directory; its
//! mark says which installation that is.
//!
//! Besides the folders of files there is `lost`, with a folder for each day on which files were set
//! aside.

use app::ports::{MediaDraft, MediaReader, MediaStore};
use domain::id::{MediaId, is_well_formed};
use std::fs::{self, DirBuilder, DirEntry, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

const ENDING: &str = ".part";
/// The file that holds the id of the installation the directory belongs to.
pub const MARK: &str = ".assay-installation";
/// Where files are set aside.
const LOST: &str = "lost";
/// Letters of the name of a folder of files.
const FOLDER_NAME: usize = 2;

/// A directory of files. It is made with the first one.
pub struct FileMediaStore {
    directory: PathBuf,
    /// The mark that the directory gets when it is made.
    mark_to_be: OnceLock<String>,
}

impl FileMediaStore {
    /// A store in this directory, which need not exist yet.
    #[must_use]
    pub fn new(directory: PathBuf) -> Self {
        Self { directory, mark_to_be: OnceLock::new() }
    }

    /// Writes the mark unless there is one, and gives what it says then.
    fn write_mark(&self, installation: &str) -> io::Result<String> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.directory)?;
        // Written beside and linked into place, so that nobody reads half of it and the first of
        // several servers wins.
        let part = self.directory.join(format!("{MARK}.{}", std::process::id()));
        let mut open = OpenOptions::new();
        let mut file = open.write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        writeln!(file, "{installation}")?;
        file.sync_all()?;
        let linked = fs::hard_link(&part, self.directory.join(MARK));
        fs::remove_file(&part)?;
        match linked {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => sync(&self.directory)?,
        }
        self.mark()?.ok_or_else(|| io::Error::from(ErrorKind::NotFound))
    }

    /// Marks a directory that was not there when it was to be marked. Somebody else may have been
    /// quicker.
    fn keep_mark(&self) -> io::Result<()> {
        let Some(ours) = self.mark_to_be.get() else { return Ok(()) };
        let mark = match self.mark()? {
            Some(mark) => mark,
            None => self.write_mark(ours)?,
        };
        let theirs =
            || io::Error::other(format!("the directory belongs to the installation {mark}"));
        if mark == *ours { Ok(()) } else { Err(theirs()) }
    }

    fn folder(&self, id: &MediaId) -> io::Result<PathBuf> {
        let text = id.as_str();
        if !is_well_formed(text) || text.len() < 2 {
            return Err(io::Error::new(ErrorKind::NotFound, "no id of a file"));
        }
        Ok(self.directory.join(&text[text.len() - FOLDER_NAME..]))
    }

    fn file(&self, id: &MediaId) -> io::Result<PathBuf> {
        Ok(self.folder(id)?.join(id.as_str()))
    }
}

impl MediaStore for FileMediaStore {
    fn begin(&self, id: &MediaId) -> io::Result<Box<dyn MediaDraft>> {
        let (folder, goal) = (self.folder(id)?, self.file(id)?);
        self.keep_mark()?;
        make_folder(&folder)?;
        let part = folder.join(format!("{id}{ENDING}"));
        // Only the owner may read what candidates sent.
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
        Ok(Box::new(MediaFileDraft { file, part: Some(part), goal, folder }))
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

    fn older_than(&self, seconds: u64) -> Box<dyn Iterator<Item = MediaId> + Send> {
        let age = Duration::from_secs(seconds);
        let folders = fs::read_dir(&self.directory).into_iter().flatten().flatten();
        let of_files = folders.filter(|folder| folder.file_name().len() == FOLDER_NAME);
        Box::new(of_files.flat_map(move |folder| old_files(&folder.path(), age)))
    }

    fn mark(&self) -> io::Result<Option<String>> {
        match fs::read_to_string(self.directory.join(MARK)) {
            Ok(text) => Ok(Some(text.trim().to_owned())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn set_mark(&self, installation: &str) -> io::Result<String> {
        if self.directory.is_dir() {
            return self.write_mark(installation);
        }
        // Many installations never get a file, and their servers need no directory.
        Ok(self.mark_to_be.get_or_init(|| installation.to_owned()).clone())
    }

    fn set_aside(&self, id: &MediaId, day: &str) -> io::Result<()> {
        let (from, folder) = (self.file(id)?, self.directory.join(LOST).join(day));
        make_folder(&self.directory.join(LOST))?;
        make_folder(&folder)?;
        fs::rename(from, folder.join(id.as_str()))
    }

    fn forget_set_aside(&self, before: &str) -> Vec<String> {
        let days = fs::read_dir(self.directory.join(LOST)).into_iter().flatten().flatten();
        let is_over = |day: &DirEntry| {
            day.file_name().to_str().is_some_and(|name| is_day(name) && name < before)
        };
        days.filter(is_over).flat_map(|day| removed(&day.path())).collect()
    }
}

/// Whether a name is a day's, as `2027-01-31`.
fn is_day(name: &str) -> bool {
    name.len() == 10 && name.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit())
}

/// Removes the files of a folder and then the folder; gives their names.
fn removed(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if fs::remove_file(entry.path()).is_ok() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    // When something is left in it, it stays for the next time.
    let _ = fs::remove_dir(folder);
    names
}

/// Makes a folder that only its owner may enter. What lies in it is safe only once the folder above
/// knows of it.
fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    folder.parent().map_or(Ok(()), sync)
}

/// Has the names in a folder written to the disk.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Ids of old files; what never became one is removed on the way: nobody was told that it had
/// arrived.
fn old_files(folder: &Path, age: Duration) -> Vec<MediaId> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let modified = entry.metadata().and_then(|item| item.modified());
        let is_old = modified
            .is_ok_and(|at| age.is_zero() || at.elapsed().is_ok_and(|elapsed| elapsed > age));
        let Some(name) = entry.file_name().to_str().map(str::to_owned).filter(|_| is_old) else {
            continue;
        };
        if name.ends_with(ENDING) {
            if !age.is_zero() && fs::remove_file(entry.path()).is_ok() {
                tracing::info!(
                    file = name,
                    "what was left of an upload that broke off was removed"
                );
            }
        } else if is_well_formed(&name) {
            found.push(MediaId::from(name.as_str()));
        }
    }
    found
}

struct MediaFileDraft {
    file: File,
    /// None once it was kept.
    part: Option<PathBuf>,
    goal: PathBuf,
    folder: PathBuf,
}

impl MediaDraft for MediaFileDraft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    fn keep(mut self: Box<Self>) -> io::Result<()> {
        self.file.sync_all()?;
        if let Some(part) = &self.part {
            fs::rename(part, &self.goal)?;
        }
        self.part = None;
        sync(&self.folder)
    }
}

impl Drop for MediaFileDraft {
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
        let files = FileMediaStore::new(above.path().join("media"));
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
        assert_eq!(files.older_than(3600).count(), 0);
        assert!(files.older_than(0).eq([id.clone()]));
        files.remove(&id).unwrap();
        files.remove(&id).unwrap();
        assert!(files.open(&id).is_err());
    }

    /// Finding faults B1: a directory belongs to one installation.
    #[test]
    fn the_first_mark_of_a_directory_stays() {
        let above = tempfile::tempdir().unwrap();
        let directory = above.path().join("media");
        let files = FileMediaStore::new(directory.clone());
        assert_eq!(files.mark().unwrap(), None);
        assert_eq!(files.set_mark("one").unwrap(), "one");
        assert!(!directory.exists(), "without a file no directory is needed");
        fs::create_dir(&directory).unwrap();
        assert_eq!(files.set_mark("one").unwrap(), "one");
        assert_eq!(files.set_mark("two").unwrap(), "one");
        assert_eq!(files.mark().unwrap().as_deref(), Some("one"));
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1, "nothing is left beside the mark");
        assert_eq!(files.older_than(0).count(), 0, "the mark is no file of a candidate");
    }

    #[test]
    fn a_directory_that_is_made_with_its_first_file_is_marked_then_b1() {
        let above = tempfile::tempdir().unwrap();
        let directory = above.path().join("media");
        let (ours, theirs) =
            (FileMediaStore::new(directory.clone()), FileMediaStore::new(directory.clone()));
        assert_eq!(
            (ours.set_mark("one").unwrap(), theirs.set_mark("two").unwrap()),
            ("one".into(), "two".into())
        );
        ours.begin(&"Me1".into()).unwrap().keep().unwrap();
        assert_eq!(fs::read_to_string(directory.join(MARK)).unwrap(), "one\n");
        assert!(theirs.begin(&"Me2".into()).is_err(), "it is another installation's");
    }

    /// Finding faults B1: what is not known is moved, and removed only a month later.
    #[test]
    fn what_is_set_aside_is_not_found_and_stays_until_its_day_is_over() {
        let above = tempfile::tempdir().unwrap();
        let files = FileMediaStore::new(above.path().to_owned());
        for id in ["Me1", "Me2"] {
            files.begin(&id.into()).unwrap().keep().unwrap();
        }
        files.set_aside(&"Me1".into(), "2027-01-30").unwrap();
        files.set_aside(&"Me2".into(), "2027-01-31").unwrap();
        assert!(files.open(&"Me1".into()).is_err() && files.older_than(0).next().is_none());
        let lost = above.path().join("lost");
        fs::write(lost.join("notes.txt"), "theirs").unwrap();
        assert_eq!(files.forget_set_aside("2027-01-30"), [""; 0]);
        assert_eq!(files.forget_set_aside("2027-01-31"), ["Me1"]);
        assert!(lost.join("2027-01-31/Me2").exists() && lost.join("notes.txt").exists());
        assert!(!lost.join("2027-01-30").exists());
    }

    #[test]
    fn an_id_never_leads_out_of_the_directory() {
        let above = tempfile::tempdir().unwrap();
        let files = FileMediaStore::new(above.path().join("media"));
        for id in ["../secret", "/etc/passwd", "a", "a/b", ""] {
            assert!(files.begin(&id.into()).is_err() && files.open(&id.into()).is_err(), "{id}");
        }
    }
}
