//! `GET /users/{id}`: one user.

use super::shape::User;
use crate::incoming::Incoming;
use crate::integration::{read, reply};
use crate::mode::Mode;
use crate::openapi::{CommonErrors, PathErrors};
use crate::parameters::ModeParameter;
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::response::Response;
use axum::{Extension, extract};
use domain::id::UserId;
use domain::instance::Scope;

/// Fetches one user.
#[utoipa::path(get, path = "/users/{id}", tag = "Users", operation_id = "fetchUser",
    params(("id" = String, Path), ModeParameter),
    responses((status = 200, body = User), (status = 304, description = "Nothing has changed."),
        CommonErrors, PathErrors))]
pub async fn fetch(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Response, Problem> {
    caller.require(Scope::UsersRead)?;
    let (head, [id], mode) = read::reading(incoming, ["id"], Mode::read).await?;
    let user = state.app.user(&caller, &UserId::from(id)).await?;
    Ok(reply::tagged(&head, reply::print(&User::of(user, mode))?))
}
