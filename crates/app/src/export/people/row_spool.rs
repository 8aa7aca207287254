//! The rows of a file on their way from the database: compressed, one JSON text a line, in a
//! temporary file without a name.

use crate::export::spool_quota::OrganizationSpoolQuota;
use crate::failure::Failure;
use crate::json::{from_json, to_json};
use domain::instance::InstanceState;
use domain::time::Timestamp;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read, Seek as _, SeekFrom, Write};
use std::os::unix::fs::FileExt as _;
use storage::Sha256Digest;
use storage::result_table::PersonResult;

/// Bytes whose room is reserved at once.
const RESERVED: u64 = 1 << 20;

/// A result as it was read.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SpooledResult {
    pub id: String,
    pub step: String,
    pub candidate: String,
    pub name: Option<String>,
    pub email: Option<String>,
    pub external_id: Option<String>,
    pub group: String,
    /// JSON list.
    labels: String,
    pub attempt: i64,
    state: String,
    pub ignored: bool,
    pub is_erased: bool,
    started: i64,
    completed: Option<i64>,
    pub waiting: i64,
    pub passed: Option<bool>,
    pub level: Option<String>,
    pub detailed: Option<Box<RawValue>>,
    pub document: Sha256Digest,
    pub seed: Vec<u8>,
    pub factor: String,
    pub slots: Option<Box<RawValue>>,
    pub answers: Vec<SpooledAnswer>,
    pub files: Vec<SpooledFile>,
}

/// The kept answer of a slot, as JSON.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SpooledAnswer {
    pub slot: i64,
    pub response: String,
}

/// A file that was sent.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SpooledFile {
    pub id: String,
    pub name: String,
}

impl SpooledResult {
    pub(super) fn of(row: &PersonResult<'_>) -> Result<Self, Failure> {
        let own = |text: Option<&str>| text.map(str::to_owned);
        let raw = |text: Option<&str>| text.map(from_json::<Box<RawValue>>).transpose();
        Ok(Self {
            id: row.id.to_owned(),
            step: row.step_id.to_owned(),
            candidate: row.candidate_id.to_owned(),
            name: own(row.fullname),
            email: own(row.email),
            external_id: own(row.external_id),
            group: row.group_name.to_owned(),
            labels: row.labels.to_owned(),
            attempt: row.attempt,
            state: row.state.as_str().to_owned(),
            ignored: row.ignored,
            is_erased: row.erased_at.is_some(),
            started: row.started_at.0,
            completed: row.completed_at.map(|at| at.0),
            waiting: row.waiting,
            passed: row.passed,
            level: own(row.level),
            // An open one has no result that anybody sees.
            detailed: raw(row.detailed.filter(|_| !row.state.is_open()))?,
            document: row.document_digest,
            seed: row.seed.to_owned(),
            factor: row.time_factor.to_owned(),
            slots: raw(row.slots.filter(|_| !row.state.is_open()))?,
            answers: Vec::new(),
            files: Vec::new(),
        })
    }

    pub(super) fn labels(&self) -> Result<Vec<String>, Failure> {
        from_json(&self.labels)
    }

    pub(super) fn state(&self) -> Result<InstanceState, Failure> {
        InstanceState::parse(&self.state).ok_or_else(|| Failure::internal("a state is no state"))
    }

    pub(super) const fn started(&self) -> Timestamp {
        Timestamp(self.started)
    }

    pub(super) fn completed(&self) -> Option<Timestamp> {
        self.completed.map(Timestamp)
    }
}

/// The end that is written to.
pub(super) struct RowSpool {
    file: GzEncoder<QuotaFile>,
    count: u64,
}

/// All rows, to be walked through as often as wanted.
pub(super) struct SpooledRows {
    file: QuotaFile,
    count: u64,
}

impl RowSpool {
    pub(super) fn new(quota: OrganizationSpoolQuota) -> Result<Self, Failure> {
        let file = tempfile::tempfile().map_err(Failure::internal)?;
        let file = QuotaFile { file, quota, written: 0, reserved: 0 };
        Ok(Self { file: GzEncoder::new(file, Compression::fast()), count: 0 })
    }

    pub(super) fn push(&mut self, row: &SpooledResult) -> Result<(), Failure> {
        self.count += 1;
        let mut line = to_json(row)?;
        line.push('\n');
        self.file.write_all(line.as_bytes()).map_err(Failure::internal)
    }

    pub(super) fn finish(self) -> Result<SpooledRows, Failure> {
        let file = self.file.finish().map_err(Failure::internal)?;
        Ok(SpooledRows { file, count: self.count })
    }
}

impl SpooledRows {
    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    /// Hands over each row, in order.
    pub(super) fn each(
        &self,
        mut take: impl FnMut(SpooledResult) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let packed = BufReader::new(FromStart { file: &self.file.file, at: 0 });
        let mut lines = BufReader::with_capacity(1 << 18, GzDecoder::new(packed));
        let mut line = String::new();
        while lines.read_line(&mut line).map_err(Failure::internal)? > 0 {
            take(from_json(&line)?)?;
            line.clear();
        }
        Ok(())
    }
}

/// A temporary file whose bytes are counted with those of all exports.
struct QuotaFile {
    file: File,
    quota: OrganizationSpoolQuota,
    written: u64,
    reserved: u64,
}

impl Write for QuotaFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let needed = self.written + bytes.len() as u64;
        while self.reserved < needed {
            if !self.quota.reserve(RESERVED) {
                return Err(io::Error::new(
                    io::ErrorKind::StorageFull,
                    "more waits for slow clients than there is room",
                ));
            }
            self.reserved += RESERVED;
        }
        self.file.seek(SeekFrom::Start(self.written))?;
        let written = self.file.write(bytes)?;
        self.written += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for QuotaFile {
    fn drop(&mut self) {
        self.quota.release(self.reserved);
    }
}

/// Reads a file without moving a place that others have.
struct FromStart<'file> {
    file: &'file File,
    at: u64,
}

impl Read for FromStart<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(bytes, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}
