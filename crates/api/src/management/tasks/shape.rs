//! Tasks as they are sent: the detailed task of the integration API and what only staff need.

use app::tasks::{EmailTemplate, StepView, TaskView};
use domain::access::settings::Named as NamedEntry;
use domain::time::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ManagedTask)]
pub(in crate::management) struct Task {
    task_id: String,
    title: String,
    created_at: i64,
    organization_id: String,
    favorite: bool,
    folder: String,
    labels: Vec<String>,
    tags: BTreeMap<String, String>,
    lang: String,
    /// `invitation-code`, `single-credential`, `double-credential` or `no-auth`.
    access_method: &'static str,
    active: bool,
    active_after: Option<i64>,
    active_before: Option<i64>,
    steps: Vec<Step>,
    programs: Vec<Named>,
    stages: Vec<Named>,
    email_templates: Vec<Template>,
    #[schema(value_type = Option<Object>)]
    access_form: serde_json::Value,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ManagedStep)]
struct Step {
    id: String,
    title: String,
    active: bool,
    active_before: Option<i64>,
    active_after: Option<i64>,
    /// -1: unlimited.
    attempt_limit: i64,
    test_id: String,
    /// Prerequisites, recording, full screen, documents, practice, sharing.
    #[schema(value_type = Object)]
    conduct: serde_json::Value,
}

#[derive(Serialize, ToSchema)]
#[schema(as = NamedEntry)]
struct Named {
    uuid: String,
    name: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = EmailTemplateEntry)]
struct Template {
    name: String,
    subject: String,
    /// Null: an invitation in the candidate's language.
    body: Option<String>,
}

impl From<TaskView> for Task {
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
            steps: task.steps.into_iter().map(Step::from).collect(),
            programs: task.programs.into_iter().map(Named::from).collect(),
            stages: task.stages.into_iter().map(Named::from).collect(),
            email_templates: task.email_templates.into_iter().map(Template::from).collect(),
            access_form: task.access_form.map_or(serde_json::Value::Null, |form| serde_json::json!(form)),
        }
    }
}

impl From<StepView> for Step {
    fn from(step: StepView) -> Self {
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

impl From<NamedEntry> for Named {
    fn from(entry: NamedEntry) -> Self {
        Self { uuid: entry.uuid.to_string(), name: entry.name }
    }
}

impl From<EmailTemplate> for Template {
    fn from(template: EmailTemplate) -> Self {
        Self { name: template.name, subject: template.subject, body: template.body }
    }
}
