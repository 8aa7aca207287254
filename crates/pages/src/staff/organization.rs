//! What is settled for the whole organization, and what the operator of the server has settled for all.

use super::{Area, Frame, Given, Staff, Table, Told};
use crate::desk::Desk;
use crate::moment::Moment;
use crate::reply;
use crate::trouble::Trouble;
use app::organizations::{Erasing, OrganizationSettings};
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

const ADDRESS: &str = "/staff/organization";

pub fn table() -> Table {
    vec![(ADDRESS, get(show).post(change))]
}

#[derive(Template)]
#[template(path = "staff/organization.html")]
struct Page {
    frame: Frame,
    told: Told,
    given: Given,
    id: String,
    made: Moment,
    erasing: Vec<Erasing>,
    public_url: String,
    callbacks: &'static str,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    said: String,
}

/// `GET /staff/organization`.
pub async fn show(State(desk): State<Desk>, staff: Staff, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    let settings = desk.app.organization_settings(staff.caller()).await?;
    let mut given = Given::default();
    given.set("name", &settings.organization.name);
    given.set("evidenceDays", settings.evidence_days.to_string());
    page(&desk, &staff, settings, given, Told::default(), (asked.said == "kept").then_some("Kept."))
}

/// `POST /staff/organization`.
pub async fn change(
    State(desk): State<Desk>,
    staff: Staff,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let settings = desk.app.organization_settings(staff.caller()).await?;
    let (given, mut told) = (Given(pairs), Told::default());
    let days = given.number("evidenceDays", &mut told, "/evidenceDays");
    if days.is_none() && told.is_empty() {
        told.add("/evidenceDays", "Must be a whole number.");
    }
    let (Some(days), true) = (days, told.is_empty()) else {
        return page(&desk, &staff, settings, given, told, None);
    };
    match desk.app.update_organization(staff.caller(), given.some("name").unwrap_or_default(), days).await {
        Ok(()) => Ok(reply::go(&format!("{ADDRESS}?said=kept"))),
        Err(failure) => page(&desk, &staff, settings, given, Told::of(failure)?, None),
    }
}

fn page(
    desk: &Desk,
    staff: &Staff,
    settings: OrganizationSettings,
    given: Given,
    told: Told,
    said: Option<&str>,
) -> Result<Response, Trouble> {
    let of_server = desk.app.settings();
    let status = if told.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = Page {
        frame: Frame::new(staff, Area::Organization, "Organization").said(said),
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
