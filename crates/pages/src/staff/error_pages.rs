//! What a page of staff could not do, as a page.

use crate::lang;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::StaffLayout;
use app::Failure;
use askama::Template;
use axum::response::Response;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

#[derive(Template)]
#[template(path = "staff/trouble.html")]
struct StaffErrorPage {
    frame: StaffLayout,
    sentence: &'static str,
}

/// The page about a trouble. Whoever has no session is led to where one begins, and back here
/// afterwards.
///
/// # Errors
/// When the template cannot be written.
pub fn error_page(trouble: &PageError, address: &str) -> Result<Response, PageError> {
    if let PageError::Failed(Failure::Unauthenticated) = trouble {
        let next = utf8_percent_encode(address, NON_ALPHANUMERIC);
        return Ok(reply::redirect(&format!("/staff/sign-in?next={next}")));
    }
    let (title, sentence) = match trouble {
        PageError::Failed(Failure::InsufficientScope(_)) => (
            "Not allowed",
            "Your roles do not include this. A manager of your organization can change them.",
        ),
        PageError::Failed(Failure::NotFound) => {
            ("Not found", "There is nothing at this address, or you may not see it.")
        }
        other => other.message(lang::Language::english()),
    };
    reply::page(
        trouble.status(),
        &StaffErrorPage { frame: StaffLayout::signed_out(title), sentence },
    )
}
