//! What is said before a start: what the step will record, and which devices it uses.

use super::{EvidenceKind, recorded_kinds};
use crate::access::settings::StepConduct;
use crate::document::inline_questions;
use crate::document::model::{Input, QuestionBody, Test};

crate::string_enum! {
    /// Something that is recorded of a candidate at a step.
    pub enum RecordedItem {
        Photo = "photo",
        Video = "video",
        Screenshot = "screenshot",
        Screencapture = "screencapture",
        /// Leaving full screen and coming back.
        Fullscreen = "fullscreen",
        IdentityPhoto = "identity-photo",
        Documents = "documents",
        /// The answers, their files and when pages were opened.
        Answers = "answers",
    }

    /// Why a device is used, the strongest reason last.
    pub enum DeviceReason {
        /// Some questions are answered with it.
        Answers = "answers",
        /// The step records with it. Whoever refuses may start, and it is seen.
        Recorded = "recorded",
        /// The test cannot be taken without it.
        Required = "required",
    }
}

impl From<EvidenceKind> for RecordedItem {
    fn from(kind: EvidenceKind) -> Self {
        match kind {
            EvidenceKind::Photo => Self::Photo,
            EvidenceKind::Video => Self::Video,
            EvidenceKind::Screenshot => Self::Screenshot,
            EvidenceKind::Screencapture => Self::Screencapture,
        }
    }
}

impl RecordedItem {
    /// Whether it goes when the organization's days for recordings are over. Everything else is part
    /// of the result.
    #[must_use]
    pub const fn is_recording(self) -> bool {
        !matches!(self, Self::Fullscreen | Self::Answers)
    }
}

/// What a step records, where it is more than the answers; empty where it is not.
#[must_use]
pub fn recorded_items(conduct: &StepConduct) -> Vec<RecordedItem> {
    let mut items: Vec<RecordedItem> =
        recorded_kinds(conduct).into_iter().map(RecordedItem::from).collect();
    items.extend(conduct.fullscreen.map(|_| RecordedItem::Fullscreen));
    items.extend(conduct.identity_photo.then_some(RecordedItem::IdentityPhoto));
    items.extend((!conduct.documents.is_empty()).then_some(RecordedItem::Documents));
    if !items.is_empty() {
        items.push(RecordedItem::Answers);
    }
    items
}

/// The devices that a step uses, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeviceNeeds {
    pub camera: Option<DeviceReason>,
    pub microphone: Option<DeviceReason>,
    pub screen: Option<DeviceReason>,
    pub fullscreen: Option<DeviceReason>,
    /// Whether files are sent, of whatever kind.
    pub sends_files: bool,
}

impl DeviceNeeds {
    /// Whether there is anything to try out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What a step uses beyond a keyboard. Questions of the bank are not looked at: which ones a
/// candidate gets is known at the start.
#[must_use]
pub fn device_needs(conduct: &StepConduct, test: &Test) -> DeviceNeeds {
    let mut needs = DeviceNeeds {
        fullscreen: conduct.fullscreen.map(|_| DeviceReason::Required),
        sends_files: conduct.identity_photo || !conduct.documents.is_empty(),
        ..DeviceNeeds::default()
    };
    let add = |need: &mut Option<DeviceReason>, reason| *need = (*need).max(Some(reason));
    for kind in recorded_kinds(conduct) {
        needs.sends_files = true;
        match kind {
            EvidenceKind::Photo => add(&mut needs.camera, DeviceReason::Recorded),
            EvidenceKind::Video => {
                add(&mut needs.camera, DeviceReason::Recorded);
                add(&mut needs.microphone, DeviceReason::Recorded);
            }
            EvidenceKind::Screenshot | EvidenceKind::Screencapture => {
                add(&mut needs.screen, DeviceReason::Recorded);
            }
        }
    }
    for question in inline_questions(test) {
        let QuestionBody::Input(input) = &question.kind else { continue };
        let (has_camera, has_microphone) = match input {
            Input::Photo(_) => (true, false),
            Input::Audio(_) => (false, true),
            Input::Video(_) => (true, true),
            Input::File(_) => (false, false),
            Input::Field(_)
            | Input::Area(_)
            | Input::Rich(_)
            | Input::Code(_)
            | Input::Numeric(_)
            | Input::Tabular(_) => continue,
        };
        needs.sends_files = true;
        if has_camera {
            add(&mut needs.camera, DeviceReason::Answers);
        }
        if has_microphone {
            add(&mut needs.microphone, DeviceReason::Answers);
        }
    }
    needs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::settings::{FullscreenRules, ScreenRecording, WebcamRecording};
    use crate::document::parse_stored;

    fn test_of(questions: &str) -> Test {
        parse_stored(&format!(
            r#"{{"assay":1,"uuid":"5f0c2a8e-6f0b-4c3e-9a51-0d6f3c1b7e20","key":"t","title":"T",
            "sections":[{{"key":"s","title":"S","pages":[{{"key":"p","questions":[{questions}]}}]}}]}}"#
        ))
        .unwrap()
    }

    const TYPED: &str = r#"{"key":"q","kind":"input","type":"area","text":"Why?"}"#;

    fn input(key: &str, kind: &str) -> String {
        format!(r#"{{"key":"{key}","kind":"input","type":"{kind}","text":"Show."}}"#)
    }

    #[test]
    fn a_step_that_records_nothing_and_asks_for_words_has_nothing_to_announce_or_to_try() {
        let conduct = StepConduct::default();
        assert_eq!(recorded_items(&conduct), []);
        assert!(device_needs(&conduct, &test_of(TYPED)).is_empty());
    }

    #[test]
    fn everything_that_is_recorded_is_announced_and_the_answers_last() {
        let conduct = StepConduct {
            webcam_recording: WebcamRecording::Photo,
            screen_recording: ScreenRecording::Screencapture,
            fullscreen: Some(FullscreenRules::default()),
            identity_photo: true,
            documents: vec!["Passport".into()],
            ..StepConduct::default()
        };
        let items = recorded_items(&conduct);
        assert_eq!(
            items.iter().map(|item| item.as_str()).collect::<Vec<_>>(),
            ["photo", "screencapture", "fullscreen", "identity-photo", "documents", "answers"]
        );
        let lasting: Vec<_> = items.into_iter().filter(|item| !item.is_recording()).collect();
        assert_eq!(lasting, [RecordedItem::Fullscreen, RecordedItem::Answers]);
    }

    #[test]
    fn a_device_is_named_with_its_strongest_reason() {
        let questions = [input("a", "video"), input("b", "audio"), input("c", "file")].join(",");
        let answers = device_needs(&StepConduct::default(), &test_of(&questions));
        assert_eq!(
            answers,
            DeviceNeeds {
                camera: Some(DeviceReason::Answers),
                microphone: Some(DeviceReason::Answers),
                sends_files: true,
                ..DeviceNeeds::default()
            }
        );
        let conduct = StepConduct {
            webcam_recording: WebcamRecording::Photo,
            screen_recording: ScreenRecording::Screenshot,
            fullscreen: Some(FullscreenRules::default()),
            ..StepConduct::default()
        };
        assert_eq!(
            device_needs(&conduct, &test_of(&questions)),
            DeviceNeeds {
                camera: Some(DeviceReason::Recorded),
                screen: Some(DeviceReason::Recorded),
                fullscreen: Some(DeviceReason::Required),
                ..answers
            }
        );
    }

    #[test]
    fn a_film_by_the_camera_needs_the_microphone_and_a_document_only_the_connection() {
        let film =
            StepConduct { webcam_recording: WebcamRecording::Video, ..StepConduct::default() };
        let needs = device_needs(&film, &test_of(TYPED));
        assert_eq!(needs.microphone, Some(DeviceReason::Recorded));
        let paper = StepConduct { documents: vec!["Diploma".into()], ..StepConduct::default() };
        let needs = device_needs(&paper, &test_of(TYPED));
        assert_eq!(needs, DeviceNeeds { sends_files: true, ..DeviceNeeds::default() });
    }

    #[test]
    fn questions_of_pools_are_tried_out_as_well() {
        let pool = format!(
            r#"{{"pool":{{"key":"d","draw":1,"questions":[{},{}]}}}}"#,
            input("a", "photo"),
            input("b", "photo")
        );
        let needs = device_needs(&StepConduct::default(), &test_of(&pool));
        assert_eq!(needs.camera, Some(DeviceReason::Answers));
    }
}
