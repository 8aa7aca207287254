//! An export as one stream of bytes: the very bytes whoever asks for them, and how far it has come.

use super::spool::{Delivery, Pieces, pipe};
use super::{Begun, ExportQuery, Format, Gone, Head, Taker, table};
use crate::App;
use crate::caller::Caller;
use crate::failure::Failure;
use crate::results::Listed;
use bytes::Bytes;
use domain::id::TaskId;
use futures_util::Stream;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

/// An export under way. Without an end it fails, so that nobody takes a part for the whole.
pub struct Streamed {
    /// The list it was begun with.
    pub begun: Begun,
    pieces: Pieces,
    taken: Arc<AtomicU64>,
}

impl Streamed {
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

impl Stream for Streamed {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.pieces).poll_next(context)
    }
}

impl App {
    /// Begins an export in a format. `is_known` is asked as [`App::export_instances`] asks it.
    ///
    /// # Errors
    /// As [`App::export_instances`].
    pub async fn stream_export(
        &self,
        caller: &Caller,
        task: &TaskId,
        format: Format,
        query: ExportQuery,
        is_known: impl Fn(&Head) -> bool + Send + Sync + 'static,
    ) -> Result<Streamed, Failure> {
        let (pipe, pieces) = pipe(self.export_room().for_organization(&caller.organization));
        let of = table::Place { caller: caller.clone(), task: task.clone(), mode: query.mode };
        let taken = Arc::new(AtomicU64::new(0));
        let taker = Counted { inner: format.taker(of, pipe).map_err(Failure::internal)?, taken: taken.clone() };
        let begun = self.export_instances(caller, task, query, is_known, Box::new(taker)).await?;
        Ok(Streamed { begun, pieces, taken })
    }
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

    fn end(&mut self, count: u64) -> Result<Delivery, Gone> {
        self.inner.end(count)
    }
}
