//! A file on its way in: written to the store piece by piece, counted, digested, looked at, and
//! only then kept.

use super::blocking;
use super::file_writer::FileWriter;
use super::upload_limiter::UploadPermit;
use super::uploads_in_progress::UploadGuard;
use crate::App;
use crate::failure::Failure;
use crate::services::FileService;
use crate::stored_number::unsigned;
use domain::id::MediaId;
use domain::media::{MediaPurpose, UploadRejection, UploadRules, detect_media_type};
use std::future::Future;
use std::net::IpAddr;
use std::time::Duration;
use storage::Transaction;
use storage::media::MediaRow;
use tokio::time::Instant;

/// Bytes that tell what a file is.
const HEAD: usize = 8 * 1024;

/// The least a sender has to bring a second on the average, once the time that every file has is
/// over: a third of what a poor connection of a phone does. Slower ones would hold their places for
/// hours.
pub(crate) const LEAST_PER_SECOND: u64 = 10_000;

/// Takes a file in, piece by piece. Dropped before it is finished, it leaves nothing behind.
pub trait FileReceiver: Sized {
    type Stored;

    /// Judges a size that is told before the bytes come, so that nobody sends in vain.
    ///
    /// # Errors
    /// `upload_not_allowed` when it is too large.
    fn check_declared_size(&self, bytes: u64) -> Result<(), Failure>;

    /// How long the next bytes may take to come.
    fn chunk_timeout(&self) -> Duration;

    /// What a sender is told who is too slow.
    fn timeout_failure(&self) -> Failure;

    /// Takes the next bytes.
    ///
    /// # Errors
    /// `upload_not_allowed` when there are too many; when the store cannot be written to.
    fn write_chunk(&mut self, bytes: &[u8]) -> impl Future<Output = Result<(), Failure>> + Send;

    /// The file has arrived whole: keeps it, then its row.
    ///
    /// # Errors
    /// `upload_not_allowed` when it is empty or not of a kind that is taken.
    fn finish(self) -> impl Future<Output = Result<Self::Stored, Failure>> + Send;
}

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
    file: FileWriter,
    allowance: UploadRules,
    declared: String,
    /// What the row will say; size, type and digest are known at the end.
    row: MediaRow,
    enter: InsertMediaRow,
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
        let file = FileWriter::begin(app.media().store()?, row.id.clone(), HEAD).await?;
        Ok(Self {
            app: app.clone(),
            file,
            allowance,
            declared,
            row,
            enter,
            began: Instant::now(),
            _place: place,
            _under_way: under_way,
        })
    }

    fn not_taken(&self, why: UploadRejection) -> Failure {
        let slots = self.row.slot.and_then(|slot| u32::try_from(slot).ok()).into_iter().collect();
        Failure::NotTaken { why, slots }
    }
}

impl FileReceiver for IncomingUpload {
    type Stored = StoredMedia;

    fn check_declared_size(&self, bytes: u64) -> Result<(), Failure> {
        self.allowance.check_size(bytes).map_err(|why| self.not_taken(why))
    }

    fn chunk_timeout(&self) -> Duration {
        patience(&self.app, self.began, self.file.bytes())
    }

    fn timeout_failure(&self) -> Failure {
        self.not_taken(UploadRejection::TooSlow(LEAST_PER_SECOND))
    }

    async fn write_chunk(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.check_declared_size(self.file.bytes().saturating_add(bytes.len() as u64))?;
        self.file.write(bytes).await
    }

    /// # Errors
    /// Also when the file is of another kind than asked for, and what the rules of its purpose
    /// refuse.
    async fn finish(mut self) -> Result<StoredMedia, Failure> {
        let seen = infer::get(self.file.head()).map(|kind| kind.mime_type());
        self.row.media_type = detect_media_type(&self.declared, seen);
        let bytes = self.file.bytes();
        if bytes == 0 {
            return Err(self.not_taken(UploadRejection::Empty));
        }
        self.allowance.check_type(&self.row.media_type).map_err(|why| self.not_taken(why))?;
        let Self { app, mut row, enter, file, .. } = self;
        row.sha256 = Some(file.keep().await?);
        row.bytes = i64::try_from(bytes).map_err(Failure::internal)?;
        let (id, its_app) = (row.id.clone(), app.clone());
        let entered =
            app.storage().write(move |tx: &mut dyn Transaction| enter(&its_app, tx, &row)).await;
        // Refused, or there already under another id.
        if entered.as_ref().map_or(true, |stored| stored.id != id) {
            app.files().discard(id).await?;
        }
        entered.and_then(|stored| StoredMedia::of(&stored))
    }
}

/// How long the next bytes of a file may take to come, so many having come since it was begun.
pub(crate) fn patience(app: &App, began: Instant, bytes: u64) -> Duration {
    let earned = Duration::from_millis(bytes.saturating_mul(1000) / LEAST_PER_SECOND);
    (app.settings().upload_grace + earned).saturating_sub(began.elapsed())
}

impl FileService {
    /// Removes a file that has no row.
    pub(crate) async fn discard(&self, id: MediaId) -> Result<(), Failure> {
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
