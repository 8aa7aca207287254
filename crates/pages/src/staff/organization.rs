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
    told: FormErrors,
    given: FormValues,
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
    State(desk): State<PagesState>,
    staff: SignedInStaff,
    Query(asked): Query<OrganizationQuery>,
) -> Result<Response, PageError> {
    let settings = desk.app.organizations().organization_settings(staff.caller()).await?;
    let mut given = FormValues::default();
    given.set("name", &settings.organization.name);
    given.set("evidenceDays", settings.evidence_days.to_string());
    page(
        &desk,
        &staff,
        settings,
        given,
        FormErrors::default(),
        (asked.said == "kept").then_some("Kept."),
    )
}

/// `POST /staff/organization`.
pub async fn change(
    State(desk): State<PagesState>,
    staff: SignedInStaff,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let settings = desk.app.organizations().organization_settings(staff.caller()).await?;
    let (given, mut told) = (FormValues(pairs), FormErrors::default());
    let days = given.number("evidenceDays", &mut told, "/evidenceDays");
    if days.is_none() && told.is_empty() {
        told.add("/evidenceDays", "Must be a whole number.");
    }
    let (Some(days), true) = (days, told.is_empty()) else {
        return page(&desk, &staff, settings, given, told, None);
    };
    match desk
        .app
        .organizations()
        .update_organization(staff.caller(), given.non_empty("name").unwrap_or_default(), days)
        .await
    {
        Ok(()) => Ok(reply::redirect(&format!("{ADDRESS}?said=kept"))),
        Err(failure) => page(&desk, &staff, settings, given, FormErrors::of(failure)?, None),
    }
}

fn page(
    desk: &PagesState,
    staff: &SignedInStaff,
    settings: OrganizationSettings,
    given: FormValues,
    told: FormErrors,
    said: Option<&str>,
) -> Result<Response, PageError> {
    let of_server = desk.app.settings();
    let status = if told.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = OrganizationPage {
        frame: StaffLayout::new(staff, StaffArea::Organization, "Organization").with_notice(said),
        id: settings.organization.id.to_string(),
        made: settings.organization.created_at.into(),
        erasing: settings.erasing,
        public_url: of_server.public_url.clone(),
        callbacks: if of_server.plain_http_callbacks { "https and http" } else { "https only" },
        given,
        told,
    };
    reply::page(status, &page)
}
