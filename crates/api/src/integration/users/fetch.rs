//! `GET /users/{id}`: one user.

use super::schema::UserResponse;
use crate::integration::{read, reply};
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::ModeQuery;
use crate::state::ApiState;
use app::caller::Caller;
use axum::response::Response;
use axum::{Extension, extract};
use domain::id::UserId;
use domain::role::Right;

/// Fetches one user.
#[utoipa::path(
    get, path = "/users/{id}", tag = "Users", operation_id = "fetchUser",
    params(("id" = String, Path), ModeQuery),
    responses(
        (status = 200, body = UserResponse), (status = 304, description = "Nothing has changed."),
        CommonErrors, PathErrors
    )
)]
pub async fn fetch(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Response, Problem> {
    caller.require(Right::ReadUsers)?;
    let (head, [id], ModeQuery { mode }) = read::path_and_query(incoming, ["id"]).await?;
    let user = state.app.users().user(&caller, &UserId::from(id)).await?;
    Ok(reply::json_with_etag(&head, reply::to_json(&UserResponse::of(user, mode))?))
}
