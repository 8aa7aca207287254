//! `POST /users`: makes a user.

use super::schema::{ChosenPermissionsRequest, ManagedUser};
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{email, folder, label, labels, nullable, object, set, tags, word};
use crate::request::{RequestObject as _, optional, or_default, request};
use crate::state::ApiState;
use app::caller::Caller;
use app::users::{NewUser, Role};
use axum::{Extension, Json, extract};
use domain::role::Right;

request! {
    /// A user to be made.
    pub(in crate::management) struct CreateUserRequest as "NewUser" for NewUser {
        /// The name the user signs in with: unique in the organization.
        username = label(),
        /// The full name; null or omitted when unknown.
        fullname = or_default(nullable(label())),
        /// The e-mail address; null or omitted when unknown.
        email = or_default(nullable(email())),
        /// The folder it stands in; the default one when omitted.
        folder = optional(folder()),
        /// `default` when omitted.
        group = optional(label()),
        /// Free marks.
        labels = or_default(labels()),
        /// Names with values, such as `City: Izmir`.
        tags = or_default(tags()),
        /// What the user may do; `USER` when omitted or empty.
        roles = or_default(set(0..=Role::ALL.len(), word::<Role>())),
        /// What a `JOKER` may do; required with that role, null or omitted without it.
        chosen = or_default(nullable(object::<ChosenPermissionsRequest>())),
    }
}

/// Makes a user; a taken name is 400 `conflicting_values` at `/username`.
#[utoipa::path(
    post, path = "/users", tag = "Users", operation_id = "createUser",
    request_body = CreateUserRequest,
    responses((status = 200, body = ManagedUser), CommonErrors, BodyErrors)
)]
pub async fn create_user(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<ManagedUser>, Problem> {
    caller.require(Right::Manage)?;
    let ([], new) =
        read::path_and_body(incoming, [], ONE_MEBIBYTE, CreateUserRequest::read).await?;
    Ok(Json(state.app.users().create_user(&caller, new).await?.into()))
}
