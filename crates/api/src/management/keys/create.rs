//! `POST /keys`: makes an API key.

use super::schema::ApiKeyWithSecret;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{folder, id, label, moment, nullable, set, word};
use crate::request::{RequestObject as _, optional, or_default, request};
use crate::state::ApiState;
use crate::values::MOST_ENTRIES;
use app::caller::Caller;
use app::keys::NewKey;
use axum::{Extension, Json, extract};
use domain::id::TaskId;
use domain::instance::Scope;
use domain::role::Right;

request! {
    /// A key to be made.
    pub(in crate::management) struct CreateApiKeyRequest as "NewApiKey" for NewKey {
        /// A name for staff.
        name = label(),
        /// What it may do, such as `results:read`.
        scopes = set(1..=MOST_ENTRIES, word::<Scope>()),
        /// Limits the key to these tasks.
        tasks = optional(set(1..=MOST_ENTRIES, id::<TaskId>())),
        /// Limits the key to tasks in these folders.
        folders = optional(set(1..=MOST_ENTRIES, folder())),
        /// When it ends, in seconds since the epoch; null or omitted is never.
        expires_at = or_default(nullable(moment())),
    }
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
    caller.require(Right::Manage)?;
    let ([], new) =
        read::path_and_body(incoming, [], ONE_MEBIBYTE, CreateApiKeyRequest::read).await?;
    Ok(Json(ApiKeyWithSecret::of(state.app.keys().create_key(&caller, new).await?)?))
}
