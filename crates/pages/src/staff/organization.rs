//! What is settled for the whole organization, and what the operator of the server has settled for
//! all.

use crate::html_time::HtmlTime;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{
    AreaRoutes, FormErrors, FormValues, SignedInStaff, StaffArea, StaffLayout,
};
use crate::state::PagesState;
use app::organizations::{OrganizationSettings, TaskErasureRule};
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

const ADDRESS: &str = "/staff/organization";

/// The organization's settings: one page, which takes its own form.
pub fn routes() -> AreaRoutes {
    vec![(ADDRESS, get(show).post(change))]
}

#[derive(Template)]
#[template(path = "staff/organization.html")]
struct OrganizationPage {
    frame: StaffLayout,
    errors: FormErrors,
    values: FormValues,
    id: String,
    made: HtmlTime,
    erasing: Vec<TaskErasureRule>,
    public_url: String,
    callbacks: &'static str,
}

/// Which notice the page shows after a form: a word of ours, or nothing.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct OrganizationQuery {
    said: String,
}

/// `GET /staff/organization`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Query(query): Query<OrganizationQuery>,
) -> Result<Response, PageError> {
    let settings = state.app.organizations().organization_settings(staff.caller()).await?;
    let mut values = FormValues::default();
    values.set("name", &settings.organization.name);
    values.set("evidenceDays", settings.evidence_days.to_string());
    page(
        &state,
        &staff,
        settings,
        values,
        FormErrors::default(),
        (query.said == "kept").then_some("Saved."),
    )
}

/// `POST /staff/organization`.
pub async fn change(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let settings = state.app.organizations().organization_settings(staff.caller()).await?;
    let (values, mut errors) = (FormValues(pairs), FormErrors::default());
    let days = values.number("evidenceDays", &mut errors, "/evidenceDays");
    if days.is_none() && errors.is_empty() {
        errors.add("/evidenceDays", "Must be a whole number.");
    }
    let (Some(days), true) = (days, errors.is_empty()) else {
        return page(&state, &staff, settings, values, errors, None);
    };
    match state
        .app
        .organizations()
        .update_organization(staff.caller(), values.non_empty("name").unwrap_or_default(), days)
        .await
    {
        Ok(()) => Ok(reply::redirect(&format!("{ADDRESS}?said=kept"))),
        Err(failure) => page(&state, &staff, settings, values, FormErrors::of(failure)?, None),
    }
}

fn page(
    state: &PagesState,
    staff: &SignedInStaff,
    settings: OrganizationSettings,
    values: FormValues,
    errors: FormErrors,
    said: Option<&str>,
) -> Result<Response, PageError> {
    let of_server = state.app.settings();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = OrganizationPage {
        frame: StaffLayout::new(staff, StaffArea::Organization, "Organization").with_notice(said),
        id: settings.organization.id.to_string(),
        made: settings.organization.created_at.into(),
        erasing: settings.erasing,
        public_url: of_server.public_url.clone(),
        callbacks: if of_server.plain_http_callbacks { "https and http" } else { "https only" },
        values,
        errors,
    };
    reply::page(status, &page)
}
