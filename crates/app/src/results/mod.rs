//! Reading results: the list of a task's instances, and one of them.
//!
//! How an instance is printed is the caller's matter: rows are handed over borrowed, inside the
//! reading transaction, so that a page is put together once. Whoever may have the answer already
//! asks for the head of the list first, together with everybody else who does.

pub(crate) mod head_loader;
pub mod result_table;

use crate::caller::Caller;
use crate::failure::Failure;
use crate::services::ResultService;
use domain::id::{InstanceId, TaskId};
use domain::role::Right;
use storage::listing::{self, ListingFilter, TaskHeadInFolder};
pub use storage::listing::{ListedDetails, ListedInstance, ListingDetail, TaskHead};
use storage::{ReadPool, StorageError, Transaction};

/// Which page of which instances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceListQuery {
    pub mode: ListingDetail,
    /// 1 to 1000.
    pub limit: i64,
    /// From 1.
    pub page: i64,
    pub filter: Option<InstanceFilter>,
}

/// The one filter a list may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InstanceFilter {
    /// The candidate's own id.
    Ticket(String),
    /// The candidate's own id, or the user's.
    Candidate(String),
    /// The caller's own id for the person.
    ExternalId(String),
}

/// A printed page and what it was printed from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceListing {
    pub head: TaskHead,
    /// `None` when the caller knows this state of the list.
    pub page: Option<InstanceListPage>,
}

/// The rows of a page as printed, and how many rows match in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceListPage {
    pub total: i64,
    pub rows: String,
}

/// Prints one instance behind what is printed already.
pub type InstanceSerializer = fn(&Caller, &TaskId, &ListedInstance<'_>, &mut String);

impl ResultService {
    /// A page of a task's instances in creation order.
    ///
    /// `is_known` is given by a caller who has something of this list, perhaps its present state.
    /// It is asked with the task's head, read after this call began, before any row is read.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `results:read`; [`Failure::NotFound`] for the task.
    pub async fn list_instances(
        &self,
        caller: &Caller,
        task: &TaskId,
        query: InstanceListQuery,
        print: InstanceSerializer,
        is_known: Option<impl Fn(&TaskHead) -> bool + Send + Sync>,
    ) -> Result<InstanceListing, Failure> {
        caller.require(Right::ReadResults)?;
        self.delivery().ensure_deadlines_swept().await?;
        let mut existing = None;
        if let Some(is_known) = is_known {
            let placed =
                self.load_task_head(&caller.organization, task).await?.ok_or(Failure::NotFound)?;
            // Before the head is compared: "not modified" would tell a key about a task it must not
            // see.
            caller.require_task_access(task, &placed.folder)?;
            if is_known(&placed.head) {
                return Ok(InstanceListing { head: placed.head, page: None });
            }
            existing = Some(placed);
        }
        if query.filter.is_none() && !self.storage().has_replica() {
            return self.headed_page(caller, task, query, print).await;
        }
        let (caller_of_rows, task_of_rows) = (caller.clone(), task.clone());
        let read = move |tx: &mut dyn Transaction, head: TaskHead| {
            let page = page_of(tx, &caller_of_rows, &task_of_rows, &head, &query, print)?;
            Ok(InstanceListing { head, page: Some(page) })
        };
        self.read_replica_or_primary(ReadPool::Requests, caller, task, existing, read).await
    }

    /// A page that depends on nothing of the head, read along with it on one way to the database.
    async fn headed_page(
        &self,
        caller: &Caller,
        task: &TaskId,
        query: InstanceListQuery,
        print: InstanceSerializer,
    ) -> Result<InstanceListing, Failure> {
        let task = task.clone();
        self.read_for(caller, move |work| {
            let mut rows =
                RowSerializer { caller: work.caller, task: &task, print, printed: String::new() };
            let skip = query.skip();
            let (first, last) = (skip.saturating_add(1), skip.saturating_add(query.limit));
            let mut each = |listed: ListedInstance<'_>| rows.take(&listed);
            let placed = listing::page_with_head(
                work.tx,
                work.organization,
                &task,
                first,
                last,
                query.mode,
                &mut each,
            )?;
            let TaskHeadInFolder { head, folder, .. } = placed.ok_or(Failure::NotFound)?;
            work.caller.require_task_access(&task, &folder)?;
            Ok(InstanceListing {
                head,
                page: Some(InstanceListPage { total: head.instance_count, rows: rows.printed }),
            })
        })
        .await
    }

    /// One instance of a task, printed as the list prints it.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `results:read`; [`Failure::NotFound`] for task and
    /// instance.
    pub async fn fetch_instance(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
        mode: ListingDetail,
        print: InstanceSerializer,
    ) -> Result<String, Failure> {
        caller.require(Right::ReadResults)?;
        self.delivery().ensure_deadlines_swept().await?;
        let (task, instance) = (task.clone(), instance.clone());
        self.read_for(caller, move |work| {
            let caller = work.caller;
            authorized_head(work.tx, caller, &task)?;
            let mut row = String::new();
            let mut each = |listed: ListedInstance<'_>| {
                print(caller, &task, &listed, &mut row);
                Ok(())
            };
            let organization = &caller.organization;
            let found = listing::one(work.tx, organization, &task, &instance, mode, &mut each)?;
            if found { Ok(row) } else { Err(Failure::NotFound) }
        })
        .await
    }
}

pub(crate) fn authorized_head(
    tx: &mut dyn Transaction,
    caller: &Caller,
    task: &TaskId,
) -> Result<TaskHead, Failure> {
    let placed =
        listing::task_head_in_folder(tx, &caller.organization, task)?.ok_or(Failure::NotFound)?;
    caller.require_task_access(task, &placed.folder)?;
    Ok(placed.head)
}

fn page_of(
    tx: &mut dyn Transaction,
    caller: &Caller,
    task: &TaskId,
    head: &TaskHead,
    query: &InstanceListQuery,
    print: InstanceSerializer,
) -> Result<InstanceListPage, Failure> {
    let mut rows = RowSerializer { caller, task, print, printed: String::new() };
    let mut each = |listed: ListedInstance<'_>| rows.take(&listed);
    let skip = query.skip();
    let total = match &query.filter {
        None => {
            let last = skip.saturating_add(query.limit).min(head.instance_count);
            if skip < last {
                listing::page_by_ordinals(tx, task, skip + 1, last, query.mode, &mut each)?;
            }
            head.instance_count
        }
        Some(filter) => {
            let filter = filter.to_stored_filter();
            let total = listing::count(tx, task, &filter)?;
            if skip < total {
                listing::filtered_page(
                    tx,
                    task,
                    &filter,
                    query.limit,
                    skip,
                    query.mode,
                    &mut each,
                )?;
            }
            total
        }
    };
    Ok(InstanceListPage { total, rows: rows.printed })
}

/// Rows printed one behind the other.
struct RowSerializer<'a> {
    caller: &'a Caller,
    task: &'a TaskId,
    print: InstanceSerializer,
    printed: String,
}

impl RowSerializer<'_> {
    #[allow(clippy::unnecessary_wraps, reason = "the shape of what takes rows")]
    fn take(&mut self, listed: &ListedInstance<'_>) -> Result<(), StorageError> {
        if !self.printed.is_empty() {
            self.printed.push(',');
        }
        (self.print)(self.caller, self.task, listed, &mut self.printed);
        Ok(())
    }
}

impl InstanceListQuery {
    /// How many instances come before the page.
    const fn skip(&self) -> i64 {
        (self.page - 1).saturating_mul(self.limit)
    }
}

impl InstanceFilter {
    pub(crate) fn to_stored_filter(&self) -> ListingFilter<'_> {
        match self {
            Self::Ticket(id) => ListingFilter::Ticket(id),
            Self::Candidate(id) => ListingFilter::TicketOrOwner(id),
            Self::ExternalId(id) => ListingFilter::ExternalId(id),
        }
    }
}
