//! One key.

use super::list::{Standing, texts};
use super::new::Secret;
use super::{ADDRESS, Area, Frame, Staff};
use crate::desk::Desk;
use crate::moment::Moment;
use crate::reply;
use crate::trouble::Trouble;
use app::Failure;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::KeyId;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "staff/keys/one.html")]
struct Page {
    frame: Frame,
    address: String,
    id: String,
    standing: Standing,
    scopes: Vec<String>,
    tasks: Vec<String>,
    folders: Vec<String>,
    created: Moment,
    used: Option<Moment>,
    ends: Option<Moment>,
    revoked: Option<Moment>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    said: String,
}

/// `GET /staff/keys/{key}`.
pub async fn show(
    State(desk): State<Desk>,
    staff: Staff,
    Path(key): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let said = (asked.said == "revoked").then_some("The key is revoked. Nothing is let in with it any more.");
    let keys = desk.app.list_keys(staff.caller()).await?;
    let key = keys.into_iter().find(|known| known.id.as_str() == key).ok_or(Failure::NotFound)?;
    let page = Page {
        frame: Frame::new(&staff, Area::Keys, &key.name).under("API keys", ADDRESS).said(said),
        address: format!("{ADDRESS}/{}", key.id),
        standing: Standing::of(&key, desk.app.now()),
        scopes: texts(&key.scopes),
        tasks: key.task_ids.as_deref().map(texts).unwrap_or_default(),
        folders: key.folders.as_deref().map(texts).unwrap_or_default(),
        created: key.created_at.into(),
        used: key.last_used_at.map(Into::into),
        ends: key.expires_at.map(Into::into),
        revoked: key.revoked_at.map(Into::into),
        id: key.id.to_string(),
    };
    reply::page(StatusCode::OK, &page)
}

/// `POST /staff/keys/{key}/do/rotate`: answers with the new secret.
pub async fn rotate(State(desk): State<Desk>, staff: Staff, Path(key): Path<String>) -> Result<Response, Trouble> {
    let created = desk.app.rotate_key(staff.caller(), &KeyId::from(key)).await?;
    reply::page(StatusCode::OK, &Secret::of(&staff, created, false))
}

/// `POST /staff/keys/{key}/do/revoke`.
pub async fn revoke(State(desk): State<Desk>, staff: Staff, Path(key): Path<String>) -> Result<Response, Trouble> {
    let key = KeyId::from(key);
    desk.app.revoke_key(staff.caller(), &key).await?;
    Ok(reply::go(&format!("{ADDRESS}/{key}?said=revoked")))
}
