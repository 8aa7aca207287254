//! The e-mail templates of a task: what an invitation says, with an example of how it reads.

use super::{TaskTab, TaskTabs, choices};
use crate::address;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{
    AreaRoutes, FormErrors, FormValues, SignedInStaff, StaffArea, StaffLayout,
};
use crate::state::PagesState;
use app::tasks::{EmailTemplate, TaskUpdate, TaskView};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use axum::routing::get;
use domain::id::TaskId;
use domain::instance::AccessMethod;
use domain::mail::template::{EntryMethod, MailLanguage, Placeholder, fill};
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
    given: &'form FormValues,
    told: &'form FormErrors,
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
    State(desk): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<TaskId>,
    Query(asked): Query<EmailTemplatesQuery>,
) -> Result<Response, PageError> {
    staff.caller().require(Right::WriteTasks)?;
    let view = desk.app.tasks().task(staff.caller(), &task).await?;
    let mut given = FormValues::default();
    for (index, template) in view.email_templates.iter().enumerate() {
        given.set(format!("templates.{index}.name"), &template.name);
        given.set(format!("templates.{index}.subject"), &template.subject);
        given.set(format!("templates.{index}.body"), template.body.clone().unwrap_or_default());
    }
    if view.email_templates.is_empty() {
        more(&mut given);
    }
    let said = (asked.said == "kept")
        .then_some("Kept. Mail that waits is written as the templates say now.");
    page(&desk, &staff, &view, &given, &FormErrors::default(), said)
}

/// `POST /staff/tasks/{task}/templates`: keeps them all, shows how they read, or asks for one more.
pub async fn change(
    State(desk): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<TaskId>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    staff.caller().require(Right::WriteTasks)?;
    let view = desk.app.tasks().task(staff.caller(), &task).await?;
    let mut given = FormValues(pairs);
    if given.has("more") {
        more(&mut given);
    }
    if given.has("more") || given.has("show") {
        return page(&desk, &staff, &view, &given, &FormErrors::default(), None);
    }
    let update = TaskUpdate { email_templates: Some(read(&mut given)), ..TaskUpdate::default() };
    match desk.app.tasks().update_task(staff.caller(), &task, update).await {
        Ok(_) => Ok(reply::redirect(&format!("/staff/tasks/{task}/templates?said=kept"))),
        Err(failure) => page(&desk, &staff, &view, &given, &FormErrors::of(failure)?, None),
    }
}

fn more(given: &mut FormValues) {
    let index = count(given);
    for field in ["name", "subject", "body"] {
        given.set(format!("templates.{index}.{field}"), "");
    }
}

fn count(given: &FormValues) -> usize {
    given.block_count(|index| format!("templates.{index}.name"))
}

/// The templates that stay. Blocks are numbered anew, so that faults point at those that are shown
/// again.
fn read(given: &mut FormValues) -> Vec<EmailTemplate> {
    let mut kept = FormValues::default();
    let mut list = Vec::new();
    for index in 0..count(given) {
        let field = |name: &str| format!("templates.{index}.{name}");
        let template = EmailTemplate {
            name: given.non_empty(&field("name")).unwrap_or_default(),
            subject: given.non_empty(&field("subject")).unwrap_or_default(),
            body: given.non_empty(&field("body")).map(|body| body.replace("\r\n", "\n")),
        };
        let is_blank =
            template.name.is_empty() && template.subject.is_empty() && template.body.is_none();
        if given.has(&field("delete")) || is_blank {
            continue;
        }
        let at = list.len();
        kept.set(format!("templates.{at}.name"), &template.name);
        kept.set(format!("templates.{at}.subject"), &template.subject);
        kept.set(format!("templates.{at}.body"), template.body.clone().unwrap_or_default());
        list.push(template);
    }
    *given = kept;
    list
}

fn page(
    desk: &PagesState,
    staff: &SignedInStaff,
    view: &TaskView,
    given: &FormValues,
    told: &FormErrors,
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
        blocks: (0..count(given)).map(|index| block(desk, staff, view, given, index)).collect(),
        placeholders: Placeholder::ALL.iter().map(|placeholder| placeholder.as_str()).collect(),
        given,
        told,
    };
    reply::page(choices::status(told), &page)
}

fn block(
    desk: &PagesState,
    staff: &SignedInStaff,
    view: &TaskView,
    given: &FormValues,
    index: usize,
) -> EmailTemplateBlock {
    let field = |name: &str| format!("templates.{index}.{name}");
    let way_in = match view.access_method {
        AccessMethod::SingleCredential | AccessMethod::DoubleCredential => EntryMethod::Credentials,
        AccessMethod::InvitationCode | AccessMethod::NoAuth => EntryMethod::Code,
    };
    let house = || MailLanguage::of_tag(&view.lang).invitation(way_in).to_owned();
    let body = given.non_empty(&field("body")).unwrap_or_else(house);
    let value_of = |asked| example(desk, staff, view, asked);
    EmailTemplateBlock {
        index,
        example: (fill(given.text(field("subject")), value_of), fill(&body, value_of)),
        name: field("name"),
        subject: field("subject"),
        body: field("body"),
        delete: field("delete"),
        place: format!("/fields/emailTemplates/{index}"),
    }
}

fn example(
    desk: &PagesState,
    staff: &SignedInStaff,
    view: &TaskView,
    asked: Placeholder,
) -> String {
    let house = &desk.app.settings().public_url;
    match asked {
        Placeholder::Fullname => "Ada Example".to_owned(),
        Placeholder::Task => view.title.clone(),
        Placeholder::Organization => staff.0.organization_name.clone(),
        Placeholder::Link => format!("{house}/enter/ABCDE12345"),
        Placeholder::Code => "ABCDE12345".to_owned(),
        Placeholder::TaskLink => format!("{house}{}", address::task(&view.id)),
        Placeholder::Credential1 => "12345".to_owned(),
    }
}
