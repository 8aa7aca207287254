//! Checking a receipt: open to anybody who holds one.

use super::frame::Frame;
use super::receipt::Written;
use crate::desk::Desk;
use crate::guest::Guest;
use crate::moment::Moment;
use crate::reply;
use crate::trouble::Trouble;
use app::delivery::receipt::Vouched;
use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "candidate/verify.html")]
struct Page {
    frame: Frame,
    text: String,
    verdict: Verdict,
}

enum Verdict {
    NotAsked,
    Unread,
    NotOurs,
    Ours { instance: String, at: Moment, n: u64, digest: String },
}

impl From<Vouched> for Verdict {
    fn from(vouched: Vouched) -> Self {
        Self::Ours {
            instance: vouched.instance.to_string(),
            at: vouched.completed_at.into(),
            n: vouched.n,
            digest: hex::encode(vouched.digest),
        }
    }
}

#[derive(Deserialize)]
pub struct Given {
    #[serde(default)]
    receipt: String,
}

/// `GET /verify`.
pub async fn ask(guest: Guest) -> Result<Response, Trouble> {
    page(&guest, String::new(), Verdict::NotAsked)
}

/// `POST /verify`.
pub async fn check(State(desk): State<Desk>, guest: Guest, Form(given): Form<Given>) -> Result<Response, Trouble> {
    let verdict = match read(&given.receipt) {
        None => Verdict::Unread,
        Some((text, signature)) => {
            desk.app.verify_receipt(&text, &signature).await?.map_or(Verdict::NotOurs, Verdict::from)
        }
    };
    page(&guest, given.receipt, verdict)
}

/// The signed text and the signature of a receipt's file. What stands beside them must say the same.
fn read(file: &str) -> Option<(String, [u8; 64])> {
    let written: Written = serde_json::from_str(file).ok()?;
    let says_so = written.signed_text
        == domain::receipt::completion(
            &written.instance_id.as_str().into(),
            domain::time::Timestamp::from_seconds(written.completed_at),
            written.n,
            &hex::decode(&written.digest).ok()?.try_into().ok()?,
        );
    let signature = hex::decode(&written.signature).ok()?.try_into().ok()?;
    // A file that says something else than what was signed is no genuine receipt either: nothing could sign it.
    Some((if says_so { written.signed_text } else { String::new() }, signature))
}

fn page(guest: &Guest, text: String, verdict: Verdict) -> Result<Response, Trouble> {
    let status = if matches!(verdict, Verdict::Unread) { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    reply::page(status, &Page { frame: Frame::new(guest.words(), "/verify"), text, verdict })
}
