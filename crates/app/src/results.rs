//! Reading results: the list of a task's instances, and one of them.
//!
//! How an instance is printed is the caller's matter: rows are handed over borrowed, inside the reading transaction, so
//! that a page is put together once. Whoever may have the answer already asks for the head of the list first, together
//! with everybody else who does.

pub mod browse;
pub(crate) mod heads;

use crate::App;
use crate::caller::Caller;
use crate::failure::Failure;
use domain::id::{InstanceId, TaskId};
use domain::instance::Scope;
use storage::listing::{self, Filter, PlacedHead};
pub use storage::listing::{Details, Head, Listed, Mode};
use storage::{ReadPool, StorageError, Transaction};

/// Which page of which instances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListQuery {
    pub mode: Mode,
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
pub struct Listing {
    pub head: Head,
    /// `None` when the caller knows this state of the list.
    pub page: Option<Page>,
}

/// The rows of a page as printed, and how many rows match in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub total: i64,
    pub rows: String,
}

/// Prints one instance behind what is printed already.
pub type Print = fn(&Caller, &TaskId, &Listed<'_>, &mut String);

impl App {
    /// A page of a task's instances in creation order.
    ///
    /// `is_known` is given by a caller who has something of this list, perhaps its present state. It is asked with the
    /// task's head, read after this call began, before any row is read.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `results:read`; [`Failure::NotFound`] for the task.
    pub async fn list_instances(
        &self,
        caller: &Caller,
        task: &TaskId,
        query: ListQuery,
        print: Print,
        is_known: Option<impl Fn(&Head) -> bool + Send + Sync>,
    ) -> Result<Listing, Failure> {
        caller.require(Scope::ResultsRead)?;
        self.settled().await?;
        let mut known = None;
        if let Some(is_known) = is_known {
            let placed = self.placed_head(&caller.organization, task).await?.ok_or(Failure::NotFound)?;
            caller.reach(task, &placed.folder)?;
            if is_known(&placed.head) {
                return Ok(Listing { head: placed.head, page: None });
            }
            known = Some(placed);
        }
        if query.filter.is_none() && !self.storage().has_replica() {
            return self.headed_page(caller, task, query, print).await;
        }
        let (caller_of_rows, task_of_rows) = (caller.clone(), task.clone());
        let read = move |tx: &mut dyn Transaction, head: Head| {
            let page = page_of(tx, &caller_of_rows, &task_of_rows, &head, &query, print)?;
            Ok(Listing { head, page: Some(page) })
        };
        self.read_results(ReadPool::Requests, caller, task, known, read).await
    }

    /// A page that depends on nothing of the head, read along with it on one way to the database.
    async fn headed_page(
        &self,
        caller: &Caller,
        task: &TaskId,
        query: ListQuery,
        print: Print,
    ) -> Result<Listing, Failure> {
        let (caller, task) = (caller.clone(), task.clone());
        let read = move |tx: &mut dyn Transaction| {
            let mut rows = Rows { caller: &caller, task: &task, print, printed: String::new() };
            let skip = query.skip();
            let (first, last) = (skip.saturating_add(1), skip.saturating_add(query.limit));
            let mut each = |listed: Listed<'_>| rows.take(&listed);
            let placed = listing::headed_page(tx, &caller.organization, &task, first, last, query.mode, &mut each)?;
            let PlacedHead { head, folder, .. } = placed.ok_or(Failure::NotFound)?;
            caller.reach(&task, &folder)?;
            Ok(Listing { head, page: Some(Page { total: head.instance_count, rows: rows.printed }) })
        };
        self.storage().read(read).await
    }

    /// One instance of a task, printed as the list prints it.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `results:read`; [`Failure::NotFound`] for task and instance.
    pub async fn fetch_instance(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
        mode: Mode,
        print: Print,
    ) -> Result<String, Failure> {
        caller.require(Scope::ResultsRead)?;
        self.settled().await?;
        let (caller, task, instance) = (caller.clone(), task.clone(), instance.clone());
        self.storage()
            .read(move |tx| {
                head_for(tx, &caller, &task)?;
                let mut row = String::new();
                let found = listing::one(tx, &caller.organization, &task, &instance, mode, &mut |listed| {
                    print(&caller, &task, &listed, &mut row);
                    Ok(())
                })?;
                if found { Ok(row) } else { Err(Failure::NotFound) }
            })
            .await
    }
}

pub(crate) fn head_for(tx: &mut dyn Transaction, caller: &Caller, task: &TaskId) -> Result<Head, Failure> {
    let placed = listing::placed_head(tx, &caller.organization, task)?.ok_or(Failure::NotFound)?;
    caller.reach(task, &placed.folder)?;
    Ok(placed.head)
}

fn page_of(
    tx: &mut dyn Transaction,
    caller: &Caller,
    task: &TaskId,
    head: &Head,
    query: &ListQuery,
    print: Print,
) -> Result<Page, Failure> {
    let mut rows = Rows { caller, task, print, printed: String::new() };
    let mut each = |listed: Listed<'_>| rows.take(&listed);
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
            let filter = filter.as_stored();
            let total = listing::count(tx, task, &filter)?;
            if skip < total {
                listing::filtered_page(tx, task, &filter, query.limit, skip, query.mode, &mut each)?;
            }
            total
        }
    };
    Ok(Page { total, rows: rows.printed })
}

/// Rows printed one behind the other.
struct Rows<'a> {
    caller: &'a Caller,
    task: &'a TaskId,
    print: Print,
    printed: String,
}

impl Rows<'_> {
    #[allow(clippy::unnecessary_wraps, reason = "the shape of what takes rows")]
    fn take(&mut self, listed: &Listed<'_>) -> Result<(), StorageError> {
        if !self.printed.is_empty() {
            self.printed.push(',');
        }
        (self.print)(self.caller, self.task, listed, &mut self.printed);
        Ok(())
    }
}

impl ListQuery {
    /// How many instances come before the page.
    const fn skip(&self) -> i64 {
        (self.page - 1).saturating_mul(self.limit)
    }
}

impl InstanceFilter {
    pub(crate) fn as_stored(&self) -> Filter<'_> {
        match self {
            Self::Ticket(id) => Filter::Ticket(id),
            Self::Candidate(id) => Filter::TicketOrOwner(id),
            Self::ExternalId(id) => Filter::ExternalId(id),
        }
    }
}
