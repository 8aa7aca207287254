//! Large acts of staff in batches: each batch is a transaction of its own that nobody's save waits
//! long for.
//!
//! What the finished batches came to is kept beside them, by their own transactions. So an act that
//! is asked again after the server ended in the middle goes on behind its last batch, nothing is
//! done twice, and the answer is the same. The same act asked twice at the same time is done once,
//! and both are answered. Order of locks: the act, then instances, task, organization.

use crate::App;
use crate::compute::ComputePayer;
use crate::failure::Failure;
use crate::json::{from_json, to_json};
use domain::id::OrganizationId;
use domain::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;
use storage::Transaction;
use storage::bulk::{BulkAct, BulkBatch};

/// A batch ends early after this time: tests may be long and machines slow, and saves wait for it.
pub(crate) const BATCH_TIME: Duration = Duration::from_millis(40);
/// For how long it is known how far an act has got, and what it came to, in seconds.
const KEPT_SECONDS: i64 = 7 * 24 * 60 * 60;

/// What is done to what.
#[derive(Clone, Debug)]
pub(crate) struct Act {
    pub organization: OrganizationId,
    /// The same for the same act asked again.
    pub name: String,
    /// For how long after its beginning it may be gone on with. What is asked later is another act.
    pub resumable_seconds: i64,
}

impl Act {
    fn goes_on(&self, existing: &BulkAct, now: Timestamp) -> bool {
        existing.finished_at.is_none()
            && existing.begun_at >= now.plus_seconds(-self.resumable_seconds)
    }
}

/// What a batch came to.
pub(crate) struct Batch<T> {
    /// It says, among other things, behind what the next one begins.
    pub outcome: T,
    pub is_last: bool,
}

/// The batches done before.
pub(crate) struct Earlier<T> {
    /// What the last one came to; none before the first.
    pub last: Option<T>,
    run: String,
    n: i64,
}

impl<T: DeserializeOwned> Earlier<T> {
    fn of(tx: &mut dyn Transaction, run: String) -> Result<Self, Failure> {
        let last = storage::bulk::last_batch(tx, &run)?;
        let n = last.as_ref().map_or(0, |batch| batch.n);
        Ok(Self { last: last.map(|batch| from_json(&batch.outcome)).transpose()?, run, n })
    }

    /// What all of them came to.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) fn all(&self, tx: &mut dyn Transaction) -> Result<Vec<T>, Failure> {
        storage::bulk::outcomes(tx, &self.run)?.iter().map(|outcome| from_json(outcome)).collect()
    }
}

/// Where an act stands after a batch.
struct Stand {
    run: String,
    is_finished: bool,
}

impl App {
    /// Does an act batch by batch, and gives what all of its batches came to.
    ///
    /// # Errors
    /// What a batch returns, with nothing of that batch kept; those before it stay. As
    /// [`App::write_scored`].
    pub(crate) async fn in_batches<T, F>(&self, act: Act, batch: F) -> Result<Vec<T>, Failure>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        F: Fn(&mut dyn Transaction, &Earlier<T>, Timestamp) -> Result<Batch<T>, Failure>
            + Send
            + Sync
            + 'static,
    {
        let batch = Arc::new(batch);
        let mut joined = None;
        loop {
            let (work, fresh, now) = (Work::new(&act, &batch, joined), self.nonce(), self.now());
            let bearer = ComputePayer::Organization(act.organization.clone());
            let stand = self.write_scored(bearer, move |tx| work.advance(tx, &fresh, now)).await?;
            if stand.is_finished {
                let read = move |tx: &mut dyn Transaction| {
                    let outcomes = storage::bulk::outcomes(tx, &stand.run)?;
                    outcomes.iter().map(|outcome| from_json(outcome)).collect()
                };
                return self.storage().read(read).await;
            }
            joined = Some(stand.run);
        }
    }

    /// Whether an act was begun, is not finished and may be gone on with.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) async fn is_at_work(&self, act: &Act) -> Result<bool, Failure> {
        let (act, now) = (act.clone(), self.now());
        let read = move |tx: &mut dyn Transaction| {
            let existing = storage::bulk::find(tx, &act.organization, &act.name)?;
            Ok::<_, Failure>(existing.is_some_and(|existing| act.goes_on(&existing, now)))
        };
        self.storage().read(read).await
    }

    /// Whether a batch that began at a moment of the steady clock has taken long enough.
    pub(crate) fn is_batch_over(&self, began: Duration) -> bool {
        self.clock().steady().saturating_sub(began) >= BATCH_TIME
    }
}

/// An act on its way through the writing thread.
struct Work<T, F> {
    act: Act,
    batch: Arc<F>,
    /// The run whose batches the caller has had done.
    joined: Option<String>,
    outcome: PhantomData<fn() -> T>,
}

impl<T, F> Work<T, F>
where
    T: Serialize + DeserializeOwned,
    F: Fn(&mut dyn Transaction, &Earlier<T>, Timestamp) -> Result<Batch<T>, Failure>,
{
    fn new(act: &Act, batch: &Arc<F>, joined: Option<String>) -> Self {
        Self { act: act.clone(), batch: batch.clone(), joined, outcome: PhantomData }
    }

    fn advance(
        &self,
        tx: &mut dyn Transaction,
        fresh: &str,
        now: Timestamp,
    ) -> Result<Stand, Failure> {
        let existing = storage::bulk::lock(tx, &self.act.organization, &self.act.name)?;
        let run = match (existing, &self.joined) {
            (Some(existing), Some(joined)) if existing.run == *joined => {
                if existing.finished_at.is_some() {
                    return Ok(Stand { run: existing.run, is_finished: true });
                }
                existing.run
            }
            // Somebody finished it and began it once more.
            (_, Some(_)) => return Err(Failure::Busy),
            (Some(existing), None) if self.act.goes_on(&existing, now) => existing.run,
            (_, None) => self.begin(tx, fresh, now)?,
        };
        let earlier = Earlier::of(tx, run)?;
        let Batch { outcome, is_last } = (self.batch)(tx, &earlier, now)?;
        let Earlier { run, n, .. } = earlier;
        let batch = BulkBatch { run, n: n + 1, outcome: to_json(&outcome)? };
        storage::bulk::keep_batch(tx, &batch)?;
        if is_last {
            storage::bulk::finish(tx, &batch.run, now)?;
        }
        Ok(Stand { run: batch.run, is_finished: is_last })
    }

    fn begin(
        &self,
        tx: &mut dyn Transaction,
        run: &str,
        now: Timestamp,
    ) -> Result<String, Failure> {
        let act = BulkAct {
            organization_id: self.act.organization.clone(),
            name: self.act.name.clone(),
            run: run.to_owned(),
            begun_at: now,
            finished_at: None,
        };
        storage::bulk::begin(tx, &act, now.plus_seconds(-KEPT_SECONDS))?;
        Ok(run.to_owned())
    }
}
