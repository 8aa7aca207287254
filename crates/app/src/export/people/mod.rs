//! Files for people: a task's results with names, dates and words, as CSV or as an Excel workbook.
//!
//! Which columns there are is known only once every result was seen, and a sheet begins with its
//! columns. So the reading thread puts the rows into a [`row_spool`] as they are kept, which takes as
//! long as reading does; afterwards the file is written on a thread of its own, in two walks through
//! the spool: one finds the columns, one writes. Memory grows with the columns and not with the
//! rows.

mod answer_text;
mod cells;
mod columns;
mod csv_table;
mod row_spool;
mod sheet;
mod zone;

pub use csv_table::CsvStyle;
pub use sheet::MOST_ROWS;
pub(super) use sheet::cut_to_cell;
pub use zone::ExportZone;

use super::spool::spool_pipe;
use super::{BegunExport, ExportDelivery, ExportScope, ExportStream, ReaderGone, begun, logged};
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::results::authorized_head;
use crate::results::result_table::{ResultFilter, ResultOrder, require_names};
use crate::services::ResultService;
use cells::RowWriter;
use columns::{ColumnFinder, Columns};
use csv_table::CsvTable;
use domain::document::model::Test;
use domain::id::{InstanceId, TaskId};
use domain::media::MediaPurpose;
use domain::role::Right;
use row_spool::{RowSpool, SpooledAnswer, SpooledFile, SpooledResult, SpooledRows};
use sheet::Sheet;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use storage::{ReadPool, Transaction, result_table};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// Rows read with one statement.
const STRIDE: i64 = 250;
/// Results of a file with a column for each question: every one of them is compiled.
pub const MOST_WITH_QUESTIONS: i64 = 100_000;

/// A file for people.
#[derive(Clone, Debug)]
pub struct PeopleExportQuery {
    pub filter: ResultFilter,
    pub format: PeopleFormat,
    /// In which dates are written.
    pub zone: ExportZone,
    /// A column for the points of each question.
    pub has_points: bool,
    /// A column for the answer to each question.
    pub has_answers: bool,
}

/// The kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeopleFormat {
    Xlsx,
    Csv(CsvStyle),
}

impl PeopleFormat {
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv(_) => super::ExportFormat::Csv.media_type(),
            Self::Xlsx => super::ExportFormat::Xlsx.media_type(),
        }
    }

    /// What its name ends in.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv(_) => "csv",
            Self::Xlsx => "xlsx",
        }
    }
}

impl PeopleExportQuery {
    const fn has_questions(&self) -> bool {
        self.has_points || self.has_answers
    }
}

/// What is the same for all rows of a file.
struct FileContext {
    query: PeopleExportQuery,
    /// Whether the reader may see who somebody is.
    sees_names: bool,
    /// Titles of steps by their ids, in the order of the task.
    steps: Vec<(String, String)>,
}

impl ResultService {
    /// Begins a file of a task's results for people. That it came to its end is recorded.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `results:read`, with answers without `answers:read`,
    /// and for a search by name without `candidates:read`; [`Failure::NotFound`] for the task;
    /// [`Failure::Busy`] while too many exports are under way.
    pub async fn stream_people_export(
        &self,
        caller: &Caller,
        task: &TaskId,
        query: PeopleExportQuery,
    ) -> Result<ExportStream, Failure> {
        caller.require(Right::ReadResults)?;
        if query.has_answers {
            caller.require(Right::ReadAnswers)?;
        }
        require_names(caller, &query.filter, ResultOrder::Created)?;
        self.delivery().ensure_deadlines_swept().await?;
        let place = self.export_limiter().acquire(&caller.organization, &caller.actor().id).await?;
        let quota = self.spool_quota().for_organization(&caller.organization);
        let (pipe, pieces) = spool_pipe(quota.clone());
        let (announce, announced) = oneshot::channel();
        let taken = Arc::new(AtomicU64::new(0));
        let (app, caller, task, counter) =
            (self.clone(), caller.clone(), task.clone(), taken.clone());
        let running = tokio::spawn(async move {
            let job = PeopleExportJob { announce, spool: RowSpool::new(quota)?, counter };
            let written = app.write_people_export(&caller, &task, &query, job, pipe).await;
            let recorded = match logged(written) {
                Ok(count) => app.record_people_export(&caller, &task, &query, count).await,
                Err(failure) => Err(failure),
            };
            // The place is held until the last byte was taken: it stands for the room in the spool.
            drop(place);
            recorded
        });
        Ok(ExportStream::new(begun(announced, running).await?, pieces, taken))
    }

    /// The number of rows.
    async fn write_people_export(
        &self,
        caller: &Caller,
        task: &TaskId,
        query: &PeopleExportQuery,
        job: PeopleExportJob,
        pipe: super::spool::SpoolWriter,
    ) -> Result<u64, Failure> {
        let (rows, steps) = self.spool_people(caller, task, query, job).await?;
        let file = FileContext {
            query: query.clone(),
            sees_names: caller.require(Right::ReadCandidates).is_ok(),
            steps,
        };
        let (app, runtime) = (self.clone(), Handle::current());
        let write = move || {
            let documents = DocumentReader { app: &app, runtime, at_hand: RefCell::default() };
            write_file(&file, &rows, &documents, pipe).map(|delivery| (delivery, rows.count()))
        };
        let written = tokio::task::spawn_blocking(write).await.map_err(Failure::internal)?;
        let (delivery, count) = written?;
        delivery.wait().await.map_err(Failure::internal)?;
        Ok(count)
    }

    /// All rows of one state of the database, and the titles of the steps.
    async fn spool_people(
        &self,
        caller: &Caller,
        task: &TaskId,
        query: &PeopleExportQuery,
        job: PeopleExportJob,
    ) -> Result<(SpooledRows, Vec<(String, String)>), Failure> {
        let (caller, task, query) = (caller.clone(), task.clone(), query.clone());
        let job = Mutex::new(Some(job));
        let read = move |tx: &mut dyn Transaction| {
            let head = authorized_head(tx, &caller, &task)?;
            let job = job.lock().unwrap_or_else(PoisonError::into_inner).take();
            let PeopleExportJob { announce, mut spool, counter } =
                job.ok_or_else(|| Failure::internal("an export was to be read twice"))?;
            if announce.send(BegunExport { head, is_known: false }).is_err() {
                return Err(Failure::internal("nobody takes the export any more"));
            }
            let steps = storage::step::list(tx, &caller.organization, &task)?;
            let titles = steps.into_iter().map(|step| (step.id.to_string(), step.title)).collect();
            read_rows(tx, &caller, &task, &query, &mut spool, &counter)?;
            Ok((spool.finish()?, titles))
        };
        self.storage().read_in(ReadPool::Exports, read).await
    }

    async fn record_people_export(
        &self,
        caller: &Caller,
        task: &TaskId,
        query: &PeopleExportQuery,
        count: u64,
    ) -> Result<(), Failure> {
        let now = self.now();
        let filter = ExportScope::Browsed(Box::new(query.filter.clone())).names();
        let (app, caller, task) = (self.clone(), caller.clone(), task.clone());
        let has_answers = query.has_answers;
        let write = move |tx: &mut dyn Transaction| {
            let mut event =
                AuditEvent::of_organization(AuditEventKind::ResultsExported).about("taskId", &task);
            if has_answers {
                event = event.with("answers", true);
            }
            app.record_event(tx, now, &caller, event.with("filter", &filter).with("count", count))
        };
        self.storage().write(write).await
    }
}

/// What the reading thread needs once.
struct PeopleExportJob {
    announce: oneshot::Sender<BegunExport>,
    spool: RowSpool,
    counter: Arc<AtomicU64>,
}

/// Documents kept at hand while a file is written: those of the few tests of a task.
const DOCUMENTS_AT_HAND: usize = 16;

/// Reads documents for a thread that may wait.
struct DocumentReader<'app> {
    app: &'app ResultService,
    runtime: Handle,
    at_hand: RefCell<VecDeque<(storage::Sha256Digest, Arc<Test>)>>,
}

impl DocumentReader<'_> {
    fn document(&self, digest: storage::Sha256Digest) -> Result<Arc<Test>, Failure> {
        let mut at_hand = self.at_hand.borrow_mut();
        if let Some((_, test)) = at_hand.iter().find(|(known, _)| *known == digest) {
            return Ok(Arc::clone(test));
        }
        let app = self.app.clone();
        let read = move |tx: &mut dyn Transaction| app.compiled_cache().document(tx, &digest);
        let test = self.runtime.block_on(self.app.storage().read_in(ReadPool::Exports, read))?;
        at_hand.truncate(DOCUMENTS_AT_HAND - 1);
        at_hand.push_front((digest, Arc::clone(&test)));
        Ok(test)
    }
}

fn read_rows(
    tx: &mut dyn Transaction,
    caller: &Caller,
    task: &TaskId,
    query: &PeopleExportQuery,
    spool: &mut RowSpool,
    counter: &AtomicU64,
) -> Result<(), Failure> {
    let label = query.filter.label.as_deref();
    let mut reached = 0;
    loop {
        let (after, mut seen, mut failed) = (reached, 0, None);
        let mut rows = Vec::new();
        let mut each = |row: result_table::PersonResult<'_>| {
            (seen, reached) = (seen + 1, row.ordinal);
            match SpooledResult::of(&row) {
                Ok(row) => rows.push(row),
                Err(failure) => failed = Some(failure),
            }
            Ok(())
        };
        result_table::each_person_behind(
            tx,
            &caller.organization,
            task,
            &query.filter,
            after,
            STRIDE,
            query.has_questions(),
            &mut each,
        )?;
        if let Some(failure) = failed {
            return Err(failure);
        }
        for mut row in rows {
            if let Some(label) = label
                && !row.labels()?.iter().any(|own| own == label)
            {
                continue;
            }
            if query.has_answers {
                row.answers = answers_of(tx, &row.id)?;
                row.files = files_of(tx, &row)?;
            }
            spool.push(&row)?;
            counter.fetch_add(1, Ordering::Relaxed);
        }
        if seen < STRIDE {
            return Ok(());
        }
    }
}

fn answers_of(tx: &mut dyn Transaction, instance: &str) -> Result<Vec<SpooledAnswer>, Failure> {
    let receipts = storage::answer::list(tx, &InstanceId::from(instance))?;
    let answers = receipts.into_iter().filter_map(|receipt| {
        Some(SpooledAnswer { slot: receipt.slot, response: receipt.response? })
    });
    Ok(answers.collect())
}

/// The names of files, where there are answers that may be files.
fn files_of(tx: &mut dyn Transaction, row: &SpooledResult) -> Result<Vec<SpooledFile>, Failure> {
    if row.answers.is_empty() {
        return Ok(Vec::new());
    }
    let sent = storage::media::list(tx, &InstanceId::from(row.id.as_str()), MediaPurpose::Answer)?;
    let file = |media: storage::media::MediaRow| SpooledFile {
        name: media.name.unwrap_or_default(),
        id: media.id.to_string(),
    };
    Ok(sent.into_iter().map(file).collect())
}

/// Finds the columns and writes the rows.
fn write_file(
    file: &FileContext,
    rows: &SpooledRows,
    documents: &DocumentReader<'_>,
    pipe: super::spool::SpoolWriter,
) -> Result<ExportDelivery, Failure> {
    let mut finder = ColumnFinder::new(file, documents);
    rows.each(|row| {
        pipe.require_reader().map_err(Failure::internal)?;
        finder.look_at(&row)
    })?;
    let columns = finder.finish();
    match file.query.format {
        PeopleFormat::Csv(style) => {
            let table = CsvTable::new(pipe, style).map_err(Failure::internal)?;
            write_rows(file, rows, documents, &columns, table)
        }
        PeopleFormat::Xlsx => {
            let table = Sheet::new(pipe, &columns.heads()).map_err(Failure::internal)?;
            write_rows(file, rows, documents, &columns, table)
        }
    }
}

/// What rows of cells are written to.
trait PeopleTable {
    fn head(&mut self, columns: &[cells::PeopleColumn]) -> Result<(), ReaderGone>;

    fn row(&mut self, cells: &[cells::PeopleCell]) -> Result<(), ReaderGone>;

    fn end(self) -> Result<ExportDelivery, ReaderGone>;
}

fn write_rows(
    file: &FileContext,
    rows: &SpooledRows,
    documents: &DocumentReader<'_>,
    columns: &Columns,
    mut table: impl PeopleTable,
) -> Result<ExportDelivery, Failure> {
    table.head(&columns.heads()).map_err(Failure::internal)?;
    let writer = RowWriter { file, columns, documents, steps: titles(&file.steps) };
    rows.each(|row| table.row(&writer.cells(&row)?).map_err(Failure::internal))?;
    table.end().map_err(Failure::internal)
}

fn titles(steps: &[(String, String)]) -> BTreeMap<&str, &str> {
    steps.iter().map(|(id, title)| (id.as_str(), title.as_str())).collect()
}
