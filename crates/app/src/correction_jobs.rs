//! Corrections of steps at work: a step's kept results are computed anew some at a time, in
//! transactions of their own, so that nobody's save waits for a whole step (finding faults M7).
//!
//! The correction itself is in force from its first moment: whoever completes or is evaluated
//! meanwhile has it already, and the job finds nothing to change there. How far it has got is a
//! row, written by the batch's own transaction; after a crash, or on another server, it goes on
//! from there. In the end each result is what one transaction over all of them would have made.

use crate::audit::ActorContext;
use crate::background::ticks;
use crate::bulk::BATCH_TIME;
use crate::caller::{Actor, Caller};
use crate::compute::ComputePayer;
use crate::corrections::{CorrectionOutcome, RecomputeOutcome};
use crate::failure::Failure;
use crate::services::CorrectionService;
use crate::versions::ScoringContext;
use domain::id::{CorrectionId, InstanceId, TaskId};
use domain::instance::VersionReason;
use domain::role::Right;
use domain::time::Timestamp;
use std::time::Duration;
use storage::Transaction;
use storage::correction_job::CorrectionJobRow;
use storage::instance::InstanceRow;

/// How often the background loop looks for unfinished jobs.
const PERIOD: Duration = Duration::from_secs(1);
/// Batches done while the caller waits, so that small steps are finished with the answer.
const BATCHES_AT_ONCE: usize = 10;
/// The caller waits no longer than this.
const CALLER_TIME: Duration = Duration::from_millis(1500);
/// A job is left to whoever began it for so long, in milliseconds.
const LEFT_MILLIS: i64 = 5000;
/// Organizations whose jobs are taken in turn.
const JOBS_AT_ONCE: i64 = 16;
/// How long the others wait for a job that waits for costly patterns.
const TURN: Duration = Duration::from_millis(250);

/// How far a correction of a step, or its withdrawal, has got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectionProgress {
    pub id: CorrectionId,
    pub is_withdrawal: bool,
    pub is_done: bool,
    /// Instances of the task passed so far, and how many there were when it began.
    pub position: i64,
    pub total: i64,
    /// Instances that got a new version.
    pub versions: i64,
    pub open: i64,
    pub unchanged: i64,
    /// Instances that could not be computed; the log names them.
    pub failed: i64,
}

impl CorrectionProgress {
    pub(crate) fn of(job: &CorrectionJobRow) -> Self {
        Self {
            id: job.correction_id.clone(),
            is_withdrawal: job.withdrawal,
            is_done: job.finished_at.is_some(),
            position: job.position,
            total: job.last_ordinal,
            versions: job.versions,
            open: job.open,
            unchanged: job.unchanged,
            failed: job.failed,
        }
    }
}

/// What a batch came to.
enum CorrectionBatch {
    /// Somebody else is at it, or it is finished.
    Elsewhere,
    Done(Vec<InstanceId>, CorrectionProgress),
}

impl CorrectionService {
    /// Writes down that the instances of a correction's step are to be computed anew.
    pub(crate) fn begin_correction_job(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        row: &storage::correction::CorrectionRow,
        now: Timestamp,
    ) -> Result<CorrectionOutcome, Failure> {
        // Locked: whoever starts from now on finds the correction, and whoever has started is
        // counted.
        let task = storage::task::lock(tx, &row.organization_id, &row.task_id)?
            .ok_or(Failure::NotFound)?;
        let actor = caller.actor();
        let job = CorrectionJobRow {
            correction_id: row.id.clone(),
            organization_id: row.organization_id.clone(),
            task_id: row.task_id.clone(),
            step_id: row.step_id.clone(),
            withdrawal: row.withdrawn_at.is_some(),
            position: 0,
            last_ordinal: task.instance_count,
            versions: 0,
            open: 0,
            unchanged: 0,
            failed: 0,
            actor_kind: actor.kind,
            actor_id: Some(actor.id).filter(|id| !id.is_empty()),
            request_id: Some(caller.request.clone()),
            begun_at: now,
            finished_at: (task.instance_count == 0).then_some(now),
        };
        storage::correction_job::replace(tx, &job)?;
        let job = Some(CorrectionProgress::of(&job));
        Ok(CorrectionOutcome {
            id: row.id.clone(),
            versions: Vec::new(),
            open: 0,
            unchanged: 0,
            job,
        })
    }

    /// Does some batches of a job that has just begun. A failure does not matter here: the job goes
    /// on by itself.
    pub(crate) async fn run_first_batches(&self, mut done: CorrectionOutcome) -> CorrectionOutcome {
        let began = self.clock().steady();
        for _ in 0..BATCHES_AT_ONCE {
            let is_open = done.job.as_ref().is_some_and(|job| !job.is_done);
            if !is_open || self.clock().steady().saturating_sub(began) >= CALLER_TIME {
                break;
            }
            match self.advance_correction(&done.id).await {
                Ok(CorrectionBatch::Done(versions, progress)) => {
                    done.versions.extend(versions);
                    let counts = (progress.open.try_into(), progress.unchanged.try_into());
                    let (Ok(open), Ok(unchanged)) = counts else {
                        tracing::error!(correction = %done.id, "a correction's counts do not read");
                        break;
                    };
                    (done.open, done.unchanged, done.job) = (open, unchanged, Some(progress));
                }
                Ok(CorrectionBatch::Elsewhere) => break,
                Err(failure) => {
                    tracing::warn!(%failure, correction = %done.id, "a correction goes on later");
                    break;
                }
            }
        }
        done
    }

    /// How far a correction of a step, or its withdrawal, has got.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`]; [`Failure::NotFound`], also for corrections of one instance,
    /// which are done at once.
    pub async fn correction_progress(
        &self,
        caller: &Caller,
        correction: &CorrectionId,
    ) -> Result<CorrectionProgress, Failure> {
        let id = correction.clone();
        self.read_as(caller, Right::ReadResults, move |work| {
            let row = storage::correction::find(work.tx, work.organization, &id)?
                .ok_or(Failure::NotFound)?;
            work.task(&row.task_id)?;
            let job = storage::correction_job::find(work.tx, &id)?.ok_or(Failure::NotFound)?;
            Ok(CorrectionProgress::of(&job))
        })
        .await
    }

    /// Corrections of a task's steps that are still at work, the oldest first.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn unfinished_corrections(
        &self,
        caller: &Caller,
        task: &TaskId,
    ) -> Result<Vec<CorrectionProgress>, Failure> {
        let task = task.clone();
        self.read_as(caller, Right::ReadResults, move |work| {
            work.task(&task)?;
            let jobs = storage::correction_job::list_unfinished_of_task(work.tx, &task)?;
            Ok(jobs.iter().map(CorrectionProgress::of).collect())
        })
        .await
    }

    /// Goes on with unfinished jobs until `shutdown` is ready.
    pub async fn run_corrections(&self, shutdown: impl Future<Output = ()> + Send) {
        let mut shutdown = std::pin::pin!(shutdown);
        let mut ticks = ticks(PERIOD);
        loop {
            tokio::select! {
                () = &mut shutdown => return,
                _ = ticks.tick() => {}
            }
            tokio::select! {
                () = &mut shutdown => return,
                outcome = self.resume_corrections() => if let Err(failure) = outcome {
                    tracing::error!(%failure, "corrections could not be carried on");
                }
            }
        }
    }

    /// Goes on with what is unfinished, a batch of each organization in turn, until all is done or
    /// somebody else is at it. One that waits for costly patterns, or fails, does not keep the
    /// others waiting. Gives the number of batches.
    ///
    /// # Errors
    /// When the database cannot be read, or a job cannot go on now; the others have gone on.
    pub async fn resume_corrections(&self) -> Result<usize, Failure> {
        let (mut batches, mut failed) = (0, None);
        loop {
            let begun_by = self.now().plus_millis(-LEFT_MILLIS);
            let read = move |tx: &mut dyn Transaction| {
                Ok::<_, Failure>(storage::correction_job::list_unfinished(
                    tx,
                    begun_by,
                    JOBS_AT_ONCE,
                )?)
            };
            let mut is_going_on = false;
            for job in self.storage().read(read).await? {
                let began = self.clock().steady();
                match tokio::time::timeout(TURN, self.advance_correction(&job)).await {
                    Ok(Ok(CorrectionBatch::Done(..))) => {
                        (batches, is_going_on) = (batches + 1, true);
                        // As long again for everybody else: a job in the background takes at most
                        // half of the writer.
                        tokio::time::sleep(
                            self.clock().steady().saturating_sub(began).min(BATCH_TIME),
                        )
                        .await;
                    }
                    Ok(Ok(CorrectionBatch::Elsewhere)) => {}
                    Ok(Err(failure)) => failed = Some(failure),
                    // What is being computed is, and is known at its next turn.
                    Err(_) => is_going_on = true,
                }
            }
            if !is_going_on {
                return failed.map_or(Ok(batches), Err);
            }
        }
    }

    /// A batch. Where something in it cannot be computed, the others are, one by one.
    async fn advance_correction(&self, id: &CorrectionId) -> Result<CorrectionBatch, Failure> {
        let size = self.settings().batch_size;
        match self.advance_by(id, size).await {
            // Busy: more costly matches than are found in one go; one instance has few.
            Err(Failure::Internal(_) | Failure::Busy) => {}
            outcome => return outcome,
        }
        let (mut all, mut last) = (Vec::new(), None);
        for _ in 0..size {
            match self.advance_by(id, 1).await {
                Ok(CorrectionBatch::Done(versions, progress)) => {
                    all.extend(versions);
                    last = Some(progress);
                }
                Ok(CorrectionBatch::Elsewhere) => break,
                Err(Failure::Internal(reason)) => last = self.pass_over(id, reason).await?.or(last),
                Err(failure) => return Err(failure),
            }
        }
        Ok(last.map_or(CorrectionBatch::Elsewhere, |progress| CorrectionBatch::Done(all, progress)))
    }

    /// Computes the instances of the next so many ordinals anew. Matches that cost much are found
    /// on compute threads, as when a candidate hands in: a step may have been kept before patterns
    /// had a limit.
    async fn advance_by(
        &self,
        id: &CorrectionId,
        ordinals: i64,
    ) -> Result<CorrectionBatch, Failure> {
        let (app, correction, now) = (self.clone(), id.clone(), self.now());
        let write = move |tx: &mut dyn Transaction| {
            let Some(mut job) = storage::correction_job::claim(tx, &correction)? else {
                return Ok(CorrectionBatch::Elsewhere);
            };
            let versions = app.compute_batch(tx, &mut job, ordinals, now)?;
            job.finished_at = (job.position >= job.last_ordinal).then_some(now);
            storage::correction_job::save(tx, &job)?;
            Ok(CorrectionBatch::Done(versions, CorrectionProgress::of(&job)))
        };
        self.write_scored(ComputePayer::Correction(id.clone()), write).await
    }

    fn compute_batch(
        &self,
        tx: &mut dyn Transaction,
        job: &mut CorrectionJobRow,
        ordinals: i64,
        now: Timestamp,
    ) -> Result<Vec<InstanceId>, Failure> {
        let began = self.clock().steady();
        let row = storage::correction::find(tx, &job.organization_id, &job.correction_id)?;
        let row = row.ok_or_else(|| Failure::internal("a job has no correction"))?;
        let actor = Actor { kind: job.actor_kind, id: job.actor_id.clone().unwrap_or_default() };
        let doer = ActorContext {
            organization: job.organization_id.clone(),
            actor,
            request: job.request_id.clone(),
        };
        let act = ScoringContext {
            actor: &doer,
            now,
            reason: VersionReason::Corrected,
            note: Some(&row.reason),
        };
        let mut until = job.last_ordinal.min(job.position.saturating_add(ordinals));
        let mut instances: Vec<InstanceRow> = Vec::new();
        for id in
            storage::instance::list_by_step(tx, &job.task_id, &job.step_id, job.position, until)?
        {
            // All of them before their task, which the first new version locks. A slow connection
            // locks fewer.
            if let Some(last) = instances.last().filter(|_| self.is_batch_over(began)) {
                until = last.ordinal;
                break;
            }
            instances.extend(storage::instance::lock(tx, &id)?);
        }
        let (began, mut versions) = (self.clock().steady(), Vec::new());
        let mut instances = instances.into_iter().peekable();
        while let Some(instance) = instances.next() {
            let (id, ordinal) = (instance.id.clone(), instance.ordinal);
            if instance.erased_at.is_none() {
                self.count_one(
                    job,
                    self.recompute_corrected(tx, &row.question_key, instance, &act)?,
                    id,
                    &mut versions,
                );
            }
            job.position = ordinal;
            if instances.peek().is_some() && self.is_batch_over(began) {
                return Ok(versions);
            }
        }
        job.position = until;
        Ok(versions)
    }

    fn count_one(
        &self,
        job: &mut CorrectionJobRow,
        anew: RecomputeOutcome,
        id: InstanceId,
        versions: &mut Vec<InstanceId>,
    ) {
        match anew {
            RecomputeOutcome::Version => {
                job.versions += 1;
                versions.push(id);
            }
            RecomputeOutcome::Unchanged => job.unchanged += 1,
            RecomputeOutcome::Open => job.open += 1,
            RecomputeOutcome::Elsewhere => {}
        }
    }

    /// Goes past an instance that cannot be computed: it must not keep the others from their
    /// results.
    async fn pass_over(
        &self,
        id: &CorrectionId,
        reason: String,
    ) -> Result<Option<CorrectionProgress>, Failure> {
        let (id, now) = (id.clone(), self.now());
        let write = move |tx: &mut dyn Transaction| {
            let Some(mut job) = storage::correction_job::claim(tx, &id)? else { return Ok(None) };
            job.position += 1;
            job.failed += 1;
            job.finished_at = (job.position >= job.last_ordinal).then_some(now);
            storage::correction_job::save(tx, &job)?;
            let (task, ordinal) = (&job.task_id, job.position);
            tracing::error!(reason, correction = %id, %task, ordinal, "an instance could not be corrected");
            Ok::<_, Failure>(Some(CorrectionProgress::of(&job)))
        };
        self.storage().write(write).await
    }
}
