//! The list of what a backup holds: one line of JSON for the whole, then one for each file, so that
//! neither its writer nor its reader ever holds all of it.

use super::media::{CopyOutcome, PIECE};
use super::staging::BackupTarget;
use anyhow::Context;
use domain::time::Timestamp;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use storage::DatabaseInspection;
use storage::media::StoredFile;

/// Changes when a reader of before would read it wrong.
const FORMAT: u32 = 1;

/// The first line.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BackupHead {
    format: u32,
    program: &'static str,
    installation: String,
    epoch: String,
    made_at: i64,
    schema: i64,
    database: CopiedFile,
    commits: i64,
    media: u64,
}

#[derive(Debug, Serialize)]
struct CopiedFile {
    file: String,
    bytes: u64,
    sha256: String,
}

#[derive(Debug, Serialize)]
struct BackupEntry<'a> {
    id: &'a str,
    bytes: i64,
    sha256: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    missing: bool,
    #[serde(skip_serializing_if = "is_false")]
    altered: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

impl BackupHead {
    /// Of a copy of a database, read from the copy.
    ///
    /// # Errors
    /// When the copy cannot be read or is none of an installation.
    pub fn of(
        look: &mut DatabaseInspection,
        target: &BackupTarget,
        copy: &Path,
        now: Timestamp,
    ) -> anyhow::Result<Self> {
        let installed = look
            .read(storage::organization::installation)?
            .context("nothing is installed there")?;
        let installation = app::media::installation_id(&installed.receipt_key)?;
        let (schema, commits, media) = look.read(|tx| {
            let media = storage::media::count_stored(tx)?;
            Ok((
                storage::organization::schema_number(tx)?,
                storage::organization::write_count(tx)?,
                media,
            ))
        })?;
        let (bytes, sha256) = digest(copy)?;
        let database = CopiedFile { file: target.name(), bytes, sha256 };
        Ok(Self {
            format: FORMAT,
            program: env!("CARGO_PKG_VERSION"),
            installation,
            epoch: installed.epoch,
            made_at: now.seconds(),
            schema,
            database,
            commits,
            media,
        })
    }
}

/// Length and SHA-256 of a file.
pub fn digest(path: &Path) -> io::Result<(u64, String)> {
    let (mut file, mut digest, mut piece) = (File::open(path)?, Sha256::new(), vec![0; PIECE]);
    let mut bytes = 0;
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            return Ok((bytes, hex::encode(digest.finalize())));
        }
        bytes += read as u64;
        digest.update(piece.get(..read).unwrap_or_default());
    }
}

/// The list being written.
pub struct ManifestWriter(BufWriter<File>);

impl ManifestWriter {
    /// Makes the file, for its owner only, and writes its head; one that exists is an error.
    pub fn begin(path: &Path, head: &BackupHead) -> anyhow::Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        let mut manifest = Self(BufWriter::new(file));
        manifest.line(head)?;
        Ok(manifest)
    }

    /// Writes a line about a file, also about one that was missing or altered.
    pub fn file(&mut self, file: &StoredFile, outcome: CopyOutcome) -> anyhow::Result<()> {
        self.line(&BackupEntry {
            id: file.id.as_str(),
            bytes: file.bytes,
            sha256: file.sha256.map(hex::encode),
            missing: outcome == CopyOutcome::Missing,
            altered: outcome == CopyOutcome::Altered,
        })
    }

    /// Writes everything to the disk.
    pub fn finish(self) -> anyhow::Result<()> {
        Ok(self.0.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?)
    }

    fn line(&mut self, line: &impl Serialize) -> anyhow::Result<()> {
        serde_json::to_writer(&mut self.0, line)?;
        Ok(self.0.write_all(b"\n")?)
    }
}
