//! Files: taking those of candidates in, keeping them, giving them out by signed links, and removing
//! them.
//!
//! The file comes first, then its row: a row whose file is missing would be a broken promise. A
//! file without a row is most likely waste; it is set aside, not removed, because a wrong database
//! knows no file at all. Taking files in has limits of its own, so that answering is never slowed.

pub mod authored;
mod claim;
mod cleanup;
mod file_writer;
mod link;
mod receive;
mod sweep;
mod upload_limiter;
mod uploads_in_progress;

use crate::services::FileService;
pub use claim::{MediaClaim, installation_id};
pub(crate) use file_writer::FileWriter;
pub use link::{OpenMedia, SignedLink};
pub use receive::{FileReceiver, IncomingUpload, StoredMedia};
pub(crate) use receive::{LEAST_PER_SECOND, patience};
pub use sweep::MediaSweep;
use uploads_in_progress::UploadsInProgress;

use crate::failure::Failure;
use crate::ports::MediaStore;
use crate::throttle::ClientNetwork;
use domain::id::OrganizationId;
use domain::media::MediaPurpose;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use storage::media::MediaRow;
use upload_limiter::UploadLimiter;
pub(crate) use upload_limiter::UploadPermit;

/// Files of answers on their way at once on one server; each holds no more than a piece of itself
/// in memory. From one address half of them: a room of sixty behind one may send two each.
const ANSWERS_AT_ONCE: usize = 256;
/// Everything else on its way at once. From one address half of them, one for each of that room.
const EVIDENCES_AT_ONCE: usize = 128;
/// Authors' files on their way at once, and of one author.
const AUTHORS_AT_ONCE: usize = 32;
const AUTHORS_OF_ONE: usize = 8;
/// Of one candidate: more than a page sends at once.
const ANSWERS_OF_ONE: usize = 4;
/// A photo, a recording and a picture of the screen may come together, each behind an earlier one.
const EVIDENCES_OF_ONE: usize = 6;

/// What the running server needs for files.
pub struct MediaContext {
    store: OnceLock<Arc<dyn MediaStore>>,
    link_key: OnceLock<[u8; 32]>,
    answers: UploadLimiter,
    evidences: UploadLimiter,
    authors: UploadLimiter,
    pub(crate) under_way: UploadsInProgress,
}

impl Default for MediaContext {
    fn default() -> Self {
        let answers = UploadLimiter::new(ANSWERS_AT_ONCE, ANSWERS_OF_ONE);
        let evidences = UploadLimiter::new(EVIDENCES_AT_ONCE, EVIDENCES_OF_ONE);
        let authors = UploadLimiter::new(AUTHORS_AT_ONCE, AUTHORS_OF_ONE);
        let under_way = UploadsInProgress::default();
        Self {
            store: OnceLock::new(),
            link_key: OnceLock::new(),
            answers,
            evidences,
            authors,
            under_way,
        }
    }
}

impl MediaContext {
    pub(crate) fn store(&self) -> Result<Arc<dyn MediaStore>, Failure> {
        self.store
            .get()
            .cloned()
            .ok_or_else(|| Failure::Unavailable("no media store was given".to_owned()))
    }

    /// The store, if one was given.
    pub(crate) fn configured_store(&self) -> Option<Arc<dyn MediaStore>> {
        self.store.get().cloned()
    }

    /// A place for an author's file.
    pub(crate) fn admit_author(
        &self,
        organization: &OrganizationId,
        author: &str,
        address: Option<IpAddr>,
    ) -> Result<UploadPermit, Failure> {
        self.authors.acquire(organization, &author.into(), ClientNetwork::of(address))
    }

    /// A place among those whose files are on their way.
    fn admit(&self, row: &MediaRow, address: Option<IpAddr>) -> Result<UploadPermit, Failure> {
        let places =
            if row.purpose == MediaPurpose::Answer { &self.answers } else { &self.evidences };
        places.acquire(&row.organization_id, &row.candidate_id, ClientNetwork::of(address))
    }
}

impl FileService {
    /// Gives the place where files are kept, once. Until then none are taken.
    pub fn set_media_store(&self, store: Arc<dyn MediaStore>) {
        if self.media().store.set(store).is_err() {
            tracing::warn!("a second media store was given and is not used");
        }
    }
}

/// Runs what may block on a thread that may.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(Failure::internal)
}
