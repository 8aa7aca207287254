//! Media of authors: pictures, sound, film, captions and PDF that stand in questions.
//!
//! An organization keeps a file once, by its SHA-256; documents name it by that. It stays while a
//! test, a question of the bank or a step needs it, and a while longer ([`collect`]). The bytes lie
//! in the same store as candidates' files, so backups, restores and verification carry them.

mod collect;
mod data_uri;
mod library;
mod links;
mod receive;
mod svg_size;

pub use library::{AuthorMediaPage, AuthorMediaSearch};
pub(crate) use links::find_all;
pub use links::{LinkedMedia, MediaAudience, MediaLinks};
pub use receive::IncomingAuthorMedia;

use crate::caller::Caller;
use crate::failure::Failure;
use crate::stored_number::unsigned;
use crate::unit_of_work::UnitOfWork;
use domain::authored_media::AuthoredMediaType;
use domain::id::MediaId;
use domain::media_reference::digest_bytes;
use domain::role::Right;
use domain::time::Timestamp;
use std::collections::{BTreeSet, HashSet};
use storage::Sha256Digest;
use storage::asset::{AssetHolder, AssetReach, AssetRow};

/// A file of the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorMediaView {
    /// In the store; outside it is named by its digest.
    pub(crate) file: MediaId,
    pub sha256: Sha256Digest,
    pub media_type: AuthoredMediaType,
    pub bytes: u64,
    /// Of a picture.
    pub width: Option<u64>,
    pub height: Option<u64>,
    /// Of sound and film, where it is known.
    pub millis: Option<u64>,
    pub name: String,
    pub created_at: Timestamp,
}

impl AuthorMediaView {
    pub(crate) fn of(row: AssetRow) -> Result<Self, Failure> {
        let media_type = AuthoredMediaType::parse(&row.media_type)
            .ok_or_else(|| Failure::internal("a kept file is of no known type"))?;
        Ok(Self {
            file: row.id,
            sha256: row.sha256,
            media_type,
            bytes: unsigned(row.bytes)?,
            width: row.width.map(unsigned).transpose()?,
            height: row.height.map(unsigned).transpose()?,
            millis: row.millis.map(unsigned).transpose()?,
            name: row.name,
            created_at: row.created_at,
        })
    }

    /// What documents name it by: its SHA-256 in lower-case hexadecimal.
    #[must_use]
    pub fn digest(&self) -> String {
        hex::encode(self.sha256)
    }

    /// Whole seconds that it lasts, rounded up.
    #[must_use]
    pub fn seconds(&self) -> Option<u64> {
        self.millis.map(|millis| millis.div_ceil(1000))
    }
}

/// Whether files are looked at or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LibraryAccess {
    Read,
    Write,
}

/// Which files a caller sees: of somebody limited to folders, and of somebody who may only submit
/// questions, the own ones and those that tests and questions in reach use.
///
/// # Errors
/// [`Failure::InsufficientScope`]; [`Failure::NotFound`] for whoever is limited to tasks.
fn library_reach(caller: &Caller, access: LibraryAccess) -> Result<Option<AssetReach>, Failure> {
    let right = match access {
        LibraryAccess::Read => Right::ReadTests,
        LibraryAccess::Write => Right::WriteTests,
    };
    let is_wide = match caller.require(right) {
        Ok(()) => true,
        // Who writes questions of the bank needs files for these, and does not see all tests.
        Err(refused) if caller.user().is_some() => {
            caller.require(Right::UseBank).map_err(|_| refused)?;
            caller.require(Right::WriteBank).is_ok()
        }
        Err(refused) => return Err(refused),
    };
    caller.require_any_folder()?;
    let folders = match caller.folders() {
        None if is_wide => return Ok(None),
        folders => folders.filter(|_| is_wide).map(<[String]>::to_vec).unwrap_or_default(),
    };
    let actor = caller.actor();
    Ok(Some(AssetReach { actor_kind: actor.kind, actor_id: actor.id, folders }))
}

/// Whether a digest in hexadecimal is among those that a document may name.
pub(crate) fn is_known(usable: &HashSet<Sha256Digest>, digest: &str) -> bool {
    digest_bytes(digest).is_some_and(|digest| usable.contains(&digest))
}

/// Writes down that somebody needs the media of a document that was just read.
///
/// # Errors
/// [`Failure::Busy`] when one of them was removed in the meantime: the document has to be read
/// again.
pub(crate) fn hold_media(
    work: &mut UnitOfWork<'_>,
    media: &HashSet<Sha256Digest>,
    holder: &AssetHolder,
) -> Result<(), Failure> {
    // In order, so that two that hold the same files never wait for each other.
    let digests: BTreeSet<_> = media.iter().copied().collect();
    let digests: Vec<_> = digests.into_iter().collect();
    let are_kept = storage::asset::hold(work.tx, work.organization, &digests, holder, work.now)?;
    if are_kept { Ok(()) } else { Err(Failure::Busy) }
}
