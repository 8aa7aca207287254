//! An export as one stream of bytes: the very bytes whoever asks for them, and how far it has come.

use super::spool::{ExportDelivery, PieceStream, spool_pipe};
use super::{BegunExport, ExportFormat, ExportQuery, ReaderGone, RowSink, TaskHead, row_cells};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::results::ListedInstance;
use crate::services::ResultService;
use bytes::Bytes;
use domain::id::TaskId;
use futures_util::Stream;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

/// An export under way. Without an end it fails, so that nobody takes a part for the whole.
pub struct ExportStream {
    /// The list it was begun with.
    pub begun: BegunExport,
    pieces: PieceStream,
    taken: Arc<AtomicU64>,
}

impl ExportStream {
    pub(super) const fn new(
        begun: BegunExport,
        pieces: PieceStream,
        taken: Arc<AtomicU64>,
    ) -> Self {
        Self { begun, pieces, taken }
    }

    /// The next bytes; none at the end, and an error where an export breaks off.
    pub async fn next(&mut self) -> Option<io::Result<Bytes>> {
        self.pieces.next().await
    }

    /// The rows of the whole list; a filtered one has fewer.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.begun.head.instance_count.unsigned_abs()
    }

    /// How many rows were read so far.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }
}

impl Stream for ExportStream {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.pieces).poll_next(context)
    }
}

impl ResultService {
    /// Begins an export in a format. `is_known` is asked as [`ResultService::export_instances`] asks it.
    ///
    /// # Errors
    /// As [`ResultService::export_instances`].
    pub async fn stream_export(
        &self,
        caller: &Caller,
        task: &TaskId,
        format: ExportFormat,
        query: ExportQuery,
        is_known: impl Fn(&TaskHead) -> bool + Send + Sync + 'static,
    ) -> Result<ExportStream, Failure> {
        let (pipe, pieces) = spool_pipe(self.spool_quota().for_organization(&caller.organization));
        let of =
            row_cells::RowContext { caller: caller.clone(), task: task.clone(), mode: query.mode };
        let taken = Arc::new(AtomicU64::new(0));
        let taker = CountingSink {
            inner: format.row_sink(of, pipe).map_err(Failure::internal)?,
            taken: taken.clone(),
        };
        let begun = self.export_instances(caller, task, query, is_known, Box::new(taker)).await?;
        Ok(ExportStream::new(begun, pieces, taken))
    }
}

/// Hands rows on and counts them.
struct CountingSink {
    inner: Box<dyn RowSink>,
    taken: Arc<AtomicU64>,
}

impl RowSink for CountingSink {
    fn take(&mut self, row: &ListedInstance<'_>) -> Result<(), ReaderGone> {
        self.taken.fetch_add(1, Ordering::Relaxed);
        self.inner.take(row)
    }

    fn pass_on(&mut self) -> Result<(), ReaderGone> {
        self.inner.pass_on()
    }

    fn end(&mut self, count: u64) -> Result<ExportDelivery, ReaderGone> {
        self.inner.end(count)
    }
}
