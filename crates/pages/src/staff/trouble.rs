//! What a page of staff could not do, as a page.

use super::frame::Frame;
use crate::lang;
use crate::reply;
use crate::trouble::Trouble;
use app::Failure;
use askama::Template;
use axum::response::Response;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

#[derive(Template)]
#[template(path = "staff/trouble.html")]
struct Page {
    frame: Frame,
    sentence: &'static str,
}

/// The page about a trouble. Whoever has no session is led to where one begins, and back here afterwards.
///
/// # Errors
/// When the template cannot be written.
pub fn explain(trouble: &Trouble, address: &str) -> Result<Response, Trouble> {
    if let Trouble::Failed(Failure::Unauthenticated) = trouble {
        let next = utf8_percent_encode(address, NON_ALPHANUMERIC);
        return Ok(reply::go(&format!("/staff/sign-in?next={next}")));
    }
    let (title, sentence) = match trouble {
        Trouble::Failed(Failure::InsufficientScope(_)) => {
            ("Not allowed", "Your roles do not include this. A manager of your organization can change them.")
        }
        Trouble::Failed(Failure::NotFound) => {
            ("Not found", "There is nothing at this address, or it is out of your reach.")
        }
        other => other.says(lang::english()),
    };
    reply::page(trouble.status(), &Page { frame: Frame::outside(title), sentence })
}
