//! Adding many from a table: reading it, choosing what its columns are, seeing what would happen
//! row by row, and then doing it in one act.

use super::columns::{self, CandidateMatchKey, TARGETS};
use super::sheet::{self, ImportTable, MOST_BYTES};
use super::{TaskTab, TaskTabs, candidate_list_path, choices};
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{
    AreaRoutes, FormErrors, FormValues, SignedInStaff, StaffArea, StaffLayout,
};
use crate::state::PagesState;
use app::Failure;
use app::candidates::{LeaveOut, NewCandidate, TableRow};
use app::tasks::TaskView;
use askama::Template;
use axum::extract::multipart::MultipartError;
use axum::extract::{DefaultBodyLimit, Multipart, Path, State};
use axum::response::Response;
use axum::routing::get;
use domain::fault::{ErrorCode, Fault, FaultLocation};
use domain::id::TaskId;
use domain::role::Right;
use tokio::sync::Semaphore;

/// Rows with a second credential: making each unreadable takes a while on purpose.
const MOST_SECRETS: usize = 500;
const MOST_FIELDS: usize = 200;
/// Rows that the preview shows.
const SHOWN: usize = 300;

/// Importing candidates from a table; its body may be larger than a form's.
pub fn routes() -> AreaRoutes {
    let route = get(show).post(submit).layer(DefaultBodyLimit::max(MOST_BYTES + MOST_BYTES / 2));
    vec![("/staff/tasks/{task}/candidates/import", route)]
}

/// What happens to rows that are not new.
const POLICIES: [(&str, &str); 3] = [
    ("all", "Import all rows or none: any error stops the import"),
    ("new", "Skip people already registered; any other error stops the import"),
    ("good", "Skip every row with an error"),
];
const MATCH_KEYS: [(&str, &str); 3] = [
    ("email", "E-mail address"),
    ("externalId", "External ID"),
    ("uniqId", "Unique ID, if there is a column"),
];

#[derive(Template)]
#[template(path = "staff/candidates/import.html")]
struct CandidateImportPage<'form> {
    frame: StaffLayout,
    tabs: TaskTabs,
    id: String,
    values: &'form FormValues,
    errors: &'form FormErrors,
    preview: Option<ImportPreview>,
}

/// A table with what would happen to it.
struct ImportPreview {
    table: String,
    columns: Vec<ImportColumn>,
    rows: Vec<ImportRow>,
    /// Rows that are not shown.
    more: usize,
    new: usize,
    existing: usize,
    faulty: usize,
    /// How many the chosen policy would register; none when it stops.
    would: Option<usize>,
}

struct ImportColumn {
    name: String,
    head: String,
    target: String,
}

struct ImportRow {
    number: usize,
    name: String,
    email: String,
    fate: ImportRowOutcome,
    reasons: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ImportRowOutcome {
    New,
    Known,
    Faulty,
}

impl ImportRowOutcome {
    const fn badge(self) -> (&'static str, &'static str) {
        match self {
            Self::New => ("new", "badge done"),
            Self::Known => ("registered already", "badge warn"),
            Self::Faulty => ("fault", "badge bad"),
        }
    }
}

impl ImportPreview {
    const fn policies(&self) -> &'static [(&'static str, &'static str)] {
        &POLICIES
    }

    const fn match_keys(&self) -> &'static [(&'static str, &'static str)] {
        &MATCH_KEYS
    }

    const fn targets(&self) -> &'static [(&'static str, &'static str)] {
        &TARGETS
    }

    const fn none(&self) -> Option<&str> {
        None
    }
}

/// `GET /staff/tasks/{task}/candidates/import`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<TaskId>,
) -> Result<Response, PageError> {
    staff.caller().require(Right::WriteCandidates)?;
    let view = state.app.tasks().task(staff.caller(), &task).await?;
    page(&staff, &view, &FormValues::default(), &FormErrors::default(), None)
}

/// `POST /staff/tasks/{task}/candidates/import`: a table, a choice of columns, or the word to do
/// it.
pub async fn submit(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<TaskId>,
    form: Multipart,
) -> Result<Response, PageError> {
    staff.caller().require(Right::WriteCandidates)?;
    let view = state.app.tasks().task(staff.caller(), &task).await?;
    let (values, table) = match received(form).await {
        Ok(received) => received,
        Err(error) => {
            let mut errors = FormErrors::default();
            let is_large = error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE;
            let sentence = if is_large {
                "The table must have at most 5 MiB."
            } else {
                "The form did not arrive completely. Please send it again."
            };
            errors.add("/table", sentence);
            return page(&staff, &view, &FormValues::default(), &errors, None);
        }
    };
    let sheet = match read_aside(table).await? {
        Ok(sheet) => sheet,
        Err(sentence) => {
            let mut errors = FormErrors::default();
            errors.add("/table", sentence);
            return page(&staff, &view, &values, &errors, None);
        }
    };
    let targets = targets(&values, &sheet);
    if targets.contains(&"credential2") && sheet.rows.len() > MOST_SECRETS {
        let mut errors = FormErrors::default();
        errors.add(
            "/table",
            format!("A table with second credentials must have at most {MOST_SECRETS} rows."),
        );
        return page(&staff, &view, &values, &errors, None);
    }
    let is_stopped = if values.is("act", "register") {
        match register(&state, &staff, &task, &sheet, &targets, &values).await? {
            Some(added) => return Ok(reply::redirect(&added)),
            None => true,
        }
    } else {
        false
    };
    let checked = check(&state, &staff, &task, &sheet, &targets, match_key(&values)).await?;
    let preview = preview(&values, &sheet, &targets, checked);
    page(
        &staff,
        &view,
        &values,
        &if is_stopped { stopped() } else { FormErrors::default() },
        Some(preview),
    )
}

/// Registers whom the policy lets, and gives the page that says so; none when nobody was
/// registered.
async fn register(
    state: &PagesState,
    staff: &SignedInStaff,
    task: &TaskId,
    sheet: &ImportTable,
    targets: &[&'static str],
    values: &FormValues,
) -> Result<Option<String>, PageError> {
    let leave_out = match values.text("policy") {
        "good" => LeaveOut::Faulty,
        "new" => LeaveOut::Known,
        _ => LeaveOut::Nobody,
    };
    let rows = (0..sheet.rows.len())
        .map(|row| columns::read_candidate_row(sheet, row, targets, match_key(values)));
    let list: Vec<TableRow> = rows.map(table_row).collect();
    if list.is_empty() {
        return Ok(None);
    }
    match state.app.candidates().import_candidates(staff.caller(), task, list, leave_out).await {
        Ok(imported) if imported.registered.is_empty() => Ok(None),
        Ok(imported) => {
            let (number, late) = (
                imported.registered.len(),
                imported.left_out.iter().filter(|row| row.is_late).count(),
            );
            Ok(Some(format!("{}?said=added&n={number}&late={late}", candidate_list_path(task))))
        }
        Err(Failure::Faults(_)) => Ok(None),
        Err(failure) => Err(failure.into()),
    }
}

/// Tables that are read at the same time, and those that may wait for it.
static READERS: Semaphore = Semaphore::const_new(2);
static QUEUE: Semaphore = Semaphore::const_new(16);

/// Reads a table on a thread of its own. So many at once and no more: each takes time and memory
/// within its limits, and however many are sent, the threads that all blocking work shares stay
/// free.
async fn read_aside(table: Vec<u8>) -> Result<Result<ImportTable, String>, Failure> {
    let place = QUEUE.try_acquire().map_err(|_| Failure::Busy)?;
    let reader = READERS.acquire().await.map_err(Failure::internal)?;
    let read = move || {
        // Both places are given back by the thread: a request that goes away does not stop it.
        let _places = (place, reader);
        sheet::read(&table)
    };
    tokio::task::spawn_blocking(read).await.map_err(Failure::internal)
}

fn stopped() -> FormErrors {
    let mut errors = FormErrors::default();
    errors.add("/policy", "Nobody was added. Correct the rows below, or choose to skip them.");
    errors
}

/// The fields of the form, and the table: a file if there is one, else what was pasted.
async fn received(mut form: Multipart) -> Result<(FormValues, Vec<u8>), MultipartError> {
    let (mut values, mut table) = (FormValues::default(), Vec::new());
    while let Some(field) = form.next_field().await? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await?;
        match name.as_str() {
            "file" if bytes.is_empty() => {}
            "file" => table = bytes.to_vec(),
            "table" if table.is_empty() => table = bytes.to_vec(),
            "table" => {}
            // A field for each column and a few more; whatever else was sent is not looked at.
            _ if values.0.len() >= MOST_FIELDS => {}
            _ => values.set(name, String::from_utf8_lossy(&bytes)),
        }
    }
    Ok((values, table))
}

/// What the columns were said to be, or what they look like.
fn targets(values: &FormValues, sheet: &ImportTable) -> Vec<&'static str> {
    let target = |(index, head): (usize, &String)| {
        let name = format!("column.{index}");
        if !values.has(&name) {
            return columns::guess_target(head);
        }
        let chosen = TARGETS.iter().find(|(target, _)| *target == values.text(&name));
        chosen.map(|(target, _)| *target).unwrap_or_default()
    };
    sheet.head.iter().enumerate().map(target).collect()
}

fn match_key(values: &FormValues) -> CandidateMatchKey {
    match values.text("known") {
        "externalId" => CandidateMatchKey::ExternalId,
        "uniqId" => CandidateMatchKey::UniqId,
        _ => CandidateMatchKey::Email,
    }
}

/// A row, ready to be registered, and what is wrong with it.
struct CheckedImportRow {
    new: NewCandidate,
    fate: ImportRowOutcome,
    reasons: Vec<String>,
}

async fn check(
    state: &PagesState,
    staff: &SignedInStaff,
    task: &TaskId,
    sheet: &ImportTable,
    targets: &[&'static str],
    match_key: CandidateMatchKey,
) -> Result<Vec<CheckedImportRow>, PageError> {
    let rows: Vec<_> = (0..sheet.rows.len())
        .map(|row| columns::read_candidate_row(sheet, row, targets, match_key))
        .collect();
    let list = rows.iter().cloned().map(table_row).collect();
    let faults = state.app.candidates().preview_candidates(staff.caller(), task, list).await?;
    Ok(rows
        .into_iter()
        .zip(faults)
        .map(|((new, wrong), faults)| checked(new, wrong, &faults))
        .collect())
}

fn table_row((new, wrong): (NewCandidate, Vec<String>)) -> TableRow {
    TableRow { new, is_readable: wrong.is_empty() }
}

fn checked(new: NewCandidate, wrong: Vec<String>, faults: &[Fault]) -> CheckedImportRow {
    let is_duplicate = |fault: &Fault| {
        matches!(fault.code, ErrorCode::DuplicateUniqId | ErrorCode::DuplicateCredentials)
    };
    let fate = if !wrong.is_empty() || faults.iter().any(|fault| !is_duplicate(fault)) {
        ImportRowOutcome::Faulty
    } else if faults.is_empty() {
        ImportRowOutcome::New
    } else {
        ImportRowOutcome::Known
    };
    let reasons = wrong.into_iter().chain(faults.iter().map(reason)).collect();
    CheckedImportRow { new, fate, reasons }
}

/// A fault in words: the field as the page names it, and what it must be.
fn reason(fault: &Fault) -> String {
    let pointer = match &fault.place {
        FaultLocation::Body(pointer) => pointer.to_string(),
        other => other.to_string(),
    };
    let field = pointer
        .rsplit('/')
        .find(|part| !part.is_empty() && part.parse::<usize>().is_err())
        .unwrap_or_default();
    let name = TARGETS.iter().find(|(target, _)| *target == field).map_or(field, |(_, name)| *name);
    match fault.code {
        ErrorCode::DuplicateUniqId if fault.is_within_list => {
            "Duplicate of a row further up.".to_owned()
        }
        ErrorCode::DuplicateUniqId => "Already registered in this task.".to_owned(),
        _ => format!("{name}: {}.", fault.should),
    }
}

/// How many a policy registers; none when it stops at a fault.
fn chosen(checked: &[CheckedImportRow], policy: &str) -> Option<usize> {
    let stops = |fate: ImportRowOutcome| match policy {
        "good" => false,
        "new" => fate == ImportRowOutcome::Faulty,
        _ => fate != ImportRowOutcome::New,
    };
    if checked.iter().any(|row| stops(row.fate)) {
        return None;
    }
    Some(checked.iter().filter(|row| row.fate == ImportRowOutcome::New).count())
}

fn preview(
    values: &FormValues,
    sheet: &ImportTable,
    targets: &[&'static str],
    checked: Vec<CheckedImportRow>,
) -> ImportPreview {
    let count = |fate| checked.iter().filter(|row| row.fate == fate).count();
    let column = |(index, head): (usize, &String)| ImportColumn {
        name: format!("column.{index}"),
        head: head.clone(),
        target: targets.get(index).copied().unwrap_or_default().to_owned(),
    };
    let (new, existing, faulty) = (
        count(ImportRowOutcome::New),
        count(ImportRowOutcome::Known),
        count(ImportRowOutcome::Faulty),
    );
    ImportPreview {
        table: sheet.to_csv(),
        columns: sheet.head.iter().enumerate().map(column).collect(),
        would: chosen(&checked, values.text("policy")),
        more: checked.len().saturating_sub(SHOWN),
        rows: checked.into_iter().enumerate().take(SHOWN).map(row).collect(),
        new,
        existing,
        faulty,
    }
}

fn row((index, checked): (usize, CheckedImportRow)) -> ImportRow {
    let (name, email) = match checked.new.person {
        app::candidates::RegisteredPerson::Temporary(person) => (person.fullname, person.email),
        _ => (None, None),
    };
    ImportRow {
        number: index + 2,
        name: name.unwrap_or_default(),
        email: email.unwrap_or_default(),
        fate: checked.fate,
        reasons: checked.reasons,
    }
}

fn page(
    staff: &SignedInStaff,
    view: &TaskView,
    values: &FormValues,
    errors: &FormErrors,
    preview: Option<ImportPreview>,
) -> Result<Response, PageError> {
    let page = CandidateImportPage {
        frame: StaffLayout::new(staff, StaffArea::Tasks, "Import candidates")
            .with_crumb("Tasks", "/staff/tasks")
            .with_crumb(view.title.clone(), candidate_list_path(&view.id))
            .with_script("staff/people.js"),
        tabs: TaskTabs::new(staff, &view.id, TaskTab::Candidates),
        id: view.id.to_string(),
        values,
        errors,
        preview,
    };
    reply::page(choices::status(errors), &page)
}
