//! `GET /instances/{id}/recorded`: what was recorded of the candidate at a completed instance.

use super::read;
use crate::body::receive::unexpected;
use crate::openapi::{CommonErrors, EnumWord, PathErrors, StateErrors};
use crate::pagination::HIGHEST_PAGE;
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::{integer_or, query};
use crate::state::ApiState;
use app::delivery::recorded::{RecordedEvent, RecordedEventKind, RecordedFile, RecordedView};
use axum::{Json, extract};
use domain::fault::Faults;
use domain::id::InstanceId;
use domain::media::MediaPurpose;
use domain::proctoring::EvidenceKind;
use domain::proctoring::announcement::RecordedItem;
use domain::proctoring::missing::MissingRecordings;
use domain::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

type ItemWord = EnumWord<RecordedItem>;
type PurposeWord = EnumWord<MediaPurpose>;
type KindWord = EnumWord<EvidenceKind>;
type EventWord = EnumWord<RecordedEventKind>;

query! {
    /// Which part of the files and events is listed.
    struct RecordedQuery {
        /// The page, from 1: up to 60 files and 200 events each. One behind `pages` is empty.
        page: u64 = integer_or::<u64>(1..=HIGHEST_PAGE, 1),
    }
}

/// What was recorded of a candidate at a test instance.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RecordedOfCandidate)]
pub(super) struct RecordedResponse {
    /// Id of the test instance.
    instance_id: String,
    /// The step's title.
    title: String,
    /// When it was completed, in seconds since the epoch.
    completed_at: i64,
    /// What the step records; empty where it is the answers only.
    #[schema(inline)]
    records: Vec<ItemWord>,
    /// Days after completion at which recordings, identity photo and documents are deleted.
    recording_days: u32,
    /// Days after the candidate's last activity at which everything about the candidate is erased;
    /// null is never.
    erase_after_days: Option<u32>,
    /// When the recordings are deleted, in seconds since the epoch; null while the organization
    /// holds them back.
    recordings_deleted_at: Option<i64>,
    /// When identity photo and documents are deleted, in seconds since the epoch; null while a test
    /// of the candidate is open or held back.
    identity_deleted_at: Option<i64>,
    /// The identity photo; null without one.
    #[schema(required)]
    identity_photo: Option<RecordedFileResponse>,
    /// The documents that were handed in before the start.
    documents: Vec<RecordedFileResponse>,
    /// The number of this page.
    page: u64,
    /// How many pages there are, at least 1.
    pages: u64,
    /// How many files there are on all pages.
    total_files: usize,
    /// The recordings and the files of answers on this page, oldest first.
    files: Vec<RecordedFileResponse>,
    /// Times in which recordings are missing that the step asks for, oldest first.
    missing: Vec<MissingRecordingResponse>,
    /// How many events there are on all pages.
    total_events: usize,
    /// What happened, on this page, oldest first.
    events: Vec<RecordedEventResponse>,
}

/// A file that was recorded or sent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RecordedFile)]
struct RecordedFileResponse {
    /// Id of the file.
    id: String,
    /// What it was sent for.
    #[schema(inline)]
    purpose: PurposeWord,
    /// What was recorded; absent of what the candidate sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline, nullable = false)]
    kind: Option<KindWord>,
    /// Of a recording, from 1 within its kind; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    nth: Option<i64>,
    /// The number of the question that it answers, from 1; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    slot: Option<i64>,
    /// Its name; absent where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    name: Option<String>,
    /// When it arrived, in seconds since the epoch.
    created_at: i64,
    /// What the file is.
    media_type: String,
    /// The size.
    bytes: u64,
    /// Where it can be read for an hour at least; null once it was deleted.
    #[schema(required)]
    url: Option<String>,
}

/// A time in which recordings of a kind are missing.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MissingRecording)]
struct MissingRecordingResponse {
    /// What is missing.
    #[schema(inline)]
    kind: KindWord,
    /// When it began, in seconds since the epoch.
    from: i64,
    /// About when it was over, in seconds since the epoch.
    until: i64,
    /// How many were taken and never arrived; 0 when none was taken.
    lost: i64,
}

/// Something that happened.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OwnRecordedEvent)]
struct RecordedEventResponse {
    /// What it was.
    #[schema(inline)]
    kind: EventWord,
    /// When, in milliseconds since the epoch.
    at_millis: i64,
    /// The page that was entered, from 1; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    page: Option<u32>,
    /// The question whose answer was checked, from 1; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    slot: Option<u32>,
    /// What of an absence from full screen counted, at its end; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    counted_millis: Option<i64>,
}

impl From<RecordedFile> for RecordedFileResponse {
    fn from(file: RecordedFile) -> Self {
        Self {
            id: file.id.to_string(),
            purpose: file.purpose.into(),
            kind: file.kind.map(EnumWord),
            nth: file.nth,
            slot: file.slot,
            name: file.name,
            created_at: file.created_at.seconds(),
            media_type: file.media_type,
            bytes: file.bytes,
            url: file.url,
        }
    }
}

impl From<MissingRecordings> for MissingRecordingResponse {
    fn from(missing: MissingRecordings) -> Self {
        Self {
            kind: missing.kind.into(),
            from: missing.from.seconds(),
            until: missing.until.seconds(),
            lost: missing.lost,
        }
    }
}

impl From<RecordedEvent> for RecordedEventResponse {
    fn from(event: RecordedEvent) -> Self {
        Self {
            kind: event.kind.into(),
            at_millis: event.at.0,
            page: event.page,
            slot: event.slot,
            counted_millis: event.counted_millis,
        }
    }
}

impl From<RecordedView> for RecordedResponse {
    fn from(view: RecordedView) -> Self {
        Self {
            instance_id: view.instance.to_string(),
            title: view.title,
            completed_at: view.completed_at.seconds(),
            records: view.items.into_iter().map(EnumWord).collect(),
            recording_days: view.retention.recording_days,
            erase_after_days: view.retention.erase_after_days,
            recordings_deleted_at: view.recordings_deleted_at.map(Timestamp::seconds),
            identity_deleted_at: view.identity_deleted_at.map(Timestamp::seconds),
            identity_photo: view.identity_photo.map(Into::into),
            documents: view.documents.into_iter().map(Into::into).collect(),
            page: view.page,
            pages: view.pages,
            total_files: view.total_files,
            files: view.files.into_iter().map(Into::into).collect(),
            missing: view.missing.into_iter().map(Into::into).collect(),
            total_events: view.total_events,
            events: view.events.into_iter().map(Into::into).collect(),
        }
    }
}

/// Shows the candidate what was recorded at an own completed instance: files, events, what is
/// missing, and when it is deleted. What staff think of it is not shown.
///
/// 409 `instance_open` before completion.
#[utoipa::path(
    get, path = "/instances/{id}/recorded", tag = "Taking a test", operation_id = "showRecorded",
    params(("id" = String, Path), RecordedQuery),
    responses((status = 200, body = RecordedResponse), CommonErrors, PathErrors, StateErrors)
)]
pub async fn recorded(
    extract::State(state): extract::State<ApiState>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<RecordedResponse>, Problem> {
    let visitor = read::candidate_session(&state, &head)?;
    let mut faults = Faults::new();
    let mut path = head.path();
    let instance = InstanceId::from(path.take_text("id"));
    path.finish(&mut faults);
    let RecordedQuery { page } = read::query(&head, &mut faults);
    faults.extend(unexpected(body).await);
    faults.into_result()?;
    Ok(Json(state.app.delivery().recorded(&visitor, &instance, page).await?.into()))
}
