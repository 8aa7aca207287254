//! Files of candidates: those of the backup are put beside those that are there, and the rows are
//! compared with both.

use super::manifest::{ListedFile, RestoreManifest, beside, digest};
use super::{RestoreTarget, copy, sync_folder};
use crate::cli_error::{CliError, ExitKind};
use crate::output::ProgressReporter;
use anyhow::Context;
use std::collections::BTreeSet;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use storage::restore::{ExpectedFile, each_expected_file};
use storage::{Database, Storage};

/// Names the installation that a directory of files belongs to.
const MARK: &str = ".assay-installation";

/// What became of the files.
#[derive(Debug, Default)]
pub struct RestoredFiles {
    /// Rows about files.
    pub listed: u64,
    /// Those whose file was there already, with the bytes that came.
    pub present: u64,
    /// Those that were taken from the backup.
    pub restored: u64,
    /// Those that are nowhere.
    pub missing: Vec<String>,
    /// Files that no row is about: they are left where they are.
    pub superfluous: u64,
}

impl RestoredFiles {
    /// In one sentence.
    pub fn summary(&self) -> String {
        let Self { listed: existing, present, restored, missing, superfluous, .. } = self;
        format!(
            "{existing} are known, {present} were there, {restored} were restored, {} are missing; {superfluous} others are of \
            changes after the backup and were left.",
            missing.len()
        )
    }
}

/// Puts the backup's files into the directory, each under its own name and none over another.
pub fn restore(
    goal: &RestoreTarget,
    backup: &Path,
    manifest: Option<&RestoreManifest>,
    staged: &Path,
) -> anyhow::Result<RestoredFiles> {
    refuse_foreign(goal, staged)?;
    let (mut done, mut existing) = (RestoredFiles::default(), Vec::new());
    each_expected_file(staged, &mut |file| existing.push(file))?;
    let source = beside(backup, "media");
    let mut bar = ProgressReporter::start("files", existing.len() as u64);
    for file in &existing {
        let listed = manifest.and_then(|manifest| manifest.files.get(&file.id));
        one(&source, &goal.media, file, listed, &mut done)?;
        bar.advance(1);
    }
    bar.finish();
    done.listed = existing.len() as u64;
    done.superfluous = count_others(&goal.media, &existing);
    Ok(done)
}

/// A directory of files belongs to one installation: the files of another would be taken for waste.
fn refuse_foreign(goal: &RestoreTarget, staged: &Path) -> anyhow::Result<()> {
    let Ok(mark) = fs::read_to_string(goal.media.join(MARK)) else { return Ok(()) };
    if installation(staged)?.is_some_and(|ours| ours == mark.trim()) {
        return Ok(());
    }
    let message = format!(
        "The files in {} belong to another installation than the backup; nothing was changed.",
        goal.media.display()
    );
    Err(CliError::new(ExitKind::Refused, message)
        .with_advice("Move that directory away, or name another one with media.directory, and restore again.")
        .into())
}

/// What tells an installation from others, as the mark of its directory of files has it.
fn installation(staged: &Path) -> anyhow::Result<Option<String>> {
    let storage = Storage::open_for_reading(&Database::Sqlite(staged.to_owned()), 1)?;
    let row = storage.read_blocking(|tx| storage::organization::installation(tx))?;
    row.map(|row| app::media::installation_id(&row.receipt_key).map_err(Into::into)).transpose()
}

fn one(
    source: &Path,
    target: &Path,
    file: &ExpectedFile,
    listed: Option<&ListedFile>,
    done: &mut RestoredFiles,
) -> anyhow::Result<()> {
    let Some(place) = place(target, &file.id) else {
        done.missing.push(file.id.clone());
        return Ok(());
    };
    let from = self::place(source, &file.id);
    if is_right(&place, file, from.as_deref()) {
        done.present += 1;
        return Ok(());
    }
    let from = from.filter(|from| is_whole(from, file, listed));
    let Some(from) = from else {
        done.missing.push(file.id.clone());
        return Ok(());
    };
    let folder = place.parent().context("a file without a folder")?;
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    // A name that breaks off is no file's.
    let part = folder.join(format!("{}.part", file.id));
    let _ = fs::remove_file(&part);
    copy(&from, &part)?;
    if place.exists() {
        // One that was cut short or altered is kept beside the right one.
        fs::rename(&place, folder.join(format!("{}.replaced", file.id)))?;
    }
    fs::rename(&part, &place).with_context(|| format!("cannot write {}", place.display()))?;
    sync_folder(folder)?;
    done.restored += 1;
    Ok(())
}

/// As the media directory is laid out: in a folder of the id's last two letters.
fn place(directory: &Path, id: &str) -> Option<PathBuf> {
    let is_name = domain::id::is_well_formed(id) && id.len() >= 2;
    is_name.then(|| directory.join(&id[id.len() - 2..]).join(id))
}

/// Whether the file that is there is the one that came. A further link to the backup's file is not
/// read: there is no better one to put in its place.
fn is_right(place: &Path, file: &ExpectedFile, from: Option<&Path>) -> bool {
    let Ok(found) = place.metadata() else { return false };
    if found.len() != file.bytes.unsigned_abs() {
        return false;
    }
    let is_linked = from
        .and_then(|from| from.metadata().ok())
        .is_some_and(|backup| (backup.dev(), backup.ino()) == (found.dev(), found.ino()));
    is_linked || has_digest(place, file)
}

fn has_digest(path: &Path, file: &ExpectedFile) -> bool {
    let Some(wanted) = &file.sha256 else { return true };
    digest(path).is_ok_and(|(_, found)| found == hex::encode(wanted))
}

fn is_whole(from: &Path, file: &ExpectedFile, listed: Option<&ListedFile>) -> bool {
    let Ok((bytes, sha256)) = digest(from) else { return false };
    let as_listed = listed.is_none_or(|listed| {
        listed.bytes == bytes && listed.sha256.as_ref().is_none_or(|wanted| *wanted == sha256)
    });
    let as_it_came = file.sha256.as_ref().is_none_or(|wanted| hex::encode(wanted) == sha256);
    bytes == file.bytes.unsigned_abs() && as_listed && as_it_came
}

/// Files that no row is about.
fn count_others(directory: &Path, names: &[ExpectedFile]) -> u64 {
    let names: BTreeSet<&str> = names.iter().map(|file| file.id.as_str()).collect();
    let folders = fs::read_dir(directory).into_iter().flatten().flatten();
    let folders = folders.filter(|folder| folder.file_name().len() == 2);
    let files =
        folders.flat_map(|folder| fs::read_dir(folder.path()).into_iter().flatten().flatten());
    // What a restore put beside a file it mended is no file of a candidate.
    let is_other = |name: &str| domain::id::is_well_formed(name) && !names.contains(name);
    files.filter(|file| file.file_name().to_str().is_some_and(is_other)).count() as u64
}
