//! The e-mail templates of a task: what an invitation says, with an example of how it reads.

use super::{Tab, Table, TaskTabs, choices};
use crate::address;
use crate::desk::Desk;
use crate::reply;
use crate::staff::{Area, Frame, Given, Staff, Told};
use crate::trouble::Trouble;
use app::tasks::{EmailTemplate, TaskUpdate, TaskView};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use axum::routing::get;
use domain::id::TaskId;
use domain::instance::AccessMethod;
use domain::mail::template::{Language, Placeholder, WayIn, fill};
use domain::role::Permission;
use serde::Deserialize;

pub fn table() -> Table {
    vec![("/staff/tasks/{task}/templates", get(show).post(change))]
}

#[derive(Template)]
#[template(path = "staff/tasks/templates.html")]
struct Page<'form> {
    frame: Frame,
    tabs: TaskTabs,
    id: String,
    given: &'form Given,
    told: &'form Told,
    blocks: Vec<Block>,
    placeholders: Vec<&'static str>,
}

impl Page<'_> {
    /// Where a fault of a block's field stands; a name's stands at its block.
    fn place(&self, block: &Block, field: &str) -> String {
        if field == "name" { block.place.clone() } else { format!("{}/{field}", block.place) }
    }
}

struct Block {
    index: usize,
    name: String,
    subject: String,
    body: String,
    delete: String,
    place: String,
    /// Subject and body with an example's values.
    example: (String, String),
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    said: String,
}

/// `GET /staff/tasks/{task}/templates`.
pub async fn show(
    State(desk): State<Desk>,
    staff: Staff,
    Path(task): Path<TaskId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    staff.caller().permit(Permission::WriteTasks)?;
    let view = desk.app.task(staff.caller(), &task).await?;
    let mut given = Given::default();
    for (index, template) in view.email_templates.iter().enumerate() {
        given.set(format!("templates.{index}.name"), &template.name);
        given.set(format!("templates.{index}.subject"), &template.subject);
        given.set(format!("templates.{index}.body"), template.body.clone().unwrap_or_default());
    }
    if view.email_templates.is_empty() {
        more(&mut given);
    }
    let said = (asked.said == "kept").then_some("Kept. Mail that waits is written as the templates say now.");
    page(&desk, &staff, &view, &given, &Told::default(), said)
}

/// `POST /staff/tasks/{task}/templates`: keeps them all, shows how they read, or asks for one more.
pub async fn change(
    State(desk): State<Desk>,
    staff: Staff,
    Path(task): Path<TaskId>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    staff.caller().permit(Permission::WriteTasks)?;
    let view = desk.app.task(staff.caller(), &task).await?;
    let mut given = Given(pairs);
    if given.has("more") {
        more(&mut given);
    }
    if given.has("more") || given.has("show") {
        return page(&desk, &staff, &view, &given, &Told::default(), None);
    }
    let update = TaskUpdate { email_templates: Some(read(&mut given)), ..TaskUpdate::default() };
    match desk.app.update_task(staff.caller(), &task, update).await {
        Ok(_) => Ok(reply::go(&format!("/staff/tasks/{task}/templates?said=kept"))),
        Err(failure) => page(&desk, &staff, &view, &given, &Told::of(failure)?, None),
    }
}

fn more(given: &mut Given) {
    let index = count(given);
    for field in ["name", "subject", "body"] {
        given.set(format!("templates.{index}.{field}"), "");
    }
}

fn count(given: &Given) -> usize {
    given.blocks(|index| format!("templates.{index}.name"))
}

/// The templates that stay. Blocks are numbered anew, so that faults point at those that are shown again.
fn read(given: &mut Given) -> Vec<EmailTemplate> {
    let mut kept = Given::default();
    let mut list = Vec::new();
    for index in 0..count(given) {
        let field = |name: &str| format!("templates.{index}.{name}");
        let template = EmailTemplate {
            name: given.some(&field("name")).unwrap_or_default(),
            subject: given.some(&field("subject")).unwrap_or_default(),
            body: given.some(&field("body")).map(|body| body.replace("\r\n", "\n")),
        };
        let is_blank = template.name.is_empty() && template.subject.is_empty() && template.body.is_none();
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
    desk: &Desk,
    staff: &Staff,
    view: &TaskView,
    given: &Given,
    told: &Told,
    said: Option<&str>,
) -> Result<Response, Trouble> {
    let page = Page {
        frame: Frame::new(staff, Area::Tasks, "E-mail templates")
            .under("Tasks", "/staff/tasks")
            .under(view.title.clone(), format!("/staff/tasks/{}", view.id))
            .said(said)
            .with_script("staff/people.js"),
        tabs: TaskTabs::new(staff, &view.id, Tab::Settings),
        id: view.id.to_string(),
        blocks: (0..count(given)).map(|index| block(desk, staff, view, given, index)).collect(),
        placeholders: Placeholder::ALL.iter().map(|placeholder| placeholder.as_str()).collect(),
        given,
        told,
    };
    reply::page(choices::status(told), &page)
}

fn block(desk: &Desk, staff: &Staff, view: &TaskView, given: &Given, index: usize) -> Block {
    let field = |name: &str| format!("templates.{index}.{name}");
    let way_in = match view.access_method {
        AccessMethod::SingleCredential | AccessMethod::DoubleCredential => WayIn::Credentials,
        AccessMethod::InvitationCode | AccessMethod::NoAuth => WayIn::Code,
    };
    let house = || Language::of_tag(&view.lang).invitation(way_in).to_owned();
    let body = given.some(&field("body")).unwrap_or_else(house);
    let value_of = |asked| example(desk, staff, view, asked);
    Block {
        index,
        example: (fill(given.text(field("subject")), value_of), fill(&body, value_of)),
        name: field("name"),
        subject: field("subject"),
        body: field("body"),
        delete: field("delete"),
        place: format!("/fields/emailTemplates/{index}"),
    }
}

fn example(desk: &Desk, staff: &Staff, view: &TaskView, asked: Placeholder) -> String {
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
