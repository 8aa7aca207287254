//! Exporting a task's instances: every row of the list, from one state of the database, handed over
//! one by one.
//!
//! The rows go to a [`RowSink`] on the thread that reads them, so that no more than one is in
//! memory. That thread is one of the exports' own, and waits for nobody: what a client has not
//! taken yet lies in the [`spool`]. So a state of the database is held for as long as reading takes
//! (a second or two for a million rows), however slow the client's line is, and the database's log
//! can be folded meanwhile. Few exports run at once, and of each organization and caller fewer.

mod csv_sink;
mod ndjson_sink;
pub mod people;
mod row_cells;
mod spool;
mod spool_quota;
mod stream;
mod xlsx_sink;

pub use csv_sink::{escape_formula, escape_formula_strictly};
pub use spool::ExportDelivery;
pub(crate) use spool_quota::SpoolQuota;
pub use stream::ExportStream;

use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::concurrency_limiter::ConcurrencyLimits;
use crate::failure::Failure;
use crate::instance_search::has_label;
use crate::results::result_table::{ResultFilter, ResultOrder, require_names};
use crate::results::{InstanceFilter, ListedInstance, ListingDetail, TaskHead, authorized_head};
use crate::services::ResultService;
use domain::id::TaskId;
use domain::role::Right;
use spool::SpoolWriter;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use storage::{ReadPool, StorageError, Transaction, listing, result_table};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Exports that are under way at once. What each holds is spool, not a connection, so there may be
/// many.
pub(crate) const LIMITS: ConcurrencyLimits = ConcurrencyLimits {
    places: 32,
    per_organization: 4,
    per_caller: 2,
    waiting: 16,
    patience: Duration::from_secs(20),
};
/// Rows read with one statement, and handed over before room is waited for.
const STRIDE: i64 = 250;

/// Which instances, and how much of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportQuery {
    pub mode: ListingDetail,
    pub which: ExportScope,
}

/// Which instances of a task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ExportScope {
    #[default]
    All,
    /// Those of the list with this filter.
    Listed(InstanceFilter),
    /// Those of staff's table.
    Browsed(Box<ResultFilter>),
}

domain::string_enum! {
    /// The forms an export comes in.
    #[derive(Default)]
    pub enum ExportFormat {
        #[default]
        Ndjson = "ndjson",
        Csv = "csv",
        Xlsx = "xlsx",
    }
}

impl ExportFormat {
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    fn row_sink(
        self,
        of: row_cells::RowContext,
        pipe: SpoolWriter,
    ) -> Result<Box<dyn RowSink>, ReaderGone> {
        Ok(match self {
            Self::Ndjson => Box::new(ndjson_sink::NdjsonSink::new(of, pipe)),
            Self::Csv => Box::new(csv_sink::CsvSink::new(of, pipe)),
            Self::Xlsx => Box::new(xlsx_sink::XlsxSink::new(of, pipe)?),
        })
    }
}

/// Takes the rows of an export. When it is dropped before its end, the export has failed midway.
pub trait RowSink: Send + 'static {
    /// Must not wait.
    ///
    /// # Errors
    /// When the row cannot be put into the export's form; the export ends.
    fn take(&mut self, row: &ListedInstance<'_>) -> Result<(), ReaderGone>;

    /// Some rows were taken; the place to pass them on. Must not wait for long: a state of the
    /// database is held.
    ///
    /// # Errors
    /// When nobody takes them any more; the export ends.
    fn pass_on(&mut self) -> Result<(), ReaderGone>;

    /// All rows were taken. May wait and may take long: the database is no longer held.
    ///
    /// # Errors
    /// As [`RowSink::pass_on`].
    fn end(&mut self, count: u64) -> Result<ExportDelivery, ReaderGone>;
}

/// Nobody takes rows any more; the text is for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an export was broken off: {0}")]
pub struct ReaderGone(pub String);

/// An export that has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BegunExport {
    pub head: TaskHead,
    /// The caller knows this state of the list; no row is handed over.
    pub is_known: bool,
}

/// What the reading thread needs once.
struct ExportJob {
    taker: Box<dyn RowSink>,
    announce: oneshot::Sender<BegunExport>,
}

impl ResultService {
    /// Begins an export and goes on with it in the background. `is_known` is asked with the task's
    /// revision before any row is read. That it came to its end is recorded.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `results:read`; [`Failure::NotFound`] for the task;
    /// [`Failure::Busy`] while too many others of the organization or the caller are under way.
    pub async fn export_instances(
        &self,
        caller: &Caller,
        task: &TaskId,
        query: ExportQuery,
        is_known: impl Fn(&TaskHead) -> bool + Send + Sync + 'static,
        taker: Box<dyn RowSink>,
    ) -> Result<BegunExport, Failure> {
        caller.require(Right::ReadResults)?;
        if let ExportScope::Browsed(wanted) = &query.which {
            require_names(caller, wanted, ResultOrder::Created)?;
        }
        self.delivery().ensure_deadlines_swept().await?;
        let place = self.export_limiter().acquire(&caller.organization, &caller.actor().id).await?;
        let (announce, announced) = oneshot::channel();
        let (app, caller, task) = (self.clone(), caller.clone(), task.clone());
        let running = tokio::spawn(async move {
            let read = app
                .read_export(&caller, &task, query.clone(), is_known, ExportJob { taker, announce })
                .await;
            let done = match read {
                Ok(Some((mut taker, count))) => {
                    let ended = tokio::task::spawn_blocking(move || taker.end(count)).await;
                    delivered(ended.map_err(Failure::internal)).await.map(|()| count)
                }
                Ok(None) => return Ok(()),
                Err(failure) => Err(failure),
            };
            let recorded = match logged(done) {
                Ok(count) => app.record_export(&caller, &task, &query, count).await,
                Err(failure) => Err(failure),
            };
            // The place is held until the last byte was taken: it stands for the room in the spool.
            drop(place);
            recorded
        });
        begun(announced, running).await
    }

    /// Waits until no export is under way, so that what is recorded of each is kept.
    ///
    /// # Errors
    /// Never while the server runs.
    pub async fn wait_for_exports(&self) -> Result<(), Failure> {
        self.export_limiter().wait_until_idle().await
    }

    /// The taker of all rows, with their number; none when the caller knows them.
    async fn read_export(
        &self,
        caller: &Caller,
        task: &TaskId,
        query: ExportQuery,
        is_known: impl Fn(&TaskHead) -> bool + Send + Sync + 'static,
        job: ExportJob,
    ) -> Result<Option<(Box<dyn RowSink>, u64)>, Failure> {
        let (reader, of, job) = (caller.clone(), task.clone(), Mutex::new(Some(job)));
        // What a candidate has now is no part of the task's revision, so a replica cannot tell how
        // far it has got.
        let is_revised = !matches!(&query.which, ExportScope::Browsed(wanted)
            if wanted.candidate.is_some() || wanted.text.is_some());
        let read = move |tx: &mut dyn Transaction, head: TaskHead| {
            // What was handed over cannot be taken back, so a reading that failed is not tried
            // again.
            let job = job.lock().unwrap_or_else(PoisonError::into_inner).take();
            let ExportJob { mut taker, announce } =
                job.ok_or_else(|| Failure::internal("an export was to be read twice"))?;
            let is_known = is_known(&head);
            if announce.send(BegunExport { head, is_known }).is_err() || is_known {
                return Ok(Ok(None));
            }
            // From here on a failure is an outcome: nobody is to begin anew.
            Ok(hand_over(tx, &reader, &of, &head, &query, taker.as_mut())
                .map(|count| Some((taker, count))))
        };
        if is_revised {
            return self
                .read_replica_or_primary(ReadPool::Exports, caller, task, None, read)
                .await?;
        }
        let (caller, task) = (caller.clone(), task.clone());
        let read = move |tx: &mut dyn Transaction| {
            let head = authorized_head(tx, &caller, &task)?;
            read(tx, head)
        };
        self.storage().read_in(ReadPool::Exports, read).await?
    }

    async fn record_export(
        &self,
        caller: &Caller,
        task: &TaskId,
        query: &ExportQuery,
        count: u64,
    ) -> Result<(), Failure> {
        let now = self.now();
        let filter = query.which.names();
        let (app, caller, task) = (self.clone(), caller.clone(), task.clone());
        let write = move |tx: &mut dyn Transaction| {
            let event =
                AuditEvent::of_organization(AuditEventKind::ResultsExported).about("taskId", &task);
            app.record_event(tx, now, &caller, event.with("filter", &filter).with("count", count))
        };
        self.storage().write(write).await
    }
}

impl InstanceFilter {
    /// The name of the filter, which tells nothing about a person.
    const fn name(&self) -> &'static str {
        match self {
            Self::Ticket(_) => "ticketId",
            Self::Candidate(_) => "candidateId",
            Self::ExternalId(_) => "externalId",
        }
    }
}

impl ExportScope {
    /// The names of the filters, which tell nothing about a person; none without any.
    fn names(&self) -> Option<String> {
        match self {
            Self::All => None,
            Self::Listed(filter) => Some(filter.name().to_owned()),
            Self::Browsed(wanted) => filter_names(wanted),
        }
    }

    /// The label that SQL only narrows down to.
    fn label(&self) -> Option<&str> {
        match self {
            Self::Browsed(wanted) => wanted.label.as_deref(),
            _ => None,
        }
    }
}

/// The names of what a table is filtered by, which tell nothing about a person; none without any.
fn filter_names(wanted: &ResultFilter) -> Option<String> {
    let ResultFilter {
        meta,
        candidate,
        person,
        external_id,
        label,
        text,
        outcome,
        level,
        is_waiting,
        ignored,
        ratio_from,
        ratio_to,
        completed_from,
        completed_to,
    } = wanted;
    let supplied = [
        ("candidate", candidate.is_some()),
        ("candidateId", person.is_some()),
        ("externalId", external_id.is_some()),
        ("label", label.is_some()),
        ("group", meta.group.is_some()),
        ("step", meta.step.is_some()),
        ("status", meta.state.is_some()),
        ("from", meta.from.is_some()),
        ("to", meta.to.is_some()),
        ("text", text.is_some()),
        ("outcome", outcome.is_some()),
        ("level", level.is_some()),
        ("waiting", *is_waiting),
        ("ignored", ignored.is_some()),
        ("scoreFrom", ratio_from.is_some()),
        ("scoreTo", ratio_to.is_some()),
        ("completedFrom", completed_from.is_some()),
        ("completedTo", completed_to.is_some()),
    ];
    let names: Vec<_> =
        supplied.iter().filter(|(_, is_given)| *is_given).map(|(name, _)| *name).collect();
    (!names.is_empty()).then(|| names.join(","))
}

async fn delivered(
    ended: Result<Result<ExportDelivery, ReaderGone>, Failure>,
) -> Result<(), Failure> {
    let delivery = ended?.map_err(Failure::internal)?;
    delivery.wait().await.map_err(Failure::internal)
}

/// Gives the number of rows.
fn hand_over(
    tx: &mut dyn Transaction,
    caller: &Caller,
    task: &TaskId,
    head: &TaskHead,
    query: &ExportQuery,
    taker: &mut dyn RowSink,
) -> Result<u64, Failure> {
    let label = query.which.label();
    // Labels are read with the details only.
    let mode = if label.is_some() { ListingDetail::Detailed } else { query.mode };
    let (mut looked_at, mut handed_over, mut reached) = (0_i64, 0_u64, 0);
    loop {
        let (before, after, mut gone) = (looked_at, reached, None);
        let mut each = |listed: ListedInstance<'_>| {
            (looked_at, reached) = (looked_at + 1, listed.ordinal);
            let taken = match label.map_or(Ok(true), |label| has_label(&listed, label)) {
                Ok(false) => return Ok(()),
                Ok(true) => {
                    handed_over += 1;
                    let details = listed.details.filter(|_| query.mode == ListingDetail::Detailed);
                    taker.take(&ListedInstance { details, ..listed })
                }
                Err(failure) => Err(ReaderGone(failure.to_string())),
            };
            taken.map_err(|reason| {
                gone = Some(reason);
                StorageError::Closed
            })
        };
        let read = match &query.which {
            ExportScope::Listed(filter) => listing::filtered_page(
                tx,
                task,
                &filter.to_stored_filter(),
                STRIDE,
                before,
                mode,
                &mut each,
            ),
            ExportScope::All => {
                let last = (before + STRIDE).min(head.instance_count);
                listing::page_by_ordinals(tx, task, before + 1, last, mode, &mut each)
            }
            ExportScope::Browsed(wanted) => result_table::each_behind(
                tx,
                &caller.organization,
                task,
                wanted,
                after,
                STRIDE,
                mode,
                &mut each,
            ),
        };
        if let Some(reason) = gone {
            return Err(Failure::internal(reason));
        }
        read?;
        taker.pass_on().map_err(Failure::internal)?;
        if looked_at < before + STRIDE {
            return Ok(handed_over);
        }
    }
}

/// Writes down that an export failed on its way: whoever takes it sees only that it ends early.
fn logged<T>(ended: Result<T, Failure>) -> Result<T, Failure> {
    ended.inspect_err(|failure| {
        tracing::warn!(target: "assay::app", %failure, "an export did not come to its end");
    })
}

/// What a running export announces when it has begun; its failure when it never does.
async fn begun<T>(
    announced: oneshot::Receiver<T>,
    running: JoinHandle<Result<(), Failure>>,
) -> Result<T, Failure> {
    match announced.await {
        Ok(begun) => Ok(begun),
        Err(_) => Err(running.await.map_err(Failure::internal)?.err().unwrap_or(Failure::Busy)),
    }
}
