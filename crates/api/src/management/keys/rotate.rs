//! `POST /keys/{id}/rotate`: gives an API key a second secret.

use super::schema::ApiKeyWithSecret;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::{EmptyResponse, read};
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::KeyId;
use domain::role::Right;

/// Gives an API key a new secret; the earlier ones work for another day.
#[utoipa::path(post, path = "/keys/{id}/rotate", tag = "Keys", operation_id = "rotateKey",
    params(("id" = String, Path)), request_body = EmptyResponse,
    responses((status = 200, body = ApiKeyWithSecret), CommonErrors, PathErrors, BodyErrors))]
pub async fn rotate_key(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<ApiKeyWithSecret>, Problem> {
    caller.require(Right::Manage)?;
    let ([id], ()) = read::path_and_body(incoming, ["id"], ONE_MEBIBYTE, |_| Some(())).await?;
    Ok(Json(ApiKeyWithSecret::of(state.app.keys().rotate_key(&caller, &KeyId::from(id)).await?)?))
}
