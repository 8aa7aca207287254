//! Checking a receipt: open to anybody who holds one.

use super::layout::CandidateLayout;
use super::receipt::ReceiptFile;
use crate::html_time::HtmlTime;
use crate::lang::Language;
use crate::page_error::PageError;
use crate::reply;
use crate::state::PagesState;
use crate::visitor_request::VisitorRequest;
use app::delivery::receipt::VerifiedReceipt;
use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "candidate/verify.html")]
struct VerifyReceiptPage {
    frame: CandidateLayout,
    text: String,
    verdict: ReceiptVerdict,
}

enum ReceiptVerdict {
    NotAsked,
    Unread,
    NotOurs,
    Ours { instance: String, at: HtmlTime, n: u64, digest: String },
}

impl ReceiptVerdict {
    fn of(vouched: VerifiedReceipt, words: &Language) -> Self {
        Self::Ours {
            instance: vouched.instance.to_string(),
            at: HtmlTime::in_language(vouched.completed_at, words),
            n: vouched.n,
            digest: hex::encode(vouched.digest),
        }
    }
}

/// The text of a receipt, to be checked against its signature.
#[derive(Deserialize)]
pub struct VerifyReceiptForm {
    #[serde(default)]
    receipt: String,
}

/// `GET /verify`.
pub async fn ask(guest: VisitorRequest) -> Result<Response, PageError> {
    page(&guest, String::new(), ReceiptVerdict::NotAsked)
}

/// `POST /verify`.
pub async fn check(
    State(state): State<PagesState>,
    guest: VisitorRequest,
    Form(form): Form<VerifyReceiptForm>,
) -> Result<Response, PageError> {
    let verdict = match read(&form.receipt) {
        None => ReceiptVerdict::Unread,
        Some((text, signature)) => state
            .app
            .delivery()
            .verify_receipt(&text, &signature)
            .await?
            .map_or(ReceiptVerdict::NotOurs, |vouched| ReceiptVerdict::of(vouched, guest.texts())),
    };
    page(&guest, form.receipt, verdict)
}

/// The signed text and the signature of a receipt's file. What stands beside them must say the
/// same.
fn read(file: &str) -> Option<(String, [u8; 64])> {
    let written: ReceiptFile = serde_json::from_str(file).ok()?;
    let says_so = written.signed_text
        == domain::receipt::completion(
            &written.instance_id.as_str().into(),
            domain::time::Timestamp::from_seconds(written.completed_at),
            written.n,
            &hex::decode(&written.digest).ok()?.try_into().ok()?,
        );
    let signature = hex::decode(&written.signature).ok()?.try_into().ok()?;
    // A file that says something else than what was signed is no genuine receipt either: nothing
    // could sign it.
    Some((if says_so { written.signed_text } else { String::new() }, signature))
}

fn page(
    guest: &VisitorRequest,
    text: String,
    verdict: ReceiptVerdict,
) -> Result<Response, PageError> {
    let status = if matches!(verdict, ReceiptVerdict::Unread) {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    reply::page(
        status,
        &VerifyReceiptPage { frame: CandidateLayout::new(guest.texts(), "/verify"), text, verdict },
    )
}
