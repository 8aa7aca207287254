//! Printed pages of lists, kept as bytes for the next reader.
//!
//! A page holds exactly while the head of its list is the one it was printed at: every change of an instance that a
//! reader can see takes the task's next revision, and the moment of that tells two histories of a restored database
//! apart. Must never vouch for itself: whoever takes a page compares its head with one that was read for this very
//! request, by a statement that has found the task for this very caller.

use super::list::Asked;
use crate::etag::Tag;
use app::results::Head;
use bytes::Bytes;
use domain::id::{OrganizationId, TaskId};
use moka::sync::Cache;
use std::sync::Arc;

/// What a page takes beside its body: its key, its tag, and its place in the cache.
const FRAME_BYTES: usize = 512;

/// Everything a printed page depends on beside the head. Nothing of the caller but the organization is printed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Sheet {
    pub organization: OrganizationId,
    pub task: TaskId,
    pub asked: Asked,
}

/// A page as it was sent.
#[derive(Debug)]
pub(crate) struct KeptPage {
    /// What it was printed at.
    pub head: Head,
    pub tag: Tag,
    pub body: Bytes,
}

/// Pages that were asked for lately, bounded by their bytes. Clones share them.
#[derive(Clone, Default)]
pub struct Pages {
    kept: Option<Cache<Sheet, Arc<KeptPage>>>,
}

impl Pages {
    /// Room for so many bytes; 0 keeps nothing.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        let room = || Cache::builder().max_capacity(bytes).weigher(weight_of).build();
        Self { kept: (bytes > 0).then(room) }
    }

    /// The page as it was printed last, at whatever head.
    pub(crate) fn find(&self, sheet: &Sheet) -> Option<Arc<KeptPage>> {
        self.kept.as_ref()?.get(sheet)
    }

    /// Keeps a page in place of an older one.
    pub(crate) fn keep(&self, sheet: Sheet, page: Arc<KeptPage>) {
        if let Some(kept) = &self.kept {
            kept.insert(sheet, page);
        }
    }
}

fn weight_of(sheet: &Sheet, page: &Arc<KeptPage>) -> u32 {
    u32::try_from(page.body.len() + sheet.asked.text_bytes() + FRAME_BYTES).unwrap_or(u32::MAX)
}
