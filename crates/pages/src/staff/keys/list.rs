//! All keys, never their secrets.

use super::ADDRESS;
use crate::html_time::HtmlTime;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use app::Failure;
use app::keys::KeyRow;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::time::Timestamp;

#[derive(Template)]
#[template(path = "staff/keys/list.html")]
struct ApiKeyListPage {
    frame: StaffLayout,
    keys: Vec<ApiKeyListRow>,
}

struct ApiKeyListRow {
    address: String,
    name: String,
    scopes: Vec<String>,
    is_limited: bool,
    state: ApiKeyStatus,
    created: HtmlTime,
    used: Option<HtmlTime>,
    ends: Option<HtmlTime>,
}

/// Whether a key still opens anything.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ApiKeyStatus {
    Good,
    Expired,
    Revoked,
}

impl ApiKeyStatus {
    /// How a key stands at a moment; a revoked one is not also expired.
    pub fn of(key: &KeyRow, now: Timestamp) -> Self {
        if key.revoked_at.is_some() {
            Self::Revoked
        } else if key.expires_at.is_some_and(|end| end <= now) {
            Self::Expired
        } else {
            Self::Good
        }
    }

    /// The word that staff read.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }

    /// The style sheet's class of the mark.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Good => "done",
            Self::Expired => "warn",
            Self::Revoked => "bad",
        }
    }
}

/// A JSON list of texts of a row.
///
/// # Errors
/// When it does not read: a key whose limits are not known must not look like one without.
pub fn texts(json: &str) -> Result<Vec<String>, Failure> {
    serde_json::from_str(json).map_err(Failure::internal)
}

/// `GET /staff/keys`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
) -> Result<Response, PageError> {
    let (keys, now) = (state.app.keys().list_keys(staff.caller()).await?, state.app.now());
    let mut keys: Vec<_> =
        keys.into_iter().map(|key| line(key, now)).collect::<Result<_, Failure>>()?;
    keys.reverse();
    reply::page(
        StatusCode::OK,
        &ApiKeyListPage { frame: StaffLayout::new(&staff, StaffArea::Keys, "API keys"), keys },
    )
}

fn line(key: KeyRow, now: Timestamp) -> Result<ApiKeyListRow, Failure> {
    Ok(ApiKeyListRow {
        address: format!("{ADDRESS}/{}", key.id),
        scopes: texts(&key.scopes)?,
        is_limited: key.task_ids.is_some() || key.folders.is_some(),
        state: ApiKeyStatus::of(&key, now),
        name: key.name,
        created: key.created_at.into(),
        used: key.last_used_at.map(Into::into),
        ends: key.expires_at.map(Into::into),
    })
}
