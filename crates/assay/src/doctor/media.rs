//! The files of candidates: whether their directory is this installation's, and whether those that
//! the database knows are there.

use super::Finding;
use crate::backup::folder_of;
use app::ports::MediaStore;
use courier::media_files::{FileMediaStore, MARK};
use std::fs;
use std::path::Path;
use storage::media::StoredFile;
use storage::{DatabaseInspection, StorageError};

/// Files that are looked for at most, so that it ends in seconds.
const MOST: u64 = 200_000;
const PAGE: i64 = 1000;

/// What was found out about the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct MediaTally {
    looked_for: u64,
    missing: u64,
    altered: u64,
    /// One of those.
    example: String,
    is_all: bool,
}

/// Compares files in the store with what the database knows of.
pub fn files(look: &mut DatabaseInspection, directory: &Path) -> Vec<Finding> {
    let tally = match count(look, directory) {
        Ok(tally) => tally,
        Err(error) => {
            return vec![Finding::bad(
                "files",
                error.to_string(),
                "See what is told of the database.",
            )];
        }
    };
    let mut findings = vec![judge(&tally, directory)];
    findings.extend(mark(look, directory));
    let lost = set_aside(directory);
    if lost > 0 {
        let message = format!(
            "{lost} files that the database does not know were set aside in {}/lost",
            directory.display()
        );
        let advice = "Look whether they are missed, and where they came from; each is removed after 30 days.";
        findings.push(Finding::warning("files", message, advice));
    }
    findings
}

fn count(look: &mut DatabaseInspection, directory: &Path) -> Result<MediaTally, StorageError> {
    let (mut tally, mut after) = (MediaTally::default(), String::new());
    while tally.looked_for < MOST {
        let page = look.read(|tx| storage::media::stored_behind(tx, &after, PAGE))?;
        let Some(last) = page.last() else {
            tally.is_all = true;
            break;
        };
        after = last.id.to_string();
        page.iter().for_each(|file| tally.take(file, directory));
    }
    Ok(tally)
}

impl MediaTally {
    fn take(&mut self, file: &StoredFile, directory: &Path) {
        self.looked_for += 1;
        let path = folder_of(&file.id).map(|folder| directory.join(folder).join(file.id.as_str()));
        match path.and_then(|path| fs::metadata(path).ok()) {
            Some(found) if i64::try_from(found.len()).is_ok_and(|bytes| bytes == file.bytes) => {
                return;
            }
            Some(_) => self.altered += 1,
            None => self.missing += 1,
        }
        self.example = file.id.to_string();
    }
}

fn judge(tally: &MediaTally, directory: &Path) -> Finding {
    let MediaTally { looked_for, missing, altered, example, is_all } = tally;
    let path = directory.display();
    if *missing == 0 && *altered == 0 {
        let how = if *is_all { "all" } else { "the first" };
        return Finding::good(
            "files",
            format!("{how} {looked_for} files of candidates are in {path}"),
        );
    }
    let message = format!(
        "of {looked_for} files of candidates {missing} are not in {path} and {altered} have another length, {example} for \
         example"
    );
    let advice = "Mount the directory or name the right one with media.directory. What is lost may be in the folder \
                  NAME.media of a backup; copy it from there file by file and overwrite nothing.";
    Finding::bad("files", message, advice)
}

/// ExactCandidateFilter directory it is; nothing when nobody has said so yet.
fn mark(look: &mut DatabaseInspection, directory: &Path) -> Option<Finding> {
    let mark = match FileMediaStore::new(directory.to_owned()).mark() {
        Ok(mark) => mark?,
        Err(error) => {
            let message = format!("{} cannot be read: {error}", directory.join(MARK).display());
            return Some(Finding::bad(
                "files",
                message,
                "Run this as the user who runs the server.",
            ));
        }
    };
    let installed = look.read(storage::organization::installation).ok()??;
    let installation = app::media::installation_id(&installed.receipt_key).ok()?;
    (mark != installation).then(|| {
        let message =
            format!("{} belongs to the installation {mark}, the database to {installation}", directory.display());
        let advice = "Name the right database, or another directory with media.directory. No server starts like this.";
        Finding::bad("files", message, advice)
    })
}

/// How many files lie below `lost`.
fn set_aside(directory: &Path) -> usize {
    let days = fs::read_dir(directory.join("lost")).into_iter().flatten().flatten();
    days.map(|day| fs::read_dir(day.path()).into_iter().flatten().flatten().count()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::CheckState;

    /// Finding faults M6: 1,600 files gone, and not a word.
    #[test]
    fn files_that_are_missing_or_altered_are_counted_m6() {
        let folder = tempfile::tempdir().unwrap();
        let mut tally = MediaTally { is_all: true, ..MediaTally::default() };
        assert_eq!(judge(&tally, folder.path()).state, CheckState::Good);
        let file = |id: &str, bytes| StoredFile { id: id.into(), bytes, sha256: None };
        fs::create_dir(folder.path().join("e1")).unwrap();
        fs::write(folder.path().join("e1/Me1"), "abc").unwrap();
        tally.take(&file("Me1", 3), folder.path());
        assert_eq!(judge(&tally, folder.path()).state, CheckState::Good);
        tally.take(&file("Me1", 4), folder.path());
        tally.take(&file("Me2", 3), folder.path());
        assert_eq!((tally.looked_for, tally.missing, tally.altered), (3, 1, 1));
        let finding = judge(&tally, folder.path());
        assert!(finding.state == CheckState::Bad && finding.message.contains("Me2"), "{finding:?}");
    }
}
