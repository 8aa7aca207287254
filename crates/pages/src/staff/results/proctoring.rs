//! What proctoring kept of an instance: pictures and films with their times, and interruptions.

use crate::html_time::{HtmlTime, format_duration};
use crate::media::local_url;
use crate::state::PagesState;
use app::evidences::Evidence;
use app::proctoring::{FullscreenAbsence, ProctoringView};
use domain::proctoring::missing::MissingRecordings;
use domain::proctoring::{EvidenceFlag, EvidenceKind, InstanceFlag};

/// Recordings of which the picture itself is shown; those with something to see come first.
const PICTURES: usize = 60;
/// Further recordings that are listed.
const LISTED: usize = 1000;

/// What proctoring has of an instance, as a report shows it.
pub struct ProctoringRecord {
    pub flag: &'static str,
    pub flag_class: &'static str,
    pub is_held: bool,
    pub absences: u32,
    pub absent: String,
    pub interruptions: Vec<RecordedAbsence>,
    pub missing: Vec<RecordingGap>,
    pub pictures: Vec<RecordedCapture>,
    pub further: Vec<RecordedCapture>,
    /// How many are not even listed.
    pub left_out: usize,
    /// Name and address: the identity photo and documents.
    pub papers: Vec<(String, String)>,
}

/// A time in which the candidate had left the page.
pub struct RecordedAbsence {
    pub left: HtmlTime,
    pub returned: Option<HtmlTime>,
    pub counted: String,
}

/// A time in which recordings are missing.
pub struct RecordingGap {
    pub from: HtmlTime,
    pub until: HtmlTime,
    /// What is missing, in words.
    pub what: String,
}

/// A picture or film of a candidate or of a screen.
pub struct RecordedCapture {
    pub name: String,
    pub at: HtmlTime,
    /// None once the file's time is over.
    pub address: Option<String>,
    pub seen: Option<&'static str>,
}

impl ProctoringRecord {
    /// Whether there is anything to tell.
    pub fn is_empty(&self) -> bool {
        self.pictures.is_empty()
            && self.further.is_empty()
            && self.interruptions.is_empty()
            && self.missing.is_empty()
            && self.papers.is_empty()
    }
}

/// Sorts recordings, those with a finding first, and signs links to their files.
pub fn load_recordings(state: &PagesState, view: ProctoringView) -> ProctoringRecord {
    let mut evidences: Vec<&Evidence> = view.evidences.iter().collect();
    evidences.sort_by_key(|evidence| {
        (evidence.flag == EvidenceFlag::Seamless, evidence.created_at, evidence.nth)
    });
    let (shown, further): (Vec<_>, Vec<_>) = evidences
        .into_iter()
        .enumerate()
        .partition(|(place, evidence)| *place < PICTURES && is_picture(evidence));
    let left_out = further.len().saturating_sub(LISTED);
    let shots = |list: Vec<(usize, &Evidence)>| {
        list.into_iter().take(LISTED).map(|(_, it)| capture(state, it)).collect()
    };
    let (flag, flag_class) = mark(view.flag);
    let photo = view
        .identity_photo
        .iter()
        .map(|(_, url)| ("Identity photo".to_owned(), local_url(state, url)));
    let documents = view.documents.iter().map(|(media, url)| {
        (media.name.clone().unwrap_or_else(|| "Document".to_owned()), local_url(state, url))
    });
    ProctoringRecord {
        flag,
        flag_class,
        is_held: view.is_held,
        absences: view.absences,
        absent: span(view.absent_seconds),
        interruptions: view.interruptions.iter().map(absence).collect(),
        missing: view.missing.iter().map(gap).collect(),
        papers: photo.chain(documents).collect(),
        pictures: shots(shown),
        further: shots(further),
        left_out,
    }
}

fn absence(interruption: &FullscreenAbsence) -> RecordedAbsence {
    let counted = match (interruption.counted_millis, interruption.is_allowed) {
        (Some(0), true) => "nothing counted: a file or a device was chosen".to_owned(),
        (Some(millis), _) => format!("{} counted", span(millis / 1000)),
        (None, _) => "no return was reported".to_owned(),
    };
    RecordedAbsence {
        left: interruption.left_at.into(),
        returned: interruption.returned_at.map(HtmlTime::from),
        counted,
    }
}

fn gap(missing: &MissingRecordings) -> RecordingGap {
    let one = match missing.kind {
        EvidenceKind::Photo => "photo",
        EvidenceKind::Video => "webcam video",
        EvidenceKind::Screenshot => "screenshot",
        EvidenceKind::Screencapture => "screen video",
    };
    let what = match missing.lost {
        0 => format!("No {one} was taken"),
        1 => format!("1 {one} was taken and never arrived"),
        lost => format!("{lost} {one}s were taken and never arrived"),
    };
    RecordingGap { from: missing.from.into(), until: missing.until.into(), what }
}

fn capture(state: &PagesState, evidence: &Evidence) -> RecordedCapture {
    let kind = match evidence.kind {
        EvidenceKind::Photo => "Photo",
        EvidenceKind::Video => "Film",
        EvidenceKind::Screenshot => "Screen",
        EvidenceKind::Screencapture => "Film of the screen",
    };
    RecordedCapture {
        name: format!("{kind} {}", evidence.nth),
        // By the server's clock: the browser's may say anything.
        at: evidence.created_at.into(),
        address: evidence.url.as_deref().map(|url| local_url(state, url)),
        seen: match evidence.flag {
            EvidenceFlag::Seamless => None,
            EvidenceFlag::Suspicious => Some("suspicious"),
            EvidenceFlag::Cheating => Some("cheating"),
        },
    }
}

fn is_picture(evidence: &Evidence) -> bool {
    evidence.media_type.starts_with("image/") && evidence.url.is_some()
}

fn span(seconds: i64) -> String {
    format_duration(u32::try_from(seconds.max(0)).unwrap_or(u32::MAX))
}

const fn mark(flag: InstanceFlag) -> (&'static str, &'static str) {
    match flag {
        InstanceFlag::Grey => ("not recorded", ""),
        InstanceFlag::Red => ("cheating seen", "bad"),
        InstanceFlag::Orange => ("something suspicious seen", "warn"),
        InstanceFlag::Brown => ("recordings missing, or away for too long", "warn"),
        InstanceFlag::Green => ("nothing noticed", "done"),
    }
}
