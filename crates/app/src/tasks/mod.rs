//! Tasks and their steps: who may take which tests, when, and how they get in.

mod arrange;
mod check;
mod copy;
mod create;
mod list;
mod search;
mod update;

pub use search::TaskFilter;
pub use update::{StepUpdate, TaskUpdate};

use crate::failure::Failure;
use crate::json::from_json;
use crate::result_release::ResultRelease;
use domain::access::form::AccessForm;
use domain::access::prerequisite::{MinimumRatio, ScoreAggregate};
use domain::access::settings::{
    AccessSwitch, AnswerReview, AttemptLimit, ConfirmationMail, FullscreenRules, InterfaceLang,
    ProgramOrStage, ResultSharing, ScreenRecording, ShareWhen, StepConduct, WebcamRecording,
};
use domain::id::{OrganizationId, StepId, TaskId, TestId};
use domain::instance::AccessMethod;
use domain::time::{TimeWindow, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use storage::result_release::ResultReleaseRow;
use storage::step::StepRow;
use storage::task::TaskRow;

/// An e-mail that staff can have sent, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailTemplate {
    pub name: String,
    /// May hold placeholders, as the body may.
    pub subject: String,
    /// Plain text; none is the default text in the candidate's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// A task to be made. Programs and stages are named; they get their uuids here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTask {
    pub title: String,
    pub switch: AccessSwitch,
    pub access_method: AccessMethod,
    pub access_form: Option<AccessForm>,
    pub lang: InterfaceLang,
    pub folder: String,
    pub favorite: bool,
    pub labels: Vec<String>,
    pub tags: BTreeMap<String, String>,
    pub programs: Vec<String>,
    pub stages: Vec<String>,
    pub email_templates: Vec<EmailTemplate>,
    /// In delivery order.
    pub steps: Vec<NewStep>,
}

impl NewTask {
    /// A task with defaults for everything but its title and steps.
    #[must_use]
    pub fn of(title: impl Into<String>, steps: Vec<NewStep>) -> Self {
        Self {
            title: title.into(),
            switch: AccessSwitch::default(),
            access_method: AccessMethod::InvitationCode,
            access_form: None,
            lang: InterfaceLang::Default,
            folder: String::new(),
            favorite: false,
            labels: Vec::new(),
            tags: BTreeMap::new(),
            programs: Vec::new(),
            stages: Vec::new(),
            email_templates: Vec::new(),
            steps,
        }
    }
}

/// A step to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewStep {
    pub test: TestId,
    /// None is the test's title.
    pub title: Option<String>,
    pub switch: AccessSwitch,
    pub attempt_limit: AttemptLimit,
    pub conduct: NewConduct,
}

impl NewStep {
    /// A step with defaults for everything but its test.
    #[must_use]
    pub fn of(test: TestId) -> Self {
        Self {
            test,
            title: None,
            switch: AccessSwitch::default(),
            attempt_limit: AttemptLimit::default(),
            conduct: NewConduct::default(),
        }
    }
}

/// What a step demands and records beyond its test; absent is the default, or stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewConduct {
    pub prerequisites: Option<Vec<NewPrerequisite>>,
    pub webcam_recording: Option<WebcamRecording>,
    pub screen_recording: Option<ScreenRecording>,
    /// `Some(None)` switches it off.
    pub fullscreen: Option<Option<FullscreenRules>>,
    pub identity_photo: Option<bool>,
    pub documents: Option<Vec<String>>,
    pub practice_mode: Option<bool>,
    pub sharing: Option<ResultSharing>,
    pub review: Option<AnswerReview>,
    pub share_when: Option<ShareWhen>,
    pub confirmation_mail: Option<ConfirmationMail>,
}

/// A condition on starting a step, in words that can be written before ids exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewPrerequisite {
    /// Names of stages of the task.
    Stage {
        stages: Vec<String>,
    },
    /// Names or uuids of programs of the task.
    Program {
        programs: Vec<String>,
    },
    /// The number of another step in the task, from 1.
    Completion {
        step: usize,
    },
    Score {
        step: usize,
        figure: ScoreAggregate,
        minimum: MinimumRatio,
    },
}

/// A task as staff see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskView {
    pub id: TaskId,
    pub organization: OrganizationId,
    pub title: String,
    pub created_at: Timestamp,
    pub switch: AccessSwitch,
    pub access_method: AccessMethod,
    pub access_form: Option<AccessForm>,
    /// `default` or a language.
    pub lang: String,
    pub folder: String,
    pub favorite: bool,
    pub labels: Vec<String>,
    pub tags: BTreeMap<String, String>,
    pub programs: Vec<ProgramOrStage>,
    pub stages: Vec<ProgramOrStage>,
    pub email_templates: Vec<EmailTemplate>,
    /// In delivery order.
    pub steps: Vec<TaskStepView>,
}

/// A step as staff see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskStepView {
    pub id: StepId,
    pub test: TestId,
    pub title: String,
    pub switch: AccessSwitch,
    pub attempt_limit: AttemptLimit,
    pub conduct: StepConduct,
    /// What staff have decided about showing its results.
    pub release: ResultRelease,
}

impl TaskView {
    pub(crate) fn of(
        row: TaskRow,
        steps: Vec<StepRow>,
        releases: &[ResultReleaseRow],
    ) -> Result<Self, Failure> {
        let step = |step: StepRow| {
            let decided = releases.iter().find(|release| release.step_id == step.id);
            TaskStepView::of(step, decided.map(ResultRelease::from).unwrap_or_default())
        };
        Ok(Self {
            switch: switch(row.active, row.active_after, row.active_before),
            access_form: row.access_form.as_deref().map(from_json).transpose()?,
            labels: from_json(&row.labels)?,
            tags: from_json(&row.tags)?,
            programs: from_json(&row.programs)?,
            stages: from_json(&row.stages)?,
            email_templates: from_json(&row.email_templates)?,
            steps: steps.into_iter().map(step).collect::<Result<_, _>>()?,
            id: row.id,
            organization: row.organization_id,
            title: row.title,
            created_at: row.created_at,
            access_method: row.access_method,
            lang: row.lang,
            folder: row.folder,
            favorite: row.favorite,
        })
    }
}

impl TaskStepView {
    fn of(row: StepRow, release: ResultRelease) -> Result<Self, Failure> {
        Ok(Self {
            release,
            switch: switch(row.active, row.active_after, row.active_before),
            attempt_limit: AttemptLimit::try_from(row.attempt_limit).map_err(Failure::internal)?,
            conduct: from_json(&row.settings)?,
            id: row.id,
            test: row.test_id,
            title: row.title,
        })
    }
}

const fn switch(active: bool, after: Option<Timestamp>, before: Option<Timestamp>) -> AccessSwitch {
    AccessSwitch { active, window: TimeWindow { after, before } }
}
