//! Heads of lists, read for many callers on one way to the database.
//!
//! A reader that finds its page at hand needs one small row, and the way to a reading thread and
//! back costs more than the row. So whoever asks before the reading thread has begun goes along.
//! Must never answer from what was read before it was asked: on several nodes another may have
//! changed the task since.

use crate::failure::Failure;
use crate::services::ResultService;
use domain::id::{OrganizationId, TaskId};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use storage::listing::{TaskHeadInFolder, task_head_in_folder};
use storage::{Storage, Transaction};
use tokio::sync::oneshot;

/// Tasks read on one way at most; who asks for another takes the next one.
const TASKS: usize = 16;

/// The trip that can still be joined, if there is one.
#[derive(Default)]
pub(crate) struct HeadLoader {
    next: Mutex<Weak<HeadBatch>>,
}

/// One way to a reading thread. It belongs to the request there: when that is dropped without
/// having run, the askers' channels close.
struct HeadBatch {
    /// None once it has begun. Never held while the database is asked: whoever joins would wait for
    /// that.
    boarding: Mutex<Option<Vec<HeadLookup>>>,
    /// What was boarded, for the reading thread alone.
    under_way: Mutex<Vec<HeadLookup>>,
}

/// A task and who asks for it.
struct HeadLookup {
    organization: OrganizationId,
    task: TaskId,
    askers: Vec<oneshot::Sender<LoadedHead>>,
}

type LoadedHead = Option<Arc<TaskHeadInFolder>>;

impl ResultService {
    /// The head of a task's list as it is now; none when the organization has no such task.
    pub(crate) async fn load_task_head(
        &self,
        organization: &OrganizationId,
        task: &TaskId,
    ) -> Result<LoadedHead, Failure> {
        let (asker, answer) = oneshot::channel();
        if let Some(trip) = self.head_loader().join_batch(organization, task, asker) {
            tokio::spawn(run_batch(self.storage().clone(), trip));
        }
        answer.await.map_err(|_| Failure::Unavailable("the head of a list was not read".to_owned()))
    }
}

impl HeadLoader {
    /// Takes a seat. Gives the trip when it is a new one, that has to be sent.
    fn join_batch(
        &self,
        organization: &OrganizationId,
        task: &TaskId,
        asker: oneshot::Sender<LoadedHead>,
    ) -> Option<Arc<HeadBatch>> {
        let mut next = locked(&self.next);
        let asker = match next.upgrade() {
            Some(trip) => trip.join(organization, task, asker).err()?,
            None => asker,
        };
        let trip = Arc::new(HeadBatch::of(HeadLookup::of(organization, task, asker)));
        *next = Arc::downgrade(&trip);
        Some(trip)
    }
}

impl HeadBatch {
    fn of(first: HeadLookup) -> Self {
        Self { boarding: Mutex::new(Some(vec![first])), under_way: Mutex::default() }
    }

    /// Gives the asker back when the trip has begun or is full.
    fn join(
        &self,
        organization: &OrganizationId,
        task: &TaskId,
        asker: oneshot::Sender<LoadedHead>,
    ) -> Result<(), oneshot::Sender<LoadedHead>> {
        let mut boarding = locked(&self.boarding);
        let Some(stops) = boarding.as_mut() else { return Err(asker) };
        let entry =
            stops.iter().position(|stop| stop.task == *task && stop.organization == *organization);
        match entry {
            Some(at) => stops[at].askers.push(asker),
            None if stops.len() < TASKS => stops.push(HeadLookup::of(organization, task, asker)),
            None => return Err(asker),
        }
        Ok(())
    }

    /// Reads everything, then answers everybody; run again from the beginning when the database
    /// asks for it.
    fn run(&self, tx: &mut dyn Transaction) -> Result<(), Failure> {
        // Closed before the first row is read: whoever joined later would be answered from before
        // it asked.
        let boarded = locked(&self.boarding).take();
        let mut stops = locked(&self.under_way);
        // Kept here, not in a local: run again, there is nothing left to take, and those of the
        // first run still wait.
        stops.extend(boarded.into_iter().flatten());
        let heads = stops
            .iter()
            .map(|stop| Ok(task_head_in_folder(tx, &stop.organization, &stop.task)?.map(Arc::new)))
            .collect::<Result<Vec<LoadedHead>, Failure>>()?;
        for (stop, head) in stops.drain(..).zip(heads) {
            for asker in stop.askers {
                // Who went away needs no answer.
                let _ = asker.send(head.clone());
            }
        }
        Ok(())
    }
}

impl HeadLookup {
    fn of(
        organization: &OrganizationId,
        task: &TaskId,
        asker: oneshot::Sender<LoadedHead>,
    ) -> Self {
        Self { organization: organization.clone(), task: task.clone(), askers: vec![asker] }
    }
}

/// Sends a trip on its way. No asker does it: others would wait in vain if that one went away.
async fn run_batch(storage: Storage, trip: Arc<HeadBatch>) {
    // Whoever is ready to ask at this moment comes along; with nobody there it starts at once.
    tokio::task::yield_now().await;
    if let Err(failure) = storage.read(move |tx| trip.run(tx)).await {
        tracing::warn!(%failure, "the heads of lists were not read");
    }
}

/// A panic in between leaves nothing half done that matters: askers are then told that nothing was
/// read.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use storage::testing::ScratchDatabase;
    use tokio::sync::oneshot::error::TryRecvError;

    /// Someone at the stop of a task, and the trip if it is a new one.
    fn join_as_asker(
        heads: &HeadLoader,
        task: &str,
    ) -> (Option<Arc<HeadBatch>>, oneshot::Receiver<LoadedHead>) {
        let (asker, answer) = oneshot::channel();
        (heads.join_batch(&"Og1".into(), &task.into(), asker), answer)
    }

    /// An empty database: its heads are none.
    fn storage() -> (Storage, ScratchDatabase) {
        let scratch = ScratchDatabase::new();
        (Storage::open(&scratch.options()).unwrap(), scratch)
    }

    fn run(storage: &Storage, trip: Arc<HeadBatch>) -> Result<(), Failure> {
        storage.read_blocking(move |tx| trip.run(tx))
    }

    #[test]
    fn a_trip_that_was_never_made_leaves_nobody_waiting_nor_takes_anybody_else() {
        let heads = HeadLoader::default();
        let (trip, mut first) = join_as_asker(&heads, "Tk1");
        let (joined, mut second) = join_as_asker(&heads, "Tk2");
        assert!(trip.is_some() && joined.is_none());
        drop(trip);
        assert_eq!(first.try_recv(), Err(TryRecvError::Closed));
        assert_eq!(second.try_recv(), Err(TryRecvError::Closed));
        assert!(join_as_asker(&heads, "Tk1").0.is_some());
    }

    #[test]
    fn who_comes_after_a_trip_has_begun_takes_the_next_one() {
        let ((storage, _scratch), heads) = (storage(), HeadLoader::default());
        let (trip, mut first) = join_as_asker(&heads, "Tk1");
        let (_, mut second) = join_as_asker(&heads, "Tk1");
        let trip = trip.unwrap();
        run(&storage, trip.clone()).unwrap();
        assert_eq!((first.try_recv(), second.try_recv()), (Ok(None), Ok(None)));
        // The trip is still known, and over.
        let (next, mut late) = join_as_asker(&heads, "Tk1");
        assert_eq!(late.try_recv(), Err(TryRecvError::Empty));
        run(&storage, next.expect("a trip of its own")).unwrap();
        assert_eq!(late.try_recv(), Ok(None));
    }

    #[test]
    fn a_trip_that_is_run_again_answers_those_it_had_not_answered() {
        let ((storage, _scratch), heads) = (storage(), HeadLoader::default());
        let (trip, mut answer) = join_as_asker(&heads, "Tk1");
        let trip = trip.unwrap();
        let failing = trip.clone();
        let failed = storage.read_blocking(move |tx| {
            let stops = locked(&failing.boarding).take();
            locked(&failing.under_way).extend(stops.into_iter().flatten());
            tx.execute("SELECT nothing", &[]).map(|_| ()).map_err(Failure::from)
        });
        assert!(failed.is_err());
        assert_eq!(answer.try_recv(), Err(TryRecvError::Empty));
        run(&storage, trip.clone()).unwrap();
        assert_eq!(answer.try_recv(), Ok(None));
        run(&storage, trip).unwrap();
    }

    #[test]
    fn a_full_trip_takes_more_for_its_tasks_but_no_other_task() {
        let heads = HeadLoader::default();
        let (trip, _first) = join_as_asker(&heads, "Tk0");
        for number in 1..TASKS {
            assert!(join_as_asker(&heads, &format!("Tk{number}")).0.is_none());
        }
        assert!(join_as_asker(&heads, "Tk3").0.is_none());
        let (next, _late) = join_as_asker(&heads, "Tk-other");
        assert!(next.is_some());
        drop(trip);
    }
}
