//! The library of pictures, sound and film: what the editor's dialog asks for and sends.

use crate::file_body::pour;
use crate::page_error::PageError;
use crate::staff::support::{AreaRoutes, SignedInStaff};
use crate::state::PagesState;
use app::Failure;
use app::media::authored::{AuthorMediaSearch, AuthorMediaView, MediaAudience, MediaLinks};
use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use domain::authored_media::AuthoredMediaKind;
use domain::media::UploadRejection;
use serde::Deserialize;
use serde_json::{Value, json};

/// Files on one page of the dialog.
const PAGE: u64 = 24;

/// The library, for scripts.
pub fn routes() -> AreaRoutes {
    vec![
        ("/staff/media/get/list", get(list)),
        ("/staff/media/do/upload", post(upload)),
        ("/staff/media/do/delete", post(delete)),
    ]
}

/// What is looked for.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct MediaQuery {
    name: String,
    kind: String,
    /// From 1.
    page: u64,
}

async fn list(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Query(query): Query<MediaQuery>,
) -> Result<Response, PageError> {
    let search = AuthorMediaSearch {
        name: query.name.trim().to_owned(),
        kind: AuthoredMediaKind::parse(&query.kind),
    };
    let before = query.page.saturating_sub(1).saturating_mul(PAGE);
    let (limit, before) = (PAGE.cast_signed(), i64::try_from(before).unwrap_or(i64::MAX));
    let library = state.app.author_media();
    let page = library.list_author_media(staff.caller(), search, limit, before).await?;
    let links = links(&state, &staff, &page.media).await?;
    let media: Vec<Value> = page.media.iter().map(|media| described(media, &links)).collect();
    Ok(Json(json!({ "media": media, "total": page.total, "page": PAGE })).into_response())
}

/// What a file is called.
#[derive(Deserialize)]
pub struct UploadQuery {
    name: String,
}

async fn upload(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Query(query): Query<UploadQuery>,
    body: Body,
) -> Result<Response, PageError> {
    let library = state.app.author_media();
    let receiving = library.begin_author_media(staff.caller(), Some(query.name), None).await;
    let received = match receiving {
        Ok(receiving) => pour(receiving, body).await,
        Err(failure) => Err(failure),
    };
    match received {
        Ok(media) => {
            let links = links(&state, &staff, std::slice::from_ref(&media)).await?;
            Ok(Json(described(&media, &links)).into_response())
        }
        Err(Failure::NotTaken { why, .. }) => {
            let (code, limit) = refused(&why);
            let body = json!({ "code": code, "limit": limit });
            Ok((StatusCode::CONFLICT, Json(body)).into_response())
        }
        Err(failure) => Err(failure.into()),
    }
}

/// Why a file is not taken, as the script has words for it, with the limit in bytes.
const fn refused(why: &UploadRejection) -> (&'static str, u64) {
    match why {
        UploadRejection::Empty => ("empty", 0),
        UploadRejection::Type(_) | UploadRejection::NotExpected => ("type", 0),
        UploadRejection::Bytes(most) => ("bytes", *most),
        UploadRejection::OrganizationShare(most) | UploadRejection::Share(most) => ("share", *most),
        UploadRejection::Files(_) | UploadRejection::TooSlow(_) => ("slow", 0),
    }
}

/// Which file is removed.
#[derive(Deserialize)]
pub struct DeleteMediaForm {
    media: String,
}

async fn delete(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Json(form): Json<DeleteMediaForm>,
) -> Result<Response, PageError> {
    match state.app.author_media().delete_author_media(staff.caller(), &form.media).await {
        Ok(()) => Ok(Json(json!({})).into_response()),
        Err(Failure::MediaInUse(sentence)) => {
            Ok((StatusCode::CONFLICT, Json(json!({ "reason": sentence }))).into_response())
        }
        Err(failure) => Err(failure.into()),
    }
}

async fn links(
    state: &PagesState,
    staff: &SignedInStaff,
    media: &[AuthorMediaView],
) -> Result<MediaLinks, Failure> {
    let digests = media.iter().map(|media| media.sha256).collect();
    let of = &staff.caller().organization;
    state.app.author_media().media_links(of, digests, &MediaAudience::Reader).await
}

fn described(media: &AuthorMediaView, links: &MediaLinks) -> Value {
    let digest = media.digest();
    json!({
        "url": links.get(&digest).map(|linked| linked.url.as_str()),
        "media": digest,
        "kind": media.media_type.kind(),
        "type": media.media_type.extension(),
        "name": media.name,
        "bytes": media.bytes,
        "width": media.width,
        "height": media.height,
        "seconds": media.seconds(),
    })
}
