//! Tasks as they are sent: the detailed task of the integration API and what only staff need.

use super::conduct::FullscreenRequest;
use super::form::AccessFormRequest;
use crate::openapi::EnumWord;
use app::result_release::ResultRelease;
use app::tasks::{EmailTemplate, TaskStepView, TaskView};
use domain::access::form::AccessForm;
use domain::access::prerequisite::{Prerequisite, ScoreAggregate};
use domain::access::settings::{
    AnswerReview, ConfirmationMail, FullscreenRules, InterfaceLang, ProgramOrStage, ResultSharing,
    ScreenRecording, ShareWhen, StepConduct, WebcamRecording,
};
use domain::instance::AccessMethod;
use domain::time::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

type AccessMethodWord = EnumWord<AccessMethod>;
type InterfaceLangWord = EnumWord<InterfaceLang>;
type ResultSharingWord = EnumWord<ResultSharing>;
type AnswerReviewWord = EnumWord<AnswerReview>;
type ShareWhenWord = EnumWord<ShareWhen>;
type ConfirmationMailWord = EnumWord<ConfirmationMail>;
type ScoreAggregateWord = EnumWord<ScoreAggregate>;
type ScreenRecordingWord = EnumWord<ScreenRecording>;
type WebcamRecordingWord = EnumWord<WebcamRecording>;

/// A task with its steps and settings.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ManagedTask)]
pub(in crate::management) struct ManagedTask {
    /// Id of the task.
    task_id: String,
    /// The title candidates and staff read.
    title: String,
    /// When it was made, in seconds since the epoch.
    created_at: i64,
    /// Id of the organization.
    organization_id: String,
    /// Whether staff have marked it as a favourite.
    favorite: bool,
    /// The folder it stands in; the empty name is the default folder.
    folder: String,
    /// Free marks, in the order in which they were added.
    labels: Vec<String>,
    /// Names with values, such as `City: Izmir`.
    tags: BTreeMap<String, String>,
    /// The language of the pages, as two letters; `default` follows the candidate.
    #[schema(value_type = InterfaceLangWord, inline)]
    lang: String,
    /// How candidates get in.
    #[schema(inline)]
    access_method: AccessMethodWord,
    /// Switched off, it keeps everybody out at once.
    active: bool,
    /// Not open before this moment, in seconds since the epoch; null is no limit.
    active_after: Option<i64>,
    /// Not open from this moment on, in seconds since the epoch; null is no limit.
    active_before: Option<i64>,
    /// The steps, in delivery order.
    steps: Vec<ManagedStep>,
    /// The programs candidates can be in.
    programs: Vec<NamedEntry>,
    /// The stages candidates go through.
    stages: Vec<NamedEntry>,
    /// The templates of invitations.
    email_templates: Vec<EmailTemplateEntry>,
    /// The fields asked at first entry, and values given to everybody; null without.
    #[schema(value_type = Option<AccessFormRequest>)]
    access_form: Option<AccessForm>,
}

/// One test placed in a task.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ManagedStep)]
struct ManagedStep {
    /// Id of the step.
    id: String,
    /// The title candidates read.
    title: String,
    /// Switched off, it keeps everybody out at once.
    active: bool,
    /// Not open from this moment on, in seconds since the epoch; null is no limit.
    active_before: Option<i64>,
    /// Not open before this moment, in seconds since the epoch; null is no limit.
    active_after: Option<i64>,
    /// -1: unlimited.
    attempt_limit: i64,
    /// Id of the test that is taken.
    test_id: String,
    /// What it demands and records beyond its test.
    conduct: ManagedConduct,
    /// What staff have decided about showing its results.
    release: ResultReleaseResponse,
}

/// When staff released results to candidates, or took them back.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ResultRelease)]
pub(in crate::management) struct ResultReleaseResponse {
    /// When they were released, in seconds since the epoch; null when they were not.
    released_at: Option<i64>,
    /// When they were withdrawn, in seconds since the epoch; while it stands nothing is shown.
    withdrawn_at: Option<i64>,
}

impl From<ResultRelease> for ResultReleaseResponse {
    fn from(release: ResultRelease) -> Self {
        Self {
            released_at: release.released_at.map(Timestamp::seconds),
            withdrawn_at: release.withdrawn_at.map(Timestamp::seconds),
        }
    }
}

/// What a step demands and records beyond its test.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StepConduct)]
struct ManagedConduct {
    /// What a candidate must be or have done before; all must hold.
    prerequisites: Vec<ManagedPrerequisite>,
    /// What the camera records.
    #[schema(inline)]
    webcam_recording: WebcamRecordingWord,
    /// What is recorded of the screen.
    #[schema(inline)]
    screen_recording: ScreenRecordingWord,
    /// What leaving full screen leads to; absent when it is not taken in full screen.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<FullscreenRequest>)]
    fullscreen: Option<FullscreenRules>,
    /// Whether a photo that shows who the candidate is has to be sent before the start.
    identity_photo: bool,
    /// Names of the documents to be sent before the start.
    documents: Vec<String>,
    /// Whether it is for practice.
    practice_mode: bool,
    /// What candidates may see of their results.
    #[schema(inline)]
    sharing: ResultSharingWord,
    /// What candidates may see of their answers.
    #[schema(inline)]
    review: AnswerReviewWord,
    /// When that is shown.
    #[schema(inline)]
    share_when: ShareWhenWord,
    /// Whether a submission is confirmed to the candidate by e-mail.
    #[schema(inline)]
    confirmation_mail: ConfirmationMailWord,
}

/// A condition on starting a step.
#[derive(Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[schema(as = StepPrerequisite)]
enum ManagedPrerequisite {
    /// The candidate is in one of these stages.
    Stage {
        /// Names of stages of the task.
        stages: BTreeSet<String>,
    },
    /// The candidate has one of these programs.
    Program {
        /// Uuids of programs of the task.
        programs: Vec<String>,
    },
    /// Another step was completed.
    Completion {
        /// Id of the other step.
        step: String,
    },
    /// Another step was completed well enough.
    Score {
        /// Id of the other step.
        step: String,
        /// Which figure of several instances is compared.
        #[schema(inline)]
        figure: ScoreAggregateWord,
        /// The achievement ratio to be reached, a decimal as text.
        minimum: String,
    },
}

/// A program or stage.
#[derive(Serialize, ToSchema)]
#[schema(as = NamedEntry)]
struct NamedEntry {
    /// Its uuid.
    uuid: String,
    /// Its name.
    name: String,
}

/// A template of invitations.
#[derive(Serialize, ToSchema)]
#[schema(as = EmailTemplateEntry)]
struct EmailTemplateEntry {
    /// The name it is chosen by.
    name: String,
    /// The subject of the mail.
    subject: String,
    /// Null: an invitation in the candidate's language.
    body: Option<String>,
}

impl From<TaskView> for ManagedTask {
    fn from(task: TaskView) -> Self {
        let window = task.switch.window;
        Self {
            task_id: task.id.to_string(),
            title: task.title,
            created_at: task.created_at.seconds(),
            organization_id: task.organization.to_string(),
            favorite: task.favorite,
            folder: task.folder,
            labels: task.labels,
            tags: task.tags,
            lang: task.lang,
            access_method: task.access_method.into(),
            active: task.switch.active,
            active_after: window.after.map(Timestamp::seconds),
            active_before: window.before.map(Timestamp::seconds),
            steps: task.steps.into_iter().map(ManagedStep::from).collect(),
            programs: task.programs.into_iter().map(NamedEntry::from).collect(),
            stages: task.stages.into_iter().map(NamedEntry::from).collect(),
            email_templates: task
                .email_templates
                .into_iter()
                .map(EmailTemplateEntry::from)
                .collect(),
            access_form: task.access_form,
        }
    }
}

impl From<TaskStepView> for ManagedStep {
    fn from(step: TaskStepView) -> Self {
        let window = step.switch.window;
        Self {
            id: step.id.to_string(),
            title: step.title,
            active: step.switch.active,
            active_before: window.before.map(Timestamp::seconds),
            active_after: window.after.map(Timestamp::seconds),
            attempt_limit: step.attempt_limit.into(),
            test_id: step.test.to_string(),
            conduct: step.conduct.into(),
            release: step.release.into(),
        }
    }
}

impl From<StepConduct> for ManagedConduct {
    fn from(conduct: StepConduct) -> Self {
        Self {
            prerequisites: conduct.prerequisites.into_iter().map(Into::into).collect(),
            webcam_recording: conduct.webcam_recording.into(),
            screen_recording: conduct.screen_recording.into(),
            fullscreen: conduct.fullscreen,
            identity_photo: conduct.identity_photo,
            documents: conduct.documents,
            practice_mode: conduct.practice_mode,
            sharing: conduct.sharing.into(),
            review: conduct.review.into(),
            share_when: conduct.share_when.into(),
            confirmation_mail: conduct.confirmation_mail.into(),
        }
    }
}

impl From<Prerequisite> for ManagedPrerequisite {
    fn from(prerequisite: Prerequisite) -> Self {
        match prerequisite {
            Prerequisite::Stage { stages } => Self::Stage { stages },
            Prerequisite::Program { programs } => {
                Self::Program { programs: programs.iter().map(ToString::to_string).collect() }
            }
            Prerequisite::Completion { step } => Self::Completion { step: step.to_string() },
            Prerequisite::Score { step, figure, minimum } => Self::Score {
                step: step.to_string(),
                figure: figure.into(),
                minimum: minimum.into(),
            },
        }
    }
}

impl From<ProgramOrStage> for NamedEntry {
    fn from(entry: ProgramOrStage) -> Self {
        Self { uuid: entry.uuid.to_string(), name: entry.name }
    }
}

impl From<EmailTemplate> for EmailTemplateEntry {
    fn from(template: EmailTemplate) -> Self {
        Self { name: template.name, subject: template.subject, body: template.body }
    }
}
