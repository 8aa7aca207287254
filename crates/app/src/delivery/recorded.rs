//! What was recorded of a candidate at an own instance, for the candidate: files, events with their
//! times, what is missing, and when it is deleted. Nothing of what staff think of it.

use super::candidate_session::load_session;
use super::fullscreen::load_absences;
use super::sitting_history::SittingHistory;
use super::step_brief::RetentionNotice;
use crate::App;
use crate::audit::AuditEventKind;
use crate::caller::CandidateSession;
use crate::failure::Failure;
use crate::json::from_json;
use crate::services::DeliveryService;
use crate::stored_number::unsigned;
use domain::access::settings::StepConduct;
use domain::id::{CandidateId, InstanceId, MediaId};
use domain::instance::ClosingReason;
use domain::media::{MediaPurpose, MediaState};
use domain::proctoring::EvidenceKind;
use domain::proctoring::announcement::{RecordedItem, recorded_items};
use domain::proctoring::missing::{ArrivedRecording, MissingRecordings};
use domain::refusal::Refusal;
use domain::time::Timestamp;
use serde::Deserialize;
use storage::Transaction;
use storage::event::{EventChain, EventRow};
use storage::instance::InstanceRow;
use storage::media::MediaRow;

/// Files and events that are shown at once.
const FILES_A_PAGE: usize = 60;
const EVENTS_A_PAGE: usize = 200;
/// Events of an instance that are looked through.
const MOST_EVENTS: i64 = 10_000;
const DAY_SECONDS: i64 = 24 * 3600;

domain::string_enum! {
    /// Something that a candidate did, or that happened to the own instance.
    pub enum RecordedEventKind {
        Started = "started",
        Opened = "opened",
        PageEntered = "page-entered",
        MediaPlayed = "media-played",
        AnswerChecked = "answer-checked",
        FullscreenLeft = "fullscreen-left",
        FullscreenReturned = "fullscreen-returned",
        Submitted = "submitted",
        TimeOver = "time-over",
        /// A limit of absences from full screen ended it.
        Terminated = "terminated",
        ClosedByStaff = "closed-by-staff",
        TimeExtended = "time-extended",
        Reopened = "reopened",
        ResultViewed = "result-viewed",
    }
}

/// The events of the log that are a candidate's own.
const KINDS: [&str; 13] = [
    AuditEventKind::InstanceStarted.as_str(),
    AuditEventKind::InstanceOpened.as_str(),
    AuditEventKind::InstancePageEntered.as_str(),
    AuditEventKind::MediaPlayed.as_str(),
    AuditEventKind::AnswerChecked.as_str(),
    AuditEventKind::InstanceFullscreenLeft.as_str(),
    AuditEventKind::InstanceFullscreenReturned.as_str(),
    AuditEventKind::InstanceCompleted.as_str(),
    AuditEventKind::InstanceTerminated.as_str(),
    AuditEventKind::InstanceForceClosed.as_str(),
    AuditEventKind::InstanceTimeExtended.as_str(),
    AuditEventKind::InstanceReinstated.as_str(),
    AuditEventKind::ResultViewed.as_str(),
];

/// One page of what was recorded of a candidate at an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedView {
    pub instance: InstanceId,
    /// The step's title.
    pub title: String,
    pub completed_at: Timestamp,
    /// What the step records; empty where it is the answers only.
    pub items: Vec<RecordedItem>,
    pub retention: RetentionNotice,
    /// When the recordings are deleted; none while the organization holds them back.
    pub recordings_deleted_at: Option<Timestamp>,
    /// When identity photo and documents are; none while an instance of the candidate is open or
    /// held back.
    pub identity_deleted_at: Option<Timestamp>,
    /// From 1.
    pub page: u64,
    /// At least 1.
    pub pages: u64,
    pub identity_photo: Option<RecordedFile>,
    pub documents: Vec<RecordedFile>,
    /// All files of the instance.
    pub total_files: usize,
    /// Those of the page, oldest first.
    pub files: Vec<RecordedFile>,
    /// When recordings are missing that the step asks for, oldest first.
    pub missing: Vec<MissingRecordings>,
    pub total_events: usize,
    /// Those of the page, oldest first.
    pub events: Vec<RecordedEvent>,
}

/// A file that was recorded or sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedFile {
    pub id: MediaId,
    pub purpose: MediaPurpose,
    /// Of a recording.
    pub kind: Option<EvidenceKind>,
    /// Of a recording, from 1 within its kind.
    pub nth: Option<i64>,
    /// Of an answer's file, from 1.
    pub slot: Option<i64>,
    pub name: Option<String>,
    pub created_at: Timestamp,
    pub media_type: String,
    pub bytes: u64,
    /// Where it can be read for an hour or two; none once it was deleted.
    pub url: Option<String>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedEvent {
    pub kind: RecordedEventKind,
    pub at: Timestamp,
    /// Of the page that was entered, from 1.
    pub page: Option<u32>,
    /// Of the question whose answer was checked, from 1.
    pub slot: Option<u32>,
    /// Whether full screen was left for choosing a file or granting a device.
    pub is_allowed: bool,
    /// What of an absence counted.
    pub counted_millis: Option<i64>,
}

/// What the log says beside the kind of an event.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct EventDetail {
    page: Option<u32>,
    slot: Option<u32>,
    allowed: bool,
    counted_millis: Option<i64>,
    closing: Option<String>,
}

impl DeliveryService {
    /// What was recorded at an own completed instance, page by page (from 1). A page behind the last
    /// is empty.
    ///
    /// # Errors
    /// `instance_open` before completion; [`Failure::NotFound`] for another person's instance or an
    /// erased one.
    pub async fn recorded(
        &self,
        visitor: &CandidateSession,
        instance: &InstanceId,
        page: u64,
    ) -> Result<RecordedView, Failure> {
        self.ensure_deadlines_swept().await?;
        let now = self.now();
        let (app, visitor, instance) = (self.app(), visitor.clone(), instance.clone());
        let read = move |tx: &mut dyn Transaction| -> Result<RecordedView, Failure> {
            let session = load_session(tx, &visitor)?;
            let row = session.own_instance(tx, &instance)?;
            if row.state.is_open() {
                return Err(Refusal::InstanceOpen.into());
            }
            load_recorded(&app, tx, &row, page.max(1), now)
        };
        self.storage().read(read).await
    }
}

fn load_recorded(
    app: &App,
    tx: &mut dyn Transaction,
    row: &InstanceRow,
    page: u64,
    now: Timestamp,
) -> Result<RecordedView, Failure> {
    let completed_at = row
        .completed_at
        .ok_or_else(|| Failure::internal("a complete instance has no completedAt"))?;
    let task = storage::task::find(tx, &row.organization_id, &row.task_id)?;
    let task = task.ok_or_else(|| Failure::internal("an instance's task is missing"))?;
    let step = storage::step::find(tx, &row.organization_id, &row.task_id, &row.step_id)?;
    let step = step.ok_or_else(|| Failure::internal("an instance's step is missing"))?;
    let conduct: StepConduct = from_json(&step.settings)?;
    let retention = RetentionNotice::load(tx, &task)?;
    let recordings = storage::media::list(tx, &row.id, MediaPurpose::Evidence)?;
    let missing = SittingHistory::load(tx, row)?.missing(row, &conduct, &arrived(&recordings), now);
    let mut media = storage::media::list(tx, &row.id, MediaPurpose::Answer)?;
    media.extend(recordings);
    media.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
    let events = list_events(tx, row)?;
    let file = |media: &MediaRow| recorded_file(app, media, now);
    let pages = page_count(media.len(), FILES_A_PAGE).max(page_count(events.len(), EVENTS_A_PAGE));
    let (identity_photo, documents) = list_identity(tx, &row.candidate_id)?;
    let held = load_absences(tx, &row.id)?.0.held;
    let seconds = i64::from(retention.recording_days).saturating_mul(DAY_SECONDS);
    Ok(RecordedView {
        instance: row.id.clone(),
        title: step.title,
        completed_at,
        items: recorded_items(&conduct),
        recordings_deleted_at: (!held).then(|| completed_at.plus_seconds(seconds)),
        identity_deleted_at: last_use_of_identity(tx, &row.candidate_id)?
            .map(|last| last.plus_seconds(seconds)),
        retention,
        page,
        pages,
        identity_photo: identity_photo.as_ref().map(file).transpose()?,
        documents: documents.iter().map(file).collect::<Result<_, _>>()?,
        total_files: media.len(),
        files: slice(&media, page, FILES_A_PAGE).iter().map(file).collect::<Result<_, _>>()?,
        missing,
        total_events: events.len(),
        events: slice(&events, page, EVENTS_A_PAGE).to_vec(),
    })
}

fn page_count(total: usize, size: usize) -> u64 {
    total.div_ceil(size).max(1) as u64
}

/// The rows of a page; none behind the last.
fn slice<T>(rows: &[T], page: u64, size: usize) -> &[T] {
    let page = usize::try_from(page - 1).unwrap_or(usize::MAX);
    rows.chunks(size).nth(page).unwrap_or_default()
}

fn arrived(recordings: &[MediaRow]) -> Vec<(EvidenceKind, ArrivedRecording)> {
    let one = |media: &MediaRow| {
        let number = media.client_key.rsplit_once('/').and_then(|(_, number)| number.parse().ok());
        let (stored_at, client_time) = (media.created_at, media.client_time);
        Some((media.kind?, ArrivedRecording { number, stored_at, client_time }))
    };
    recordings.iter().filter_map(one).collect()
}

/// The newest identity photo, and the newest document of each name: what was sent before was
/// replaced.
fn list_identity(
    tx: &mut dyn Transaction,
    candidate: &CandidateId,
) -> Result<(Option<MediaRow>, Vec<MediaRow>), Failure> {
    let mut photos = storage::media::list_of_candidate(tx, candidate, MediaPurpose::IdentityPhoto)?;
    let mut documents: Vec<MediaRow> = Vec::new();
    for document in storage::media::list_of_candidate(tx, candidate, MediaPurpose::Document)? {
        documents.retain(|earlier| earlier.name != document.name);
        documents.push(document);
    }
    Ok((photos.pop(), documents))
}

/// The last completion of a candidate, from which the days of identity photo and documents count;
/// none while one is open or held back.
fn last_use_of_identity(
    tx: &mut dyn Transaction,
    candidate: &CandidateId,
) -> Result<Option<Timestamp>, Failure> {
    let mut last = None;
    for instance in storage::instance::list_by_candidate(tx, candidate)? {
        if instance.state.is_open() || load_absences(tx, &instance.id)?.0.held {
            return Ok(None);
        }
        last = last.max(instance.completed_at);
    }
    Ok(last)
}

fn recorded_file(app: &App, media: &MediaRow, now: Timestamp) -> Result<RecordedFile, Failure> {
    let is_stored = media.state == MediaState::Kept;
    Ok(RecordedFile {
        id: media.id.clone(),
        purpose: media.purpose,
        kind: media.kind,
        nth: media.nth,
        slot: media.slot,
        name: media.name.clone(),
        created_at: media.created_at,
        media_type: media.media_type.clone(),
        bytes: unsigned(media.bytes)?,
        url: is_stored.then(|| app.files().media_url(&media.id, now)).transpose()?,
    })
}

fn list_events(tx: &mut dyn Transaction, row: &InstanceRow) -> Result<Vec<RecordedEvent>, Failure> {
    let chain = EventChain::Instance(row.id.clone());
    let events =
        storage::event::list_of_kinds(tx, &row.organization_id, &chain, &KINDS, MOST_EVENTS)?;
    let events = events.iter().map(|recorded| recorded_event(&recorded.event));
    Ok(events.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

fn recorded_event(event: &EventRow) -> Result<Option<RecordedEvent>, Failure> {
    let detail: EventDetail = from_json(&event.detail)?;
    let Some(kind) = AuditEventKind::parse(&event.kind) else { return Ok(None) };
    let Some(kind) = event_kind(kind, detail.closing.as_deref()) else { return Ok(None) };
    Ok(Some(RecordedEvent {
        kind,
        at: event.at,
        page: detail.page.filter(|_| kind == RecordedEventKind::PageEntered),
        slot: detail.slot.filter(|_| kind == RecordedEventKind::AnswerChecked),
        is_allowed: detail.allowed,
        counted_millis: detail.counted_millis,
    }))
}

/// What an event of the log is for its candidate; none for what is not the candidate's.
fn event_kind(kind: AuditEventKind, closing: Option<&str>) -> Option<RecordedEventKind> {
    Some(match kind {
        AuditEventKind::InstanceStarted => RecordedEventKind::Started,
        AuditEventKind::InstanceOpened => RecordedEventKind::Opened,
        AuditEventKind::InstancePageEntered => RecordedEventKind::PageEntered,
        AuditEventKind::MediaPlayed => RecordedEventKind::MediaPlayed,
        AuditEventKind::AnswerChecked => RecordedEventKind::AnswerChecked,
        AuditEventKind::InstanceFullscreenLeft => RecordedEventKind::FullscreenLeft,
        AuditEventKind::InstanceFullscreenReturned => RecordedEventKind::FullscreenReturned,
        AuditEventKind::InstanceCompleted if closing == Some(ClosingReason::TimeOver.as_str()) => {
            RecordedEventKind::TimeOver
        }
        AuditEventKind::InstanceCompleted => RecordedEventKind::Submitted,
        AuditEventKind::InstanceTerminated => RecordedEventKind::Terminated,
        AuditEventKind::InstanceForceClosed => RecordedEventKind::ClosedByStaff,
        AuditEventKind::InstanceTimeExtended => RecordedEventKind::TimeExtended,
        AuditEventKind::InstanceReinstated => RecordedEventKind::Reopened,
        AuditEventKind::ResultViewed => RecordedEventKind::ResultViewed,
        _ => return None,
    })
}
