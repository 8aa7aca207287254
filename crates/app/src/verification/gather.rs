//! Reading a slice in one transaction: rows as they are, chains as they are followed. Nothing is
//! computed here that an author or a candidate could make slow.

use super::{Difference, DifferenceAspect, VerificationPosition, VerificationTally};
use crate::failure::Failure;
use crate::stored_number::unsigned;
use domain::document::model::Test;
use domain::document::{parse_stored, stored_digest};
use domain::id::{OrganizationId, TaskId};
use domain::receipt;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use storage::answer::ReceiptRow;
use storage::correction::CorrectionRow;
use storage::correction_job::CorrectionJobRow;
use storage::evaluation::EvaluationRow;
use storage::event::{ChainWalk, ChainedEvent, EventChain};
use storage::instance::InstanceRow;
use storage::verification::{self as rows, CountedAnswer, FileRow, TaskPosition};
use storage::version::ResultVersionRow;
use storage::{Sha256Digest, Transaction};

/// Instances of one slice at most.
const INSTANCES: i64 = 100;
/// A slice ends when its answers are so long together.
const SLICE_BYTES: usize = 8 << 20;
const EVENTS: i64 = 2000;
const FILES: i64 = 50;
/// Parsed documents kept at once.
const DOCUMENTS: usize = 64;

/// Frozen documents by digest; none for one that is missing, was altered or does not read.
pub(super) type FrozenDocuments = HashMap<Sha256Digest, Option<Arc<Test>>>;

/// What one transaction read.
pub(super) struct VerificationSlice {
    pub tally: VerificationTally,
    pub differences: Vec<Difference>,
    pub instances: Vec<VerificationSubject>,
    pub files: Vec<FileRow>,
    pub next: Option<VerificationPosition>,
}

/// An instance with everything its result depends on.
pub(super) struct VerificationSubject {
    pub row: InstanceRow,
    pub document: Option<Arc<Test>>,
    pub versions: i64,
    pub latest: Option<ResultVersionRow>,
    /// The receipts that count.
    pub counted: Vec<ReceiptRow>,
    pub evaluations: Vec<EvaluationRow>,
    pub corrections: Vec<CorrectionRow>,
    pub events: EventChainCheck,
    pub receipts: ReceiptChainCheck,
    /// A correction is in force and has not got to this instance yet.
    pub is_to_be_corrected: bool,
}

/// What following an instance's chain of events came to.
#[derive(Default)]
pub(super) struct EventChainCheck {
    pub broken: Option<i64>,
    pub count: i64,
    /// The highest revision that an event tells of.
    pub revision: i64,
    /// `result.version_created`
    pub versions: i64,
    /// What was recorded when it began.
    pub start: Option<RecordedStart>,
    /// Whether the last of *ignored* and *reacknowledged* was the first.
    pub is_ignored: bool,
    /// The detail of the last closing.
    pub closing: Option<String>,
    pub is_erased: bool,
    /// Computed since the latest version without a difference: the inputs may be others than those
    /// of the version.
    pub is_rescored: bool,
}

/// ExactCandidateFilter instance it is and of which test, as its first event says.
pub(super) struct RecordedStart {
    pub organization: OrganizationId,
    pub subject: String,
    pub detail: String,
}

/// What following an instance's chain of receipts came to.
#[derive(Default)]
pub(super) struct ReceiptChainCheck {
    pub count: u64,
    pub broken: Option<i64>,
    /// Receipts without a response, as an erasure leaves them.
    pub emptied: u64,
    pub last: Option<Sha256Digest>,
    /// Slots whose answer does not go by its receipt.
    pub astray: Vec<i64>,
}

/// Reads what is at a position.
pub(super) fn read_slice(
    tx: &mut dyn Transaction,
    documents: &Mutex<FrozenDocuments>,
    only: Option<&OrganizationId>,
    at: &VerificationPosition,
) -> Result<VerificationSlice, Failure> {
    match at {
        VerificationPosition::Organization { after } => next_organization(tx, only, after),
        VerificationPosition::Events { organization, n } => events(tx, organization, *n),
        VerificationPosition::Instances { organization, task, ordinal } => {
            let Some(stand) = rows::next_task(tx, organization, *task)? else {
                return Ok(going_on(VerificationPosition::Organization {
                    after: organization.to_string(),
                }));
            };
            let behind = if stand.ordinal == *task { *ordinal } else { 0 };
            instances(tx, documents, organization, &stand, behind)
        }
        VerificationPosition::Files { after } => {
            files(tx, only, after.as_ref().map_or("", |id| id.as_str()))
        }
    }
}

fn going_on(next: VerificationPosition) -> VerificationSlice {
    VerificationSlice {
        tally: VerificationTally::default(),
        differences: Vec::new(),
        instances: Vec::new(),
        files: Vec::new(),
        next: Some(next),
    }
}

fn next_organization(
    tx: &mut dyn Transaction,
    only: Option<&OrganizationId>,
    after: &str,
) -> Result<VerificationSlice, Failure> {
    let organization = match only {
        // The only one comes behind the beginning and before everything else.
        Some(id) => Some(id.clone()).filter(|_| after.is_empty()),
        None => rows::next_organization(tx, after)?.map(|row| row.id),
    };
    Ok(going_on(match organization {
        Some(organization) => VerificationPosition::Events { organization, n: 0 },
        None => VerificationPosition::Files { after: None },
    }))
}

fn events(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    n: i64,
) -> Result<VerificationSlice, Failure> {
    let chain = EventChain::Organization(organization.clone());
    let from = storage::event::chain_link(tx, &chain, n)?;
    let ChainWalk { last, events, broken } =
        storage::event::walk(tx, &chain, from, EVENTS, &mut |_| {})?;
    let is_last = events < EVENTS;
    let mut slice = going_on(match is_last {
        true => VerificationPosition::Instances {
            organization: organization.clone(),
            task: 0,
            ordinal: 0,
        },
        false => VerificationPosition::Events { organization: organization.clone(), n: last.0 },
    });
    slice.tally.events = unsigned(events)?;
    if let Some(n) = broken {
        let detail = format!("the organization's chain breaks at event {n}");
        let (aspect, organization) = (DifferenceAspect::Events, organization.clone());
        slice.differences.push(Difference {
            aspect,
            task: None,
            id: organization.to_string(),
            organization,
            detail,
        });
    }
    Ok(slice)
}

fn instances(
    tx: &mut dyn Transaction,
    documents: &Mutex<FrozenDocuments>,
    organization: &OrganizationId,
    task: &TaskPosition,
    behind: i64,
) -> Result<VerificationSlice, Failure> {
    let found = rows::instances_behind(tx, &task.id, behind, INSTANCES)?;
    let is_last = i64::try_from(found.len()).is_ok_and(|read| read < INSTANCES);
    let next = |task: i64, ordinal: i64| VerificationPosition::Instances {
        organization: organization.clone(),
        task,
        ordinal,
    };
    let mut slice = going_on(next(task.ordinal + 1, 0));
    let jobs = storage::correction_job::list_unfinished_of_task(tx, &task.id)?;
    let (mut expected, mut bytes) = (behind + 1, 0);
    for row in found {
        if row.ordinal != expected {
            slice.differences.push(gap(organization, &task.id, expected, row.ordinal - 1));
        }
        expected = row.ordinal + 1;
        let mut gathered = gather(tx, documents, row)?;
        gathered.is_to_be_corrected = jobs.iter().any(|job| is_ahead(job, &gathered.row));
        bytes += gathered
            .counted
            .iter()
            .filter_map(|receipt| receipt.response.as_ref())
            .map(String::len)
            .sum::<usize>();
        slice.instances.push(gathered);
        if bytes > SLICE_BYTES {
            slice.next = Some(next(task.ordinal, expected - 1));
            return Ok(slice);
        }
    }
    if is_last {
        slice.differences.extend(counters(tx, organization, task, expected - 1)?);
    } else {
        slice.next = Some(next(task.ordinal, expected - 1));
    }
    Ok(slice)
}

fn is_ahead(job: &CorrectionJobRow, row: &InstanceRow) -> bool {
    job.step_id == row.step_id && row.ordinal > job.position && row.ordinal <= job.last_ordinal
}

/// Instances are numbered without gaps.
fn gap(organization: &OrganizationId, task: &TaskId, first: i64, last: i64) -> Difference {
    let detail = format!("the instances number {first} to {last} are missing");
    rows_differ(organization, task, detail)
}

fn rows_differ(organization: &OrganizationId, task: &TaskId, detail: String) -> Difference {
    let (aspect, organization, id) =
        (DifferenceAspect::Rows, organization.clone(), task.to_string());
    Difference { aspect, organization, task: Some(task.clone()), id, detail }
}

/// What the task says of its instances, once all were read.
fn counters(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskPosition,
    last: i64,
) -> Result<Vec<Difference>, Failure> {
    let mut differences = Vec::new();
    // More may have begun since the task was read in an earlier slice; not in this transaction.
    if last < task.instance_count {
        differences.push(gap(organization, &task.id, last + 1, task.instance_count));
    }
    let highest = rows::highest_revision(tx, &task.id)?;
    if highest > task.revision {
        let detail =
            format!("the task is at revision {} and an instance at {highest}", task.revision);
        differences.push(rows_differ(organization, &task.id, detail));
    }
    Ok(differences)
}

fn gather(
    tx: &mut dyn Transaction,
    documents: &Mutex<FrozenDocuments>,
    row: InstanceRow,
) -> Result<VerificationSubject, Failure> {
    let document = document(tx, documents, &row.document_digest)?;
    let (counted, receipts) = read_receipts(tx, &row)?;
    let events = read_events(tx, &row)?;
    Ok(VerificationSubject {
        document,
        versions: storage::version::count(tx, &row.id)?,
        latest: storage::version::latest(tx, &row.id)?,
        counted,
        evaluations: storage::evaluation::list(tx, &row.id)?,
        corrections: storage::correction::list_for_instance(tx, &row.step_id, &row.id)?,
        events,
        receipts,
        is_to_be_corrected: false,
        row,
    })
}

/// The frozen document, if it is there, is the one its digest names and reads.
fn document(
    tx: &mut dyn Transaction,
    documents: &Mutex<FrozenDocuments>,
    wanted: &Sha256Digest,
) -> Result<Option<Arc<Test>>, Failure> {
    if let Some(existing) = documents.lock().unwrap_or_else(PoisonError::into_inner).get(wanted) {
        return Ok(existing.clone());
    }
    let body = storage::document::find(tx, wanted)?.filter(|body| stored_digest(body) == *wanted);
    let read = body.and_then(|body| parse_stored(&body).ok()).map(Arc::new);
    let mut existing = documents.lock().unwrap_or_else(PoisonError::into_inner);
    if existing.len() >= DOCUMENTS {
        existing.clear();
    }
    existing.insert(*wanted, read.clone());
    Ok(read)
}

fn read_events(tx: &mut dyn Transaction, row: &InstanceRow) -> Result<EventChainCheck, Failure> {
    let mut read = EventChainCheck::default();
    let mut note = |recorded: &ChainedEvent| {
        let event = &recorded.event;
        read.revision = read.revision.max(event.revision.unwrap_or_default());
        match event.kind.as_str() {
            "result.version_created" => {
                (read.versions, read.is_rescored) = (read.versions + 1, false)
            }
            "result.rescored" => read.is_rescored = true,
            "person.erased" => read.is_erased = true,
            "instance.ignored" => read.is_ignored = true,
            "instance.reacknowledged" => read.is_ignored = false,
            "instance.started" => {
                read.start = Some(RecordedStart {
                    organization: event.organization_id.clone(),
                    subject: event.subject.clone(),
                    detail: event.detail.clone(),
                });
            }
            "instance.completed" | "instance.terminated" | "instance.force_closed" => {
                read.closing = Some(event.detail.clone());
            }
            _ => {}
        }
    };
    let chain = EventChain::Instance(row.id.clone());
    let walked = storage::event::walk(tx, &chain, storage::event::BEGINNING, i64::MAX, &mut note)?;
    (read.broken, read.count) = (walked.broken, walked.events);
    Ok(read)
}

/// Follows the chain without holding more than the responses that count.
fn read_receipts(
    tx: &mut dyn Transaction,
    row: &InstanceRow,
) -> Result<(Vec<ReceiptRow>, ReceiptChainCheck), Failure> {
    let answers = rows::counted_answers(tx, &row.id)?;
    let by_number: BTreeMap<i64, CountedAnswer> =
        answers.iter().map(|answer| (answer.n, *answer)).collect();
    let mut read = ReceiptChainCheck::default();
    let (mut link, mut counted) = (Some(receipt::first(&row.id)), Vec::new());
    // The latest write of each slot, by its number.
    let mut latest: BTreeMap<i64, i64> = BTreeMap::new();
    rows::each_receipt(tx, &row.id, &mut |receipt| {
        read.count += 1;
        read.emptied += u64::from(receipt.response.is_none());
        link = follow(link, &receipt);
        if read.broken.is_none()
            && (u64::try_from(receipt.n) != Ok(read.count)
                || (receipt.digest.is_some() && receipt.digest != link))
        {
            read.broken = Some(receipt.n);
        }
        // What follows is judged by what is kept, so that one alteration is told once.
        link = receipt.digest;
        read.last = receipt.digest;
        latest.insert(receipt.slot, receipt.n);
        if by_number.contains_key(&receipt.n) {
            counted.push(receipt);
        }
    })?;
    let is_right = |answer: &CountedAnswer| {
        let found = counted.iter().find(|receipt| receipt.n == answer.n);
        found.is_some_and(|receipt| receipt.slot == answer.slot && receipt.seq == answer.seq)
            && latest.get(&answer.slot) == Some(&answer.n)
    };
    read.astray =
        answers.iter().filter(|answer| !is_right(answer)).map(|answer| answer.slot).collect();
    let lost = latest.keys().filter(|slot| !answers.iter().any(|answer| answer.slot == **slot));
    read.astray.extend(lost.copied());
    Ok((counted, read))
}

/// The digest a receipt has to have; none where an erasure took what it was made of.
fn follow(link: Option<Sha256Digest>, receipt: &ReceiptRow) -> Option<Sha256Digest> {
    let slot = u32::try_from(receipt.slot).ok()?;
    Some(receipt::next(
        &link?,
        u64::try_from(receipt.n).ok()?,
        slot,
        u64::try_from(receipt.seq).ok()?,
        receipt.response.as_deref()?,
    ))
}

fn files(
    tx: &mut dyn Transaction,
    only: Option<&OrganizationId>,
    after: &str,
) -> Result<VerificationSlice, Failure> {
    let read = rows::files_behind(tx, after, FILES)?;
    let is_last = i64::try_from(read.len()).is_ok_and(|read| read < FILES);
    let last = read.last().map(|row| row.id.clone());
    let mut slice = going_on(VerificationPosition::Files { after: last });
    if is_last {
        slice.next = None;
    }
    slice.files =
        read.into_iter().filter(|row| only.is_none_or(|only| row.organization == *only)).collect();
    Ok(slice)
}
