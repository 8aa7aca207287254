//! How long a task keeps persons: candidates are erased some days after their last activity (domain
//! rules, 7.5).

use crate::audit::{AuditEvent, AuditEventKind};
use crate::background::repeat;
use crate::caller::Caller;
use crate::erasure::ErasureOptions;
use crate::failure::Failure;
use crate::services::TaskService;
use crate::unit_of_work::UnitOfWork;
use domain::fault::{ErrorCode, Fault, FaultLocation};
use domain::id::{CandidateId, RequestId, TaskId};
use domain::json::JsonPointer;
use domain::refusal::Refusal;
use domain::role::Right;
use std::time::Duration;
use storage::Transaction;
use storage::retention::RetentionRow;

/// The most days a task can be told to wait: a hundred years.
pub const MOST_DAYS: u32 = 36_500;

const PERIOD: Duration = Duration::from_secs(3600);
const AT_ONCE: i64 = 100;
const DAY_SECONDS: i64 = 24 * 60 * 60;

impl TaskService {
    /// Days after their last activity at which a task's candidates are erased; none is never.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn task_retention(
        &self,
        caller: &Caller,
        task: &TaskId,
    ) -> Result<Option<u32>, Failure> {
        let task = task.clone();
        let work = move |work: &mut UnitOfWork<'_>| {
            let task = work.task(&task)?;
            let days = storage::retention::days(work.tx, &task.id)?;
            days.map(|days| u32::try_from(days).map_err(Failure::internal)).transpose()
        };
        self.read_as(caller, Right::ReadTasks, work).await
    }

    /// Sets or removes them. Whoever's time is over already is erased within the hour.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `tasks:write` and `persons:erase`;
    /// [`Failure::NotFound`]; `out_of_range`.
    pub async fn set_task_retention(
        &self,
        caller: &Caller,
        task: &TaskId,
        days: Option<u32>,
    ) -> Result<(), Failure> {
        caller.require(Right::Erase)?;
        if days.is_some_and(|days| !(1..=MOST_DAYS).contains(&days)) {
            let place = FaultLocation::Body(JsonPointer::root().at("eraseAfterDays"));
            return Err(Fault::new(
                place,
                ErrorCode::OutOfRange,
                format!("must be 1 to {MOST_DAYS}"),
            )
            .into());
        }
        let task = task.clone();
        let work = move |work: &mut UnitOfWork<'_>| {
            let task = work.lock_task(&task)?;
            let days = days.map(i64::from);
            if storage::retention::days(work.tx, &task.id)? == days {
                return Ok(());
            }
            storage::retention::set(work.tx, &task.organization_id, &task.id, days)?;
            let event =
                AuditEvent::of_organization(AuditEventKind::TaskUpdated).about("taskId", &task.id);
            let event = event.with("fields", serde_json::json!({ "eraseAfterDays": days }));
            work.record_event(event)
        };
        self.write_as(caller, Right::WriteTasks, work).await
    }

    /// Erases every candidate whose time is over at this moment; nobody while the clock is in
    /// doubt. Gives how many.
    ///
    /// # Errors
    /// When the database cannot be read, or one of them cannot be erased; the others of that task
    /// are tried all the same.
    pub async fn erase_expired(&self) -> Result<u64, Failure> {
        // Persons who were erased because a clock was wrong cannot be got back.
        if !self.may_destroy() {
            return Ok(0);
        }
        let tasks = self
            .storage()
            .read(|tx: &mut dyn Transaction| Ok::<_, Failure>(storage::retention::list(tx)?));
        let (mut erased, mut failed) = (0, None);
        for stored in tasks.await? {
            // A fault of one task must not keep the persons of another.
            match self.erase_expired_of(&stored).await {
                Ok(number) => erased += number,
                Err(failure) => failed = Some(failure),
            }
        }
        failed.map_or(Ok(erased), Err)
    }

    async fn erase_expired_of(&self, stored: &RetentionRow) -> Result<u64, Failure> {
        let since = self.now().plus_seconds(-stored.days.saturating_mul(DAY_SECONDS));
        let request: RequestId = self.new_id(self.now());
        let caller = Caller::operator(stored.organization.clone(), request);
        let (mut erased, mut failed, mut after) = (0, None, String::new());
        loop {
            let (task, behind) = (stored.task.clone(), after.clone());
            let read = move |tx: &mut dyn Transaction| {
                Ok::<Vec<CandidateId>, Failure>(storage::retention::inactive_candidates(
                    tx, &task, since, &behind, AT_ONCE,
                )?)
            };
            let batch = self.storage().read(read).await?;
            let batch = if self.may_destroy() { batch } else { Vec::new() };
            let Some(last) = batch.last() else { return failed.map_or(Ok(erased), Err) };
            after = last.to_string();
            for candidate in &batch {
                match self
                    .candidates()
                    .erase_candidate(&caller, &stored.task, candidate, ErasureOptions::default())
                    .await
                {
                    Ok(_) => erased += 1,
                    // A hold ends by a person's decision, never by time.
                    Err(Failure::Refused(refused)) if refused.code == Refusal::InstanceHeld => {}
                    Err(failure) => failed = Some(failure),
                }
            }
        }
    }

    /// Looks each hour for whom to erase, until `shutdown` is ready.
    pub async fn run_retention(&self, shutdown: impl Future<Output = ()> + Send) {
        let erase = async || match self.erase_expired().await {
            Ok(0) => {}
            Ok(erased) => tracing::info!(erased, "erased candidates whose time was over"),
            Err(failure) => {
                tracing::error!(%failure, "not everybody whose time was over could be erased")
            }
        };
        repeat(PERIOD, shutdown, erase).await;
    }
}
