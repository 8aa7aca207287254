//! Where staff arrive: what they may do here.

use super::{Area, Frame, Staff, Table};
use crate::desk::Desk;
use crate::reply;
use crate::trouble::Trouble;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

pub fn table() -> Table {
    vec![("/staff", get(show)), ("/staff/", get(tidy))]
}

#[derive(Template)]
#[template(path = "staff/home.html")]
struct Page {
    frame: Frame,
    roles: Vec<&'static str>,
}

/// `GET /staff`.
pub async fn show(State(_desk): State<Desk>, staff: Staff) -> Result<Response, Trouble> {
    let roles = staff.0.user.roles.iter().map(|role| role.as_str()).collect();
    reply::page(StatusCode::OK, &Page { frame: Frame::new(&staff, Area::Home, "Welcome"), roles })
}

/// `GET /staff/`, as people type it.
pub async fn tidy() -> Response {
    reply::go(super::ROOT)
}
