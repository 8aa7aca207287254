//! Heads of lists, read for many callers on one way to the database.
//!
//! A reader that finds its page at hand needs one small row, and the way to a reading thread and back costs more than
//! the row. So whoever asks before the reading thread has begun goes along. Must never answer from what was read before
//! it was asked: on several nodes another may have changed the task since.

use crate::App;
use crate::failure::Failure;
use domain::id::{OrganizationId, TaskId};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use storage::listing::{PlacedHead, placed_head};
use storage::{Storage, Transaction};
use tokio::sync::oneshot;

/// Tasks read on one way at most; who asks for another takes the next one.
const TASKS: usize = 16;

/// The trip that can still be joined, if there is one.
#[derive(Default)]
pub(crate) struct Heads {
    next: Mutex<Weak<Trip>>,
}

/// One way to a reading thread. It belongs to the request there: when that is dropped without having run, the askers'
/// channels close.
struct Trip {
    /// None once it has begun. Never held while the database is asked: whoever joins would wait for that.
    boarding: Mutex<Option<Vec<Stop>>>,
    /// What was boarded, for the reading thread alone.
    under_way: Mutex<Vec<Stop>>,
}

/// A task and who asks for it.
struct Stop {
    organization: OrganizationId,
    task: TaskId,
    askers: Vec<oneshot::Sender<Answer>>,
}

type Answer = Option<Arc<PlacedHead>>;

impl App {
    /// The head of a task's list as it is now; none when the organization has no such task.
    pub(crate) async fn placed_head(&self, organization: &OrganizationId, task: &TaskId) -> Result<Answer, Failure> {
        let (asker, answer) = oneshot::channel();
        if let Some(trip) = self.heads().board(organization, task, asker) {
            tokio::spawn(send(self.storage().clone(), trip));
        }
        answer.await.map_err(|_| Failure::Unavailable("the head of a list was not read".to_owned()))
    }
}

impl Heads {
    /// Takes a seat. Gives the trip when it is a new one, that has to be sent.
    fn board(&self, organization: &OrganizationId, task: &TaskId, asker: oneshot::Sender<Answer>) -> Option<Arc<Trip>> {
        let mut next = locked(&self.next);
        let asker = match next.upgrade() {
            Some(trip) => trip.join(organization, task, asker).err()?,
            None => asker,
        };
        let trip = Arc::new(Trip::of(Stop::of(organization, task, asker)));
        *next = Arc::downgrade(&trip);
        Some(trip)
    }
}

impl Trip {
    fn of(first: Stop) -> Self {
        Self { boarding: Mutex::new(Some(vec![first])), under_way: Mutex::default() }
    }

    /// Gives the asker back when the trip has begun or is full.
    fn join(
        &self,
        organization: &OrganizationId,
        task: &TaskId,
        asker: oneshot::Sender<Answer>,
    ) -> Result<(), oneshot::Sender<Answer>> {
        let mut boarding = locked(&self.boarding);
        let Some(stops) = boarding.as_mut() else { return Err(asker) };
        let known = stops.iter().position(|stop| stop.task == *task && stop.organization == *organization);
        match known {
            Some(at) => stops[at].askers.push(asker),
            None if stops.len() < TASKS => stops.push(Stop::of(organization, task, asker)),
            None => return Err(asker),
        }
        Ok(())
    }

    /// Reads everything, then answers everybody; run again from the beginning when the database asks for it.
    fn run(&self, tx: &mut dyn Transaction) -> Result<(), Failure> {
        let boarded = locked(&self.boarding).take();
        let mut stops = locked(&self.under_way);
        stops.extend(boarded.into_iter().flatten());
        let heads = stops
            .iter()
            .map(|stop| Ok(placed_head(tx, &stop.organization, &stop.task)?.map(Arc::new)))
            .collect::<Result<Vec<Answer>, Failure>>()?;
        for (stop, head) in stops.drain(..).zip(heads) {
            for asker in stop.askers {
                // Who went away needs no answer.
                let _ = asker.send(head.clone());
            }
        }
        Ok(())
    }
}

impl Stop {
    fn of(organization: &OrganizationId, task: &TaskId, asker: oneshot::Sender<Answer>) -> Self {
        Self { organization: organization.clone(), task: task.clone(), askers: vec![asker] }
    }
}

/// Sends a trip on its way. No asker does it: others would wait in vain if that one went away.
async fn send(storage: Storage, trip: Arc<Trip>) {
    // Whoever is ready to ask at this moment comes along; with nobody there it starts at once.
    tokio::task::yield_now().await;
    if let Err(failure) = storage.read(move |tx| trip.run(tx)).await {
        tracing::warn!(%failure, "the heads of lists were not read");
    }
}

/// A panic in between leaves nothing half done that matters: askers are then told that nothing was read.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use storage::testing::Scratch;
    use tokio::sync::oneshot::error::TryRecvError;

    /// Someone at the stop of a task, and the trip if it is a new one.
    fn board(heads: &Heads, task: &str) -> (Option<Arc<Trip>>, oneshot::Receiver<Answer>) {
        let (asker, answer) = oneshot::channel();
        (heads.board(&"Og1".into(), &task.into(), asker), answer)
    }

    /// An empty database: its heads are none.
    fn storage() -> (Storage, Scratch) {
        let scratch = Scratch::new();
        (Storage::open(&scratch.options()).unwrap(), scratch)
    }

    fn run(storage: &Storage, trip: Arc<Trip>) -> Result<(), Failure> {
        storage.read_blocking(move |tx| trip.run(tx))
    }

    #[test]
    fn a_trip_that_was_never_made_leaves_nobody_waiting_nor_takes_anybody_else() {
        let heads = Heads::default();
        let (trip, mut first) = board(&heads, "Tk1");
        let (joined, mut second) = board(&heads, "Tk2");
        assert!(trip.is_some() && joined.is_none());
        drop(trip);
        assert_eq!(first.try_recv(), Err(TryRecvError::Closed));
        assert_eq!(second.try_recv(), Err(TryRecvError::Closed));
        assert!(board(&heads, "Tk1").0.is_some());
    }

    #[test]
    fn who_comes_after_a_trip_has_begun_takes_the_next_one() {
        let ((storage, _scratch), heads) = (storage(), Heads::default());
        let (trip, mut first) = board(&heads, "Tk1");
        let (_, mut second) = board(&heads, "Tk1");
        let trip = trip.unwrap();
        run(&storage, trip.clone()).unwrap();
        assert_eq!((first.try_recv(), second.try_recv()), (Ok(None), Ok(None)));
        // The trip is still known, and over.
        let (next, mut late) = board(&heads, "Tk1");
        assert_eq!(late.try_recv(), Err(TryRecvError::Empty));
        run(&storage, next.expect("a trip of its own")).unwrap();
        assert_eq!(late.try_recv(), Ok(None));
    }

    #[test]
    fn a_trip_that_is_run_again_answers_those_it_had_not_answered() {
        let ((storage, _scratch), heads) = (storage(), Heads::default());
        let (trip, mut answer) = board(&heads, "Tk1");
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
        let heads = Heads::default();
        let (trip, _first) = board(&heads, "Tk0");
        for number in 1..TASKS {
            assert!(board(&heads, &format!("Tk{number}")).0.is_none());
        }
        assert!(board(&heads, "Tk3").0.is_none());
        let (next, _late) = board(&heads, "Tk-other");
        assert!(next.is_some());
        drop(trip);
    }
}
