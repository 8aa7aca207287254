//! Pictures of groups: kept for a while, and made in the background, one at a time of each
//! organization and few in all.

use super::accumulator::{StatisticsAccumulator, StepCorrections, sample_result};
use super::{GroupReport, MOST_UNSETTLED, SAMPLE};
use crate::caller::Caller;
use crate::concurrency_limiter::{ConcurrencyLimiter, ConcurrencyLimits};
use crate::failure::Failure;
use crate::results::TaskHead;
use crate::services::StatisticsService;
use crate::stored_number::unsigned;
use ::statistics::Distribution;
use domain::id::{StepId, TaskId};
use domain::time::Timestamp;
use moka::sync::Cache;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use storage::{ReadPool, Transaction};
use tokio::sync::watch;

/// Two at once, so that nobody's picture waits for all of another organization's.
const TURNS: ConcurrencyLimits = ConcurrencyLimits {
    places: 2,
    per_organization: 1,
    per_caller: 1,
    waiting: 64,
    patience: Duration::from_secs(600),
};
/// Results read on one way to the database: a few milliseconds of the statistics' own thread, where
/// the slices of two pictures take turns.
const SLICE: usize = 25;
/// Bytes of pictures that are kept.
const CACHE_BYTES: u64 = 32 << 20;
/// A picture that took this long is not made anew at every change ...
const DEAR_MILLIS: i64 = 250;
/// ... but after this many times as long, so that making it takes a twentieth of the time at most.
const REST: i64 = 20;

pub(super) type ReportCacheKey = (TaskId, StepId);

/// How far a picture has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportProgress {
    /// Results looked into so far.
    pub done: u64,
    /// 0 before it is known.
    pub of: u64,
    has_failed: bool,
}

/// What is kept, and what is being made.
pub(crate) struct ReportCache {
    reports: Cache<ReportCacheKey, Arc<GroupReport>>,
    under_way: Mutex<HashMap<ReportCacheKey, watch::Receiver<ReportProgress>>>,
    turns: ConcurrencyLimiter,
}

impl Default for ReportCache {
    fn default() -> Self {
        let stored = Cache::builder()
            .max_capacity(CACHE_BYTES)
            .weigher(|_, picture: &Arc<GroupReport>| picture.weight())
            .build();
        Self { reports: stored, under_way: Mutex::default(), turns: ConcurrencyLimiter::new(TURNS) }
    }
}

impl ReportCache {
    pub(super) fn cached_report(&self, key: &ReportCacheKey) -> Option<Arc<GroupReport>> {
        self.reports.get(key)
    }

    fn keep(&self, key: &ReportCacheKey, picture: GroupReport) {
        self.reports.insert(key.clone(), Arc::new(picture));
    }

    fn under_way(
        &self,
    ) -> MutexGuard<'_, HashMap<ReportCacheKey, watch::Receiver<ReportProgress>>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl GroupReport {
    /// Whether it may be shown without making another: it is of this state, or making it is dear
    /// and it is still young.
    fn is_good(&self, head: &TaskHead, now: Timestamp) -> bool {
        let is_dear = self.took_millis >= DEAR_MILLIS;
        let is_young = now.0 < self.at.0.saturating_add(self.took_millis.saturating_mul(REST));
        self.inside.is_some() && (self.head == *head || (is_dear && is_young))
    }

    /// About its bytes.
    fn weight(&self) -> u32 {
        const PER_RATIO: usize = 16;
        const PER_QUESTION: usize = 4096;
        let of = |ratios: &Distribution| ratios.value_counts().count() * PER_RATIO;
        let inside = self.inside.as_ref().map_or(0, |inside| {
            inside.questions.len() * PER_QUESTION
                + inside.sections.iter().map(|it| of(&it.ratios)).sum::<usize>()
        });
        u32::try_from(PER_QUESTION + of(&self.ratios) + inside).unwrap_or(u32::MAX)
    }
}

impl StatisticsService {
    /// Sees to it that there is a picture of this state, as long as there is patience. Gives how
    /// far it has come when that was not enough.
    pub(super) async fn wait_for_report(
        &self,
        caller: &Caller,
        key: &ReportCacheKey,
        head: &TaskHead,
        patience: Duration,
    ) -> Result<Option<ReportProgress>, Failure> {
        let is_good = || {
            self.report_cache()
                .cached_report(key)
                .is_some_and(|entry| entry.is_good(head, self.now()))
        };
        if is_good() {
            return Ok(None);
        }
        let mut watched = self.join(caller, key);
        let wait = async {
            while watched.changed().await.is_ok() {}
            // One that had begun before the last change is of no use for who has seen the change.
            if !is_good() && !watched.borrow().has_failed {
                watched = self.join(caller, key);
                while watched.changed().await.is_ok() {}
            }
        };
        let has_ended = tokio::time::timeout(patience, wait).await.is_ok();
        let last = *watched.borrow();
        match last {
            ReportProgress { has_failed: true, .. } => {
                Err(Failure::Unavailable("statistics were not computed".to_owned()))
            }
            _ => Ok((!has_ended).then_some(last)),
        }
    }

    /// The making of a picture that is under way, or a new one.
    fn join(&self, caller: &Caller, key: &ReportCacheKey) -> watch::Receiver<ReportProgress> {
        let mut under_way = self.report_cache().under_way();
        if let Some(existing) = under_way.get(key) {
            return existing.clone();
        }
        let (sender, receiver) = watch::channel(ReportProgress::default());
        under_way.insert(key.clone(), receiver.clone());
        let (app, caller, key) = (self.clone(), caller.clone(), key.clone());
        tokio::spawn(async move {
            let made = app.build_report(&caller, &key, &sender).await;
            app.report_cache().under_way().remove(&key);
            if let Err(failure) = made {
                tracing::warn!(target: "assay::app", %failure, "the statistics of a group were not computed");
                sender.send_modify(|progress| progress.has_failed = true);
            }
        });
        receiver
    }

    async fn build_report(
        &self,
        caller: &Caller,
        key: &ReportCacheKey,
        reporter: &watch::Sender<ReportProgress>,
    ) -> Result<(), Failure> {
        let _turn = self.report_cache().turns.acquire(&caller.organization, "").await?;
        let begun = self.now();
        let (mut picture, corrections) = self.report_outline(caller, key, begun).await?;
        let has_whole =
            self.report_cache().cached_report(key).is_some_and(|entry| entry.inside.is_some());
        if !has_whole {
            self.report_cache().keep(key, picture.clone());
        }
        let ordinals = self.sampled(caller, key, picture.ratios.count()).await?;
        reporter.send_modify(|progress| progress.of = ordinals.len() as u64);
        let mut gathering = StatisticsAccumulator::default();
        for slice in ordinals.chunks(SLICE) {
            let (app, (task, _), slice, corrections) =
                (self.clone(), key.clone(), slice.to_vec(), corrections.clone());
            let looked_at = slice.len() as u64;
            let of = task.clone();
            let read = move |tx: &mut dyn Transaction, _: TaskHead| -> Result<Vec<_>, Failure> {
                let results = slice
                    .iter()
                    .map(|ordinal| sample_result(&app, tx, &of, *ordinal, &corrections));
                results.filter_map(Result::transpose).collect()
            };
            for result in self
                .read_replica_or_primary(ReadPool::Statistics, caller, &task, None, read)
                .await?
            {
                gathering.add(&result);
            }
            reporter.send_modify(|progress| progress.done += looked_at);
        }
        picture.inside =
            Some(self.run_on_compute_thread(&caller.organization, || gathering.finish()).await?);
        picture.took_millis = self.now().0.saturating_sub(begun.0);
        self.report_cache().keep(key, picture);
        Ok(())
    }

    /// The picture without its inside, and what the inside is read with.
    async fn report_outline(
        &self,
        caller: &Caller,
        (task, step): &ReportCacheKey,
        at: Timestamp,
    ) -> Result<(GroupReport, Arc<StepCorrections>), Failure> {
        let (organization, of, step) = (caller.organization.clone(), task.clone(), step.clone());
        let read = move |tx: &mut dyn Transaction, head: TaskHead| -> Result<_, Failure> {
            let ratios = storage::statistics::ratios(tx, &step)?;
            let counted = |(ratio, count)| Ok((ratio, unsigned(count)?));
            let ratios: Vec<_> = ratios.into_iter().map(counted).collect::<Result<_, Failure>>()?;
            let most = MOST_UNSETTLED + 1;
            let (open, waiting) =
                storage::statistics::unsettled(tx, &organization, &of, &step, most)?;
            let corrections = StepCorrections::of_step(tx, &organization, &step)?;
            let ratios = Distribution::from_ascending(ratios);
            Ok((
                GroupReport { head, at, took_millis: 0, ratios, open, waiting, inside: None },
                Arc::new(corrections),
            ))
        };
        self.read_replica_or_primary(ReadPool::Statistics, caller, task, None, read).await
    }

    /// Ordinals of the results to look into.
    async fn sampled(
        &self,
        caller: &Caller,
        (task, step): &ReportCacheKey,
        count: u64,
    ) -> Result<Vec<i64>, Failure> {
        let every = i64::try_from(count.div_ceil(SAMPLE)).map_err(Failure::internal)?;
        let step = step.clone();
        let read = move |tx: &mut dyn Transaction, _: TaskHead| {
            Ok(storage::statistics::sample(tx, &step, every)?)
        };
        self.read_replica_or_primary(ReadPool::Statistics, caller, task, None, read).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::ItemAnalysis;
    use ::statistics::NoReliability;

    fn head(revision: i64) -> TaskHead {
        TaskHead { revision, revised_at: Timestamp(revision), instance_count: 1 }
    }

    fn picture(took_millis: i64, inside: bool) -> GroupReport {
        let nothing = ItemAnalysis {
            results: 0,
            passed: None,
            maximum: None,
            reliability: Err(NoReliability::FewResults),
            sections: Vec::new(),
            questions: Vec::new(),
        };
        let (ratios, inside) = (Distribution::default(), inside.then_some(nothing));
        GroupReport {
            head: head(5),
            at: Timestamp(10_000),
            took_millis,
            ratios,
            open: 0,
            waiting: 0,
            inside,
        }
    }

    #[test]
    fn a_picture_is_good_for_its_own_state_and_a_dear_one_for_a_while_longer() {
        let now = Timestamp(10_300);
        assert!(picture(10, true).is_good(&head(5), now));
        assert!(!picture(10, false).is_good(&head(5), now), "one without its inside is not whole");
        assert!(!picture(10, true).is_good(&head(6), now), "a cheap one is made anew");
        assert!(picture(300, true).is_good(&head(6), now));
        assert!(!picture(300, true).is_good(&head(6), Timestamp(16_000)));
    }
}
