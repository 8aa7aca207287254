//! An export outside of HTTP, as the command line makes it: the very bytes of the endpoint, and how far it has come.

use super::pipe::{Pieces, pipe};
use super::{Format, table};
use crate::mode::Mode;
use app::caller::Caller;
use app::export::{ExportQuery, Gone, Taker};
use app::results::{InstanceFilter, Listed};
use app::{App, Failure};
use bytes::Bytes;
use domain::id::TaskId;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// An export under way.
pub struct Streamed {
    /// The rows of the whole list; a filtered one has fewer.
    pub rows: u64,
    pieces: Pieces,
    taken: Arc<AtomicU64>,
}

impl Streamed {
    /// The next bytes; none at the end, and an error where an export breaks off.
    pub async fn next(&mut self) -> Option<io::Result<Bytes>> {
        self.pieces.next().await
    }

    /// How many rows were read so far.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }
}

/// Begins an export.
///
/// # Errors
/// As [`App::export_instances`].
pub async fn stream(
    app: &App,
    caller: &Caller,
    task: &TaskId,
    format: Format,
    mode: Mode,
    filter: Option<InstanceFilter>,
) -> Result<Streamed, Failure> {
    let (pipe, pieces) = pipe();
    let of = table::Place { caller: caller.clone(), task: task.clone(), mode };
    let taken = Arc::new(AtomicU64::new(0));
    let taker = Counted { inner: format.taker(of, pipe).map_err(Failure::internal)?, taken: taken.clone() };
    let query = ExportQuery { mode: mode.into(), filter };
    let begun = app.export_instances(caller, task, query, |_| false, Box::new(taker)).await?;
    Ok(Streamed { rows: begun.head.instance_count.unsigned_abs(), pieces, taken })
}

/// Hands rows on and counts them.
struct Counted {
    inner: Box<dyn Taker>,
    taken: Arc<AtomicU64>,
}

impl Taker for Counted {
    fn take(&mut self, row: &Listed<'_>) -> Result<(), Gone> {
        self.taken.fetch_add(1, Ordering::Relaxed);
        self.inner.take(row)
    }

    fn pass_on(&mut self) -> Result<(), Gone> {
        self.inner.pass_on()
    }

    fn end(&mut self, count: u64) -> Result<(), Gone> {
        self.inner.end(count)
    }
}
