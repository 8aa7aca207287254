//! The response cache: printed pages of lists, kept as bytes for the next reader.
//!
//! A page holds exactly while the head of its list is the one it was printed at: every change of an
//! instance that a reader can see takes the task's next revision, and the moment of that tells two
//! histories of a restored database apart. Must never vouch for itself: whoever takes a page
//! compares its head with one that was read for this very request, by a statement that has found
//! the task for this very caller.

use crate::detail_level::DetailLevel;
use crate::etag::EntityTag;
use crate::pagination::PageQuery;
use crate::request::query::SentFilter;
use app::results::TaskHead;
use bytes::Bytes;
use domain::id::{OrganizationId, TaskId};
use metrics::{Counter, Gauge, counter, gauge};
use moka::sync::Cache;
use std::sync::Arc;

/// What a page takes beside its body: its key, its tag, and its place in the cache.
const FRAME_BYTES: usize = 512;

/// Everything a printed page depends on beside the head. Nothing of the caller but the organization
/// is printed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ResponseCacheKey {
    pub organization: OrganizationId,
    pub task: TaskId,
    pub mode: DetailLevel,
    pub page: PageQuery,
    /// With the name the caller used: links repeat it.
    pub filter: Option<SentFilter>,
}

/// A page as it was sent.
#[derive(Debug)]
pub(crate) struct CachedResponse {
    /// What it was printed at.
    pub head: TaskHead,
    pub tag: EntityTag,
    pub body: Bytes,
}

/// Pages that were asked for lately, bounded by their bytes. Clones share them.
#[derive(Clone)]
pub struct ResponseCache {
    cache: Option<Cache<ResponseCacheKey, Arc<CachedResponse>>>,
    hits: Counter,
    misses: Counter,
    bytes: Gauge,
    count: Gauge,
}

impl ResponseCache {
    /// Room for so many bytes; 0 keeps nothing.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        let cache = || Cache::builder().max_capacity(bytes).weigher(weight_of).build();
        Self {
            cache: (bytes > 0).then(cache),
            hits: counter!("assay_page_cache_hits_total"),
            misses: counter!("assay_page_cache_misses_total"),
            bytes: gauge!("assay_page_cache_bytes"),
            count: gauge!("assay_page_cache_pages"),
        }
    }

    /// A page was kept and still held.
    pub(crate) fn record_hit(&self) {
        self.hits.increment(1);
    }

    /// The page as it was printed last, at whatever head.
    pub(crate) fn get(&self, key: &ResponseCacheKey) -> Option<Arc<CachedResponse>> {
        self.cache.as_ref()?.get(key)
    }

    /// Keeps a page that had to be printed, in place of an older one.
    pub(crate) fn insert(&self, key: ResponseCacheKey, page: Arc<CachedResponse>) {
        let Some(cache) = &self.cache else { return };
        self.misses.increment(1);
        // A slower request may put an older page over a newer one. Whoever takes it compares the
        // heads, so that costs a miss and never a wrong answer.
        cache.insert(key, page);
        // As of the cache's last tidying, which is never long ago: nobody needs them to the byte.
        #[expect(clippy::cast_precision_loss, reason = "a gauge is a floating number")]
        let (bytes, count) = (cache.weighted_size() as f64, cache.entry_count() as f64);
        self.bytes.set(bytes);
        self.count.set(count);
    }
}

fn weight_of(key: &ResponseCacheKey, page: &Arc<CachedResponse>) -> u32 {
    let filter_bytes = key.filter.as_ref().map_or(0, |(_, text)| text.len());
    u32::try_from(page.body.len() + filter_bytes + FRAME_BYTES).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::time::Timestamp;

    fn key(number: u64, filter: Option<SentFilter>) -> ResponseCacheKey {
        ResponseCacheKey {
            organization: "Og1".into(),
            task: "Tk1".into(),
            mode: DetailLevel::Basic,
            page: PageQuery { limit: 10, number },
            filter,
        }
    }

    fn first() -> ResponseCacheKey {
        key(1, None)
    }

    fn page(bytes: usize) -> Arc<CachedResponse> {
        let head = TaskHead { revision: 1, revised_at: Timestamp(1), instance_count: 1 };
        Arc::new(CachedResponse {
            head,
            tag: EntityTag::of_bytes(b""),
            body: vec![b' '; bytes].into(),
        })
    }

    #[test]
    fn without_room_nothing_is_kept() {
        let pages = ResponseCache::new(0);
        pages.insert(first(), page(1));
        assert!(pages.get(&first()).is_none());
    }

    #[test]
    fn a_page_that_is_larger_than_the_room_is_not_kept() {
        let pages = ResponseCache::new(10_000);
        pages.insert(first(), page(20_000));
        pages.cache.as_ref().unwrap().run_pending_tasks();
        assert!(pages.get(&first()).is_none());
    }

    #[test]
    fn bytes_stay_within_their_bound_whatever_is_asked() {
        let pages = ResponseCache::new(100_000);
        for number in 1..=1000 {
            let filter = ("externalId", "x".repeat(number % 50 + 1));
            pages.insert(key(number as u64, Some(filter)), page(number));
        }
        let cache = pages.cache.as_ref().unwrap();
        cache.run_pending_tasks();
        assert!(cache.weighted_size() <= 100_000 && cache.entry_count() > 10);
        let counted: usize = cache.iter().map(|(_, page)| page.body.len()).sum();
        assert!(counted as u64 <= cache.weighted_size());
    }

    #[test]
    fn whatever_a_page_depends_on_makes_another_page() {
        let filter = |name, text: &str| Some((name, text.to_owned()));
        let keys = [
            first(),
            key(2, None),
            ResponseCacheKey { page: PageQuery { limit: 9, number: 1 }, ..first() },
            ResponseCacheKey { mode: DetailLevel::Detailed, ..first() },
            key(1, filter("ticketId", "a")),
            key(1, filter("candidateId", "a")),
            key(1, filter("externalId", "a")),
            key(1, filter("externalId", "b")),
            ResponseCacheKey { organization: "Og2".into(), ..first() },
            ResponseCacheKey { task: "Tk2".into(), ..first() },
        ];
        let distinct: std::collections::HashSet<_> = keys.iter().collect();
        assert_eq!(distinct.len(), keys.len());
    }
}
