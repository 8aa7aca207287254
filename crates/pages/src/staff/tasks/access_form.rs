//! The form that a task asks at first entry: its fields and where their values go.

use super::{TaskTab, TaskTabs, choices};
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{
    AreaRoutes, FormErrors, FormValues, SignedInStaff, StaffArea, StaffLayout,
};
use crate::state::PagesState;
use app::tasks::{TaskUpdate, TaskView};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use axum::routing::get;
use domain::access::form::{AccessForm, AccessFormField, AssignTarget, FieldKind, FixedValue};
use domain::id::TaskId;
use domain::role::Right;
use serde::Deserialize;

const KINDS: [(&str, &str); 6] = [
    ("text", "Text"),
    ("email", "E-mail"),
    ("number", "Number"),
    ("date", "Date"),
    ("select", "One of a list"),
    ("checkbox", "A tick"),
];
const ASSIGNS: [(&str, &str); 7] = [
    ("", "Nothing else"),
    ("fullname", "The name"),
    ("email", "The e-mail address"),
    ("group", "The group"),
    ("label", "A label"),
    ("program", "A program"),
    ("tag", "The tag named beside"),
];

/// The editor of a task's access form.
pub fn routes() -> AreaRoutes {
    vec![("/staff/tasks/{task}/form", get(show).post(change))]
}

#[derive(Template)]
#[template(path = "staff/tasks/access_form.html")]
struct AccessFormPage<'form> {
    frame: StaffLayout,
    tabs: TaskTabs,
    id: String,
    given: &'form FormValues,
    told: &'form FormErrors,
    blocks: Vec<AccessFormBlock>,
    kinds: &'static [(&'static str, &'static str)],
    assigns: &'static [(&'static str, &'static str)],
    is_kept: bool,
}

/// The names of one field's controls, and where its faults stand.
struct AccessFormBlock {
    number: usize,
    key: String,
    label: String,
    kind: String,
    required: String,
    options: String,
    assign: String,
    tag: String,
    delete: String,
    place: String,
}

/// Which notice the page shows after a form: a word of ours, or nothing.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct AccessFormQuery {
    said: String,
}

/// `GET /staff/tasks/{task}/form`.
pub async fn show(
    State(desk): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<TaskId>,
    Query(asked): Query<AccessFormQuery>,
) -> Result<Response, PageError> {
    staff.caller().require(Right::WriteTasks)?;
    let view = desk.app.tasks().task(staff.caller(), &task).await?;
    let mut given = FormValues::default();
    for field in view.access_form.iter().flat_map(|form| &form.fields) {
        write(&mut given, field);
    }
    if count(&given) == 0 {
        more(&mut given);
    }
    let said = match asked.said.as_str() {
        "kept" => Some("Kept. Whoever comes in for the first time is asked this."),
        "removed" => Some("The form is removed."),
        _ => None,
    };
    page(&staff, &view, &given, &FormErrors::default(), said)
}

/// `POST /staff/tasks/{task}/form`: keeps the form, asks for one field more, or removes it.
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
        return page(&staff, &view, &given, &FormErrors::default(), None);
    }
    let is_removed = given.has("remove");
    // Values that everybody gets are not shown here and stay as they are.
    let fixed = view.access_form.as_ref().map(|form| form.fixed.clone()).unwrap_or_default();
    let form = (!is_removed).then(|| read(&mut given, fixed));
    let update = TaskUpdate { access_form: Some(form), ..TaskUpdate::default() };
    match desk.app.tasks().update_task(staff.caller(), &task, update).await {
        Ok(_) => {
            let said = if is_removed { "removed" } else { "kept" };
            Ok(reply::redirect(&format!("/staff/tasks/{task}/form?said={said}")))
        }
        Err(failure) => page(&staff, &view, &given, &FormErrors::of(failure)?, None),
    }
}

fn count(given: &FormValues) -> usize {
    given.block_count(|index| format!("fields.{index}.key"))
}

fn more(given: &mut FormValues) {
    let index = count(given);
    given.set(format!("fields.{index}.key"), "");
}

fn write(given: &mut FormValues, field: &AccessFormField) {
    let index = count(given);
    let name = |part: &str| format!("fields.{index}.{part}");
    let (assign, tag) = match &field.assign {
        None => ("", ""),
        Some(AssignTarget::Fullname) => ("fullname", ""),
        Some(AssignTarget::Email) => ("email", ""),
        Some(AssignTarget::Group) => ("group", ""),
        Some(AssignTarget::Label) => ("label", ""),
        Some(AssignTarget::Program) => ("program", ""),
        Some(AssignTarget::Tag(tag)) => ("tag", tag.as_str()),
    };
    given.set(name("key"), &field.key);
    given.set(name("label"), &field.label);
    given.set(name("kind"), field.kind.as_str());
    given.set_if(name("required"), field.required);
    given.set(name("options"), field.options.join("\n"));
    given.set(name("assign"), assign);
    given.set(name("tag"), tag);
}

/// The fields that stay, numbered anew in the form too.
fn read(given: &mut FormValues, fixed: Vec<FixedValue>) -> AccessForm {
    let (mut kept, mut fields) = (FormValues::default(), Vec::new());
    for index in 0..count(given) {
        let name = |part: &str| format!("fields.{index}.{part}");
        if given.has(&name("delete"))
            || given.non_empty(&name("label")).is_none() && given.non_empty(&name("key")).is_none()
        {
            continue;
        }
        let field = AccessFormField {
            key: given.non_empty(&name("key")).unwrap_or_else(|| unused_key(given)),
            label: given.non_empty(&name("label")).unwrap_or_default(),
            kind: FieldKind::parse(given.text(name("kind"))).unwrap_or(FieldKind::Text),
            required: given.has(&name("required")),
            options: given.lines(&name("options")),
            assign: match given.text(name("assign")) {
                "fullname" => Some(AssignTarget::Fullname),
                "email" => Some(AssignTarget::Email),
                "group" => Some(AssignTarget::Group),
                "label" => Some(AssignTarget::Label),
                "program" => Some(AssignTarget::Program),
                "tag" => Some(AssignTarget::Tag(given.non_empty(&name("tag")).unwrap_or_default())),
                _ => None,
            },
        };
        given.set(name("taken"), &field.key);
        write(&mut kept, &field);
        fields.push(field);
    }
    if fields.is_empty() {
        more(&mut kept);
    }
    *given = kept;
    AccessForm { fields, fixed }
}

/// A key that no field of the form has: answers are kept under it.
fn unused_key(given: &FormValues) -> String {
    let is_taken = |key: &String| given.0.iter().any(|(_, value)| value == key);
    (1..).map(|number| format!("field-{number}")).find(|key| !is_taken(key)).unwrap_or_default()
}

fn page(
    staff: &SignedInStaff,
    view: &TaskView,
    given: &FormValues,
    told: &FormErrors,
    said: Option<&str>,
) -> Result<Response, PageError> {
    let page = AccessFormPage {
        frame: StaffLayout::new(staff, StaffArea::Tasks, "Form at the entrance")
            .with_crumb("Tasks", "/staff/tasks")
            .with_crumb(view.title.clone(), format!("/staff/tasks/{}", view.id))
            .with_notice(said),
        tabs: TaskTabs::new(staff, &view.id, TaskTab::Settings),
        id: view.id.to_string(),
        blocks: (0..count(given)).map(block).collect(),
        kinds: &KINDS,
        assigns: &ASSIGNS,
        is_kept: view.access_form.is_some(),
        given,
        told,
    };
    reply::page(choices::status(told), &page)
}

fn block(index: usize) -> AccessFormBlock {
    let name = |part: &str| format!("fields.{index}.{part}");
    AccessFormBlock {
        number: index + 1,
        key: name("key"),
        label: name("label"),
        kind: name("kind"),
        required: name("required"),
        options: name("options"),
        assign: name("assign"),
        tag: name("tag"),
        delete: name("delete"),
        place: format!("/fields/accessForm/fields/{index}"),
    }
}

impl AccessFormBlock {
    fn at(&self, field: &str) -> String {
        format!("{}/{field}", self.place)
    }
}
