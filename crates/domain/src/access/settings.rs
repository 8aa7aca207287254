//! The settings that govern delivery (domain rules, 5.1), in the form that storage keeps.
//!
//! Absent fields read as their defaults. A candidate's override of a step names only what is the
//! candidate's own.

use super::form::AccessForm;
use super::prerequisite::Prerequisite;
use crate::instance::AccessMethod;
use crate::time::{TimeWindow, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use uuid::Uuid;

crate::string_enum! {
    /// The language of the interface; `default` leaves it to the candidate's browser.
    pub enum InterfaceLang {
        Default = "default",
        Tr = "tr",
        En = "en",
        Es = "es",
        Fr = "fr",
        Nl = "nl",
        It = "it",
        Sr = "sr",
        Sv = "sv",
        De = "de",
        No = "no",
        Ru = "ru",
        Pt = "pt",
        Ar = "ar",
        He = "he",
    }

    pub enum WebcamRecording {
        None = "NONE",
        Photo = "PHOTO",
        Video = "VIDEO",
    }

    pub enum ScreenRecording {
        None = "NONE",
        Screenshot = "SCREENSHOT",
        Screencapture = "SCREENCAPTURE",
    }

    /// What a candidate may read of the own results.
    pub enum ResultSharing {
        Nothing = "nothing",
        Basic = "basic",
        Detailed = "detailed",
    }

    /// What a candidate may read of the own answers.
    pub enum AnswerReview {
        None = "none",
        /// What was answered, whether it was right, and the feedback on it.
        Answers = "answers",
        /// The right answers too.
        Solutions = "solutions",
    }

    /// When what may be read of a result is shown.
    pub enum ShareWhen {
        /// At once.
        Completed = "completed",
        /// When no answer waits for an evaluation.
        Settled = "settled",
        /// When the step's window has ended.
        Closed = "closed",
        /// When staff release it.
        Released = "released",
    }

    /// Whether a submission is confirmed to the candidate by mail.
    pub enum ConfirmationMail {
        /// Where the task has e-mail templates, which is to say invites by mail.
        Auto = "auto",
        /// Whoever has an address.
        Always = "always",
        Never = "never",
    }
}

impl InterfaceLang {
    /// Those of the integration API: `default` and the twelve languages of its contract. A task in
    /// another one reads as `default` there.
    pub const OF_CONTRACT: &'static [Self] = Self::ALL.split_at(13).0;

    /// The word that the integration API has for what is stored.
    #[must_use]
    pub fn contract_word(stored: &str) -> &'static str {
        Self::parse(stored)
            .filter(|lang| Self::OF_CONTRACT.contains(lang))
            .unwrap_or(Self::Default)
            .as_str()
    }
}

/// A switch and a window. A date is a plan and governs starting only; a switch is an intervention
/// and keeps everybody out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccessSwitch {
    pub active: bool,
    pub window: TimeWindow,
}

impl Default for AccessSwitch {
    fn default() -> Self {
        Self { active: true, window: TimeWindow::default() }
    }
}

/// How many instances that are not ignored a candidate may have of a step. Written as a number, -1
/// for unlimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub enum AttemptLimit {
    Unlimited,
    /// 1 to 2147483647.
    AtMost(u32),
}

/// A number that is no attempt limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an attempt limit is -1 or 1 to 2147483647")]
pub struct InvalidAttemptLimit;

impl AttemptLimit {
    /// Whether one more may be started beside so many.
    #[must_use]
    pub fn allows_another(self, attempts: u64) -> bool {
        match self {
            Self::Unlimited => true,
            Self::AtMost(limit) => attempts < u64::from(limit),
        }
    }
}

impl Default for AttemptLimit {
    fn default() -> Self {
        Self::AtMost(1)
    }
}

impl TryFrom<i64> for AttemptLimit {
    type Error = InvalidAttemptLimit;

    fn try_from(number: i64) -> Result<Self, InvalidAttemptLimit> {
        match u32::try_from(number) {
            Err(_) if number == -1 => Ok(Self::Unlimited),
            Ok(limit @ 1..=2_147_483_647) => Ok(Self::AtMost(limit)),
            _ => Err(InvalidAttemptLimit),
        }
    }
}

impl From<AttemptLimit> for i64 {
    fn from(limit: AttemptLimit) -> Self {
        match limit {
            AttemptLimit::Unlimited => -1,
            AttemptLimit::AtMost(limit) => Self::from(limit),
        }
    }
}

/// An entry of a task's list of programs or stages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgramOrStage {
    pub uuid: Uuid,
    pub name: String,
}

/// What staff decide about a task; kept as one JSON text, absent fields being defaults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct TaskSettings {
    pub switch: AccessSwitch,
    pub access_method: AccessMethod,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_form: Option<AccessForm>,
    pub lang: InterfaceLang,
    pub programs: Vec<ProgramOrStage>,
    pub stages: Vec<ProgramOrStage>,
    pub folder: String,
    /// In the order they were added.
    pub labels: Vec<String>,
    pub tags: BTreeMap<String, String>,
    /// Days after a candidate's last activity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erase_after_days: Option<u32>,
}

impl Default for TaskSettings {
    fn default() -> Self {
        Self {
            switch: AccessSwitch::default(),
            access_method: AccessMethod::InvitationCode,
            access_form: None,
            lang: InterfaceLang::Default,
            programs: Vec::new(),
            stages: Vec::new(),
            folder: String::new(),
            labels: Vec::new(),
            tags: BTreeMap::new(),
            erase_after_days: None,
        }
    }
}

/// What a step demands and records beyond its test. Kept as one text beside the step's columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StepConduct {
    pub prerequisites: Vec<Prerequisite>,
    pub webcam_recording: WebcamRecording,
    pub screen_recording: ScreenRecording,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fullscreen: Option<FullscreenRules>,
    pub identity_photo: bool,
    /// Names of documents the candidate must hand in before the start.
    pub documents: Vec<String>,
    /// Whether a candidate may have an answer checked while working; nothing else differs.
    pub practice_mode: bool,
    pub sharing: ResultSharing,
    pub review: AnswerReview,
    pub share_when: ShareWhen,
    pub confirmation_mail: ConfirmationMail,
}

impl Default for StepConduct {
    fn default() -> Self {
        Self {
            prerequisites: Vec::new(),
            webcam_recording: WebcamRecording::None,
            screen_recording: ScreenRecording::None,
            fullscreen: None,
            identity_photo: false,
            documents: Vec::new(),
            practice_mode: false,
            sharing: ResultSharing::Nothing,
            review: AnswerReview::None,
            share_when: ShareWhen::Settled,
            confirmation_mail: ConfirmationMail::Auto,
        }
    }
}

/// What leaving full screen leads to (domain rules, 9). Seconds are measured by the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct FullscreenRules {
    /// Without it, leaving terminates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resume: Option<ResumeRules>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terminate_after_count: Option<u32>,
    /// Of one absence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terminate_after_seconds: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terminate_after_total_seconds: Option<u32>,
    /// Beyond it the instance's flag is brown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flag_after_total_seconds: Option<u32>,
}

/// How often and how long a candidate may leave full screen and come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResumeRules {
    pub max_count: u32,
    pub max_seconds: u32,
}

/// The step's value or the candidate's own. An own value is written as itself; the step's is
/// absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overridable<T> {
    #[default]
    Default,
    Value(T),
}

impl<T> Overridable<T> {
    /// Whether it need not be stored.
    #[must_use]
    pub const fn is_default(&self) -> bool {
        matches!(self, Self::Default)
    }

    /// The own value, else the step's.
    #[must_use]
    pub fn or(self, step: T) -> T {
        match self {
            Self::Default => step,
            Self::Value(own) => own,
        }
    }
}

impl<T: Serialize> Serialize for Overridable<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Default => serializer.serialize_unit(),
            Self::Value(own) => own.serialize(serializer),
        }
    }
}

impl<'text, T: Deserialize<'text>> Deserialize<'text> for Overridable<T> {
    fn deserialize<D: Deserializer<'text>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::Value)
    }
}

/// What is a candidate's own in a step. An own date may be none, written as `null`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct StepOverride {
    #[serde(skip_serializing_if = "Overridable::is_default")]
    pub active: Overridable<bool>,
    #[serde(skip_serializing_if = "Overridable::is_default")]
    pub after: Overridable<Option<Timestamp>>,
    #[serde(skip_serializing_if = "Overridable::is_default")]
    pub before: Overridable<Option<Timestamp>>,
    #[serde(skip_serializing_if = "Overridable::is_default")]
    pub attempt_limit: Overridable<AttemptLimit>,
}

/// What holds for one candidate in one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StepRules {
    pub switch: AccessSwitch,
    pub attempt_limit: AttemptLimit,
}

impl StepOverride {
    /// The step's rules with the candidate's own values in their place.
    #[must_use]
    pub fn applied_to(&self, step: StepRules) -> StepRules {
        let window = TimeWindow {
            after: self.after.or(step.switch.window.after),
            before: self.before.or(step.switch.window.before),
        };
        let switch = AccessSwitch { active: self.active.or(step.switch.active), window };
        StepRules { switch, attempt_limit: self.attempt_limit.or(step.attempt_limit) }
    }

    /// Whether nothing is the candidate's own, so that the override need not be kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_knows_twelve_languages_and_no_other_word() {
        let words: Vec<_> = InterfaceLang::OF_CONTRACT.iter().map(|lang| lang.as_str()).collect();
        let contract = "default tr en es fr nl it sr sv de no ru pt";
        assert_eq!(words.join(" "), contract);
        assert_eq!(
            ["pt", "ar", "he", "x"].map(InterfaceLang::contract_word),
            ["pt", "default", "default", "default"]
        );
    }

    #[test]
    fn numbers_that_are_no_attempt_limit_are_refused() {
        for number in [0, -2, 2_147_483_648, i64::MIN, i64::MAX] {
            assert_eq!(AttemptLimit::try_from(number), Err(InvalidAttemptLimit), "{number}");
        }
        assert_eq!(serde_json::to_string(&AttemptLimit::Unlimited).unwrap(), "-1");
        assert_eq!(
            serde_json::from_str::<AttemptLimit>("2147483647").unwrap(),
            AttemptLimit::AtMost(2_147_483_647)
        );
        assert!(AttemptLimit::Unlimited.allows_another(u64::MAX));
        assert!(!AttemptLimit::AtMost(2).allows_another(2));
        assert!(AttemptLimit::AtMost(2).allows_another(1));
    }

    #[test]
    fn an_empty_text_reads_as_the_defaults() {
        assert_eq!(serde_json::from_str::<TaskSettings>("{}").unwrap(), TaskSettings::default());
        assert_eq!(serde_json::from_str::<StepConduct>("{}").unwrap(), StepConduct::default());
        assert!(serde_json::from_str::<TaskSettings>(r#"{"later":1}"#).is_err());
        let before: StepConduct = serde_json::from_str(r#"{"sharing":"basic"}"#).unwrap();
        assert_eq!((before.review, before.share_when), (AnswerReview::None, ShareWhen::Settled));
        assert_eq!(before.confirmation_mail, ConfirmationMail::Auto);
    }

    #[test]
    fn an_own_date_of_none_is_told_from_no_own_date() {
        let own: StepOverride =
            serde_json::from_str(r#"{"after":null,"attemptLimit":-1}"#).unwrap();
        assert_eq!(own.after, Overridable::Value(None));
        assert_eq!(own.before, Overridable::Default);
        assert_eq!(serde_json::to_string(&own).unwrap(), r#"{"after":null,"attemptLimit":-1}"#);
        assert!(!own.is_empty());
        assert!(StepOverride::default().is_empty());
        assert_eq!(serde_json::to_string(&StepOverride::default()).unwrap(), "{}");
    }

    #[test]
    fn own_values_stand_in_the_place_of_the_steps() {
        let window = TimeWindow { after: Some(Timestamp(10)), before: Some(Timestamp(20)) };
        let step = StepRules {
            switch: AccessSwitch { active: true, window },
            attempt_limit: AttemptLimit::AtMost(1),
        };
        assert_eq!(StepOverride::default().applied_to(step), step);
        let own = StepOverride {
            active: Overridable::Value(false),
            after: Overridable::Value(None),
            before: Overridable::Default,
            attempt_limit: Overridable::Value(AttemptLimit::Unlimited),
        };
        let merged = own.applied_to(step);
        assert_eq!(merged.switch.window, TimeWindow { after: None, before: Some(Timestamp(20)) });
        assert!(!merged.switch.active);
        assert_eq!(merged.attempt_limit, AttemptLimit::Unlimited);
    }
}
