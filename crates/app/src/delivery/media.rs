//! Media for candidates: those of the pages that an open instance has reached, and counted plays.

use super::attempt_context::AttemptContext;
use super::candidate_session::load_session;
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::CandidateSession;
use crate::failure::Failure;
use crate::idempotency::{IdempotentRequest, store_response, stored_response};
use crate::media::authored::{AuthorMediaView, MediaAudience, MediaLinks, find_all};
use crate::services::DeliveryService;
use crate::stored_number::unsigned_small;
use domain::compile::media::{PlacedMedia, media_of_page};
use domain::delivery::navigation::PageStatus;
use domain::id::{InstanceId, MediaId, OrganizationId};
use domain::media_reference::{MediaReference, digest_bytes, find_digests};
use domain::refusal::Refusal;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use storage::{Sha256Digest, Transaction};

/// Seconds that a link to what may be played a few times works at least.
const LEAST_PLAY_SECONDS: i64 = 600;
/// Seconds that it works where nobody knows how long the sound or film is.
const UNKNOWN_PLAY_SECONDS: i64 = 3600;

/// A medium on a page that was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveredMedia {
    pub placed: PlacedMedia,
    pub media: AuthorMediaView,
    /// None for what may be played a few times only: each play gets a link of its own.
    pub url: Option<String>,
    /// Address of its captions.
    pub captions: Option<String>,
    /// How often it was played, where that is counted.
    pub played: u32,
}

/// A play that was counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayOutcome {
    pub url: String,
    /// How often it may be played yet.
    pub left: u32,
}

/// A play as it is told again to whoever sends the same token.
#[derive(Serialize, Deserialize)]
struct StoredPlay {
    left: u32,
    /// When its link ends.
    ends: Timestamp,
}

/// What a transaction finds of an instance.
struct ReachedMedia {
    placed: Vec<PlacedMedia>,
    files: HashMap<String, AuthorMediaView>,
    played: HashMap<String, u32>,
}

impl DeliveryService {
    /// The media on the pages that an own open instance has reached and that take answers yet, or on
    /// one of these, by its index from 0.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`]; [`Failure::NotFound`]; the switches' refusals;
    /// `instance_complete`.
    pub async fn instance_media(
        &self,
        visitor: &CandidateSession,
        instance: &InstanceId,
        page: Option<usize>,
    ) -> Result<Vec<DeliveredMedia>, Failure> {
        self.ensure_deadlines_swept().await?;
        let now = self.now();
        let (app, its_visitor, id) = (self.app(), visitor.clone(), instance.clone());
        let read = move |tx: &mut dyn Transaction| -> Result<ReachedMedia, Failure> {
            let attempt = AttemptContext::load(&app, tx, &its_visitor, &id)?;
            let mut placed = reached(&attempt, now)?;
            placed.retain(|entry| page.is_none_or(|page| entry.page == page));
            let organization = &attempt.hot.organization_id;
            let files = files_of(tx, organization, placed.iter().map(|entry| &entry.media))?;
            let mut played = HashMap::new();
            for entry in placed.iter().filter(|entry| entry.media.plays.is_some()) {
                let count = unsigned_small(storage::asset::plays(tx, &id, &entry.place)?)?;
                played.insert(entry.place.clone(), count);
            }
            Ok(ReachedMedia { placed, files, played })
        };
        let ReachedMedia { placed, files, played } = self.storage().read(read).await?;
        let link = |media: &AuthorMediaView| {
            self.files().media_url_of_instance(&media.file, instance, now)
        };
        let mut delivered = Vec::new();
        for entry in placed {
            let Some(media) = files.get(&entry.media.sha256) else { continue };
            let captions = entry.media.captions.as_ref().and_then(|digest| files.get(digest));
            delivered.push(DeliveredMedia {
                url: entry.media.plays.is_none().then(|| link(media)).transpose()?,
                captions: captions.map(link).transpose()?,
                played: played.get(&entry.place).copied().unwrap_or_default(),
                media: media.clone(),
                placed: entry,
            });
        }
        Ok(delivered)
    }

    /// Links to the media of a text that a candidate reads beside the pages of a test.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`].
    pub async fn text_media(
        &self,
        visitor: &CandidateSession,
        text: &str,
    ) -> Result<MediaLinks, Failure> {
        let digests = find_digests(text);
        if digests.is_empty() {
            return Ok(MediaLinks::new());
        }
        let its_visitor = visitor.clone();
        let read = move |tx: &mut dyn Transaction| -> Result<OrganizationId, Failure> {
            Ok(load_session(tx, &its_visitor)?.organization)
        };
        let organization = self.storage().read(read).await?;
        self.author_media().media_links(&organization, digests, &MediaAudience::Reader).await
    }

    /// Counts a play of what may be played a few times only, and gives the address to play it from.
    /// The same token is counted once, and its address works no longer than at first.
    ///
    /// # Errors
    /// As [`instance_media`](Self::instance_media); [`Failure::NotFound`] where nothing is counted;
    /// `no_plays_left`.
    pub async fn play_media(
        &self,
        visitor: &CandidateSession,
        instance: &InstanceId,
        place: &str,
        client_token: &str,
    ) -> Result<PlayOutcome, Failure> {
        self.ensure_deadlines_swept().await?;
        let now = self.now();
        let (app, its_visitor, id) = (self.app(), visitor.clone(), instance.clone());
        let (place, token) = (place.to_owned(), client_token.to_owned());
        let write = move |tx: &mut dyn Transaction| -> Result<(MediaId, StoredPlay), Failure> {
            let attempt = AttemptContext::load(&app, tx, &its_visitor, &id)?;
            let placed = reached(&attempt, now)?;
            let entry = placed.into_iter().find(|entry| entry.place == place);
            let media = entry.map(|entry| entry.media).ok_or(Failure::NotFound)?;
            let most = media.plays.ok_or(Failure::NotFound)?;
            let files = files_of(tx, &attempt.hot.organization_id, [&media])?;
            let file = files.get(&media.sha256).ok_or(Failure::NotFound)?;
            let repeatable = IdempotentRequest {
                organization: &attempt.hot.organization_id,
                scope: &format!("play/{id}/{place}"),
                token: &token,
            };
            if let Some(first) = stored_response::<StoredPlay>(tx, &repeatable)? {
                return Ok((file.file.clone(), first));
            }
            if !storage::asset::count_play(tx, &id, &place, most.into())? {
                return Err(Refusal::NoPlaysLeft.into());
            }
            let played = unsigned_small(storage::asset::plays(tx, &id, &place)?)?;
            let event = AuditEvent::of_instance(AuditEventKind::MediaPlayed, &id)
                .about("mediaId", &media.sha256);
            app.record_event(tx, now, &attempt.actor, event.with("nth", played))?;
            let play = StoredPlay {
                left: most.saturating_sub(played),
                ends: now.plus_seconds(link_seconds(file)),
            };
            store_response(tx, &repeatable, &play, now)?;
            Ok((file.file.clone(), play))
        };
        let (file, StoredPlay { left, ends }) = self.storage().write(write).await?;
        Ok(PlayOutcome { url: self.files().media_url_until(&file, instance, ends)?, left })
    }
}

/// Seconds that the link of one play works.
fn link_seconds(file: &AuthorMediaView) -> i64 {
    let lasts = file.seconds().and_then(|seconds| i64::try_from(seconds).ok());
    lasts.map_or(UNKNOWN_PLAY_SECONDS, |seconds| (seconds * 2).max(LEAST_PLAY_SECONDS))
}

/// The media of all pages that were entered and are not locked.
fn reached(attempt: &AttemptContext, now: Timestamp) -> Result<Vec<PlacedMedia>, Failure> {
    attempt.require_active()?;
    if !attempt.hot.state.is_open() {
        return Err(Refusal::InstanceComplete.into());
    }
    let is_shown =
        |page: &&PageStatus| page.visited && !page.locked && !attempt.delivery.is_paused();
    let pages = attempt.delivery.pages(&attempt.compiled, now);
    let shown = pages.iter().filter(is_shown);
    Ok(shown.flat_map(|page| media_of_page(&attempt.compiled, page.page)).collect())
}

fn files_of<'m>(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    media: impl IntoIterator<Item = &'m MediaReference>,
) -> Result<HashMap<String, AuthorMediaView>, Failure> {
    let digests: BTreeSet<Sha256Digest> =
        media.into_iter().flat_map(MediaReference::digests).filter_map(digest_bytes).collect();
    let found = find_all(tx, organization, &digests)?;
    Ok(found.into_iter().map(|media| (media.digest(), media)).collect())
}
