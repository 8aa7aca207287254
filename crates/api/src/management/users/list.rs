//! `GET /users`: the users of the organization.

use super::shape::User;
use crate::incoming::Incoming;
use crate::management::read;
use crate::mode::Mode;
use crate::openapi::CommonErrors;
use crate::pagination::{Page, Pagination};
use crate::parameters::{LimitParameter, PageParameter};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::fault::Faults;
use domain::instance::Scope;
use serde::Serialize;
use utoipa::ToSchema;

/// A page of users.
#[derive(Serialize, ToSchema)]
#[schema(as = ManagedUserPage)]
pub(in crate::management) struct Users {
    /// The users, in creation order.
    users: Vec<User>,
    /// How many there are in all, and the pages beside this one.
    pagination: Pagination,
}

/// Lists users, oldest first.
#[utoipa::path(get, path = "/users", tag = "Users", operation_id = "listManagedUsers",
    params(LimitParameter, PageParameter), responses((status = 200, body = Users), CommonErrors))]
pub async fn list_users(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Incoming { head, body }: Incoming,
) -> Result<Json<Users>, Problem> {
    caller.require(Scope::UsersRead)?;
    let mut faults = Faults::new();
    let mut query = head.query();
    let (mode, page) = (Mode::read(&mut query), Page::read(&mut query));
    query.finish(&mut faults);
    read::no_body(body, &mut faults).await;
    faults.into_result()?;
    let (total, users) = state.app.list_users(&caller, page.limit, page.rows_before()).await?;
    let pagination = Pagination::new(total, page, mode, &[]);
    Ok(Json(Users { users: users.into_iter().map(User::from).collect(), pagination }))
}
