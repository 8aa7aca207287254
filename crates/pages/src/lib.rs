//! HTML over HTTP: what people see. Candidates sit their tests here; staff run assessments and read
//! results.
//!
//! A page reads, makes calls into `app` and shows what they give. This crate must never hold a
//! rule: whether something is allowed is always asked by doing it. It must never send anybody to
//! another host, nor let a script run that is not one of its own files.

mod address;
mod assets;
mod candidate;
mod candidate_session;
mod cookies;
mod csrf;
mod descriptions;
mod file_body;
mod html_time;
mod lang;
mod media;
mod page_error;
mod page_middleware;
mod refusal;
mod rendering;
mod reply;
mod staff;
mod state;
mod visitor_request;

pub use state::PagesState;

use app::{App, Failure};
use axum::Router;
use axum::middleware::from_fn_with_state;
use page_error::PageError;

/// A page that is reached by an address: the template of its route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRoute(pub &'static str);

/// The routes for people. `delivery` are the routes of the delivery API without their prefix, which
/// the script of the sitting page speaks with the log-in session of its cookie.
pub fn routes(app: &App, delivery: Router) -> Router {
    let state = PagesState::new(app.clone(), delivery);
    let routes = candidate::routes()
        .chain(staff::routes())
        .fold(Router::new(), |router, (route, method)| router.route(route.0, method));
    let routes = routes
        .merge(assets::routes())
        .layer(from_fn_with_state(state.clone(), page_middleware::page_middleware));
    routes.with_state(state)
}

/// Answers every request with the page about an address that does not exist.
pub fn not_found(app: &App) -> Router {
    let state = PagesState::new(app.clone(), Router::new());
    Router::new()
        .fallback(async || PageError::Failed(Failure::NotFound))
        .layer(from_fn_with_state(state, page_middleware::page_middleware))
}

/// Every address that is opened with GET, for whoever wants to look at all of them.
#[must_use]
pub fn page_routes() -> Vec<PageRoute> {
    let candidates =
        candidate::routes().map(|(route, _)| route).filter(|route| candidate::is_page(*route));
    candidates
        .chain(staff::routes().map(|(route, _)| route).filter(|route| staff::is_page(*route)))
        .collect()
}

/// The style sheets and scripts that every page of candidates may load, as paths under the assets'
/// address; what few pages need, such as the counting of plays, is loaded by these alone.
#[must_use]
pub fn candidate_assets() -> Vec<String> {
    assets::all()
        .filter(|path| path.starts_with("candidate/") || path == "base.css" || path == "dom.js")
        .filter(|path| path != "candidate/plays.js")
        .collect()
}
