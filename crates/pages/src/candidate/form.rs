//! The form that a task asks at first entry.

use super::layout::CandidateLayout;
use crate::lang::Language;
use crate::page_error::PageError;
use crate::state::PagesState;
use crate::visitor_request::VisitorRequest;
use crate::{address, reply};
use app::Failure;
use app::delivery::welcome::CandidateProfile;
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::access::form::{AccessFormField, FieldKind};
use domain::fault::{ErrorCode, Fault, FaultLocation};
use domain::id::TaskId;
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "candidate/form.html")]
struct CandidateFormPage {
    frame: CandidateLayout,
    action: String,
    fields: Vec<AccessFormInput>,
    has_faults: bool,
}

/// A field with what was typed in it.
struct AccessFormInput {
    id: String,
    field: AccessFormField,
    value: String,
    fault: Option<&'static str>,
}

impl AccessFormInput {
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
pub async fn show(
    State(state): State<PagesState>,
    guest: VisitorRequest,
    Path(task): Path<String>,
) -> Result<Response, PageError> {
    let me = state.app.delivery().candidate_profile(&guest.candidate_session()?).await?;
    if me.form.is_empty() {
        return Ok(reply::redirect(&address::steps(&TaskId::from(task))));
    }
    page(&guest, &me, &BTreeMap::new(), &[])
}

/// `POST /t/{task}/form`.
pub async fn fill(
    State(state): State<PagesState>,
    guest: VisitorRequest,
    Path(task): Path<String>,
    Form(answers): Form<BTreeMap<String, String>>,
) -> Result<Response, PageError> {
    let visitor = guest.candidate_session()?;
    match state.app.delivery().fill_form(&visitor, answers.clone()).await {
        Ok(()) => Ok(reply::redirect(&address::steps(&TaskId::from(task)))),
        Err(Failure::Faults(faults)) => page(
            &guest,
            &state.app.delivery().candidate_profile(&visitor).await?,
            &answers,
            &faults,
        ),
        Err(failure) => Err(failure.into()),
    }
}

fn page(
    guest: &VisitorRequest,
    me: &CandidateProfile,
    answers: &BTreeMap<String, String>,
    faults: &[Fault],
) -> Result<Response, PageError> {
    let words = guest.texts_for(&me.lang);
    let request = |(index, field): (usize, &AccessFormField)| AccessFormInput {
        id: format!("field-{index}"),
        value: answers.get(&field.key).cloned().unwrap_or_default(),
        fault: fault_of(words, field, faults),
        field: field.clone(),
    };
    let page = CandidateFormPage {
        frame: CandidateLayout::for_candidate(words, address::form(&me.welcome.task), me),
        action: address::form(&me.welcome.task),
        fields: me.form.iter().enumerate().map(request).collect(),
        has_faults: !faults.is_empty(),
    };
    reply::page(
        if page.has_faults { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK },
        &page,
    )
}

fn fault_of(
    words: &'static Language,
    field: &AccessFormField,
    faults: &[Fault],
) -> Option<&'static str> {
    let place = domain::json::JsonPointer::root().at("answers").at(&field.key);
    let of_field =
        |fault: &&Fault| matches!(&fault.place, FaultLocation::Body(pointer) if *pointer == place);
    let fault = faults.iter().find(of_field)?;
    Some(if fault.code == ErrorCode::Required { words.fault_required } else { words.fault_format })
}
