//! Checking a receipt: open to anybody who holds one.

use super::layout::CandidateLayout;
use super::receipt::ReceiptFile;
use crate::html_time::HtmlTime;
use crate::lang::Language;
use crate::page_error::PageError;
use crate::reply;
use crate::state::PagesState;
use crate::visitor_request::VisitorRequest;
use app::delivery::receipt::{VerifiedReceipt, read_code};
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

const ADDRESS: &str = "/verify";

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
    page(&guest, ADDRESS, String::new(), ReceiptVerdict::NotAsked)
}

/// `GET /verify/{code}`, as a mail or a print has it: says at once whether that is genuine.
pub async fn open(
    State(state): State<PagesState>,
    guest: VisitorRequest,
    Path(code): Path<String>,
) -> Result<Response, PageError> {
    let verdict = judge(&state, &guest, &code).await?;
    let here = match verdict {
        ReceiptVerdict::Ours { .. } => format!("{ADDRESS}/{code}"),
        _ => ADDRESS.to_owned(),
    };
    page(&guest, &here, code, verdict)
}

/// `POST /verify`.
pub async fn check(
    State(state): State<PagesState>,
    guest: VisitorRequest,
    Form(form): Form<VerifyReceiptForm>,
) -> Result<Response, PageError> {
    let verdict = judge(&state, &guest, &form.receipt).await?;
    page(&guest, ADDRESS, form.receipt, verdict)
}

/// What is to be said of a receipt's file or code.
async fn judge(
    state: &PagesState,
    guest: &VisitorRequest,
    receipt: &str,
) -> Result<ReceiptVerdict, PageError> {
    let Some((text, signature)) = read(receipt).or_else(|| read_code(receipt)) else {
        return Ok(ReceiptVerdict::Unread);
    };
    let vouched = state.app.delivery().verify_receipt(&text, &signature).await?;
    Ok(vouched
        .map_or(ReceiptVerdict::NotOurs, |vouched| ReceiptVerdict::of(vouched, guest.texts())))
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
    here: &str,
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
        &VerifyReceiptPage { frame: CandidateLayout::new(guest.texts(), here), text, verdict },
    )
}
