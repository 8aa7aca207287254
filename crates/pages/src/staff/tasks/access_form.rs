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
    ("fullname", "Name"),
    ("email", "E-mail address"),
    ("group", "The group"),
    ("label", "A label"),
    ("program", "A program"),
    ("tag", "The tag named beside it"),
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
    values: &'form FormValues,
    errors: &'form FormErrors,
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
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<TaskId>,
    Query(query): Query<AccessFormQuery>,
) -> Result<Response, PageError> {
    staff.caller().require(Right::WriteTasks)?;
    let view = state.app.tasks().task(staff.caller(), &task).await?;
    let mut values = FormValues::default();
    for field in view.access_form.iter().flat_map(|form| &form.fields) {
        write(&mut values, field);
    }
    if count(&values) == 0 {
        more(&mut values);
    }
    let said = match query.said.as_str() {
        "kept" => Some("Saved. Candidates fill it in when they sign in for the first time."),
        "removed" => Some("Form removed."),
        _ => None,
    };
    page(&staff, &view, &values, &FormErrors::default(), said)
}

/// `POST /staff/tasks/{task}/form`: keeps the form, asks for one field more, or removes it.
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
        return page(&staff, &view, &values, &FormErrors::default(), None);
    }
    let is_removed = values.has("remove");
    // Values that everybody gets are not shown here and stay as they are.
    let fixed = view.access_form.as_ref().map(|form| form.fixed.clone()).unwrap_or_default();
    let form = (!is_removed).then(|| read(&mut values, fixed));
    let update = TaskUpdate { access_form: Some(form), ..TaskUpdate::default() };
    match state.app.tasks().update_task(staff.caller(), &task, update).await {
        Ok(_) => {
            let said = if is_removed { "removed" } else { "kept" };
            Ok(reply::redirect(&format!("/staff/tasks/{task}/form?said={said}")))
        }
        Err(failure) => page(&staff, &view, &values, &FormErrors::of(failure)?, None),
    }
}

fn count(values: &FormValues) -> usize {
    values.block_count(|index| format!("fields.{index}.key"))
}

fn more(values: &mut FormValues) {
    let index = count(values);
    values.set(format!("fields.{index}.key"), "");
}

fn write(values: &mut FormValues, field: &AccessFormField) {
    let index = count(values);
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
    values.set(name("key"), &field.key);
    values.set(name("label"), &field.label);
    values.set(name("kind"), field.kind.as_str());
    values.set_if(name("required"), field.required);
    values.set(name("options"), field.options.join("\n"));
    values.set(name("assign"), assign);
    values.set(name("tag"), tag);
}

/// The fields that stay, numbered anew in the form too.
fn read(values: &mut FormValues, fixed: Vec<FixedValue>) -> AccessForm {
    let (mut stored, mut fields) = (FormValues::default(), Vec::new());
    for index in 0..count(values) {
        let name = |part: &str| format!("fields.{index}.{part}");
        if values.has(&name("delete"))
            || values.non_empty(&name("label")).is_none()
                && values.non_empty(&name("key")).is_none()
        {
            continue;
        }
        let field = AccessFormField {
            key: values.non_empty(&name("key")).unwrap_or_else(|| unused_key(values)),
            label: values.non_empty(&name("label")).unwrap_or_default(),
            kind: FieldKind::parse(values.text(name("kind"))).unwrap_or(FieldKind::Text),
            required: values.has(&name("required")),
            options: values.lines(&name("options")),
            assign: match values.text(name("assign")) {
                "fullname" => Some(AssignTarget::Fullname),
                "email" => Some(AssignTarget::Email),
                "group" => Some(AssignTarget::Group),
                "label" => Some(AssignTarget::Label),
                "program" => Some(AssignTarget::Program),
                "tag" => {
                    Some(AssignTarget::Tag(values.non_empty(&name("tag")).unwrap_or_default()))
                }
                _ => None,
            },
        };
        values.set(name("taken"), &field.key);
        write(&mut stored, &field);
        fields.push(field);
    }
    if fields.is_empty() {
        more(&mut stored);
    }
    *values = stored;
    AccessForm { fields, fixed }
}

/// A key that no field of the form has: answers are kept under it.
fn unused_key(values: &FormValues) -> String {
    let is_taken = |key: &String| values.0.iter().any(|(_, value)| value == key);
    (1..).map(|number| format!("field-{number}")).find(|key| !is_taken(key)).unwrap_or_default()
}

fn page(
    staff: &SignedInStaff,
    view: &TaskView,
    values: &FormValues,
    errors: &FormErrors,
    said: Option<&str>,
) -> Result<Response, PageError> {
    let page = AccessFormPage {
        frame: StaffLayout::new(staff, StaffArea::Tasks, "Registration form")
            .with_crumb("Tasks", "/staff/tasks")
            .with_crumb(view.title.clone(), format!("/staff/tasks/{}", view.id))
            .with_notice(said),
        tabs: TaskTabs::new(staff, &view.id, TaskTab::Settings),
        id: view.id.to_string(),
        blocks: (0..count(values)).map(block).collect(),
        kinds: &KINDS,
        assigns: &ASSIGNS,
        is_kept: view.access_form.is_some(),
        values,
        errors,
    };
    reply::page(choices::status(errors), &page)
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
