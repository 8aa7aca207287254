//! `POST /users/filter`: users that fit what the body names.

use super::schema::{UserPage, UserResponse};
use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::integration::{read, reply};
use crate::openapi::{BodyErrors, CommonErrors, string_enum_schema};
use crate::pagination::Pagination;
use crate::parameters::{LimitParameter, ModeParameter, PageParameter};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::server::ApiState;
use crate::values;
use app::caller::Caller;
use app::user_search::{UserFilter, UserType};
use axum::response::Response;
use axum::{Extension, extract};
use domain::fault::{ErrorCode, Faults};
use domain::instance::Scope;
use domain::substring_search::SubstringSearch;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

/// What the users must have; all fields given must hold.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
pub struct UserSearch {
    /// One of these; the empty name is the default folder.
    #[schema(nullable = false, min_items = 1)]
    folder: Option<Vec<String>>,
    /// One of these.
    #[schema(nullable = false, min_items = 1)]
    group: Option<Vec<String>>,
    /// At least one of these.
    #[schema(nullable = false, min_items = 1)]
    labels: Option<Vec<String>>,
    /// Whether it is marked as a favourite.
    #[schema(nullable = false)]
    favorite: Option<bool>,
    /// `regular` has the role `USER` and no other.
    #[serde(rename = "type")]
    #[schema(schema_with = user_types, required = false)]
    kind: Option<String>,
    /// The name contains this, whatever the case of the letters.
    #[schema(nullable = false, min_length = 1)]
    username: Option<String>,
    /// Whether the user can sign in.
    #[schema(nullable = false)]
    active: Option<bool>,
}

fn user_types() -> RefOr<Schema> {
    string_enum_schema(
        "`regular` has the role `USER` and no other; everybody else is a `teammate`.",
        UserType::ALL,
        UserType::as_str,
    )
}

/// Searches users, oldest first. `next` and `previous` go with the same body.
#[utoipa::path(post, path = "/users/filter", tag = "Users", operation_id = "searchUsers",
    params(ModeParameter, LimitParameter, PageParameter), request_body = UserSearch,
    responses((status = 200, body = UserPage), CommonErrors, BodyErrors))]
pub async fn search(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Response, Problem> {
    caller.require_scope(Scope::UsersRead)?;
    let document = head.json(body, ONE_MEBIBYTE).await?;
    let mut faults = Faults::new();
    let (mode, page) = read::read_query(&head, read::mode_and_page, &mut faults);
    let filter = document.read(shape);
    document.finish(&mut faults);
    faults.into_result()?;
    let filter = filter.ok_or(ErrorCode::InternalError)?;
    let (total, users) =
        state.app.search_users(&caller, filter, page.limit, page.rows_before()).await?;
    let pagination = Pagination::new(total, page, mode, &[]);
    let users = users.into_iter().map(|user| UserResponse::of(user, mode)).collect();
    Ok(reply::json(reply::to_json(&UserPage { users, pagination })?))
}

fn shape(object: &BodyObject<'_>) -> UserFilter {
    UserFilter {
        folders: values::search_folders(&object.optional("folder")),
        groups: values::search_texts(&object.optional("group")),
        labels: values::search_texts(&object.optional("labels")),
        favorite: object.optional("favorite").boolean(),
        kind: object.optional("type").filter_one_of(UserType::ALL, UserType::as_str),
        username: object.optional("username").filter_text().map(SubstringSearch::new),
        active: object.optional("active").boolean(),
    }
}
