//! What a candidate agrees to before a step that records: what, how often, who sees it, how long it
//! is stored, and what happens without consent.

use crate::lang::Language;
use app::delivery::step_brief::RetentionNotice;
use domain::access::settings::StepConduct;
use domain::proctoring::announcement::{RecordedItem, recorded_items};
use domain::proctoring::{EvidenceKind, recorded_kinds};

/// The notice in the candidate's language.
pub struct RecordingNotice {
    pub items: Vec<NoticeItem>,
    pub viewers: String,
    /// How long recordings are stored, and everything about the candidate.
    pub storage: Vec<String>,
    pub request: String,
    /// What happens without consent, in sentences.
    pub refusal: Vec<String>,
    /// What happens without consent to camera or screen.
    consequence: Option<&'static str>,
}

/// One thing that is recorded.
pub struct NoticeItem {
    pub what: String,
    pub how_often: Option<String>,
}

impl RecordingNotice {
    /// None where a step records nothing but answers.
    pub fn of(
        words: &'static Language,
        organization: &str,
        conduct: &StepConduct,
        retention: &RetentionNotice,
    ) -> Option<Self> {
        let items = recorded_items(conduct);
        if items.is_empty() {
            return None;
        }
        let has_consent = !recorded_kinds(conduct).is_empty();
        let is_required = conduct.identity_photo || !conduct.documents.is_empty();
        let refusal = [
            has_consent.then(|| words.recorded_asked_again.to_owned()),
            has_consent.then(|| words.recorded_refuse.to_owned()),
            is_required.then(|| words.recorded_needed.to_owned()),
            Some(words.recorded_decline(organization)),
        ];
        Some(Self {
            items: items.into_iter().flat_map(|item| notice_items(words, conduct, item)).collect(),
            viewers: words.recorded_viewers(organization),
            storage: storage(words, retention),
            request: words.recorded_ask(organization),
            refusal: refusal.into_iter().flatten().collect(),
            consequence: has_consent.then_some(words.recorded_refuse),
        })
    }

    /// The sentences beside the question whether the candidate agrees.
    pub fn consent_sentences(self) -> Vec<String> {
        let consequence = self.consequence.map(str::to_owned);
        [self.viewers].into_iter().chain(self.storage).chain(consequence).collect()
    }
}

/// How long recordings, and everything about a candidate, are stored.
pub fn storage(words: &'static Language, retention: &RetentionNotice) -> Vec<String> {
    let recordings = words.recorded_days(words.duration_days(retention.recording_days));
    let person = retention.erase_after_days;
    let person = person.map(|days| words.recorded_erase(words.duration_days(days)));
    [recordings].into_iter().chain(person).collect()
}

/// What a recording is called.
pub fn kind_name(words: &'static Language, kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::Photo => words.recorded_photo,
        EvidenceKind::Video => words.recorded_video,
        EvidenceKind::Screenshot => words.recorded_screenshot,
        EvidenceKind::Screencapture => words.recorded_screencapture,
    }
}

fn notice_items(
    words: &'static Language,
    conduct: &StepConduct,
    item: RecordedItem,
) -> Vec<NoticeItem> {
    let one = |what: &str, how_often: Option<String>| NoticeItem { what: what.into(), how_often };
    let of_kind = |kind: EvidenceKind| {
        let seconds = u32::try_from(kind.cadence_millis() / 1000).unwrap_or_default();
        let how_often = if kind.is_film() {
            words.recorded_throughout.to_owned()
        } else {
            words.recorded_every(words.duration(seconds))
        };
        one(kind_name(words, kind), Some(how_often))
    };
    let once = || Some(words.recorded_once.to_owned());
    match item {
        RecordedItem::Photo => vec![of_kind(EvidenceKind::Photo)],
        RecordedItem::Video => vec![of_kind(EvidenceKind::Video)],
        RecordedItem::Screenshot => vec![of_kind(EvidenceKind::Screenshot)],
        RecordedItem::Screencapture => vec![of_kind(EvidenceKind::Screencapture)],
        RecordedItem::Fullscreen => {
            vec![one(words.recorded_fullscreen, Some(words.recorded_each_time.to_owned()))]
        }
        RecordedItem::IdentityPhoto => vec![one(words.identity_photo, once())],
        RecordedItem::Documents => conduct.documents.iter().map(|name| one(name, once())).collect(),
        RecordedItem::Answers => vec![one(words.recorded_answers, None)],
    }
}
