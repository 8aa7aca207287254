//! The candidate's pages: from a task's link to the receipt.
//!
//! Everything but sitting works without a script. The sitting page's script speaks the delivery API
//! below the task's own address, where the log-in session's cookie goes.

mod api;
mod attempt;
mod brand;
mod brief;
mod check;
mod device_check;
mod direct;
mod figures;
mod form;
mod layout;
pub mod question;
mod receipt;
mod recorded;
mod recording_notice;
mod result;
mod reviewed_answer;
mod steps;
mod verify;
mod welcome;
mod withheld;

use crate::lang::Language;
use crate::page_error::PageError;
use crate::state::PagesState;
use crate::{PageRoute, address, reply};
use askama::Template;
use axum::response::Response;
use axum::routing::{MethodRouter, any, get, post};
use domain::id::TaskId;
use layout::CandidateLayout;

const API: PageRoute = PageRoute("/t/{task}/api/{*path}");
const CONNECTION: PageRoute = PageRoute("/t/{task}/steps/{step}/connection");
const CHECK: PageRoute = PageRoute("/t/{task}/sit/{instance}/check/{slot}");

/// Every route with its handlers.
pub fn routes() -> impl Iterator<Item = (PageRoute, MethodRouter<PagesState>)> {
    let table: [(&'static str, MethodRouter<PagesState>); 23] = [
        ("/", get(direct::front)),
        ("/enter", get(direct::ask).post(direct::enter)),
        ("/enter/{code}", get(direct::open)),
        ("/verify", get(verify::ask).post(verify::check)),
        ("/verify/{code}", get(verify::open)),
        ("/t/{task}", get(welcome::show)),
        ("/t/{task}/enter", post(welcome::enter)),
        ("/t/{task}/leave", post(welcome::leave)),
        ("/t/{task}/form", get(form::show).post(form::fill)),
        ("/t/{task}/steps", get(steps::show)),
        ("/t/{task}/steps/{step}", get(brief::show)),
        ("/t/{task}/steps/{step}/start", post(brief::start)),
        (CONNECTION.0, device_check::connection_route()),
        ("/t/{task}/sit/{instance}", get(attempt::show)),
        ("/t/{task}/sit/{instance}/recorded", get(recorded::show)),
        ("/t/{task}/sit/{instance}/result", get(result::show)),
        (CHECK.0, post(check::check)),
        ("/t/{task}/sit/{instance}/receipt", get(receipt::show)),
        ("/t/{task}/sit/{instance}/receipt.json", get(receipt::file)),
        (API.0, any(api::forward)),
        ("/o/{organization}/logo", get(brand::logo)),
        ("/o/{organization}/about", get(brand::about)),
        ("/t/{task}/", get(welcome::redirect_trailing_slash)),
    ];
    table.into_iter().map(|(path, method)| (PageRoute(path), method))
}

/// Whether a person opens the route, rather than sending a form or a script there.
pub fn is_page(route: PageRoute) -> bool {
    const SENT: [&str; 6] = [
        "/t/{task}/enter",
        "/t/{task}/leave",
        "/t/{task}/steps/{step}/start",
        CONNECTION.0,
        CHECK.0,
        API.0,
    ];
    !SENT.contains(&route.0)
}

#[derive(Template)]
#[template(path = "candidate/trouble.html")]
struct CandidateErrorPage {
    frame: CandidateLayout,
    title: &'static str,
    sentence: &'static str,
    back: Option<String>,
}

/// The page about what a page could not do.
///
/// # Errors
/// When the template cannot be written.
pub fn error_page(
    words: &'static Language,
    trouble: &PageError,
    task: Option<&TaskId>,
) -> Result<Response, PageError> {
    let (title, sentence) = trouble.message(words);
    let is_missing = matches!(trouble, PageError::Failed(app::Failure::NotFound));
    let back = task.filter(|_| !is_missing).map(address::task);
    let frame = CandidateLayout { here: None, ..CandidateLayout::new(words, "") };
    reply::page(trouble.status(), &CandidateErrorPage { frame, title, sentence, back })
}

/// The tag of a test's language, for `lang`.
fn tag(lang: domain::document::model::Lang) -> String {
    serde_json::to_value(lang)
        .ok()
        .and_then(|tag| tag.as_str().map(str::to_owned))
        .unwrap_or_default()
}
