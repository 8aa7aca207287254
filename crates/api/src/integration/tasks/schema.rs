//! How a task is printed (REST specification, 4): keys in the order of the shapes.

use crate::detail_level::DetailLevel;
use crate::openapi::string_enum_schema;
use crate::pagination::Pagination;
use app::tasks::{TaskStepView, TaskView};
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
pub enum TaskResponse {
    // Clients try one shape after the other, so the one that demands more comes first.
    Detailed(Box<DetailedTask>),
    Basic(BasicTask),
}

/// A page of tasks.
#[derive(Serialize, ToSchema)]
pub struct TaskPage {
    /// The tasks, in creation order.
    pub tasks: Vec<TaskResponse>,
    /// How many there are in all, and the pages beside this one.
    pub pagination: Pagination,
}

/// A task by its title.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BasicTask {
    /// Id of the task.
    task_id: String,
    /// The title candidates and staff read.
    title: String,
    /// Seconds since the epoch.
    created_at: i64,
}

/// A task with its steps and settings.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DetailedTask {
    /// Id of the task.
    task_id: String,
    /// The title candidates and staff read.
    title: String,
    /// Seconds since the epoch.
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
    #[schema(schema_with = languages)]
    lang: &'static str,
    #[schema(schema_with = access_methods)]
    access_method: &'static str,
    /// Switched off, it keeps everybody out at once.
    active: bool,
    /// Not open before this moment, in seconds since the epoch; null is no limit.
    #[schema(required)]
    active_after: Option<i64>,
    /// Not open from this moment on, in seconds since the epoch; null is no limit.
    #[schema(required)]
    active_before: Option<i64>,
    /// In delivery order.
    steps: Vec<TaskStep>,
    /// The programs candidates can be in.
    programs: Vec<TaskEntry>,
    /// The stages candidates go through.
    stages: Vec<TaskEntry>,
    /// The templates of invitations.
    email_templates: Vec<TaskEmailTemplate>,
    /// Always false: there is no chat.
    private_chat_enabled: bool,
}

/// One test placed in a task.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TaskStep {
    /// Id of the step.
    id: String,
    /// The title candidates read.
    title: String,
    /// Switched off, it keeps everybody out at once.
    active: bool,
    /// Not open from this moment on, in seconds since the epoch; null is no limit.
    #[schema(required)]
    active_before: Option<i64>,
    /// Not open before this moment, in seconds since the epoch; null is no limit.
    #[schema(required)]
    active_after: Option<i64>,
    /// -1: unlimited.
    attempt_limit: i64,
    /// The test that is taken.
    test: PlacedTest,
    #[schema(schema_with = webcam_recordings)]
    webcam_recording: &'static str,
    #[schema(schema_with = screen_recordings)]
    screen_recording: &'static str,
    /// Whether the test is taken in full screen.
    fullscreen: bool,
    /// Always false: no program looks at recordings by itself.
    post_ai_proctoring: bool,
    /// Whether it is for practice.
    practice_mode: bool,
}

/// Where a test comes from; this server has own tests only.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlacedTest {
    /// Id of the test.
    test_id: String,
    /// The organization it belongs to.
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
    /// Id of the test.
    test_id: String,
    /// The organization it belongs to.
    organization_id: String,
}

/// A program or stage.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TaskEntry {
    /// Its uuid.
    uuid: String,
    /// Its name.
    name: String,
}

/// A template of invitations.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TaskEmailTemplate {
    /// The name it is chosen by.
    name: String,
    /// The subject of the mail.
    subject: String,
}

domain::string_enum! {
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

/// The schema of `source`, a closed set of words.
pub fn test_sources() -> RefOr<Schema> {
    string_enum_schema(
        "Where the test comes from; always `own-test` on this server.",
        TestSource::ALL,
        TestSource::as_str,
    )
}

fn languages() -> RefOr<Schema> {
    string_enum_schema(
        "The language of the task's pages; `default` follows the candidate.",
        InterfaceLang::OF_CONTRACT,
        InterfaceLang::as_str,
    )
}

fn access_methods() -> RefOr<Schema> {
    string_enum_schema(
        "How candidates get in: with a code, one or two credentials, or nothing.",
        AccessMethod::ALL,
        AccessMethod::as_str,
    )
}

fn webcam_recordings() -> RefOr<Schema> {
    string_enum_schema("What the camera records.", WebcamRecording::ALL, WebcamRecording::as_str)
}

fn screen_recordings() -> RefOr<Schema> {
    string_enum_schema(
        "What is recorded of the screen.",
        ScreenRecording::ALL,
        ScreenRecording::as_str,
    )
}

impl TaskResponse {
    /// A task with as much detail as was asked for.
    pub fn of(view: TaskView, mode: DetailLevel) -> Self {
        match mode {
            DetailLevel::Basic => Self::Basic(BasicTask {
                task_id: view.id.to_string(),
                title: view.title,
                created_at: view.created_at.seconds(),
            }),
            DetailLevel::Detailed => Self::Detailed(Box::new(view.into())),
        }
    }
}

impl From<TaskView> for DetailedTask {
    fn from(task: TaskView) -> Self {
        let window = task.switch.window;
        let organization = task.organization.as_str();
        let entries = |list: Vec<domain::access::settings::ProgramOrStage>| {
            list.into_iter()
                .map(|entry| TaskEntry { uuid: entry.uuid.to_string(), name: entry.name })
                .collect()
        };
        let template = |template: app::tasks::EmailTemplate| TaskEmailTemplate {
            name: template.name,
            subject: template.subject,
        };
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
            lang: InterfaceLang::contract_word(&task.lang),
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
    /// A reference to a test of this organization's own library.
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
    fn of(step: TaskStepView, organization: &str) -> Self {
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
