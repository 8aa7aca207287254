//! What commands print: lines, JSON lines and tables on standard output, progress on standard
//! error.

mod progress;
mod table;

pub use progress::ProgressReporter;
pub use table::TextTable;

use serde::Serialize;
use std::io::{self, BufWriter, StdoutLock, Write};

/// Where results are printed. Standard output but for tests; kept back until it is finished or
/// large.
pub struct OutputWriter<W: Write>(W);

impl OutputWriter<BufWriter<StdoutLock<'static>>> {
    /// Writes to the standard output, locked and buffered.
    #[must_use]
    pub fn stdout() -> Self {
        Self(BufWriter::new(io::stdout().lock()))
    }
}

impl<W: Write> OutputWriter<W> {
    /// Writes a line for people.
    pub fn line(&mut self, text: impl std::fmt::Display) -> io::Result<()> {
        writeln!(self.0, "{text}")
    }

    /// One JSON value on a line of its own.
    pub fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, value)?;
        writeln!(self.0)
    }

    /// Writes a table for people.
    pub fn table(&mut self, table: &TextTable) -> io::Result<()> {
        self.line(table)
    }

    /// Hands everything on. Whoever drops an output unfinished does not learn whether it was
    /// written.
    pub fn finish(mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_goes_on_one_line_each() {
        let mut written = Vec::new();
        let mut output = OutputWriter(&mut written);
        output.json(&serde_json::json!({"a": "line\nbreak"})).unwrap();
        output.line("done").unwrap();
        output.finish().unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), "{\"a\":\"line\\nbreak\"}\ndone\n");
    }
}
