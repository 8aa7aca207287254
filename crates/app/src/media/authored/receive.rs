//! A file of an author on its way in.

use super::svg_size::svg_size;
use super::{AuthorMediaView, LibraryAccess, library_reach};
use crate::App;
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::media::{FileReceiver, FileWriter, LEAST_PER_SECOND, UploadPermit, patience};
use crate::services::AuthorMediaService;
use crate::stored_number::unsigned;
use crate::unit_of_work::UnitOfWork;
use domain::authored_media::{
    AuthoredMediaKind, AuthoredMediaType, HEAD_BYTES, LARGEST_FILM, LONGEST_NAME, duration_millis,
    taken_types,
};
use domain::id::MediaId;
use domain::media::{MediaState, UploadRejection};
use std::net::IpAddr;
use std::time::Duration;
use storage::asset::AssetRow;
use tokio::time::Instant;

/// A file on its way. Dropped before it is finished, it leaves nothing behind.
pub struct IncomingAuthorMedia {
    app: App,
    caller: Caller,
    id: MediaId,
    name: String,
    file: FileWriter,
    /// Once the first bytes have come.
    media_type: Option<AuthoredMediaType>,
    /// Bytes that the organization's other files leave.
    free_bytes: u64,
    began: Instant,
    _place: UploadPermit,
}

impl AuthorMediaService {
    /// Begins to take a file into the library. What the library holds already is held once.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`]; [`Failure::NotTaken`] when the organization's files have all
    /// the bytes they may have; `too_many_uploads`; [`Failure::Busy`].
    pub async fn begin_author_media(
        &self,
        caller: &Caller,
        name: Option<String>,
        address: Option<IpAddr>,
    ) -> Result<IncomingAuthorMedia, Failure> {
        library_reach(caller, LibraryAccess::Write)?;
        let place = self.media().admit_author(&caller.organization, &caller.actor().id, address)?;
        let used = self.read_for(caller, used_bytes).await?;
        let most = self.settings().author_media_bytes;
        let id: MediaId = self.new_id(self.now());
        let file = FileWriter::begin(self.media().store()?, id.clone(), HEAD_BYTES).await?;
        Ok(IncomingAuthorMedia {
            app: self.app(),
            caller: caller.clone(),
            id,
            name: name.unwrap_or_default(),
            file,
            media_type: None,
            free_bytes: most.saturating_sub(used),
            began: Instant::now(),
            _place: place,
        })
    }

    /// Takes a file that is there whole.
    ///
    /// # Errors
    /// As [`begin_author_media`](Self::begin_author_media), and as finishing that.
    pub async fn add_author_media(
        &self,
        caller: &Caller,
        name: Option<String>,
        bytes: &[u8],
    ) -> Result<AuthorMediaView, Failure> {
        let mut receiving = self.begin_author_media(caller, name, None).await?;
        receiving.check_declared_size(bytes.len() as u64)?;
        receiving.write_chunk(bytes).await?;
        receiving.finish().await
    }
}

fn used_bytes(work: &mut UnitOfWork<'_>) -> Result<u64, Failure> {
    unsigned(storage::asset::bytes_of(work.tx, work.organization)?)
}

impl IncomingAuthorMedia {
    fn judged(&mut self) -> Result<AuthoredMediaType, Failure> {
        if let Some(media_type) = self.media_type {
            return Ok(media_type);
        }
        let head = self.file.head();
        let seen = infer::get(head).map(|kind| kind.mime_type());
        let judged = AuthoredMediaType::detect(head, seen)
            .ok_or_else(|| not_taken(UploadRejection::Type(taken_types())))?;
        self.media_type = Some(judged);
        Ok(judged)
    }

    fn row(&self, media_type: AuthoredMediaType) -> Result<AssetRow, Failure> {
        let (now, actor, head) = (self.app.now(), self.caller.actor(), self.file.head());
        let size = picture_size(media_type, head);
        let millis = duration_millis(media_type, head, self.file.bytes());
        let name = plain_name(&self.name, media_type);
        Ok(AssetRow {
            id: self.id.clone(),
            organization_id: self.caller.organization.clone(),
            sha256: Default::default(),
            media_type: media_type.to_string(),
            bytes: i64::try_from(self.file.bytes()).map_err(Failure::internal)?,
            width: size.map(|(width, _)| i64::from(width)),
            height: size.map(|(_, height)| i64::from(height)),
            millis: millis.and_then(|millis| i64::try_from(millis).ok()),
            folded_name: name.to_lowercase(),
            name,
            created_at: now,
            used_at: now,
            actor_kind: actor.kind,
            actor_id: Some(actor.id).filter(|id| !id.is_empty()),
            state: MediaState::Kept,
        })
    }
}

/// Width and height in pixels.
fn picture_size(media_type: AuthoredMediaType, head: &[u8]) -> Option<(u32, u32)> {
    if media_type == AuthoredMediaType::Svg {
        return svg_size(head);
    }
    if media_type.kind() != AuthoredMediaKind::Picture {
        return None;
    }
    let size = imagesize::blob_size(head).ok()?;
    let side = |length: usize| u32::try_from(length).ok().filter(|length| *length > 0);
    side(size.width).zip(side(size.height))
}

impl FileReceiver for IncomingAuthorMedia {
    type Stored = AuthorMediaView;

    fn check_declared_size(&self, bytes: u64) -> Result<(), Failure> {
        let largest = self.media_type.map_or(LARGEST_FILM, AuthoredMediaType::largest);
        if bytes > largest {
            return Err(not_taken(UploadRejection::Bytes(largest)));
        }
        if bytes > self.free_bytes {
            let most = self.app.settings().author_media_bytes;
            return Err(not_taken(UploadRejection::OrganizationShare(most)));
        }
        Ok(())
    }

    fn chunk_timeout(&self) -> Duration {
        patience(&self.app, self.began, self.file.bytes())
    }

    fn timeout_failure(&self) -> Failure {
        not_taken(UploadRejection::TooSlow(LEAST_PER_SECOND))
    }

    async fn write_chunk(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.check_declared_size(self.file.bytes().saturating_add(bytes.len() as u64))?;
        self.file.write(bytes).await?;
        if self.file.has_head() {
            self.judged()?;
        }
        Ok(())
    }

    async fn finish(mut self) -> Result<AuthorMediaView, Failure> {
        let bytes = self.file.bytes();
        if bytes == 0 {
            return Err(not_taken(UploadRejection::Empty));
        }
        let media_type = self.judged()?;
        media_type.check_size(bytes).map_err(not_taken)?;
        let mut row = self.row(media_type)?;
        let Self { app, caller, file, id, _place, .. } = self;
        row.sha256 = file.keep().await?;
        let entered = app.write_for(&caller, move |work| keep_row(work, &row)).await;
        // Refused, or there already.
        if entered.as_ref().map_or(true, |stored| stored.id != id) {
            app.files().discard(id).await?;
        }
        entered.and_then(AuthorMediaView::of)
    }
}

/// Writes the row of a file that has arrived, unless the organization has it; gives the one that
/// counts.
fn keep_row(work: &mut UnitOfWork<'_>, row: &AssetRow) -> Result<AssetRow, Failure> {
    if let Some(existing) = storage::asset::find(work.tx, work.organization, &row.sha256, None)? {
        storage::asset::touch(work.tx, work.organization, &row.sha256, work.now)?;
        return Ok(existing);
    }
    let most = work.app.settings().author_media_bytes;
    if used_bytes(work)?.saturating_add(unsigned(row.bytes)?) > most {
        return Err(not_taken(UploadRejection::OrganizationShare(most)));
    }
    storage::asset::insert(work.tx, row)?;
    work.record_event(
        AuditEvent::of_organization(AuditEventKind::MediaAdded)
            .about("mediaId", hex::encode(row.sha256))
            .with("mediaType", &row.media_type)
            .with("bytes", row.bytes),
    )?;
    Ok(row.clone())
}

const fn not_taken(why: UploadRejection) -> Failure {
    Failure::NotTaken { why, slots: Vec::new() }
}

/// What a file is called: the last part of a path, on one line, never empty.
fn plain_name(name: &str, media_type: AuthoredMediaType) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String =
        last.chars().filter(|letter| !letter.is_control()).take(LONGEST_NAME).collect();
    match plain.trim() {
        "" => format!("{}.{}", media_type.kind(), media_type.extension()),
        plain => plain.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_without_folders_and_never_empty() {
        let png = AuthoredMediaType::Png;
        for (sent, kept) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\Plans\\floor.png", "floor.png"),
            ("a\r\nb\0.png", "ab.png"),
            ("", "picture.png"),
            (" / ", "picture.png"),
        ] {
            assert_eq!(plain_name(sent, png), kept, "{sent:?}");
        }
        assert_eq!(plain_name(&"ö".repeat(999), png).chars().count(), LONGEST_NAME);
    }
}
