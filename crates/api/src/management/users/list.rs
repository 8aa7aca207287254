//! `GET /users`: the users of the organization.

use super::schema::ManagedUser;
use crate::management::read;
use crate::openapi::CommonErrors;
use crate::pagination::Pagination;
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::PageNumberQuery;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::fault::Faults;
use domain::role::Right;
use serde::Serialize;
use utoipa::ToSchema;

/// A page of users.
#[derive(Serialize, ToSchema)]
#[schema(as = ManagedUserPage)]
pub(in crate::management) struct ManagedUserPage {
    /// The users, in creation order.
    users: Vec<ManagedUser>,
    /// How many there are in all, and the pages beside this one.
    pagination: Pagination,
}

/// Lists users, oldest first.
#[utoipa::path(
    get, path = "/users", tag = "Users", operation_id = "listManagedUsers",
    params(PageNumberQuery),
    responses((status = 200, body = ManagedUserPage), CommonErrors)
)]
pub async fn list_users(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<ManagedUserPage>, Problem> {
    caller.require(Right::ReadUsers)?;
    let mut faults = Faults::new();
    let PageNumberQuery { mode, page } = read::query(&head, &mut faults);
    read::no_body(body, &mut faults).await;
    faults.into_result()?;
    let (total, users) =
        state.app.users().list_users(&caller, page.limit, page.rows_before()).await?;
    let pagination = Pagination::new(total, page, mode, &[]);
    Ok(Json(ManagedUserPage {
        users: users.into_iter().map(ManagedUser::from).collect(),
        pagination,
    }))
}
