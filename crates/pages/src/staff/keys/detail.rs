//! One key.

use super::ADDRESS;
use super::list::{ApiKeyStatus, texts};
use super::new::ApiKeySecretPage;
use crate::html_time::HtmlTime;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use app::Failure;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::KeyId;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "staff/keys/one.html")]
struct ApiKeyDetailPage {
    frame: StaffLayout,
    address: String,
    id: String,
    standing: ApiKeyStatus,
    scopes: Vec<String>,
    tasks: Vec<String>,
    folders: Vec<String>,
    created: HtmlTime,
    used: Option<HtmlTime>,
    ends: Option<HtmlTime>,
    revoked: Option<HtmlTime>,
}

/// Which notice the page shows after a form: a word of ours, or nothing.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ApiKeyDetailQuery {
    said: String,
}

/// `GET /staff/keys/{key}`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(key): Path<String>,
    Query(query): Query<ApiKeyDetailQuery>,
) -> Result<Response, PageError> {
    let said = (query.said == "revoked").then_some("Key revoked. It no longer gives access.");
    let keys = state.app.keys().list_keys(staff.caller()).await?;
    let key = keys.into_iter().find(|entry| entry.id.as_str() == key).ok_or(Failure::NotFound)?;
    let page = ApiKeyDetailPage {
        frame: StaffLayout::new(&staff, StaffArea::Keys, &key.name)
            .with_crumb("API keys", ADDRESS)
            .with_notice(said),
        address: format!("{ADDRESS}/{}", key.id),
        standing: ApiKeyStatus::of(&key, state.app.now()),
        scopes: texts(&key.scopes)?,
        tasks: key.task_ids.as_deref().map(texts).transpose()?.unwrap_or_default(),
        folders: key.folders.as_deref().map(texts).transpose()?.unwrap_or_default(),
        created: key.created_at.into(),
        used: key.last_used_at.map(Into::into),
        ends: key.expires_at.map(Into::into),
        revoked: key.revoked_at.map(Into::into),
        id: key.id.to_string(),
    };
    reply::page(StatusCode::OK, &page)
}

/// `POST /staff/keys/{key}/do/rotate`: answers with the new secret.
pub async fn rotate(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(key): Path<String>,
) -> Result<Response, PageError> {
    let created = state.app.keys().rotate_key(staff.caller(), &KeyId::from(key)).await?;
    reply::page(StatusCode::OK, &ApiKeySecretPage::of(&staff, created, false))
}

/// `POST /staff/keys/{key}/do/revoke`.
pub async fn revoke(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(key): Path<String>,
) -> Result<Response, PageError> {
    let key = KeyId::from(key);
    state.app.keys().revoke_key(staff.caller(), &key).await?;
    Ok(reply::redirect(&format!("{ADDRESS}/{key}?said=revoked")))
}
