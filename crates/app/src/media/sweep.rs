//! Files without a row. Their upload broke off before the row was written, or the database is not
//! the one they belong to: an older copy, another installation's, an empty one. The two cannot be
//! told apart by a single file, so nothing is removed for want of a row. Few such files are set
//! aside and stay for [`SET_ASIDE_DAYS`]; many are left alone and told of.

use super::blocking;
use crate::failure::Failure;
use crate::ports::MediaStore;
use crate::services::FileService;
use domain::id::MediaId;
use domain::time::Timestamp;
use std::sync::Arc;

/// Seconds after which a file without a row is looked at: longer than any upload takes.
const WASTE_SECONDS: u64 = 24 * 3600;
/// Files that are compared with the rows at once.
const BATCH: usize = 500;
/// More files than this without a row are no broken uploads.
const HANDFUL: usize = 20;
/// Nor are more than these when they are a tenth of all.
const FEW: usize = 3;
/// Days that files set aside stay.
const SET_ASIDE_DAYS: i64 = 30;
const DAY_SECONDS: i64 = 24 * 3600;

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MediaSweep {
    pub set_aside: usize,
    /// It stopped, because too many files have no row.
    pub stopped: bool,
    /// Removed, because they were set aside long ago.
    pub forgotten: usize,
}

impl FileService {
    /// Sets aside old files that no row knows, unless they are many, and removes those set aside a
    /// month ago.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn sweep_media(&self) -> Result<MediaSweep, Failure> {
        let Ok(store) = self.media().store() else { return Ok(MediaSweep::default()) };
        let (looked_at, unknown) = self.media_without_rows(&store).await?;
        let count = unknown.len();
        if count > HANDFUL || (count > FEW && count * 10 > looked_at) {
            tracing::error!(
                unknown = count,
                looked_at,
                "many files of candidates are unknown to the database: nothing was moved. Is it the right database, and \
                 not an older copy? `assay doctor` tells more"
            );
            return Ok(MediaSweep { stopped: true, ..MediaSweep::default() });
        }
        // To move a file loses nothing; to remove one because a clock was wrong would.
        let (now, may_remove) = (self.now(), self.may_destroy());
        blocking(move || {
            let set_aside =
                unknown.iter().filter(|id| is_set_aside(&*store, id, &day(now))).count();
            let over = day(now.plus_seconds(-SET_ASIDE_DAYS * DAY_SECONDS));
            let gone = if may_remove { store.forget_set_aside(&over) } else { Vec::new() };
            for name in &gone {
                tracing::info!(
                    file = name,
                    "a file without a row was removed, a month after it was set aside"
                );
            }
            MediaSweep { set_aside, stopped: false, forgotten: gone.len() }
        })
        .await
    }

    /// How many old files were looked at, and those that have no row. It ends early once they are
    /// too many.
    async fn media_without_rows(
        &self,
        store: &Arc<dyn MediaStore>,
    ) -> Result<(usize, Vec<MediaId>), Failure> {
        let its_store = store.clone();
        let mut files = blocking(move || its_store.older_than(WASTE_SECONDS)).await?;
        let (mut looked_at, mut unknown) = (0, Vec::new());
        while unknown.len() <= HANDFUL {
            let (rest, ids) = blocking(move || {
                let ids: Vec<MediaId> = files.by_ref().take(BATCH).collect();
                (files, ids)
            })
            .await?;
            files = rest;
            if ids.is_empty() {
                break;
            }
            looked_at += ids.len();
            unknown.extend(
                self.storage().read(move |tx| storage::media::missing_among(tx, &ids)).await?,
            );
        }
        Ok((looked_at, unknown))
    }
}

fn is_set_aside(store: &dyn MediaStore, id: &MediaId, day: &str) -> bool {
    match store.set_aside(id, day) {
        Ok(()) => {
            tracing::warn!(media = %id, day, "a file of a candidate has no row and was set aside in lost/");
            true
        }
        Err(error) => {
            tracing::warn!(media = %id, %error, "a file of a candidate has no row and could not be set aside");
            false
        }
    }
}

/// The day of a moment, as `2027-01-31`.
fn day(moment: Timestamp) -> String {
    moment.rfc3339().chars().take_while(|letter| *letter != 'T').collect()
}
