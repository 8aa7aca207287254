//! `GET /users`: the users of the organization, page by page.

use super::schema::{UserPage, UserResponse};
use crate::detail_level::DetailLevel;
use crate::integration::{read, reply};
use crate::openapi::CommonErrors;
use crate::pagination::{PageQuery, Pagination};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::{mode, page, query, text};
use crate::state::ApiState;
use app::caller::Caller;
use app::user_search::UserFilter;
use axum::response::Response;
use axum::{Extension, extract};
use domain::role::Right;
use domain::substring_search::SubstringSearch;

query! {
    /// Which users are listed, and how.
    struct ListUsersQuery {
        mode: DetailLevel = mode(),
        page: PageQuery = page(),
        /// Only users whose name contains this, whatever the case of the letters.
        username: Option<String> = text(),
    }
}

/// Lists users, oldest first.
#[utoipa::path(
    get, path = "/users", tag = "Users", operation_id = "listUsers",
    params(ListUsersQuery),
    responses(
        (status = 200, body = UserPage), (status = 304, description = "Nothing has changed."),
        CommonErrors
    )
)]
pub async fn list(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Response, Problem> {
    caller.require(Right::ReadUsers)?;
    let (head, [], query) = read::path_and_query::<0, ListUsersQuery>(incoming, []).await?;
    let ListUsersQuery { mode, page, username } = query;
    let filter = UserFilter {
        username: username.as_deref().map(SubstringSearch::new),
        ..UserFilter::default()
    };
    let (total, users) =
        state.app.users().search_users(&caller, filter, page.limit, page.rows_before()).await?;
    let filters: Vec<_> = username.iter().map(|username| ("username", username.as_str())).collect();
    let pagination = Pagination::new(total, page, mode, &filters);
    let users = users.into_iter().map(|user| UserResponse::of(user, mode)).collect();
    Ok(reply::json_with_etag(&head, reply::to_json(&UserPage { users, pagination })?))
}
