//! Seeding: many instances at once, each really compiled, answered, scored and recorded, for
//! measuring and trying out.
//!
//! What is kept is what a registered candidate who starts, enters every page, answers and submits
//! leaves behind, down to receipts, versions, counters and chains of events; only the log-in
//! session is missing. Rows are put together on one thread while the writing thread keeps the batch
//! before, so nothing is looked up row by row.

mod batch;
mod seeded_attempt;

use crate::caller::Caller;
use crate::failure::Failure;
use crate::services::SeedingService;
use crate::unit_of_work::task_of;
use batch::SeedBatch;
use domain::document::model::{Lang, Question, Test};
use domain::id::{OrganizationId, TaskId};
use domain::refusal::Refusal;
use domain::response::Response;
use domain::role::Right;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use storage::step::StepRow;
use storage::task::TaskRow;
use storage::{Sha256Digest, StorageError, Transaction, UniqueRule};

/// Instances that share a commit.
const BATCH: u64 = 500;

/// How one candidate answers: the response to a question of a test in a language, none to leave it
/// out.
pub type AnswerGenerator = Box<dyn FnMut(&Question, Lang) -> Option<Response>>;

/// What is to be made.
pub struct SeedRequest<'order> {
    /// Its first step is taken.
    pub task: &'order TaskId,
    pub instances: u64,
    /// The candidate of a number, from 1 in the task.
    pub generator: &'order (dyn Fn(u64) -> AnswerGenerator + Sync),
}

/// What all instances have in common, as it was when the first of them was put together.
struct SeedContext {
    caller: Caller,
    task: TaskRow,
    step: StepRow,
    authored: Sha256Digest,
    test: Arc<Test>,
}

/// The counters of a task that instances and candidates raise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct SeedCounters {
    revision: i64,
    instances: i64,
    candidates: i64,
}

impl SeedCounters {
    fn of(task: &TaskRow) -> Self {
        Self {
            revision: task.revision,
            instances: task.instance_count,
            candidates: task.candidate_count,
        }
    }
}

impl SeedingService {
    /// Makes instances of a task's first step, each of a candidate of its own. `told` hears how
    /// many there are so far. Blocks; must not be called on a thread that drives tasks.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`]; `test_not_compilable`;
    /// `required_unanswered` when a sitter leaves out what must be answered. Batches that were kept
    /// stay.
    pub fn seed_blocking(
        &self,
        caller: &Caller,
        order: &SeedRequest<'_>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), Failure> {
        caller.require(Right::WriteCandidates)?;
        caller.require(Right::Administer)?;
        let mut done = 0;
        while done < order.instances {
            // Once more from the present counters whenever somebody else changed the task
            // meanwhile.
            let ground = self.seed_context(caller, order.task)?;
            done = self.seed_from(&ground, order, done, progress)?;
        }
        Ok(())
    }

    fn seed_context(&self, caller: &Caller, task: &TaskId) -> Result<SeedContext, Failure> {
        let (app, caller, task) = (self.clone(), caller.clone(), task.clone());
        self.storage().read_blocking(move |tx: &mut dyn Transaction| {
            let task = task_of(tx, &caller, &task)?;
            let steps = storage::step::list(tx, &caller.organization, &task.id)?;
            let step = steps.into_iter().next().ok_or(Refusal::TestNotCompilable)?;
            let test = storage::test::find(tx, &caller.organization, &step.test_id)?;
            let authored =
                test.ok_or_else(|| Failure::internal("a step's test is missing"))?.digest;
            let test = app.compiled_cache().document(tx, &authored)?;
            Ok(SeedContext { caller: caller.clone(), task, step, authored, test })
        })
    }

    /// Gives how many there are when it ends: all, or as many as were kept before somebody else
    /// changed the task.
    fn seed_from(
        &self,
        ground: &SeedContext,
        order: &SeedRequest<'_>,
        mut done: u64,
        progress: &mut dyn FnMut(u64),
    ) -> Result<u64, Failure> {
        let (give, take) = sync_channel(1);
        thread::scope(|scope| {
            let first = done;
            scope.spawn(move || self.build_all(ground, order, first, &give));
            for batch in take {
                let batch: SeedBatch = batch?;
                let size = batch.size();
                if !self.keep_batch(&ground.caller.organization, batch)? {
                    break;
                }
                done += size;
                progress(done);
            }
            Ok(done)
        })
    }

    /// Puts batches together until all are, one fails, or nobody takes them any more.
    fn build_all(
        &self,
        ground: &SeedContext,
        order: &SeedRequest<'_>,
        mut done: u64,
        give: &SyncSender<Result<SeedBatch, Failure>>,
    ) {
        let mut counters = SeedCounters::of(&ground.task);
        while done < order.instances {
            let size = BATCH.min(order.instances - done);
            let batch = self.build(ground, order.generator, counters, size);
            let is_last = batch.is_err();
            batch.iter().for_each(|batch| counters = batch.after);
            if give.send(batch).is_err() || is_last {
                return;
            }
            done += size;
        }
    }

    /// Keeps a batch in one transaction. False, and nothing kept, when the task is not as the batch
    /// expects it or one of its invitation codes is taken.
    fn keep_batch(&self, organization: &OrganizationId, batch: SeedBatch) -> Result<bool, Failure> {
        let organization = organization.clone();
        let stored = self
            .storage()
            .write_blocking(move |tx: &mut dyn Transaction| batch.keep(tx, &organization));
        match stored {
            Err(StorageError::Conflict(UniqueRule::InvitationCode)) => Ok(false),
            stored => Ok(stored?),
        }
    }
}
