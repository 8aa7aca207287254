//! From the thread that reads rows to the connection that sends them: a few pieces wait in between, and whoever sends
//! too slowly is given up after a while, because a reading thread waits for them.
//!
//! The waiting is a plain condition: the reading thread may be one that drives a runtime of its own.

use super::Gone;
use bytes::Bytes;
use futures_util::Stream;
use std::future::poll_fn;
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Bytes from which on a piece is sent.
const PIECE: usize = 64 * 1024;
/// Pieces that wait.
const WAITING: usize = 4;
/// How long a piece may wait to be taken; shorter than a database leaves a transaction idle.
const PATIENCE: Duration = Duration::from_secs(45);

enum Message {
    Piece(Bytes),
    /// All pieces were sent.
    End,
}

/// How many pieces wait, and whether anybody takes them.
#[derive(Default)]
struct Gauge {
    state: Mutex<State>,
    eased: Condvar,
}

#[derive(Default)]
struct State {
    waiting: usize,
    is_gone: bool,
}

/// The end that is written to.
pub(super) struct Pipe {
    sender: UnboundedSender<Message>,
    gauge: Arc<Gauge>,
    buffer: Vec<u8>,
}

/// The end that is sent. Without an end from the other side it fails, so that the connection breaks.
pub(super) struct Pieces {
    receiver: UnboundedReceiver<Message>,
    gauge: Arc<Gauge>,
    is_at_end: bool,
}

pub(super) fn pipe() -> (Pipe, Pieces) {
    let (sender, receiver) = unbounded_channel();
    let gauge = Arc::new(Gauge::default());
    let pipe = Pipe { sender, gauge: gauge.clone(), buffer: Vec::with_capacity(PIECE) };
    (pipe, Pieces { receiver, gauge, is_at_end: false })
}

impl Gauge {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place; takes it.
    fn enter(&self) -> io::Result<()> {
        let is_full = |state: &mut State| state.waiting >= WAITING && !state.is_gone;
        let waited = self.eased.wait_timeout_while(self.state(), PATIENCE, is_full);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if state.is_gone {
            return Err(io::Error::new(io::ErrorKind::BrokenPipe, "the client went away"));
        }
        if state.waiting >= WAITING {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the client took nothing for a while"));
        }
        state.waiting += 1;
        Ok(())
    }

    fn leave(&self) {
        self.state().waiting -= 1;
        self.eased.notify_all();
    }
}

impl Pipe {
    /// Sends what was written, waiting for places, once it is worth a piece.
    pub(super) fn pass_on(&mut self) -> Result<(), Gone> {
        if self.buffer.len() < PIECE { Ok(()) } else { self.flush().map_err(gone) }
    }

    /// Whether anybody is still there.
    pub(super) fn demand_client(&self) -> Result<(), Gone> {
        if self.gauge.state().is_gone { Err(Gone("the client went away".to_owned())) } else { Ok(()) }
    }

    /// Sends what is left and the end. Nothing is written afterwards.
    pub(super) fn end(&mut self) -> Result<(), Gone> {
        self.flush().map_err(gone)?;
        self.send(Message::End).map_err(gone)
    }

    fn send(&self, message: Message) -> io::Result<()> {
        self.gauge.enter()?;
        let sent = self.sender.send(message);
        sent.map_err(|_| io::Error::new(io::ErrorKind::BrokenPipe, "the client went away"))
    }
}

/// The reason why writing to a pipe failed.
#[allow(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
pub(super) fn gone(error: io::Error) -> Gone {
    Gone(error.to_string())
}

/// Writing only collects.
impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
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

impl Pieces {
    /// The next bytes, as the stream gives them.
    pub(super) async fn next(&mut self) -> Option<io::Result<Bytes>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl Stream for Pieces {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.is_at_end {
            return Poll::Ready(None);
        }
        self.receiver.poll_recv(context).map(|message| {
            if message.is_some() {
                self.gauge.leave();
            }
            match message {
                Some(Message::Piece(piece)) => return Some(Ok(piece)),
                Some(Message::End) => {
                    self.is_at_end = true;
                    return None;
                }
                None => self.is_at_end = true,
            }
            Some(Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the export failed midway")))
        })
    }
}

impl Drop for Pieces {
    fn drop(&mut self) {
        self.gauge.state().is_gone = true;
        self.gauge.eased.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::StreamExt as _;

    #[tokio::test]
    async fn a_pipe_without_an_end_fails_and_one_with_an_end_is_whole() {
        for ends in [true, false] {
            let (mut pipe, pieces) = pipe();
            std::thread::spawn(move || {
                // More pieces than may wait.
                for piece in 0..20_u8 {
                    pipe.write_all(&vec![piece; PIECE]).unwrap();
                    pipe.pass_on().unwrap();
                }
                if ends {
                    pipe.end().unwrap();
                }
            });
            let received: Vec<_> = pieces.collect().await;
            let whole: usize = received.iter().flatten().map(Bytes::len).sum();
            assert_eq!((whole, received.iter().any(Result::is_err)), (20 * PIECE, !ends));
        }
    }

    #[test]
    fn nobody_waits_for_a_client_that_went_away() {
        let (mut pipe, pieces) = pipe();
        drop(pieces);
        pipe.write_all(&[0; PIECE]).unwrap();
        assert_eq!(pipe.pass_on(), Err(Gone("the client went away".into())));
    }
}
