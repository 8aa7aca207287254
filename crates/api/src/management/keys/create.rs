//! `POST /keys`: makes an API key.

use super::schema::ApiKeyWithSecret;
use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::server::ApiState;
use crate::values::{self, MOST_ENTRIES};
use app::caller::Caller;
use app::keys::NewKey;
use axum::{Extension, Json, extract};
use domain::id::TaskId;
use domain::instance::Scope;
use utoipa::ToSchema;

/// A key to be made.
#[derive(ToSchema)]
#[schema(as = NewApiKey, rename_all = "camelCase")]
#[allow(dead_code, reason = "only its schema is used")]
pub(in crate::management) struct CreateApiKeyRequest {
    /// A name for staff.
    name: String,
    /// What it may do, such as `results:read`.
    scopes: Vec<String>,
    /// Limits the key to these tasks.
    tasks: Option<Vec<String>>,
    /// Limits the key to tasks in these folders.
    folders: Option<Vec<String>>,
    /// When it ends, in seconds since the epoch; null is never.
    expires_at: Option<i64>,
}

/// Makes an API key that is no wider than the caller's. The secret is shown this once.
#[utoipa::path(
    post, path = "/keys", tag = "Keys", operation_id = "createKey",
    request_body = CreateApiKeyRequest,
    responses((status = 200, body = ApiKeyWithSecret), CommonErrors, BodyErrors)
)]
pub async fn create_key(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<ApiKeyWithSecret>, Problem> {
    caller.require_scope(Scope::Manage)?;
    let ([], new) = read::path_and_body(incoming, [], ONE_MEBIBYTE, shape).await?;
    Ok(Json(ApiKeyWithSecret::of(state.app.create_key(&caller, new).await?)?))
}

fn shape(object: &BodyObject<'_>) -> Option<NewKey> {
    let name = values::text(&object.required("name"));
    let scopes = object
        .required("scopes")
        .set(1..=MOST_ENTRIES, |item| item.one_of(Scope::ALL, Scope::as_str));
    let tasks =
        object.optional("tasks").set(1..=MOST_ENTRIES, |item| item.text(1..=64).map(TaskId::from));
    let folders = object.optional("folders").set(1..=MOST_ENTRIES, |item| values::folder(&item));
    let expires_at = values::moment(&object.optional("expiresAt"));
    Some(NewKey { name: name?, scopes: scopes?, tasks, folders, expires_at })
}
