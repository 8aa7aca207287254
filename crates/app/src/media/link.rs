//! Signed links to files: whoever has one needs no key, for one to two hours (REST specification,
//! 7.3).

use super::blocking;
use crate::failure::Failure;
use crate::ports::{MediaReader, MediaStore};
use crate::services::FileService;
use crate::stored_number::unsigned;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::id::MediaId;
use domain::media::{is_shown_inline, link_expiry, served_type};
use domain::time::Timestamp;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use storage::Transaction;
use subtle::ConstantTimeEq as _;

/// Bytes of a file that tell what it is.
const HEAD: usize = 8 * 1024;
/// What the key of links is derived for.
const LABEL: &[u8] = b"assay-media-link-1";
/// Bytes of a signature that a link carries.
const SIGNATURE: usize = 24;
/// Bytes read from a file at once.
const PIECE: usize = 128 * 1024;

/// A link as it came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedLink {
    pub media: MediaId,
    /// Seconds.
    pub ends: i64,
    pub signature: String,
}

/// A file whose link was good.
pub struct OpenMedia {
    pub media: MediaId,
    pub media_type: String,
    pub bytes: u64,
    pub name: Option<String>,
    /// Whether a browser may show it rather than keep it.
    pub is_shown: bool,
    reader: Option<Box<dyn MediaReader>>,
}

impl OpenMedia {
    /// Goes to a place in the file.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn seek(&mut self, place: u64) -> Result<(), Failure> {
        let mut reader =
            self.reader.take().ok_or_else(|| Failure::internal("a file is read twice at once"))?;
        let (reader, moved) = blocking(move || {
            let moved = reader.seek(SeekFrom::Start(place));
            (reader, moved)
        })
        .await?;
        self.reader = Some(reader);
        moved.map(|_| ()).map_err(|error| Failure::Unavailable(error.to_string()))
    }

    /// The next piece, of at most so many bytes; empty at the end.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn next_chunk(&mut self, most: u64) -> Result<Vec<u8>, Failure> {
        let mut reader =
            self.reader.take().ok_or_else(|| Failure::internal("a file is read twice at once"))?;
        let most = usize::try_from(most).unwrap_or(PIECE).min(PIECE);
        let (reader, piece) = blocking(move || {
            let mut piece = Vec::with_capacity(most);
            let read = reader.by_ref().take(most as u64).read_to_end(&mut piece);
            (reader, read.map(|_| piece))
        })
        .await?;
        self.reader = Some(reader);
        piece.map_err(|error| Failure::Unavailable(error.to_string()))
    }
}

impl FileService {
    /// Derives the key of links from the installation's secret, so that all servers of a database
    /// sign alike.
    pub(crate) async fn derive_link_key(&self) -> Result<(), Failure> {
        let read = |tx: &mut dyn Transaction| storage::organization::installation(tx);
        let row = self
            .storage()
            .read(read)
            .await?
            .ok_or_else(|| Failure::internal("nothing installed"))?;
        let key = mac(&row.receipt_key)?.chain_update(LABEL).finalize().into_bytes().into();
        // The same key again after a restart of the use cases.
        let _ = self.media().link_key.set(key);
        Ok(())
    }

    /// An absolute address at which a file can be read for one to two hours.
    ///
    /// # Errors
    /// When nothing signs links yet: a server that serves has begun with that.
    pub fn media_url(&self, media: &MediaId, now: Timestamp) -> Result<String, Failure> {
        let ends = link_expiry(now);
        let signature = self.sign(media, ends)?;
        let settings = self.settings();
        let base = settings.media_url.as_ref().unwrap_or(&settings.public_url);
        Ok(format!("{base}/media/{media}?exp={ends}&sig={signature}"))
    }

    /// The file of a link.
    ///
    /// # Errors
    /// [`Failure::NotFound`] when the link was not made here or is over, or the file is gone.
    pub async fn open_media(&self, link: &SignedLink) -> Result<OpenMedia, Failure> {
        let expected = self.sign(&link.media, link.ends)?;
        let is_ours = bool::from(expected.as_bytes().ct_eq(link.signature.as_bytes()));
        if !is_ours || link.ends <= self.now().seconds() {
            return Err(Failure::NotFound);
        }
        let id = link.media.clone();
        let read = move |tx: &mut dyn Transaction| storage::media::find_stored(tx, &id);
        let row = self.storage().read(read).await?.ok_or(Failure::NotFound)?;
        let (store, id) = (self.media().store()?, row.id.clone());
        let (reader, head) = blocking(move || opened(&*store, &id)).await?.map_err(|error| {
            tracing::error!(media = %row.id, %error, "a kept file cannot be read");
            Failure::NotFound
        })?;
        // What the row says was once believed of the sender.
        let media_type =
            served_type(&row.media_type, infer::get(&head).map(|kind| kind.mime_type()));
        Ok(OpenMedia {
            media: row.id,
            is_shown: is_shown_inline(&media_type),
            media_type,
            bytes: unsigned(row.bytes)?,
            name: row.name,
            reader: Some(reader),
        })
    }

    fn sign(&self, media: &MediaId, ends: i64) -> Result<String, Failure> {
        let key =
            self.media().link_key.get().ok_or_else(|| Failure::internal("links have no key"))?;
        let signed = mac(key)?.chain_update(format!("{media}\n{ends}")).finalize().into_bytes();
        Ok(URL_SAFE_NO_PAD.encode(&signed[..SIGNATURE]))
    }
}

/// A file at its beginning, and its first bytes.
fn opened(store: &dyn MediaStore, id: &MediaId) -> io::Result<(Box<dyn MediaReader>, Vec<u8>)> {
    let mut reader = store.open(id)?;
    let mut head = Vec::with_capacity(HEAD);
    reader.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    reader.seek(SeekFrom::Start(0))?;
    Ok((reader, head))
}

fn mac(key: &[u8]) -> Result<Hmac<Sha256>, Failure> {
    use hmac::KeyInit as _;
    Hmac::<Sha256>::new_from_slice(key).map_err(Failure::internal)
}
