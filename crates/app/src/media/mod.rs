//! Files of candidates: taking them in, keeping them, giving them out by signed links, and removing them.
//!
//! The file comes first, then its row: a row whose file is missing would be a broken promise, a file without a row is
//! only waste and is swept up. Taking files in has limits of its own, so that answering is never slowed.

mod link;
mod receive;
mod tidy;

pub use link::{OpenMedia, SignedLink};
pub use receive::{KeptMedia, Receiving};

use crate::App;
use crate::failure::Failure;
use crate::ports::MediaStore;
use domain::media::Purpose;
use std::sync::{Arc, OnceLock};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Files of answers on their way at once on one server; each holds no more than a piece of itself in memory.
const ANSWERS_AT_ONCE: usize = 256;
/// Everything else on its way at once.
const EVIDENCES_AT_ONCE: usize = 64;

/// What the running server needs for files.
pub struct Shelf {
    store: OnceLock<Arc<dyn MediaStore>>,
    link_key: OnceLock<[u8; 32]>,
    answers: Arc<Semaphore>,
    evidences: Arc<Semaphore>,
}

impl Default for Shelf {
    fn default() -> Self {
        let of = |most| Arc::new(Semaphore::new(most));
        let (answers, evidences) = (of(ANSWERS_AT_ONCE), of(EVIDENCES_AT_ONCE));
        Self { store: OnceLock::new(), link_key: OnceLock::new(), answers, evidences }
    }
}

impl Shelf {
    fn store(&self) -> Result<Arc<dyn MediaStore>, Failure> {
        self.store.get().cloned().ok_or_else(|| Failure::Unavailable("no media store was given".to_owned()))
    }

    /// A place among those whose files are on their way.
    fn admit(&self, purpose: Purpose) -> Result<OwnedSemaphorePermit, Failure> {
        let queue = if purpose == Purpose::Answer { &self.answers } else { &self.evidences };
        queue.clone().try_acquire_owned().map_err(|_| Failure::Busy)
    }
}

impl App {
    /// Gives the place where files are kept, once. Until then none are taken.
    pub fn keep_media_in(&self, store: Arc<dyn MediaStore>) {
        if self.media().store.set(store).is_err() {
            tracing::warn!("a second media store was given and is not used");
        }
    }
}

/// Runs what may block on a thread that may.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(Failure::internal)
}
