//! From the thread that reads rows to the connection that sends them: a few pieces wait in between, and whoever sends
//! too slowly is given up after a while, because a reading thread waits for them.

use app::export::Gone;
use bytes::Bytes;
use futures_util::Stream;
use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::timeout;

/// Bytes of a piece.
const PIECE: usize = 64 * 1024;
/// Pieces that wait.
const WAITING: usize = 4;
/// How long a piece may wait to be taken.
const PATIENCE: Duration = Duration::from_secs(60);

enum Message {
    Piece(Bytes),
    /// All pieces were sent.
    End,
}

/// The end that is written to.
pub(super) struct Pipe {
    runtime: Handle,
    sender: Sender<Message>,
    buffer: Vec<u8>,
}

/// The end that is sent. Without an end from the other side it fails, so that the connection breaks.
pub(super) struct Pieces {
    receiver: Receiver<Message>,
    is_at_end: bool,
}

/// A pipe; to be called where the runtime is.
pub(super) fn pipe() -> (Pipe, Pieces) {
    let (sender, receiver) = channel(WAITING);
    let pipe = Pipe { runtime: Handle::current(), sender, buffer: Vec::with_capacity(PIECE) };
    (pipe, Pieces { receiver, is_at_end: false })
}

impl Pipe {
    /// Sends what is left and the end. Nothing is written afterwards.
    pub(super) fn end(&mut self) -> Result<(), Gone> {
        self.flush().map_err(gone)?;
        self.send(Message::End).map_err(gone)
    }

    fn send(&self, message: Message) -> io::Result<()> {
        let sent = self.runtime.block_on(async { timeout(PATIENCE, self.sender.send(message)).await });
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(io::Error::new(io::ErrorKind::BrokenPipe, "the client went away")),
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "the client took nothing for a minute")),
        }
    }
}

/// The reason why writing to a pipe failed.
#[allow(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
pub(super) fn gone(error: io::Error) -> Gone {
    Gone(error.to_string())
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.buffer, Vec::with_capacity(PIECE));
        self.send(Message::Piece(piece.into()))
    }
}

impl Stream for Pieces {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.is_at_end {
            return Poll::Ready(None);
        }
        self.receiver.poll_recv(context).map(|message| match message {
            Some(Message::Piece(piece)) => Some(Ok(piece)),
            Some(Message::End) => {
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
