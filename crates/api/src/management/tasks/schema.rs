//! Tasks as they are sent: the detailed task of the integration API and what only staff need.

use app::tasks::{EmailTemplate, TaskStepView, TaskView};
use domain::access::settings::ProgramOrStage;
use domain::time::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

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
    lang: String,
    /// `invitation-code`, `single-credential`, `double-credential` or `no-auth`.
    access_method: &'static str,
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
    #[schema(value_type = Option<Object>)]
    access_form: serde_json::Value,
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
    /// Prerequisites, recording, full screen, documents, practice, sharing.
    #[schema(value_type = Object)]
    conduct: serde_json::Value,
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
            access_method: task.access_method.as_str(),
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
            access_form: task
                .access_form
                .map_or(serde_json::Value::Null, |form| serde_json::json!(form)),
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
            conduct: serde_json::json!(step.conduct),
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
