//! A directory of files belongs to one installation. Another installation does not know these files
//! and would take them for waste, so a mark in the directory says whose it is, and a server refuses
//! to serve with somebody else's.

use super::blocking;
use crate::failure::Failure;
use crate::ports::MediaStore;
use crate::services::FileService;
use domain::id::MediaId;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::io;
use std::sync::Arc;
use storage::Transaction;

/// What the id of an installation is derived for.
const LABEL: &[u8] = b"assay-installation-1";
/// Bytes of it that are printed.
const ID_BYTES: usize = 16;
/// Files of an unmarked directory that are compared with the rows.
const SAMPLE: usize = 200;

/// ExactCandidateFilter a directory of files is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaClaim {
    /// This installation's.
    Ours,
    /// It bears the mark of another.
    Foreign { mark: String, installation: String },
    /// It bears no mark, and none of its files is known here.
    Unknown { installation: String },
    /// It bears no mark and is empty, and files are known here.
    Missing { installation: String },
}

/// What tells an installation from others, the same on every server of it and after every restore.
/// It is derived from the secret that signs receipts and tells nothing about it.
///
/// # Errors
/// Never with a key that an installation was made with.
pub fn installation_id(receipt_key: &[u8]) -> Result<String, Failure> {
    let mac = Hmac::<Sha256>::new_from_slice(receipt_key).map_err(Failure::internal)?;
    let digest = mac.chain_update(LABEL).finalize().into_bytes();
    Ok(hex::encode(digest.iter().take(ID_BYTES).copied().collect::<Vec<_>>()))
}

impl FileService {
    /// What tells this installation from others.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn installation_id(&self) -> Result<String, Failure> {
        let read = |tx: &mut dyn Transaction| storage::organization::installation(tx);
        let row = self
            .storage()
            .read(read)
            .await?
            .ok_or_else(|| Failure::internal("nothing installed"))?;
        installation_id(&row.receipt_key)
    }

    /// Looks whose the directory of files is, and marks it as ours when nobody has and its files
    /// are ours. To be called before files are taken in or swept.
    ///
    /// # Errors
    /// When the database or the directory cannot be read or written.
    pub async fn claim_media(&self) -> Result<MediaClaim, Failure> {
        let Ok(store) = self.media().store() else { return Ok(MediaClaim::Ours) };
        let installation = self.installation_id().await?;
        let (its_store, compared) = (store.clone(), installation.clone());
        if let Some(mark) = on_disk(move || its_store.mark()).await? {
            return Ok(judged(mark, compared));
        }
        let its_store = store.clone();
        let sample: Vec<MediaId> =
            blocking(move || its_store.older_than(0).take(SAMPLE).collect()).await?;
        if sample.is_empty() {
            let is_any_kept = self.storage().read(storage::media::has_any_stored).await?;
            return if is_any_kept {
                Ok(MediaClaim::Missing { installation })
            } else {
                mark(store, installation).await
            };
        }
        let count = sample.len();
        let unknown =
            self.storage().read(move |tx| storage::media::missing_among(tx, &sample)).await?;
        // One known file proves that the directory is ours: ids are drawn at random.
        if unknown.len() == count {
            Ok(MediaClaim::Unknown { installation })
        } else {
            mark(store, installation).await
        }
    }
}

async fn mark(store: Arc<dyn MediaStore>, installation: String) -> Result<MediaClaim, Failure> {
    let ours = installation.clone();
    let mark = on_disk(move || store.set_mark(&ours)).await?;
    Ok(judged(mark, installation))
}

fn judged(mark: String, installation: String) -> MediaClaim {
    if mark == installation { MediaClaim::Ours } else { MediaClaim::Foreign { mark, installation } }
}

async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Failure> {
    let done = blocking(work).await?;
    done.map_err(|error| {
        Failure::Unavailable(format!("the directory of candidates' files: {error}"))
    })
}
