//! Looking through the library, reading a file of it, and removing one.

use super::{AuthorMediaView, LibraryAccess, library_reach};
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::media::OpenMedia;
use crate::services::AuthorMediaService;
use crate::stored_number::unsigned;
use crate::unit_of_work::UnitOfWork;
use domain::authored_media::{ARCHIVED_DAYS, AuthoredMediaKind};
use domain::media_reference::{digest_bytes, find_digests, is_digest};
use domain::time::Timestamp;
use std::collections::HashSet;
use storage::Sha256Digest;
use storage::asset::{AssetFilter, AssetRow, AssetUse};

const DAY_SECONDS: i64 = 24 * 3600;
/// Uses of a file that a refusal names.
const NAMED_USES: i64 = 5;
/// Media that one document may name.
const MOST_NAMED: usize = 5000;

/// Which files are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthorMediaSearch {
    /// Part of the name, whatever its case.
    pub name: String,
    pub kind: Option<AuthoredMediaKind>,
}

/// Files of the library, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorMediaPage {
    pub media: Vec<AuthorMediaView>,
    /// How many the search finds in all.
    pub total: u64,
}

/// What the types of a kind begin with.
const fn type_prefix(kind: AuthoredMediaKind) -> &'static str {
    match kind {
        AuthoredMediaKind::Picture => "image/",
        AuthoredMediaKind::Sound => "audio/",
        AuthoredMediaKind::Film => "video/",
        AuthoredMediaKind::Captions => "text/",
        AuthoredMediaKind::Document => "application/",
    }
}

/// The moment before which an archived test has forgotten its media.
pub(super) fn archived_before(now: Timestamp) -> Timestamp {
    now.plus_seconds(-ARCHIVED_DAYS * DAY_SECONDS)
}

impl AuthorMediaService {
    /// Files of the library within the caller's reach.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`]; [`Failure::NotFound`] for whoever is limited to tasks.
    pub async fn list_author_media(
        &self,
        caller: &Caller,
        search: AuthorMediaSearch,
        limit: i64,
        before: i64,
    ) -> Result<AuthorMediaPage, Failure> {
        let filter = AssetFilter {
            name: search.name.to_lowercase(),
            media_type: search.kind.map(type_prefix).unwrap_or_default().to_owned(),
            reach: library_reach(caller, LibraryAccess::Read)?,
        };
        self.read_for(caller, move |work| {
            let total = unsigned(storage::asset::count(work.tx, work.organization, &filter)?)?;
            let rows = storage::asset::list(work.tx, work.organization, &filter, limit, before)?;
            let media = rows.into_iter().map(AuthorMediaView::of).collect::<Result<_, _>>()?;
            Ok(AuthorMediaPage { media, total })
        })
        .await
    }

    /// One file, by its digest in hexadecimal.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`]; [`Failure::NotFound`].
    pub async fn author_media_file(
        &self,
        caller: &Caller,
        digest: &str,
    ) -> Result<AuthorMediaView, Failure> {
        let reach = library_reach(caller, LibraryAccess::Read)?;
        let digest = wanted(digest)?;
        self.read_for(caller, move |work| {
            let row = storage::asset::find(work.tx, work.organization, &digest, reach.as_ref())?;
            row.ok_or(Failure::NotFound).and_then(AuthorMediaView::of)
        })
        .await
    }

    /// The bytes of one file.
    ///
    /// # Errors
    /// As [`author_media_file`](Self::author_media_file).
    pub async fn open_author_media(
        &self,
        caller: &Caller,
        digest: &str,
    ) -> Result<OpenMedia, Failure> {
        let media = self.author_media_file(caller, digest).await?;
        self.files().open_authored(&media).await
    }

    /// Removes a file that nobody needs.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`]; [`Failure::NotFound`]; [`Failure::MediaInUse`] that names
    /// what needs it.
    pub async fn delete_author_media(&self, caller: &Caller, digest: &str) -> Result<(), Failure> {
        let reach = library_reach(caller, LibraryAccess::Write)?;
        let digest = wanted(digest)?;
        let write = move |work: &mut UnitOfWork<'_>| {
            let row = storage::asset::find(work.tx, work.organization, &digest, reach.as_ref())?;
            let row = row.ok_or(Failure::NotFound)?;
            // Given up first: whoever begins to use it meanwhile waits for the outcome.
            give_up(work, &row)?;
            let moment = archived_before(work.now);
            let uses =
                storage::asset::uses(work.tx, work.organization, &digest, moment, NAMED_USES + 1)?;
            if uses.is_empty() {
                Ok(())
            } else {
                Err(Failure::MediaInUse(named(&uses, work.caller)))
            }
        };
        self.write_for(caller, write).await?;
        self.files().remove_media().await.map(|_| ())
    }

    /// Which of the media that a document names the caller may use.
    pub(crate) async fn known_digests(
        &self,
        caller: &Caller,
        document: &[u8],
    ) -> Result<HashSet<Sha256Digest>, Failure> {
        let wanted: Vec<_> = match std::str::from_utf8(document) {
            Ok(text) => find_digests(text).into_iter().take(MOST_NAMED).collect(),
            Err(_) => Vec::new(),
        };
        if wanted.is_empty() {
            return Ok(HashSet::new());
        }
        let reach = library_reach(caller, LibraryAccess::Read)
            .or_else(|_| library_reach(caller, LibraryAccess::Write))?;
        self.read_for(caller, move |work| {
            let mut found = HashSet::new();
            for digest in &wanted {
                let of = work.organization;
                if storage::asset::find(work.tx, of, digest, reach.as_ref())?.is_some() {
                    found.insert(*digest);
                }
            }
            Ok(found)
        })
        .await
    }
}

pub(super) fn give_up(work: &mut UnitOfWork<'_>, row: &AssetRow) -> Result<(), Failure> {
    if !storage::asset::expire(work.tx, &row.id)? {
        return Err(Failure::NotFound);
    }
    let event = AuditEvent::of_organization(AuditEventKind::MediaRemoved)
        .about("mediaId", hex::encode(row.sha256));
    work.record_event(event.with("bytes", row.bytes))
}

fn wanted(digest: &str) -> Result<Sha256Digest, Failure> {
    Some(digest).filter(|digest| is_digest(digest)).and_then(digest_bytes).ok_or(Failure::NotFound)
}

/// A sentence that names what needs a file, as far as the caller may see it.
fn named(uses: &[AssetUse], caller: &Caller) -> String {
    let most = usize::try_from(NAMED_USES).unwrap_or(usize::MAX);
    let mut names: Vec<String> = uses
        .iter()
        .take(most)
        .map(|entry| match entry.kind.as_str() {
            "task" if !caller.is_limited() => {
                format!("the task \"{}\" ({})", entry.title, entry.id)
            }
            "question" if caller.can_access_folder(&entry.folder) => {
                format!("the question \"{}\" ({})", shortened(&entry.title), entry.id)
            }
            "test" if caller.can_access_folder(&entry.folder) => {
                format!("the test \"{}\" ({})", entry.title, entry.id)
            }
            kind => format!("a {kind} outside of your folders"),
        })
        .collect();
    if uses.len() > most {
        names.push("others".to_owned());
    }
    format!("The file is used by {}.", names.join(", "))
}

fn shortened(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let start: String = line.chars().take(60).collect();
    if start.len() < text.len() { format!("{start} …") } else { start }
}
