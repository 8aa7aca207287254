//! One waiting request: a closure over a transaction and the channel its caller waits on.

use crate::error::StorageError;
use crate::transaction::Transaction;
use crossbeam_channel::Receiver;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::sync::oneshot;

/// Where requests wait for a thread.
pub(crate) type RequestQueue = Receiver<Box<dyn StorageRequest>>;

/// A request whose types the storage threads need not know.
pub(crate) trait StorageRequest: Send {
    /// Runs the closure; what came out last is the outcome. True when its changes may be kept.
    fn run(&mut self, tx: &mut dyn Transaction) -> bool;

    /// Sends the caller what came out, or `failure` when the transaction as a whole failed.
    fn reply(self: Box<Self>, failure: Option<StorageError>);
}

struct PendingRequest<F, T, E> {
    operation: F,
    outcome: Option<Result<T, E>>,
    caller: oneshot::Sender<Result<T, E>>,
}

/// A request and the end of the channel on which its reply will come.
pub(crate) fn request<F, T, E>(
    operation: F,
) -> (Box<dyn StorageRequest>, oneshot::Receiver<Result<T, E>>)
where
    F: Fn(&mut dyn Transaction) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StorageError> + Send + 'static,
{
    let (caller, reply) = oneshot::channel();
    (Box::new(PendingRequest { operation, outcome: None, caller }), reply)
}

impl<F, T, E> StorageRequest for PendingRequest<F, T, E>
where
    F: Fn(&mut dyn Transaction) -> Result<T, E> + Send,
    T: Send,
    E: From<StorageError> + Send,
{
    fn run(&mut self, tx: &mut dyn Transaction) -> bool {
        // What a panic may have left half changed in the database is undone; a closure changes
        // nothing else.
        let ran = catch_unwind(AssertUnwindSafe(|| (self.operation)(tx)));
        let outcome = ran.unwrap_or_else(|_| Err(StorageError::Panicked.into()));
        let keep = outcome.is_ok();
        self.outcome = Some(outcome);
        keep
    }

    fn reply(self: Box<Self>, failure: Option<StorageError>) {
        let Self { operation, outcome, caller } = *self;
        // What the closure holds, perhaps a handle on this very storage, is given up before the
        // caller goes on: whoever drops the last handle then is not one of the storage's own
        // threads, and waits until the database is closed.
        drop(operation);
        let outcome = match (failure, outcome) {
            (Some(failure), _) => Err(failure.into()),
            (None, Some(outcome)) => outcome,
            (None, None) => Err(StorageError::Closed.into()),
        };
        // A caller that went away has nobody to tell; its work stands.
        let _ = caller.send(outcome);
    }
}
