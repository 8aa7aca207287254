//! `POST /keys/{id}/rotate`: gives an API key a second secret.

use super::shape::Created;
use crate::body::receive::ONE_MEBIBYTE;
use crate::incoming::Incoming;
use crate::management::{Empty, read};
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::KeyId;
use domain::instance::Scope;

/// Gives an API key a new secret; the earlier ones work for another day.
#[utoipa::path(post, path = "/keys/{id}/rotate", tag = "Keys", operation_id = "rotateKey",
    params(("id" = String, Path)), request_body = Empty,
    responses((status = 200, body = Created), CommonErrors, PathErrors, BodyErrors))]
pub async fn rotate_key(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Json<Created>, Problem> {
    caller.require(Scope::Manage)?;
    let ([id], ()) = read::path_and_body(incoming, ["id"], ONE_MEBIBYTE, |_| Some(())).await?;
    Ok(Json(Created::of(state.app.rotate_key(&caller, &KeyId::from(id)).await?)?))
}
