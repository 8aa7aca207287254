//! `POST /users`: makes a user.

use super::schema::{ChosenPermissionsBody, ManagedUser, read_chosen_permissions};
use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{ValueReader as _, email};
use crate::state::ApiState;
use crate::values;
use app::caller::Caller;
use app::users::{NewUser, Role};
use axum::{Extension, Json, extract};
use domain::instance::Scope;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A user to be made.
#[derive(ToSchema)]
#[schema(as = NewUser)]
#[allow(dead_code, reason = "only its schema is used")]
pub(in crate::management) struct CreateUserRequest {
    /// Unique in the organization.
    username: String,
    /// The full name.
    fullname: Option<String>,
    /// The e-mail address.
    email: Option<String>,
    /// The folder it stands in; the default one when omitted.
    folder: Option<String>,
    /// `default` when omitted.
    group: Option<String>,
    /// Free marks.
    labels: Option<Vec<String>>,
    /// Names with values, such as `City: Izmir`.
    tags: Option<BTreeMap<String, String>>,
    /// `USER` when omitted.
    roles: Option<Vec<String>>,
    /// What a `JOKER` may do; required with that role.
    chosen: Option<ChosenPermissionsBody>,
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
    caller.require_scope(Scope::Manage)?;
    let ([], new) = read::path_and_body(incoming, [], ONE_MEBIBYTE, shape).await?;
    Ok(Json(state.app.create_user(&caller, new).await?.into()))
}

fn shape(object: &BodyObject<'_>) -> Option<NewUser> {
    let username = values::text(&object.required("username"));
    let rest = NewUser {
        username: String::new(),
        fullname: values::text(&object.optional("fullname")),
        email: email().read(&object.optional("email")),
        folder: values::folder(&object.optional("folder")),
        group: values::text(&object.optional("group")),
        labels: values::texts(&object.optional("labels")),
        tags: values::tags(&object.optional("tags")),
        roles: object
            .optional("roles")
            .set(0..=7, |item| item.one_of(Role::ALL, Role::as_str))
            .unwrap_or_default(),
        chosen: read_chosen_permissions(&object.optional("chosen")),
    };
    Some(NewUser { username: username?, ..rest })
}
