//! Signed links to files: whoever has one needs no key, for one to two hours (REST specification,
//! 7.3).

use super::blocking;
use crate::failure::Failure;
use crate::media::authored::AuthorMediaView;
use crate::ports::{MediaReader, MediaStore};
use crate::services::FileService;
use crate::stored_number::unsigned;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::authored_media::AuthoredMediaType;
use domain::id::{InstanceId, MediaId};
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
    /// It ends with this instance, too.
    pub instance: Option<InstanceId>,
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
    /// Whether it is an author's.
    pub is_authored: bool,
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
        self.signed_url(media, link_expiry(now), None)
    }

    /// The same for the time that an instance is open.
    ///
    /// # Errors
    /// As [`media_url`](Self::media_url).
    pub(crate) fn media_url_of_instance(
        &self,
        media: &MediaId,
        instance: &InstanceId,
        now: Timestamp,
    ) -> Result<String, Failure> {
        self.signed_url(media, link_expiry(now), Some(instance))
    }

    /// The same for the time that an instance is open, until a moment at most.
    ///
    /// # Errors
    /// As [`media_url`](Self::media_url).
    pub(crate) fn media_url_until(
        &self,
        media: &MediaId,
        instance: &InstanceId,
        ends: Timestamp,
    ) -> Result<String, Failure> {
        self.signed_url(media, ends.seconds(), Some(instance))
    }

    fn signed_url(
        &self,
        media: &MediaId,
        ends: i64,
        instance: Option<&InstanceId>,
    ) -> Result<String, Failure> {
        let signature = self.sign(media, ends, instance)?;
        let settings = self.settings();
        let base = settings.media_url.as_ref().unwrap_or(&settings.public_url);
        let of = instance.map(|instance| format!("&instance={instance}")).unwrap_or_default();
        Ok(format!("{base}/media/{media}?exp={ends}{of}&sig={signature}"))
    }

    /// The file of a link.
    ///
    /// # Errors
    /// [`Failure::NotFound`] when the link was not made here or is over, or the file is gone.
    pub async fn open_media(&self, link: &SignedLink) -> Result<OpenMedia, Failure> {
        let expected = self.sign(&link.media, link.ends, link.instance.as_ref())?;
        let is_ours = bool::from(expected.as_bytes().ct_eq(link.signature.as_bytes()));
        if !is_ours || link.ends <= self.now().seconds() {
            return Err(Failure::NotFound);
        }
        let linked = link.clone();
        let read = move |tx: &mut dyn Transaction| find_linked(tx, &linked);
        let row = match self.storage().read(read).await?.ok_or(Failure::NotFound)? {
            LinkedFile::OfAuthor(media) => return self.open_authored(&media).await,
            LinkedFile::OfCandidate(row) => row,
        };
        let (reader, head) = self.open_stored(&row.id).await?;
        // What the row says was once believed of the sender.
        let media_type =
            served_type(&row.media_type, infer::get(&head).map(|kind| kind.mime_type()));
        Ok(OpenMedia {
            media: row.id,
            is_authored: false,
            is_shown: is_shown_inline(&media_type),
            media_type,
            bytes: unsigned(row.bytes)?,
            name: row.name,
            reader: Some(reader),
        })
    }

    /// An author's file. Its type was judged by its bytes when it came, and is one of a list.
    ///
    /// # Errors
    /// [`Failure::NotFound`] when it is gone.
    pub(crate) async fn open_authored(
        &self,
        media: &AuthorMediaView,
    ) -> Result<OpenMedia, Failure> {
        let (reader, _) = self.open_stored(&media.file).await?;
        Ok(OpenMedia {
            media: media.file.clone(),
            is_authored: true,
            // A picture that can hold scripts is kept when somebody goes to its address.
            is_shown: is_shown_inline(media.media_type.as_str()),
            media_type: match media.media_type {
                AuthoredMediaType::Vtt => format!("{}; charset=utf-8", media.media_type),
                other => other.to_string(),
            },
            bytes: media.bytes,
            name: Some(media.name.clone()),
            reader: Some(reader),
        })
    }

    async fn open_stored(&self, id: &MediaId) -> Result<(Box<dyn MediaReader>, Vec<u8>), Failure> {
        let (store, its_id) = (self.media().store()?, id.clone());
        blocking(move || opened(&*store, &its_id)).await?.map_err(|error| {
            tracing::error!(media = %id, %error, "a kept file cannot be read");
            Failure::NotFound
        })
    }

    fn sign(
        &self,
        media: &MediaId,
        ends: i64,
        instance: Option<&InstanceId>,
    ) -> Result<String, Failure> {
        let key =
            self.media().link_key.get().ok_or_else(|| Failure::internal("links have no key"))?;
        let of = instance.map(|instance| format!("\n{instance}")).unwrap_or_default();
        let signed = mac(key)?.chain_update(format!("{media}\n{ends}{of}")).finalize().into_bytes();
        Ok(URL_SAFE_NO_PAD.encode(&signed[..SIGNATURE]))
    }
}

/// Whose file a link leads to.
enum LinkedFile {
    OfCandidate(storage::media::MediaRow),
    OfAuthor(AuthorMediaView),
}

/// The file of a link that is good; none when it is not kept, or the instance is not open any more.
fn find_linked(tx: &mut dyn Transaction, link: &SignedLink) -> Result<Option<LinkedFile>, Failure> {
    if let Some(instance) = &link.instance {
        let row = storage::instance::find_any(tx, instance)?;
        if !row.is_some_and(|row| row.state.is_open() && row.erased_at.is_none()) {
            return Ok(None);
        }
    }
    if let Some(row) = storage::media::find_stored(tx, &link.media)? {
        return Ok(Some(LinkedFile::OfCandidate(row)));
    }
    let row = storage::asset::find_stored(tx, &link.media)?;
    row.map(|row| AuthorMediaView::of(row).map(LinkedFile::OfAuthor)).transpose()
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
