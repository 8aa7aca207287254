//! What was recorded of a candidate at a completed instance, for the candidate.

use super::layout::CandidateLayout;
use super::recording_notice::{kind_name, storage};
use crate::html_time::HtmlTime;
use crate::lang::Language;
use crate::media::local_url;
use crate::page_error::PageError;
use crate::state::PagesState;
use crate::visitor_request::VisitorRequest;
use crate::{address, reply};
use app::Failure;
use app::delivery::recorded::{RecordedEvent, RecordedEventKind, RecordedFile};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::{InstanceId, TaskId};
use domain::proctoring::missing::MissingRecordings;
use domain::refusal::Refusal;
use domain::time::Timestamp;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "candidate/recorded.html")]
struct RecordedPage {
    frame: CandidateLayout,
    title: String,
    viewers: String,
    storage: Vec<String>,
    request: String,
    /// Photo and documents from before the start.
    identity: Vec<ShownFile>,
    identity_end: DeletionNotice,
    recordings: Vec<ShownFile>,
    recordings_end: DeletionNotice,
    /// Files of answers, which stay with the result.
    answers: Vec<ShownFile>,
    missing: Vec<ShownGap>,
    events: Vec<ShownEvent>,
    /// Which of several pages it is.
    place: Option<String>,
    previous: Option<String>,
    next: Option<String>,
    receipt: String,
    back: String,
}

/// When files are deleted: a sentence around a date, or one without.
struct DeletionNotice {
    before: String,
    at: Option<HtmlTime>,
    after: String,
}

/// A file as it is shown.
struct ShownFile {
    what: String,
    /// The name that the candidate gave it.
    name: Option<String>,
    at: HtmlTime,
    look: FileLook,
    /// None once it was deleted.
    address: Option<String>,
}

/// How a browser shows a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FileLook {
    Picture,
    Film,
    Sound,
    Other,
}

/// A time in which recordings are missing.
struct ShownGap {
    what: &'static str,
    from: HtmlTime,
    until: HtmlTime,
    lost: Option<String>,
}

struct ShownEvent {
    what: String,
    at: HtmlTime,
}

/// Which page is shown.
#[derive(Deserialize)]
pub struct RecordedQuery {
    page: Option<u64>,
}

/// `GET /t/{task}/sit/{instance}/recorded`. While the test is open it leads back there.
pub async fn show(
    State(state): State<PagesState>,
    guest: VisitorRequest,
    Path((task, instance)): Path<(String, String)>,
    Query(query): Query<RecordedQuery>,
) -> Result<Response, PageError> {
    let (visitor, task, instance) =
        (guest.candidate_session()?, TaskId::from(task), InstanceId::from(instance));
    let number = query.page.unwrap_or(1).max(1);
    let view = match state.app.delivery().recorded(&visitor, &instance, number).await {
        Err(Failure::Refused(refused)) if refused.code == Refusal::InstanceOpen => {
            return Ok(reply::redirect(&address::sit(&task, &instance)));
        }
        other => other?,
    };
    let me = state.app.delivery().candidate_profile(&visitor).await?;
    let words = guest.texts_for(&me.lang);
    let here = address::recorded(&task, &instance);
    let organization = &me.welcome.organization.name;
    let other_page = |number: u64| format!("{here}?page={number}");
    let identity = view.identity_photo.iter().map(|file| (words.identity_photo, file));
    let documents = view.documents.iter().map(|file| ("", file));
    let recordings = view.files.iter().filter(|file| file.kind.is_some());
    let answers = view.files.iter().filter(|file| file.kind.is_none());
    let page = RecordedPage {
        viewers: words.recorded_viewers(organization),
        storage: storage(words, &view.retention),
        request: words.recorded_ask(organization),
        identity: identity
            .chain(documents)
            .map(|(what, file)| ShownFile::of(&state, words, what.to_owned(), file))
            .collect(),
        identity_end: DeletionNotice::of(words, view.identity_deleted_at, organization),
        recordings_end: DeletionNotice::of(words, view.recordings_deleted_at, organization),
        recordings: recordings.map(|file| shown_file(&state, words, file)).collect(),
        answers: answers.map(|file| shown_file(&state, words, file)).collect(),
        missing: view.missing.iter().map(|gap| shown_gap(words, gap)).collect(),
        events: view.events.iter().map(|event| shown_event(words, event)).collect(),
        place: (view.pages > 1).then(|| words.page_of(number, view.pages)),
        previous: (number > 1).then(|| other_page((number - 1).min(view.pages))),
        next: (number < view.pages).then(|| other_page(number + 1)),
        receipt: address::receipt(&task, &instance),
        back: address::steps(&task),
        frame: CandidateLayout::for_candidate(words, here.clone(), &me),
        title: view.title,
    };
    reply::page(StatusCode::OK, &page)
}

impl DeletionNotice {
    fn of(words: &'static Language, at: Option<Timestamp>, organization: &str) -> Self {
        // The date is an element of the page, so the sentence is cut where it goes.
        if let Some(at) = at
            && let Some((before, after)) = words.recorded_until("\0").split_once('\0')
        {
            let at = Some(HtmlTime::in_language(at, words));
            return Self { before: before.into(), at, after: after.into() };
        }
        Self { before: words.recorded_held(organization), at: None, after: String::new() }
    }
}

impl ShownFile {
    fn of(state: &PagesState, words: &'static Language, what: String, file: &RecordedFile) -> Self {
        Self {
            what,
            name: file.name.clone(),
            at: HtmlTime::in_language(file.created_at, words),
            look: file_look(&file.media_type),
            address: file.url.as_deref().map(|url| local_url(state, url)),
        }
    }

    /// The name for whoever cannot see it.
    fn label(&self) -> String {
        let name = self.name.as_deref().unwrap_or_default();
        [&self.what, name, &self.at.text]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

fn file_look(media_type: &str) -> FileLook {
    match media_type.split('/').next() {
        Some("image") => FileLook::Picture,
        Some("video") => FileLook::Film,
        Some("audio") => FileLook::Sound,
        _ => FileLook::Other,
    }
}

fn shown_file(state: &PagesState, words: &'static Language, file: &RecordedFile) -> ShownFile {
    let what = match (file.kind, file.slot) {
        (Some(kind), _) => kind_name(words, kind).to_owned(),
        (None, Some(slot)) => words.question_no(slot),
        (None, None) => String::new(),
    };
    ShownFile::of(state, words, what, file)
}

fn shown_gap(words: &'static Language, gap: &MissingRecordings) -> ShownGap {
    ShownGap {
        what: kind_name(words, gap.kind),
        from: HtmlTime::in_language(gap.from, words),
        until: HtmlTime::in_language(gap.until, words),
        lost: (gap.lost > 0).then(|| words.recorded_lost(gap.lost)),
    }
}

fn shown_event(words: &'static Language, event: &RecordedEvent) -> ShownEvent {
    let plain = |text: &'static str| text.to_owned();
    let what = match event.kind {
        RecordedEventKind::Started => plain(words.event_started),
        RecordedEventKind::Opened => plain(words.event_opened),
        RecordedEventKind::PageEntered => words.event_page(event.page.unwrap_or_default()),
        RecordedEventKind::MediaPlayed => plain(words.event_played),
        RecordedEventKind::AnswerChecked => words.event_checked(event.slot.unwrap_or_default()),
        RecordedEventKind::FullscreenLeft => plain(words.event_left),
        RecordedEventKind::FullscreenReturned => returned(words, event.counted_millis),
        RecordedEventKind::Submitted => plain(words.receipt_title),
        RecordedEventKind::TimeOver => plain(words.receipt_time_over),
        RecordedEventKind::Terminated => plain(words.event_terminated),
        RecordedEventKind::ClosedByStaff => plain(words.event_closed),
        RecordedEventKind::TimeExtended => plain(words.event_extended),
        RecordedEventKind::Reopened => plain(words.event_reopened),
        RecordedEventKind::ResultViewed => plain(words.event_result),
    };
    ShownEvent { what, at: HtmlTime::in_language(event.at, words) }
}

/// With the time that counted, where any did.
fn returned(words: &'static Language, counted_millis: Option<i64>) -> String {
    let seconds = counted_millis.unwrap_or_default() / 1000;
    match u32::try_from(seconds) {
        Ok(seconds) if seconds > 0 => {
            format!("{} ({})", words.event_returned, words.duration(seconds))
        }
        _ => words.event_returned.to_owned(),
    }
}
