//! Reading tasks.

use super::TaskView;
use crate::caller::Caller;
use crate::failure::Failure;
use crate::services::TaskService;
use crate::stored_number::unsigned;
use crate::unit_of_work::UnitOfWork;
use domain::id::TaskId;
use domain::role::Right;
use storage::Transaction;
use storage::task::TaskRow;

impl TaskService {
    /// Tasks in creation order that the key may see, and how many there are.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`].
    pub async fn list_tasks(
        &self,
        caller: &Caller,
        limit: u32,
        skip: u64,
    ) -> Result<(u64, Vec<TaskView>), Failure> {
        let work = move |work: &mut UnitOfWork<'_>| {
            let every = None::<fn(&TaskRow) -> Result<bool, Failure>>;
            let (total, rows) = task_page(work.tx, work.caller, every, limit, skip)?;
            let views = rows.into_iter().map(|row| task_view(work.tx, row));
            Ok((total, views.collect::<Result<_, Failure>>()?))
        };
        self.read_as(caller, Right::ReadTasks, work).await
    }

    /// One task.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn task(&self, caller: &Caller, task: &TaskId) -> Result<TaskView, Failure> {
        let task = task.clone();
        let work = move |work: &mut UnitOfWork<'_>| {
            let row = work.task(&task)?;
            task_view(work.tx, row)
        };
        self.read_as(caller, Right::ReadTasks, work).await
    }
}

pub(super) fn task_view(tx: &mut dyn Transaction, row: TaskRow) -> Result<TaskView, Failure> {
    let steps = storage::step::list(tx, &row.organization_id, &row.id)?;
    let releases = storage::result_release::list_by_task(tx, &row.id, false)?;
    TaskView::of(row, steps, &releases)
}

/// A page of the tasks that fit and that the key may see, with their number.
pub(super) fn task_page(
    tx: &mut dyn Transaction,
    caller: &Caller,
    fits: Option<impl Fn(&TaskRow) -> Result<bool, Failure>>,
    limit: u32,
    skip: u64,
) -> Result<(u64, Vec<TaskRow>), Failure> {
    match fits {
        None if !caller.is_limited() => all(tx, caller, limit, skip),
        None => filtered_task_page(tx, caller, |_| Ok(true), limit, skip),
        Some(fits) => filtered_task_page(tx, caller, fits, limit, skip),
    }
}

fn all(
    tx: &mut dyn Transaction,
    caller: &Caller,
    limit: u32,
    skip: u64,
) -> Result<(u64, Vec<TaskRow>), Failure> {
    let skip = i64::try_from(skip).unwrap_or(i64::MAX);
    let total = unsigned(storage::task::count(tx, &caller.organization)?)?;
    Ok((total, storage::task::page(tx, &caller.organization, i64::from(limit), skip)?))
}

/// An organization has few enough tasks to look at each.
fn filtered_task_page(
    tx: &mut dyn Transaction,
    caller: &Caller,
    fits: impl Fn(&TaskRow) -> Result<bool, Failure>,
    limit: u32,
    skip: u64,
) -> Result<(u64, Vec<TaskRow>), Failure> {
    let (mut total, mut rows, mut failed) = (0, Vec::new(), None);
    storage::task::each(tx, &caller.organization, &mut |row| {
        let is_listed = caller.require_task_access(&row.id, &row.folder).is_ok()
            && fits(&row).unwrap_or_else(|failure| {
                failed = Some(failure);
                false
            });
        if is_listed {
            if total >= skip && rows.len() < limit as usize {
                rows.push(row);
            }
            total += 1;
        }
        Ok(())
    })?;
    failed.map_or(Ok((total, rows)), Err)
}
