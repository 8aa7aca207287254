//! `PATCH /users/{id}`: changes a user.

use super::schema::{ChosenPermissionsBody, ManagedUser, read_chosen_permissions};
use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{ValueReader as _, email};
use crate::state::ApiState;
use crate::values;
use app::caller::Caller;
use app::users::{Role, UserUpdate};
use axum::{Extension, Json, extract};
use domain::id::UserId;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A change of a user; what is absent stays.
#[derive(ToSchema)]
#[schema(as = UserChange)]
#[allow(dead_code, reason = "only its schema is used")]
pub(in crate::management) struct UpdateUserRequest {
    /// Unique in the organization.
    #[schema(nullable = false)]
    username: Option<String>,
    /// `null` removes it.
    fullname: Option<String>,
    /// `null` removes it.
    email: Option<String>,
    /// The folder it stands in; the empty name is the default folder.
    #[schema(nullable = false)]
    folder: Option<String>,
    /// The group.
    #[schema(nullable = false)]
    group: Option<String>,
    /// All labels; they replace the present ones.
    #[schema(nullable = false)]
    labels: Option<Vec<String>>,
    /// All tags, name to value; they replace the present ones.
    #[schema(nullable = false)]
    tags: Option<BTreeMap<String, String>>,
    /// Whether it is marked as a favourite.
    #[schema(nullable = false)]
    favorite: Option<bool>,
    /// Switched off, the user is signed out everywhere and can do nothing.
    #[schema(nullable = false)]
    active: Option<bool>,
    /// They replace the present ones and hold from the user's next request on.
    #[schema(nullable = false, min_items = 1)]
    roles: Option<Vec<String>>,
    /// What a `JOKER` may do; it replaces the present choice.
    #[schema(nullable = false)]
    chosen: Option<ChosenPermissionsBody>,
}

/// Changes a user. What is absent stays. 409 `last_manager` when no active user with the role
/// `MANAGER` would remain. A `JOKER` that is limited to tasks or folders has no other role of
/// staff: 400 `conflicting_values` at `/roles`. Not for keys limited to tasks or folders.
#[utoipa::path(
    patch, path = "/users/{id}", tag = "Users", operation_id = "updateUser",
    params(("id" = String, Path)), request_body = UpdateUserRequest,
    responses((status = 200, body = ManagedUser), CommonErrors, PathErrors, BodyErrors, StateErrors)
)]
pub async fn update_user(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<ManagedUser>, Problem> {
    caller.require_whole_organization()?;
    let ([id], update) = read::path_and_body(incoming, ["id"], ONE_MEBIBYTE, shape).await?;
    Ok(Json(state.app.update_user(&caller, &UserId::from(id), update).await?.into()))
}

fn shape(object: &BodyObject<'_>) -> Option<UserUpdate> {
    let texts =
        |name| object.optional(name).set(0..=values::MOST_ENTRIES, |item| values::text(&item));
    let tags = object.optional("tags");
    let tags = tags.map(0..=values::MOST_ENTRIES, |_, value| {
        value.text(0..=values::LONGEST_TAG).map(str::to_owned)
    });
    Some(UserUpdate {
        username: values::text(&object.optional("username")),
        fullname: object.optional("fullname").nullable(|field| values::text(&field)),
        email: object.optional("email").nullable(|field| email().read(&field)),
        folder: values::folder(&object.optional("folder")),
        group: values::text(&object.optional("group")),
        labels: texts("labels"),
        tags: tags
            .map(|tags| tags.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        favorite: object.optional("favorite").boolean(),
        active: object.optional("active").boolean(),
        roles: object
            .optional("roles")
            .set(1..=Role::ALL.len(), |item| item.one_of(Role::ALL, Role::as_str)),
        chosen: read_chosen_permissions(&object.optional("chosen")),
    })
}
