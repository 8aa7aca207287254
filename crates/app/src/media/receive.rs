//! A file on its way in: written to the store piece by piece, counted, digested, looked at, and
//! only then kept.

use super::blocking;
use super::upload_limiter::UploadPermit;
use super::uploads_in_progress::UploadGuard;
use crate::App;
use crate::failure::Failure;
use crate::ports::MediaDraft;
use crate::services::FileService;
use crate::stored_number::unsigned;
use domain::id::MediaId;
use domain::media::{MediaPurpose, UploadRejection, UploadRules, detect_media_type};
use sha2::{Digest as _, Sha256};
use std::io;
use std::net::IpAddr;
use std::time::Duration;
use storage::Transaction;
use storage::media::MediaRow;
use tokio::time::Instant;

/// Bytes that tell what a file is.
const HEAD: usize = 8 * 1024;
/// Bytes that are written at once.
const PIECE: usize = 256 * 1024;

/// The least a sender has to bring a second on the average, once the time that every file has is
/// over: a third of what a poor connection of a phone does. Slower ones would hold their places for
/// hours.
const LEAST_PER_SECOND: u64 = 10_000;

/// A kept file, as its sender is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMedia {
    pub id: MediaId,
    pub bytes: u64,
    pub media_type: String,
    pub name: Option<String>,
}

impl StoredMedia {
    pub(crate) fn of(row: &MediaRow) -> Result<Self, Failure> {
        let MediaRow { id, bytes, media_type, name, .. } = row.clone();
        Ok(Self { id, bytes: unsigned(bytes)?, media_type, name })
    }
}

/// Writes the row of a file that has arrived, unless the same was sent before; gives the row that
/// counts.
pub(crate) type InsertMediaRow =
    Box<dyn Fn(&App, &mut dyn Transaction, &MediaRow) -> Result<MediaRow, Failure> + Send + Sync>;

/// A file on its way. Dropped before it is finished, it leaves nothing behind.
pub struct IncomingUpload {
    app: App,
    draft: Option<Box<dyn MediaDraft>>,
    allowance: UploadRules,
    declared: String,
    /// What the row will say; size, type and digest are known at the end.
    row: MediaRow,
    enter: InsertMediaRow,
    head: Vec<u8>,
    piece: Vec<u8>,
    digest: Sha256,
    bytes: u64,
    began: Instant,
    _place: UploadPermit,
    /// Of a file for an answer: whoever hands in meanwhile is told of it.
    _under_way: Option<UploadGuard>,
}

impl IncomingUpload {
    pub(crate) async fn begin(
        app: &App,
        address: Option<IpAddr>,
        row: MediaRow,
        allowance: UploadRules,
        declared: String,
        enter: InsertMediaRow,
    ) -> Result<Self, Failure> {
        let place = app.media().admit(&row, address)?;
        let to_slot = row.slot.and_then(|slot| u32::try_from(slot).ok());
        let under_way = row
            .instance_id
            .as_ref()
            .zip(to_slot)
            .map(|(id, slot)| app.media().under_way.begin(id, slot));
        let (store, id) = (app.media().store()?, row.id.clone());
        let draft = written(blocking(move || store.begin(&id)).await?)?;
        Ok(Self {
            app: app.clone(),
            draft: Some(draft),
            allowance,
            declared,
            row,
            enter,
            head: Vec::new(),
            piece: Vec::new(),
            digest: Sha256::new(),
            bytes: 0,
            began: Instant::now(),
            _place: place,
            _under_way: under_way,
        })
    }

    /// Judges a size that is told before the bytes come, so that nobody sends in vain.
    ///
    /// # Errors
    /// `upload_not_allowed` when it is too large.
    pub fn check_declared_size(&self, bytes: u64) -> Result<(), Failure> {
        self.allowance.check_size(bytes).map_err(|why| self.not_taken(why))
    }

    /// How long the next bytes may take to come.
    #[must_use]
    pub fn chunk_timeout(&self) -> Duration {
        let earned = Duration::from_millis(self.bytes.saturating_mul(1000) / LEAST_PER_SECOND);
        (self.app.settings().upload_grace + earned).saturating_sub(self.began.elapsed())
    }

    /// What a sender is told who is too slow.
    #[must_use]
    pub fn timeout_failure(&self) -> Failure {
        self.not_taken(UploadRejection::TooSlow(LEAST_PER_SECOND))
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// `upload_not_allowed` when there are too many; when the store cannot be written to.
    pub async fn write_chunk(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        self.check_declared_size(self.bytes)?;
        self.head.extend(bytes.iter().take(HEAD.saturating_sub(self.head.len())));
        self.digest.update(bytes);
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE { self.flush().await } else { Ok(()) }
    }

    /// The file has arrived whole: keeps it, then its row.
    ///
    /// # Errors
    /// `upload_not_allowed` when it is empty or of another kind than asked for; what the rules of
    /// its purpose refuse.
    pub async fn finish(mut self) -> Result<StoredMedia, Failure> {
        let seen = infer::get(&self.head).map(|kind| kind.mime_type());
        self.row.media_type = detect_media_type(&self.declared, seen);
        if self.bytes == 0 {
            return Err(self.not_taken(UploadRejection::Empty));
        }
        self.allowance.check_type(&self.row.media_type).map_err(|why| self.not_taken(why))?;
        self.flush().await?;
        let draft = self
            .draft
            .take()
            .ok_or_else(|| Failure::internal("a file is written twice at once"))?;
        written(blocking(move || draft.keep()).await?)?;
        let Self { app, mut row, enter, digest, bytes, .. } = self;
        row.bytes = i64::try_from(bytes).map_err(Failure::internal)?;
        row.sha256 = Some(digest.finalize().into());
        let (id, its_app) = (row.id.clone(), app.clone());
        let entered =
            app.storage().write(move |tx: &mut dyn Transaction| enter(&its_app, tx, &row)).await;
        // Refused, or there already under another id.
        if entered.as_ref().map_or(true, |stored| stored.id != id) {
            app.files().discard(id).await?;
        }
        entered.and_then(|stored| StoredMedia::of(&stored))
    }

    async fn flush(&mut self) -> Result<(), Failure> {
        let mut draft = self
            .draft
            .take()
            .ok_or_else(|| Failure::internal("a file is written twice at once"))?;
        let piece = std::mem::take(&mut self.piece);
        let (draft, outcome) = blocking(move || {
            let outcome = draft.write(&piece);
            (draft, outcome)
        })
        .await?;
        self.draft = Some(draft);
        written(outcome)
    }

    fn not_taken(&self, why: UploadRejection) -> Failure {
        let slots = self.row.slot.and_then(|slot| u32::try_from(slot).ok()).into_iter().collect();
        Failure::NotTaken { why, slots }
    }
}

fn written<T>(outcome: io::Result<T>) -> Result<T, Failure> {
    outcome.map_err(|error| Failure::Unavailable(format!("the media store: {error}")))
}

impl FileService {
    /// Removes a file that has no row.
    async fn discard(&self, id: MediaId) -> Result<(), Failure> {
        let store = self.media().store()?;
        let removed = blocking({
            let id = id.clone();
            move || store.remove(&id)
        })
        .await?;
        if let Err(error) = removed {
            tracing::warn!(media = %id, %error, "a file that is not needed was not removed");
        }
        Ok(())
    }

    /// A row as it is before its file has arrived.
    pub(crate) fn media_row(
        &self,
        of: &crate::delivery::UploadOwner,
        purpose: MediaPurpose,
    ) -> MediaRow {
        let now = self.now();
        let id: MediaId = self.new_id(now);
        MediaRow {
            client_key: format!("{purpose}/{id}"),
            id,
            organization_id: of.organization.clone(),
            task_id: of.task.clone(),
            candidate_id: of.candidate.clone(),
            instance_id: of.instance.clone(),
            purpose,
            slot: None,
            kind: None,
            nth: None,
            created_at: now,
            client_time: None,
            name: None,
            bytes: 0,
            media_type: String::new(),
            sha256: None,
            flag: None,
            detections: "[]".to_owned(),
            state: domain::media::MediaState::Kept,
            file_gone: false,
        }
    }
}
