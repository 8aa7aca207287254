//! How a task is printed (REST specification, 4): keys in the order of the shapes.

use crate::mode::Mode;
use crate::openapi::word_schema;
use crate::pagination::Pagination;
use app::tasks::{StepView, TaskView};
use domain::access::settings::{InterfaceLang, ScreenRecording, WebcamRecording};
use domain::id::TestId;
use domain::instance::AccessMethod;
use domain::time::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

/// A task in the mode that was asked for.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum Task {
    // Clients try one shape after the other, so the one that demands more comes first.
    Detailed(Box<DetailedTask>),
    Basic(BasicTask),
}

/// A page of tasks.
#[derive(Serialize, ToSchema)]
pub struct TaskPage {
    pub tasks: Vec<Task>,
    pub pagination: Pagination,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BasicTask {
    task_id: String,
    title: String,
    /// Seconds since the epoch.
    created_at: i64,
}

/// A task with its steps and settings.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DetailedTask {
    task_id: String,
    title: String,
    /// Seconds since the epoch.
    created_at: i64,
    organization_id: String,
    favorite: bool,
    folder: String,
    labels: Vec<String>,
    tags: BTreeMap<String, String>,
    #[schema(schema_with = languages)]
    lang: String,
    #[schema(schema_with = access_methods)]
    access_method: &'static str,
    active: bool,
    #[schema(required)]
    active_after: Option<i64>,
    #[schema(required)]
    active_before: Option<i64>,
    /// In delivery order.
    steps: Vec<TaskStep>,
    programs: Vec<TaskEntry>,
    stages: Vec<TaskEntry>,
    email_templates: Vec<TaskEmailTemplate>,
    private_chat_enabled: bool,
}

/// One test placed in a task.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TaskStep {
    id: String,
    title: String,
    active: bool,
    #[schema(required)]
    active_before: Option<i64>,
    #[schema(required)]
    active_after: Option<i64>,
    /// -1: unlimited.
    attempt_limit: i64,
    test: PlacedTest,
    #[schema(schema_with = webcam_recordings)]
    webcam_recording: &'static str,
    #[schema(schema_with = screen_recordings)]
    screen_recording: &'static str,
    fullscreen: bool,
    post_ai_proctoring: bool,
    practice_mode: bool,
}

/// Where a test comes from; this server has own tests only.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlacedTest {
    test_id: String,
    organization_id: String,
    #[schema(schema_with = test_sources)]
    source: &'static str,
}

/// The same where an instance is expanded by it: there the shape has another order.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExpandedTest {
    #[schema(schema_with = test_sources)]
    source: &'static str,
    test_id: String,
    organization_id: String,
}

/// A program or stage.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TaskEntry {
    uuid: String,
    name: String,
}

#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TaskEmailTemplate {
    name: String,
    subject: String,
}

domain::words! {
    /// Where tests may come from; other servers than this one use the rest.
    pub enum TestSource {
        OwnTest = "own-test",
        Marketplace = "marketplace",
        TalentLibraryTest = "talent-library-test",
        FreeTalentLibraryTest = "free-talent-library-test",
        RecruitmentTestLibrary = "recruitment-test-library",
        FreeRecruitmentTestLibrary = "free-recruitment-test-library",
        Trial = "trial",
        Unknown = "unknown",
    }
}

pub fn test_sources() -> RefOr<Schema> {
    word_schema(TestSource::ALL, TestSource::as_str)
}

fn languages() -> RefOr<Schema> {
    word_schema(InterfaceLang::ALL, InterfaceLang::as_str)
}

fn access_methods() -> RefOr<Schema> {
    word_schema(AccessMethod::ALL, AccessMethod::as_str)
}

fn webcam_recordings() -> RefOr<Schema> {
    word_schema(WebcamRecording::ALL, WebcamRecording::as_str)
}

fn screen_recordings() -> RefOr<Schema> {
    word_schema(ScreenRecording::ALL, ScreenRecording::as_str)
}

impl Task {
    pub fn of(view: TaskView, mode: Mode) -> Self {
        match mode {
            Mode::Basic => Self::Basic(BasicTask {
                task_id: view.id.to_string(),
                title: view.title,
                created_at: view.created_at.seconds(),
            }),
            Mode::Detailed => Self::Detailed(Box::new(view.into())),
        }
    }
}

impl From<TaskView> for DetailedTask {
    fn from(task: TaskView) -> Self {
        let window = task.switch.window;
        let organization = task.organization.as_str();
        let entries = |list: Vec<domain::access::settings::Named>| {
            list.into_iter().map(|entry| TaskEntry { uuid: entry.uuid.to_string(), name: entry.name }).collect()
        };
        let template =
            |template: app::tasks::EmailTemplate| TaskEmailTemplate { name: template.name, subject: template.subject };
        Self {
            task_id: task.id.to_string(),
            created_at: task.created_at.seconds(),
            steps: task.steps.into_iter().map(|step| TaskStep::of(step, organization)).collect(),
            organization_id: organization.to_owned(),
            title: task.title,
            favorite: task.favorite,
            folder: task.folder,
            labels: task.labels,
            tags: task.tags,
            lang: task.lang,
            access_method: task.access_method.as_str(),
            active: task.switch.active,
            active_after: window.after.map(Timestamp::seconds),
            active_before: window.before.map(Timestamp::seconds),
            programs: entries(task.programs),
            stages: entries(task.stages),
            email_templates: task.email_templates.into_iter().map(template).collect(),
            private_chat_enabled: false,
        }
    }
}

impl PlacedTest {
    pub fn of(test: &TestId, organization: &str) -> Self {
        Self {
            test_id: test.to_string(),
            organization_id: organization.to_owned(),
            source: TestSource::OwnTest.as_str(),
        }
    }
}

impl From<PlacedTest> for ExpandedTest {
    fn from(PlacedTest { test_id, organization_id, source }: PlacedTest) -> Self {
        Self { source, test_id, organization_id }
    }
}

impl TaskStep {
    fn of(step: StepView, organization: &str) -> Self {
        let window = step.switch.window;
        let test = PlacedTest::of(&step.test, organization);
        Self {
            id: step.id.to_string(),
            title: step.title,
            active: step.switch.active,
            active_before: window.before.map(Timestamp::seconds),
            active_after: window.after.map(Timestamp::seconds),
            attempt_limit: step.attempt_limit.into(),
            test,
            webcam_recording: step.conduct.webcam_recording.as_str(),
            screen_recording: step.conduct.screen_recording.as_str(),
            fullscreen: step.conduct.fullscreen.is_some(),
            post_ai_proctoring: false,
            practice_mode: step.conduct.practice_mode,
        }
    }
}
