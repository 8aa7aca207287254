//! `PATCH /users/{id}`: changes a user.

use super::schema::{ChosenPermissionsRequest, ManagedUser};
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{
    boolean, email, folder, label, labels, nullable, object, set, tags, word,
};
use crate::request::{RequestObject as _, optional, request};
use crate::state::ApiState;
use app::caller::Caller;
use app::users::{Role, UserUpdate};
use axum::{Extension, Json, extract};
use domain::id::UserId;

request! {
    /// A change of a user; what is absent stays.
    pub(in crate::management) struct UpdateUserRequest as "UserChange" for UserUpdate {
        /// The name the user signs in with: unique in the organization.
        username = optional(label()),
        /// The full name; null removes it.
        fullname = optional(nullable(label())),
        /// The e-mail address; null removes it.
        email = optional(nullable(email())),
        /// The folder it stands in; the empty name is the default folder.
        folder = optional(folder()),
        /// The group.
        group = optional(label()),
        /// All labels; they replace the present ones.
        labels = optional(labels()),
        /// All tags, name to value; they replace the present ones.
        tags = optional(tags()),
        /// Whether it is marked as a favourite.
        favorite = optional(boolean()),
        /// Switched off, the user is signed out everywhere and can do nothing.
        active = optional(boolean()),
        /// They replace the present ones and hold from the user's next request on.
        roles = optional(set(1..=Role::ALL.len(), word::<Role>())),
        /// What a `JOKER` may do; it replaces the present choice.
        chosen = optional(object::<ChosenPermissionsRequest>()),
    }
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
    let ([id], update) =
        read::path_and_body(incoming, ["id"], ONE_MEBIBYTE, UpdateUserRequest::read).await?;
    Ok(Json(state.app.users().update_user(&caller, &UserId::from(id), update).await?.into()))
}
