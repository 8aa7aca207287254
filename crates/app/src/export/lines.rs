//! NDJSON: one instance a line, byte for byte as the list has it, and a trailer with their number and digest.

use super::spool::{Delivery, Pipe, gone};
use super::table::Place;
use super::{Gone, Taker};
use crate::printed::print_instance;
use crate::results::Listed;
use sha2::{Digest as _, Sha256};
use std::io::Write as _;

pub(super) struct Lines {
    of: Place,
    pipe: Pipe,
    line: String,
    digest: Sha256,
}

impl Lines {
    pub(super) fn new(of: Place, pipe: Pipe) -> Self {
        Self { of, pipe, line: String::new(), digest: Sha256::new() }
    }
}

impl Taker for Lines {
    fn take(&mut self, row: &Listed<'_>) -> Result<(), Gone> {
        self.line.clear();
        print_instance(&self.of.caller.organization, &self.of.task, row, &mut self.line);
        self.line.push('\n');
        self.digest.update(&self.line);
        self.pipe.write_all(self.line.as_bytes()).map_err(gone)
    }

    fn pass_on(&mut self) -> Result<(), Gone> {
        self.pipe.pass_on()
    }

    fn end(&mut self, count: u64) -> Result<Delivery, Gone> {
        let digest = hex::encode(std::mem::take(&mut self.digest).finalize());
        writeln!(self.pipe, "{{\"end\":true,\"count\":{count},\"sha256\":\"{digest}\"}}").map_err(gone)?;
        self.pipe.end()
    }
}
