//! `POST /users/filter`: users that fit what the body names.

use super::schema::{UserPage, UserResponse};
use crate::body::receive::ONE_MEBIBYTE;
use crate::integration::{read, reply};
use crate::openapi::{BodyErrors, CommonErrors};
use crate::pagination::Pagination;
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::PagedQuery;
use crate::request::value::{boolean, filter_set, filter_text, filter_word, substring, text};
use crate::request::{RequestObject as _, optional, request};
use crate::state::ApiState;
use app::caller::Caller;
use app::user_search::{UserFilter, UserType};
use axum::response::Response;
use axum::{Extension, extract};
use domain::fault::{ErrorCode, Faults};
use domain::role::Right;

request! {
    /// What the users must have; all fields given must hold.
    pub struct SearchUsersRequest as "UserSearch" for UserFilter {
        /// One of these; the empty name is the default folder.
        "folder" folders = optional(filter_set(text(0..=usize::MAX))),
        /// One of these.
        "group" groups = optional(filter_set(filter_text())),
        /// At least one of these.
        labels = optional(filter_set(filter_text())),
        /// Whether it is marked as a favourite.
        favorite = optional(boolean()),
        /// `regular` has the role `USER` and no other; everybody else is a `teammate`.
        "type" kind = optional(filter_word::<UserType>()),
        /// The name contains this, whatever the case of the letters.
        username = optional(substring()),
        /// Whether the user can sign in.
        active = optional(boolean()),
    }
}

/// Searches users, oldest first. `next` and `previous` go with the same body.
#[utoipa::path(post, path = "/users/filter", tag = "Users", operation_id = "searchUsers",
    params(PagedQuery), request_body = SearchUsersRequest,
    responses((status = 200, body = UserPage), CommonErrors, BodyErrors))]
pub async fn search(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Response, Problem> {
    caller.require(Right::ReadUsers)?;
    let document = head.json(body, ONE_MEBIBYTE).await?;
    let mut faults = Faults::new();
    let PagedQuery { mode, page } = read::query(&head, &mut faults);
    let filter = document.read(SearchUsersRequest::read).flatten();
    document.finish(&mut faults);
    faults.into_result()?;
    let filter = filter.ok_or(ErrorCode::InternalError)?;
    let (total, users) =
        state.app.users().search_users(&caller, filter, page.limit, page.rows_before()).await?;
    let pagination = Pagination::new(total, page, mode, &[]);
    let users = users.into_iter().map(|user| UserResponse::of(user, mode)).collect();
    Ok(reply::json(reply::to_json(&UserPage { users, pagination })?))
}
