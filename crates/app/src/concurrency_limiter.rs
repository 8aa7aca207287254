//! Admission to long work: few places in all, fewer for each organization, fewer still for each
//! caller, and a short queue before them, so that no organization ever takes all places of a server
//! and nobody waits without an end.

use crate::failure::Failure;
use domain::id::OrganizationId;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many may work and wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConcurrencyLimits {
    pub places: usize,
    pub per_organization: usize,
    pub per_caller: usize,
    /// Requests of one organization that wait for a place.
    pub waiting: usize,
    /// How long they wait.
    pub patience: Duration,
}

pub(crate) struct ConcurrencyLimiter {
    limits: ConcurrencyLimits,
    places: Arc<Semaphore>,
    shares: Mutex<HashMap<OrganizationId, Weak<OrganizationShare>>>,
}

/// An organization's part of the places. It is forgotten when nobody works or waits.
struct OrganizationShare {
    places: Arc<Semaphore>,
    callers: Mutex<HashMap<String, Weak<Semaphore>>>,
    waiting: AtomicUsize,
}

/// A place to work at, free again when this is dropped.
pub(crate) struct WorkPermit {
    _place: OwnedSemaphorePermit,
    _of_organization: OwnedSemaphorePermit,
    _of_caller: OwnedSemaphorePermit,
    _share: Arc<OrganizationShare>,
}

impl ConcurrencyLimiter {
    pub(crate) fn new(limits: ConcurrencyLimits) -> Self {
        Self { limits, places: Arc::new(Semaphore::new(limits.places)), shares: Mutex::default() }
    }

    /// Waits for a place for a while.
    ///
    /// # Errors
    /// [`Failure::Busy`] when too many of the organization wait already, or none became free in
    /// time.
    pub(crate) async fn acquire(
        &self,
        organization: &OrganizationId,
        caller: &str,
    ) -> Result<WorkPermit, Failure> {
        let share = remembered(&self.shares, organization, || OrganizationShare {
            places: Arc::new(Semaphore::new(self.limits.per_organization)),
            callers: Mutex::default(),
            waiting: AtomicUsize::new(0),
        });
        let _waiting = QueueGuard::of(&share, self.limits.waiting)?;
        let of_caller =
            remembered(&share.callers, caller, || Semaphore::new(self.limits.per_caller));
        // The widest last: who waits for a place of the server holds one of its organization, so an
        // organization stands in that queue no more often than it has places, and the others' turn
        // comes.
        let admitted = async {
            let of_caller = of_caller.acquire_owned().await.map_err(Failure::internal)?;
            let of_organization =
                share.places.clone().acquire_owned().await.map_err(Failure::internal)?;
            let place = self.places.clone().acquire_owned().await.map_err(Failure::internal)?;
            let share = share.clone();
            Ok(WorkPermit {
                _place: place,
                _of_organization: of_organization,
                _of_caller: of_caller,
                _share: share,
            })
        };
        tokio::time::timeout(self.limits.patience, admitted).await.unwrap_or(Err(Failure::Busy))
    }

    /// Waits until nobody is at work.
    ///
    /// # Errors
    /// Never while the server runs.
    pub(crate) async fn wait_until_idle(&self) -> Result<(), Failure> {
        let all = u32::try_from(self.limits.places).map_err(Failure::internal)?;
        self.places.clone().acquire_many_owned(all).await.map(drop).map_err(Failure::internal)
    }
}

/// What is known under a name, as long as somebody holds it.
fn remembered<Name, Q, T>(
    cache: &Mutex<HashMap<Name, Weak<T>>>,
    name: &Q,
    make: impl FnOnce() -> T,
) -> Arc<T>
where
    Name: Hash + Eq + std::borrow::Borrow<Q>,
    Q: Hash + Eq + ToOwned<Owned = Name> + ?Sized,
{
    let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(there) = cache.get(name).and_then(Weak::upgrade) {
        return there;
    }
    cache.retain(|_, there| there.strong_count() > 0);
    let new = Arc::new(make());
    cache.insert(name.to_owned(), Arc::downgrade(&new));
    new
}

/// A place in an organization's queue.
struct QueueGuard<'share>(&'share AtomicUsize);

impl<'share> QueueGuard<'share> {
    fn of(share: &'share OrganizationShare, most: usize) -> Result<Self, Failure> {
        let waiting = Self(&share.waiting);
        if share.waiting.fetch_add(1, Ordering::Relaxed) >= most {
            Err(Failure::Busy)
        } else {
            Ok(waiting)
        }
    }
}

impl Drop for QueueGuard<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    fn admission(patience: Duration) -> ConcurrencyLimiter {
        ConcurrencyLimiter::new(ConcurrencyLimits {
            places: 3,
            per_organization: 2,
            per_caller: 1,
            waiting: 2,
            patience,
        })
    }

    fn organization(name: &str) -> OrganizationId {
        OrganizationId::from(name)
    }

    /// Finding security A5: two connections of one key took every place of all organizations.
    #[tokio::test]
    async fn one_organization_never_takes_all_places_a5() {
        let admission = admission(Duration::from_secs(600));
        let (a, b) = (organization("a"), organization("b"));
        let first = admission.acquire(&a, "key 1").await.unwrap();
        assert!(admission.acquire(&a, "key 1").now_or_never().is_none(), "a caller has one place");
        let _second = admission.acquire(&a, "key 2").await.unwrap();
        assert!(admission.acquire(&a, "key 3").now_or_never().is_none(), "an organization has two");
        let _other = admission.acquire(&b, "key").await.unwrap();
        drop(first);
        let _third = admission.acquire(&a, "key 3").await.unwrap();
    }

    #[tokio::test]
    async fn who_waits_too_long_or_behind_too_many_is_told_to_come_again() {
        let a = organization("a");
        let impatient = admission(Duration::ZERO);
        let _held =
            [impatient.acquire(&a, "1").await.unwrap(), impatient.acquire(&a, "2").await.unwrap()];
        assert!(
            matches!(impatient.acquire(&a, "3").await, Err(Failure::Busy)),
            "its patience is over at once"
        );
        let admission = admission(Duration::from_secs(600));
        let _held =
            [admission.acquire(&a, "1").await.unwrap(), admission.acquire(&a, "2").await.unwrap()];
        let (mut one, mut two) =
            (Box::pin(admission.acquire(&a, "3")), Box::pin(admission.acquire(&a, "4")));
        assert!((&mut one).now_or_never().is_none() && (&mut two).now_or_never().is_none());
        assert!(
            matches!(admission.acquire(&a, "5").now_or_never(), Some(Err(Failure::Busy))),
            "two wait already"
        );
        drop(one);
        assert!(admission.acquire(&a, "5").now_or_never().is_none(), "one of them went away");
    }

    #[tokio::test]
    async fn nothing_is_remembered_of_who_is_done() {
        let admission = admission(Duration::from_secs(1));
        for number in 0..50 {
            drop(admission.acquire(&organization(&format!("o{number}")), "1").await.unwrap());
        }
        assert!(admission.shares.lock().unwrap().len() <= 1);
        admission.wait_until_idle().await.unwrap();
    }
}
