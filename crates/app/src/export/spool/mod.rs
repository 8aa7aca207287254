//! From the thread that reads rows to the connection that sends them.
//!
//! Nobody who holds a database waits for whoever takes the bytes: what is not taken yet waits in
//! memory as far as a few pieces go, and beyond that in temporary files that have no name and go
//! with the process. So the rows of an export are one state of the database, read as fast as the
//! disk is, and may be sent as slowly as a telephone takes them.
//!
//! All that waits has a bound, for the server and for each organization. Who takes nothing for ten
//! minutes is given up, and so is who is not done within three hours.

use super::ReaderGone;
use super::spool_quota::OrganizationSpoolQuota;
use bytes::Bytes;
use futures_util::Stream;
use std::collections::VecDeque;
use std::fs::File;
use std::future::poll_fn;
use std::io::{self, Write};
use std::os::unix::fs::FileExt as _;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};

/// Bytes from which on a piece is sent.
const PIECE: usize = 64 * 1024;
/// Pieces that wait in memory.
const IN_MEMORY: usize = 4;
/// Bytes of one temporary file; it is given back when all of them were taken.
const SEGMENT: u64 = 16 << 20;
/// How long clients are waited for.
const TIMEOUTS: SpoolTimeouts =
    SpoolTimeouts { stall: Duration::from_secs(600), whole: Duration::from_secs(3 * 3600) };
/// How long the writing end waits before it looks again whether there is room.
const PAUSE: Duration = Duration::from_millis(200);
/// How often it does so, while it holds a state of the database: 20 seconds in all. The database's
/// log grows meanwhile.
const PAUSES: u32 = 100;

#[derive(Clone, Copy)]
struct SpoolTimeouts {
    /// For one piece. A line of 7 KB/s opens a send buffer of 4 MiB a third at a time.
    stall: Duration,
    /// For all of them: 50 MB at 7 KB/s are two hours.
    whole: Duration,
}

/// What waits to be taken, in order.
enum SpooledPiece {
    Memory(Bytes),
    File {
        file: Arc<File>,
        at: u64,
        length: usize,
    },
    /// All pieces were sent.
    End,
}

#[derive(Default)]
struct SpoolState {
    waiting: VecDeque<SpooledPiece>,
    in_memory: usize,
    /// Why nobody takes anything any more.
    gone: Option<&'static str>,
    is_closed: bool,
}

struct Spool {
    state: Mutex<SpoolState>,
    eased: Condvar,
    filled: Notify,
    quota: OrganizationSpoolQuota,
}

/// The end that is written to.
pub(super) struct SpoolWriter {
    spool: Arc<Spool>,
    buffer: Vec<u8>,
    segment: Option<(Arc<File>, u64)>,
    /// How often it may still wait for room.
    pauses: u32,
    delivery: Option<oneshot::Receiver<Result<(), ReaderGone>>>,
}

/// What a [`PieceStream`] is sent.
enum PieceMessage {
    Piece(Bytes),
    End,
}

/// The end that is sent. Without an end from the other side it fails, so that the connection
/// breaks.
pub(super) struct PieceStream {
    receiver: mpsc::Receiver<PieceMessage>,
    spool: Arc<Spool>,
    is_at_end: bool,
}

/// Whether everything was taken; known in the end.
pub struct ExportDelivery(Option<oneshot::Receiver<Result<(), ReaderGone>>>);

/// Two ends. To be called inside a runtime, which carries the bytes from one to the other.
pub(super) fn spool_pipe(quota: OrganizationSpoolQuota) -> (SpoolWriter, PieceStream) {
    spool_pipe_with(quota, TIMEOUTS)
}

fn spool_pipe_with(
    space_left: OrganizationSpoolQuota,
    patience: SpoolTimeouts,
) -> (SpoolWriter, PieceStream) {
    let spool = Arc::new(Spool {
        state: Mutex::default(),
        eased: Condvar::new(),
        filled: Notify::new(),
        quota: space_left,
    });
    // One piece waits for the connection; all others wait in the spool.
    let (sender, receiver) = mpsc::channel(1);
    let (settled, delivery) = oneshot::channel();
    tokio::spawn(carry(spool.clone(), sender, settled, patience));
    let buffer = Vec::with_capacity(PIECE);
    let pipe = SpoolWriter {
        spool: spool.clone(),
        buffer,
        segment: None,
        pauses: PAUSES,
        delivery: Some(delivery),
    };
    (pipe, PieceStream { receiver, spool, is_at_end: false })
}

/// Carries all pieces from the spool to the connection.
async fn carry(
    spool: Arc<Spool>,
    sender: mpsc::Sender<PieceMessage>,
    settled: oneshot::Sender<Result<(), ReaderGone>>,
    patience: SpoolTimeouts,
) {
    let carried =
        tokio::time::timeout(patience.whole, carry_all(&spool, &sender, patience.stall)).await;
    let carried = carried.unwrap_or(Err("the export took too long"));
    if let Err(reason) = carried {
        spool.give_up(reason);
    }
    // Nobody listens any more when the export failed on its own side.
    let _ = settled.send(carried.map_err(|reason| ReaderGone(reason.to_owned())));
}

async fn carry_all(
    spool: &Spool,
    sender: &mpsc::Sender<PieceMessage>,
    stall: Duration,
) -> Result<(), &'static str> {
    loop {
        let waiting = tokio::select! {
            waiting = spool.next() => waiting.ok_or("it failed midway")?,
            () = sender.closed() => return Err("the client went away"),
        };
        let (message, spooled) = match waiting {
            SpooledPiece::End => (PieceMessage::End, 0),
            SpooledPiece::Memory(piece) => (PieceMessage::Piece(piece), 0),
            SpooledPiece::File { file, at, length } => {
                // A disk is not waited for on the runtime.
                let read = tokio::task::spawn_blocking(move || read_piece(&file, at, length)).await;
                let piece =
                    read.ok().and_then(Result::ok).ok_or("its temporary file cannot be read")?;
                (PieceMessage::Piece(piece), length as u64)
            }
        };
        let is_end = matches!(message, PieceMessage::End);
        let sent = tokio::time::timeout(stall, sender.send(message)).await;
        sent.map_err(|_| "the client took nothing for a while")?
            .map_err(|_| "the client went away")?;
        spool.quota.release(spooled);
        spool.eased.notify_all();
        if is_end {
            return Ok(());
        }
    }
}

fn read_piece(file: &File, at: u64, length: usize) -> io::Result<Bytes> {
    let mut piece = vec![0; length];
    file.read_exact_at(&mut piece, at)?;
    Ok(piece.into())
}

impl Spool {
    fn state(&self) -> MutexGuard<'_, SpoolState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What waits first; none once the writing end is gone without an end.
    async fn next(&self) -> Option<SpooledPiece> {
        loop {
            let filled = self.filled.notified();
            {
                let mut state = self.state();
                if let Some(first) = state.waiting.pop_front() {
                    state.in_memory -= usize::from(matches!(first, SpooledPiece::Memory(_)));
                    return Some(first);
                }
                if state.is_closed {
                    return None;
                }
            }
            filled.await;
        }
    }

    /// Nobody takes anything any more: what waits is thrown away and the writing end is told.
    fn give_up(&self, reason: &'static str) {
        let mut state = self.state();
        state.gone.get_or_insert(reason);
        let in_files = |waiting: &SpooledPiece| {
            if let SpooledPiece::File { length, .. } = waiting { *length as u64 } else { 0 }
        };
        self.quota.release(state.waiting.iter().map(in_files).sum());
        state.waiting.clear();
        state.in_memory = 0;
        drop(state);
        self.eased.notify_all();
    }

    fn demand_taker(state: &SpoolState) -> io::Result<()> {
        state.gone.map_or(Ok(()), |reason| Err(io::Error::new(io::ErrorKind::BrokenPipe, reason)))
    }

    /// Waits until so many bytes may lie in files, as long as there are pauses left or the taker is
    /// given up.
    fn wait_for_quota(&self, bytes: u64, pauses: &mut u32) -> io::Result<()> {
        let mut state = self.state();
        loop {
            Self::demand_taker(&state)?;
            if self.quota.reserve(bytes) {
                return Ok(());
            }
            let none_left = || {
                io::Error::new(
                    io::ErrorKind::TimedOut,
                    "more waits for slow clients than there is room",
                )
            };
            *pauses = pauses.checked_sub(1).ok_or_else(none_left)?;
            // Room that others give back is told to nobody.
            state = self.eased.wait_timeout(state, PAUSE).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn push(&self, waiting: SpooledPiece) -> io::Result<()> {
        let mut state = self.state();
        if let (SpooledPiece::File { length, .. }, Some(_)) = (&waiting, state.gone) {
            self.quota.release(*length as u64);
        }
        Self::demand_taker(&state)?;
        state.in_memory += usize::from(matches!(waiting, SpooledPiece::Memory(_)));
        state.waiting.push_back(waiting);
        drop(state);
        self.filled.notify_one();
        Ok(())
    }
}

impl SpoolWriter {
    /// Sends what was written, once it is worth a piece.
    pub(super) fn pass_on(&mut self) -> Result<(), ReaderGone> {
        if self.buffer.len() < PIECE { Ok(()) } else { self.flush().map_err(reader_gone) }
    }

    /// Whether anybody is still there.
    pub(super) fn require_reader(&self) -> Result<(), ReaderGone> {
        Spool::demand_taker(&self.spool.state()).map_err(reader_gone)
    }

    /// From now on nothing of the database is held, and waiting for room may take as long as an
    /// export may.
    pub(super) const fn wait_patiently(&mut self) {
        self.pauses = u32::MAX;
    }

    /// Sends what is left and the end. Nothing is written afterwards.
    pub(super) fn end(&mut self) -> Result<ExportDelivery, ReaderGone> {
        self.wait_patiently();
        self.flush().map_err(reader_gone)?;
        self.spool.push(SpooledPiece::End).map_err(reader_gone)?;
        Ok(ExportDelivery(self.delivery.take()))
    }

    fn send(&mut self, piece: Vec<u8>) -> io::Result<()> {
        let has_room = self.spool.state().in_memory < IN_MEMORY;
        let waiting =
            if has_room { SpooledPiece::Memory(piece.into()) } else { self.spooled(&piece)? };
        self.spool.push(waiting)
    }

    fn spooled(&mut self, piece: &[u8]) -> io::Result<SpooledPiece> {
        self.spool.wait_for_quota(piece.len() as u64, &mut self.pauses)?;
        let written = self.write_to_segment(piece);
        if written.is_err() {
            self.spool.quota.release(piece.len() as u64);
        }
        written
    }

    fn write_to_segment(&mut self, piece: &[u8]) -> io::Result<SpooledPiece> {
        let (file, at) = match self.segment.take() {
            Some((file, at)) if at < SEGMENT => (file, at),
            _ => (Arc::new(tempfile::tempfile()?), 0),
        };
        file.write_all_at(piece, at)?;
        self.segment = Some((file.clone(), at + piece.len() as u64));
        Ok(SpooledPiece::File { file, at, length: piece.len() })
    }
}

impl Drop for SpoolWriter {
    fn drop(&mut self) {
        self.spool.state().is_closed = true;
        self.spool.filled.notify_one();
    }
}

impl ExportDelivery {
    /// That of bytes which nobody takes from here.
    #[must_use]
    pub const fn done() -> Self {
        Self(None)
    }

    /// Waits until everything was taken.
    ///
    /// # Errors
    /// Why it was not.
    pub async fn wait(self) -> Result<(), ReaderGone> {
        match self.0 {
            None => Ok(()),
            Some(delivery) => {
                delivery.await.unwrap_or_else(|_| Err(ReaderGone("the server stops".to_owned())))
            }
        }
    }
}

/// The reason why writing to a pipe failed.
#[allow(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
pub(super) fn reader_gone(error: io::Error) -> ReaderGone {
    ReaderGone(error.to_string())
}

/// Writing only collects.
impl Write for SpoolWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.buffer, Vec::with_capacity(PIECE));
        self.send(piece)
    }
}

impl PieceStream {
    /// The next bytes, as the stream gives them.
    pub(super) async fn next(&mut self) -> Option<io::Result<Bytes>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl Stream for PieceStream {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.is_at_end {
            return Poll::Ready(None);
        }
        self.receiver.poll_recv(context).map(|message| match message {
            Some(PieceMessage::Piece(piece)) => Some(Ok(piece)),
            Some(PieceMessage::End) => {
                self.is_at_end = true;
                None
            }
            None => {
                self.is_at_end = true;
                Some(Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the export failed midway")))
            }
        })
    }
}

impl Drop for PieceStream {
    fn drop(&mut self) {
        if !self.is_at_end {
            self.spool.give_up("the client went away");
        }
    }
}

#[cfg(test)]
mod tests;
