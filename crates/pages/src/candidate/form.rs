//! The form that a task asks at first entry.

use super::frame::Frame;
use crate::desk::Desk;
use crate::guest::Guest;
use crate::lang::Words;
use crate::trouble::Trouble;
use crate::{address, reply};
use app::Failure;
use app::delivery::welcome::Me;
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::access::form::{Field, FieldKind};
use domain::fault::{Code, Fault, Place};
use domain::id::TaskId;
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "candidate/form.html")]
struct Page {
    frame: Frame,
    action: String,
    fields: Vec<Asked>,
    has_faults: bool,
}

/// A field with what was typed in it.
struct Asked {
    id: String,
    field: Field,
    value: String,
    fault: Option<&'static str>,
}

impl Asked {
    /// The `type` of its `<input>`.
    fn html_type(&self) -> &'static str {
        match self.field.kind {
            FieldKind::Email => "email",
            FieldKind::Date => "date",
            FieldKind::Checkbox => "checkbox",
            FieldKind::Text | FieldKind::Number | FieldKind::Select => "text",
        }
    }

    fn is(&self, kind: &str) -> bool {
        self.field.kind.as_str() == kind
    }
}

/// `GET /t/{task}/form`.
pub async fn show(State(desk): State<Desk>, guest: Guest, Path(task): Path<String>) -> Result<Response, Trouble> {
    let me = desk.app.me(&guest.visitor()?).await?;
    if me.form.is_empty() {
        return Ok(reply::go(&address::steps(&TaskId::from(task))));
    }
    page(&guest, &me, &BTreeMap::new(), &[])
}

/// `POST /t/{task}/form`.
pub async fn fill(
    State(desk): State<Desk>,
    guest: Guest,
    Path(task): Path<String>,
    Form(answers): Form<BTreeMap<String, String>>,
) -> Result<Response, Trouble> {
    let visitor = guest.visitor()?;
    match desk.app.fill_form(&visitor, answers.clone()).await {
        Ok(()) => Ok(reply::go(&address::steps(&TaskId::from(task)))),
        Err(Failure::Faults(faults)) => page(&guest, &desk.app.me(&visitor).await?, &answers, &faults),
        Err(failure) => Err(failure.into()),
    }
}

fn page(guest: &Guest, me: &Me, answers: &BTreeMap<String, String>, faults: &[Fault]) -> Result<Response, Trouble> {
    let words = guest.words_for(&me.lang);
    let asked = |(index, field): (usize, &Field)| Asked {
        id: format!("field-{index}"),
        value: answers.get(&field.key).cloned().unwrap_or_default(),
        fault: fault_of(words, field, faults),
        field: field.clone(),
    };
    let page = Page {
        frame: Frame::of(words, address::form(&me.welcome.task), me),
        action: address::form(&me.welcome.task),
        fields: me.form.iter().enumerate().map(asked).collect(),
        has_faults: !faults.is_empty(),
    };
    reply::page(if page.has_faults { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page)
}

fn fault_of(words: &'static Words, field: &Field, faults: &[Fault]) -> Option<&'static str> {
    let place = domain::json::Pointer::root().at("answers").at(&field.key);
    let of_field = |fault: &&Fault| matches!(&fault.place, Place::Body(pointer) if *pointer == place);
    let fault = faults.iter().find(of_field)?;
    Some(if fault.code == Code::Required { words.fault_required } else { words.fault_format })
}
