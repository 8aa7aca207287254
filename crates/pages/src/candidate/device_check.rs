//! Trying out a device before the clock runs: what the step uses, and a round trip to the server.
//! Nothing of it is stored.

use crate::address;
use crate::lang::Language;
use crate::page_error::PageError;
use crate::state::PagesState;
use crate::visitor_request::VisitorRequest;
use app::Failure;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, post};
use domain::id::{StepId, TaskId};
use domain::proctoring::announcement::{DeviceNeeds, DeviceReason};
use serde::Serialize;

/// Bytes that a trial of the connection may send; the page sends half of them.
const MOST_TRIAL_BYTES: usize = 32 << 10;

/// What is tried out on the page of a step.
pub struct DeviceCheck {
    pub devices: Vec<CheckedDevice>,
    /// Where the connection is tried.
    pub connection: String,
}

/// One thing that is tried out.
pub struct CheckedDevice {
    /// By which the script knows it.
    pub name: &'static str,
    pub title: &'static str,
    /// What it means when it does not work.
    pub note: Option<&'static str>,
    /// Whether it is tried at a press rather than by itself.
    pub has_button: bool,
}

impl DeviceCheck {
    /// None where the step needs nothing but a keyboard.
    pub fn of(
        words: &'static Language,
        task: &TaskId,
        step: &StepId,
        needs: &DeviceNeeds,
    ) -> Option<Self> {
        if needs.is_empty() {
            return None;
        }
        let used = [
            ("camera", words.device_camera, needs.camera),
            ("microphone", words.device_microphone, needs.microphone),
            ("screen", words.device_screen, needs.screen),
            ("fullscreen", words.device_fullscreen, needs.fullscreen),
        ];
        let used = used.into_iter().filter_map(|(name, title, reason)| {
            let note = Some(device_note(words, reason?));
            Some(CheckedDevice { name, title, note, has_button: true })
        });
        let always = [
            ("connection", words.device_connection, true),
            ("storage", words.device_storage, false),
            ("clock", words.device_clock, false),
        ];
        let always = always.map(|(name, title, has_button)| CheckedDevice {
            name,
            title,
            note: None,
            has_button,
        });
        Some(Self {
            devices: used.chain(always).collect(),
            connection: address::connection(task, step),
        })
    }
}

const fn device_note(words: &'static Language, reason: DeviceReason) -> &'static str {
    match reason {
        DeviceReason::Required => words.pages.device_required,
        DeviceReason::Recorded => words.pages.device_recorded,
        DeviceReason::Answers => words.pages.device_answers,
    }
}

/// What arrived, and the server's clock.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConnectionTrial {
    bytes: usize,
    server_time_millis: i64,
}

/// `POST /t/{task}/steps/{step}/connection`: takes a few bytes, stores none.
pub fn connection_route() -> MethodRouter<PagesState> {
    post(try_connection).layer(DefaultBodyLimit::max(MOST_TRIAL_BYTES))
}

async fn try_connection(
    State(state): State<PagesState>,
    guest: VisitorRequest,
    Path((_, _)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, PageError> {
    let visitor = guest.candidate_session()?;
    let bytes = body.len();
    let admitted = state.app.delivery().admit_request(&visitor, bytes as u64);
    admitted.map_err(|_| Failure::Busy)?;
    state.app.delivery().candidate_profile(&visitor).await?;
    let server_time_millis = state.app.now().0;
    Ok(Json(ConnectionTrial { bytes, server_time_millis }).into_response())
}
