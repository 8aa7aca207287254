//! The e-mail templates of a task: what an invitation says, with an example of how it reads.

use super::{TaskTab, TaskTabs, choices};
use crate::address;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{
    AreaRoutes, FormErrors, FormValues, SignedInStaff, StaffArea, StaffLayout,
};
use crate::state::PagesState;
use app::mail::{invitation, mail_language};
use app::tasks::{EmailTemplate, TaskUpdate, TaskView};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use axum::routing::get;
use domain::id::TaskId;
use domain::mail::template::{Placeholder, fill};
use domain::role::Right;
use serde::Deserialize;

/// The editor of a task's mails.
pub fn routes() -> AreaRoutes {
    vec![("/staff/tasks/{task}/templates", get(show).post(change))]
}

#[derive(Template)]
#[template(path = "staff/tasks/templates.html")]
struct EmailTemplatesPage<'form> {
    frame: StaffLayout,
    tabs: TaskTabs,
    id: String,
    values: &'form FormValues,
    errors: &'form FormErrors,
    blocks: Vec<EmailTemplateBlock>,
    placeholders: Vec<&'static str>,
}

impl EmailTemplatesPage<'_> {
    /// Where a fault of a block's field stands; a name's stands at its block.
    fn place(&self, block: &EmailTemplateBlock, field: &str) -> String {
        if field == "name" { block.place.clone() } else { format!("{}/{field}", block.place) }
    }
}

struct EmailTemplateBlock {
    index: usize,
    name: String,
    subject: String,
    body: String,
    delete: String,
    place: String,
    /// Subject and body with an example's values.
    example: (String, String),
}

/// Which notice the page shows after a form: a word of ours, or nothing.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct EmailTemplatesQuery {
    said: String,
}

/// `GET /staff/tasks/{task}/templates`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<TaskId>,
    Query(query): Query<EmailTemplatesQuery>,
) -> Result<Response, PageError> {
    staff.caller().require(Right::WriteTasks)?;
    let view = state.app.tasks().task(staff.caller(), &task).await?;
    let mut values = FormValues::default();
    for (index, template) in view.email_templates.iter().enumerate() {
        values.set(format!("templates.{index}.name"), &template.name);
        values.set(format!("templates.{index}.subject"), &template.subject);
        values.set(format!("templates.{index}.body"), template.body.clone().unwrap_or_default());
    }
    if view.email_templates.is_empty() {
        let language = mail_language(&view.lang);
        values.set("templates.0.name", "Invitation");
        values.set("templates.0.subject", language.mail.invitation_subject);
        values.set("templates.0.body", "");
    }
    let said = (query.said == "kept")
        .then_some("Saved. Mail that is waiting uses the templates as they are now.");
    page(&state, &staff, &view, &values, &FormErrors::default(), said)
}

/// `POST /staff/tasks/{task}/templates`: keeps them all, shows how they read, or asks for one more.
pub async fn change(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<TaskId>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    staff.caller().require(Right::WriteTasks)?;
    let view = state.app.tasks().task(staff.caller(), &task).await?;
    let mut values = FormValues(pairs);
    if values.has("more") {
        more(&mut values);
    }
    if values.has("more") || values.has("show") {
        return page(&state, &staff, &view, &values, &FormErrors::default(), None);
    }
    let update = TaskUpdate { email_templates: Some(read(&mut values)), ..TaskUpdate::default() };
    match state.app.tasks().update_task(staff.caller(), &task, update).await {
        Ok(_) => Ok(reply::redirect(&format!("/staff/tasks/{task}/templates?said=kept"))),
        Err(failure) => page(&state, &staff, &view, &values, &FormErrors::of(failure)?, None),
    }
}

fn more(values: &mut FormValues) {
    let index = count(values);
    for field in ["name", "subject", "body"] {
        values.set(format!("templates.{index}.{field}"), "");
    }
}

fn count(values: &FormValues) -> usize {
    values.block_count(|index| format!("templates.{index}.name"))
}

/// The templates that stay. Blocks are numbered anew, so that faults point at those that are shown
/// again.
fn read(values: &mut FormValues) -> Vec<EmailTemplate> {
    let mut stored = FormValues::default();
    let mut list = Vec::new();
    for index in 0..count(values) {
        let field = |name: &str| format!("templates.{index}.{name}");
        let template = EmailTemplate {
            name: values.non_empty(&field("name")).unwrap_or_default(),
            subject: values.non_empty(&field("subject")).unwrap_or_default(),
            body: values.non_empty(&field("body")).map(|body| body.replace("\r\n", "\n")),
        };
        if values.has(&field("delete")) {
            continue;
        }
        let at = list.len();
        stored.set(format!("templates.{at}.name"), &template.name);
        stored.set(format!("templates.{at}.subject"), &template.subject);
        stored.set(format!("templates.{at}.body"), template.body.clone().unwrap_or_default());
        list.push(template);
    }
    *values = stored;
    list
}

fn page(
    state: &PagesState,
    staff: &SignedInStaff,
    view: &TaskView,
    values: &FormValues,
    errors: &FormErrors,
    said: Option<&str>,
) -> Result<Response, PageError> {
    let page = EmailTemplatesPage {
        frame: StaffLayout::new(staff, StaffArea::Tasks, "E-mail templates")
            .with_crumb("Tasks", "/staff/tasks")
            .with_crumb(view.title.clone(), format!("/staff/tasks/{}", view.id))
            .with_notice(said)
            .with_script("staff/people.js"),
        tabs: TaskTabs::new(staff, &view.id, TaskTab::Settings),
        id: view.id.to_string(),
        blocks: (0..count(values)).map(|index| block(state, staff, view, values, index)).collect(),
        placeholders: Placeholder::ALL.iter().map(|placeholder| placeholder.as_str()).collect(),
        values,
        errors,
    };
    reply::page(choices::status(errors), &page)
}

fn block(
    state: &PagesState,
    staff: &SignedInStaff,
    view: &TaskView,
    values: &FormValues,
    index: usize,
) -> EmailTemplateBlock {
    let field = |name: &str| format!("templates.{index}.{name}");
    let language = mail_language(&view.lang);
    let default_text = || invitation(language, view.access_method).to_owned();
    let body = values.non_empty(&field("body")).unwrap_or_else(default_text);
    let value_of = |placeholder| example(state, staff, view, placeholder);
    EmailTemplateBlock {
        index,
        example: (fill(values.text(field("subject")), value_of), fill(&body, value_of)),
        name: field("name"),
        subject: field("subject"),
        body: field("body"),
        delete: field("delete"),
        place: format!("/fields/emailTemplates/{index}"),
    }
}

fn example(
    state: &PagesState,
    staff: &SignedInStaff,
    view: &TaskView,
    placeholder: Placeholder,
) -> String {
    let public_url = &state.app.settings().public_url;
    match placeholder {
        Placeholder::Fullname => "Ada Example".to_owned(),
        Placeholder::Task => view.title.clone(),
        Placeholder::Organization => staff.0.organization_name.clone(),
        Placeholder::Link => format!("{public_url}/enter/ABCDE12345"),
        Placeholder::Code => "ABCDE12345".to_owned(),
        Placeholder::TaskLink => format!("{public_url}{}", address::task(&view.id)),
        Placeholder::Credential1 => "12345".to_owned(),
    }
}
