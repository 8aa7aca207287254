//! NDJSON: one instance a line, byte for byte as the list has it, and a trailer with their number
//! and digest.

use super::row_cells::RowContext;
use super::spool::{ExportDelivery, SpoolWriter, reader_gone};
use super::{ReaderGone, RowSink};
use crate::results::ListedInstance;
use crate::serialize::serialize_instance;
use sha2::{Digest as _, Sha256};
use std::io::Write as _;

pub(super) struct NdjsonSink {
    of: RowContext,
    pipe: SpoolWriter,
    line: String,
    digest: Sha256,
}

impl NdjsonSink {
    pub(super) fn new(of: RowContext, pipe: SpoolWriter) -> Self {
        Self { of, pipe, line: String::new(), digest: Sha256::new() }
    }
}

impl RowSink for NdjsonSink {
    fn take(&mut self, row: &ListedInstance<'_>) -> Result<(), ReaderGone> {
        self.line.clear();
        serialize_instance(&self.of.caller.organization, &self.of.task, row, &mut self.line);
        self.line.push('\n');
        self.digest.update(&self.line);
        self.pipe.write_all(self.line.as_bytes()).map_err(reader_gone)
    }

    fn pass_on(&mut self) -> Result<(), ReaderGone> {
        self.pipe.pass_on()
    }

    fn end(&mut self, count: u64) -> Result<ExportDelivery, ReaderGone> {
        let digest = hex::encode(std::mem::take(&mut self.digest).finalize());
        writeln!(self.pipe, "{{\"end\":true,\"count\":{count},\"sha256\":\"{digest}\"}}")
            .map_err(reader_gone)?;
        self.pipe.end()
    }
}
