//! Removing files whose row says so: those whose time is over and those of erased persons. Files
//! that have no row are never removed here; see [`super::sweep`].

use super::blocking;
use crate::audit::{ActorContext, AuditEvent, AuditEventKind};
use crate::background::ticks;
use crate::caller::Actor;
use crate::failure::Failure;
use crate::services::FileService;
use domain::id::{MediaId, OrganizationId};
use domain::media::MediaPurpose;
use domain::time::Timestamp;
use std::future::Future;
use std::time::Duration;
use storage::Transaction;
use storage::media::MediaRow;

/// How often full screen is looked after.
const PERIOD: Duration = Duration::from_secs(1);
const TIDY_PERIOD: Duration = Duration::from_secs(600);
/// How often the store is looked through for files without a row.
const SWEEP_PERIOD: Duration = Duration::from_secs(24 * 3600);
/// When that is done first. Not at once: an operator who started the server on the wrong database
/// has time to notice.
const SWEEP_DELAY: Duration = Duration::from_secs(3600);
const AT_ONCE: i64 = 200;
const DAY_SECONDS: i64 = 24 * 3600;

/// What a tidying did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MediaCleanup {
    pub expired: u64,
    pub removed: u64,
}

impl FileService {
    /// Looks after files and absences from full screen until `shutdown` is ready.
    pub async fn run_media_maintenance(&self, shutdown: impl Future<Output = ()> + Send) {
        let mut shutdown = std::pin::pin!(shutdown);
        let (mut rounds, mut tidying) = (ticks(PERIOD), ticks(TIDY_PERIOD));
        let mut sweeping = ticks(SWEEP_PERIOD);
        sweeping.reset_after(SWEEP_DELAY);
        loop {
            let outcome = tokio::select! {
                () = &mut shutdown => return,
                _ = rounds.tick() => {
                    self.retry_log_wipe();
                    self.delivery().end_absences().await.map(|_| ())
                }
                _ = tidying.tick() => {
                    // Persons are erased at the command line too, beside this server.
                    self.storage().wipe_log();
                    self.clean_up_media().await.map(|_| ())
                }
                _ = sweeping.tick() => self.sweep_media().await.map(|_| ()),
            };
            if let Err(failure) = outcome {
                tracing::error!(%failure, "files and absences could not be looked after");
            }
        }
    }

    /// What was erased is to leave the database's log as well, and that waits for nobody: so it is
    /// tried until it is done.
    fn retry_log_wipe(&self) {
        if !self.storage().is_log_wiped() {
            self.storage().wipe_log();
        }
    }

    /// Ends the time of what is older than its organization keeps it, and removes files that are
    /// not wanted any more.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn clean_up_media(&self) -> Result<MediaCleanup, Failure> {
        let mut tidied = MediaCleanup::default();
        // Files that were removed because a clock was wrong cannot be got back.
        let organizations = if self.may_destroy() {
            self.organizations().list_organizations().await?
        } else {
            Vec::new()
        };
        for organization in organizations {
            tidied.expired += self.expire_media(organization.id.clone()).await?;
            tidied.expired += self.author_media().collect_author_media(organization.id).await?;
        }
        tidied.removed = self.remove_media().await?;
        Ok(tidied)
    }

    async fn expire_media(&self, organization: OrganizationId) -> Result<u64, Failure> {
        let (mut expired, now) = (0, self.now());
        loop {
            let of = organization.clone();
            let read = move |tx: &mut dyn Transaction| -> Result<Vec<MediaRow>, Failure> {
                let before =
                    now.plus_seconds(-storage::media::days(tx, &of)?.saturating_mul(DAY_SECONDS));
                Ok(storage::media::overdue(tx, &of, before, AT_ONCE)?)
            };
            let overdue = self.storage().read(read).await?;
            let is_last = overdue.len() < usize::try_from(AT_ONCE).unwrap_or(usize::MAX);
            for media in overdue {
                expired += u64::from(self.expire(media, now).await?);
            }
            if is_last {
                return Ok(expired);
            }
        }
    }

    async fn expire(&self, media: MediaRow, now: Timestamp) -> Result<bool, Failure> {
        let app = self.clone();
        let write = move |tx: &mut dyn Transaction| -> Result<bool, Failure> {
            if let Some(instance) = &media.instance_id {
                storage::instance::lock(tx, instance)?;
            }
            let is_expired = storage::media::expire(tx, &media.id)?;
            if let (true, MediaPurpose::Evidence, Some(instance)) =
                (is_expired, media.purpose, &media.instance_id)
            {
                let actor = Actor::system();
                let doer = ActorContext {
                    organization: media.organization_id.clone(),
                    actor,
                    request: None,
                };
                let event = AuditEvent::of_instance(AuditEventKind::EvidenceExpired, instance)
                    .about("evidenceId", &media.id);
                app.record_event(
                    tx,
                    now,
                    &doer,
                    event.with("kind", media.kind).with("nth", media.nth),
                )?;
            }
            Ok(is_expired)
        };
        self.storage().write(write).await
    }

    /// Removes the files of rows that keep none. Begun again after a failure, it goes on where it
    /// stopped.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub(crate) async fn remove_media(&self) -> Result<u64, Failure> {
        let Ok(store) = self.media().store() else { return Ok(0) };
        let mut removed = 0;
        loop {
            let read = |tx: &mut dyn Transaction| storage::media::list_to_remove(tx, AT_ONCE);
            let ids = self.storage().read(read).await?;
            let (count, its_store) = (ids.len() as u64, store.clone());
            let gone = blocking(move || {
                ids.into_iter().filter(|id| is_removed(&*its_store, id)).collect()
            })
            .await?;
            removed += self.note_removed(gone).await?;
            // Those that stay are tried again at the next tidying.
            if count < AT_ONCE.unsigned_abs() || removed == 0 {
                return Ok(removed);
            }
        }
    }

    async fn note_removed(&self, gone: Vec<MediaId>) -> Result<u64, Failure> {
        if gone.is_empty() {
            return Ok(0);
        }
        let write = move |tx: &mut dyn Transaction| -> Result<u64, Failure> {
            gone.iter().try_for_each(|id| storage::media::mark_removed(tx, id))?;
            Ok(gone.len() as u64)
        };
        self.storage().write(write).await
    }
}

fn is_removed(store: &dyn crate::ports::MediaStore, id: &MediaId) -> bool {
    match store.remove(id) {
        Ok(()) => {
            tracing::info!(media = %id, "a file was removed, because its row says that its time is over");
            true
        }
        Err(error) => {
            tracing::warn!(media = %id, %error, "a file was not removed; it is tried again");
            false
        }
    }
}
