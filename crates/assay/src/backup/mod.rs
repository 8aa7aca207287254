//! A backup: the database as of one moment, the files of candidates it knows, and a list of both.
//! docs/operations.md says what lies where, and whoever restores reads that list.
//!
//! Everything is made in a folder beside and moved into place at the end, the database last, so
//! that where the database is the backup is whole. A backup that was killed leaves its folder; the
//! next one in the same place removes it.

mod manifest;
mod media;
mod staging;

pub use media::folder_of;
pub use staging::{BackupTarget, leftovers};

use crate::data_dir::DataDir;
use anyhow::Context;
use domain::time::Timestamp;
use manifest::{BackupHead, ManifestWriter};
use media::MediaCopier;
use staging::Staging;
use std::path::Path;
use storage::{Database, DatabaseInspection, StorageError};

/// How far a backup is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackupStep {
    Pages { done: u64, total: u64 },
    Files { done: u64 },
}

/// What a backup holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackupReport {
    pub files: u64,
    /// Files that the database knows as kept and that are not there.
    pub missing: u64,
    /// Files whose bytes are not the ones that came.
    pub altered: u64,
}

/// Files of the database that are read at once.
const PAGE: i64 = 1000;

/// Makes a backup. Reads the database and opens no writer, so nobody waits for it.
///
/// # Errors
/// There is something at the target already, another backup to it is under way, the copy is
/// damaged, or something cannot be read or written.
pub fn create_backup(
    directory: &DataDir,
    media: &Path,
    target: &BackupTarget,
    now: Timestamp,
    progress: &mut dyn FnMut(BackupStep),
) -> anyhow::Result<BackupReport> {
    let Database::Sqlite(database) = directory.location() else {
        let reason = "a PostgreSQL database is backed up with its own tools, such as pg_dump or a base backup";
        return Err(StorageError::Elsewhere(reason).into());
    };
    let staging = Staging::begin(target)?;
    let copy = staging.database();
    storage::copy_file(database, &copy, &mut |pages| {
        progress(BackupStep::Pages { done: pages.done, total: pages.total })
    })?;
    let mut look = DatabaseInspection::open(&Database::Sqlite(copy.clone()))?;
    let mut manifest = ManifestWriter::begin(
        &staging.manifest(),
        &BackupHead::of(&mut look, target, &copy, now)?,
    )?;
    let made = copy_media(
        &mut look,
        &MediaCopier::new(media, &staging.media())?,
        &mut manifest,
        progress,
    )?;
    manifest.finish()?;
    // Nothing may be open in the copy when it is moved.
    drop(look);
    staging.finish()?;
    Ok(made)
}

fn copy_media(
    look: &mut DatabaseInspection,
    copy: &MediaCopier,
    manifest: &mut ManifestWriter,
    progress: &mut dyn FnMut(BackupStep),
) -> anyhow::Result<BackupReport> {
    let (mut made, mut after) = (BackupReport::default(), String::new());
    loop {
        let page = look.read(|tx| storage::media::stored_behind(tx, &after, PAGE))?;
        let Some(last) = page.last() else { break };
        after = last.id.to_string();
        for file in &page {
            let outcome =
                copy.take(file).with_context(|| format!("cannot copy the file {}", file.id))?;
            manifest.file(file, outcome)?;
            made.count(outcome);
        }
        progress(BackupStep::Files { done: made.files + made.missing });
    }
    copy.finish()?;
    Ok(made)
}

impl BackupReport {
    const fn count(&mut self, outcome: media::CopyOutcome) {
        match outcome {
            media::CopyOutcome::Missing => self.missing += 1,
            media::CopyOutcome::Taken => self.files += 1,
            media::CopyOutcome::Altered => {
                self.files += 1;
                self.altered += 1;
            }
        }
    }
}
