//! Users as they are sent.

use crate::body::BodyField;
use crate::values;
use app::staff;
use app::users::UserView;
use domain::role::Permission;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What a `JOKER` may do, and where.
#[derive(Serialize, ToSchema)]
#[schema(as = ChosenPermissions)]
pub(in crate::management) struct ChosenPermissionsBody {
    /// Such as `read-results`; `manage` is not among them.
    permissions: Vec<&'static str>,
    /// Tasks it is limited to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_items = 1)]
    tasks: Option<Vec<String>>,
    /// Folders it is limited to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_items = 1)]
    folders: Option<Vec<String>>,
}

impl From<staff::JokerPermissions> for ChosenPermissionsBody {
    fn from(chosen: staff::JokerPermissions) -> Self {
        Self {
            permissions: chosen.permissions.into_iter().map(Permission::as_str).collect(),
            tasks: chosen.tasks.map(|tasks| tasks.iter().map(ToString::to_string).collect()),
            folders: chosen.folders,
        }
    }
}

pub(super) fn read_chosen_permissions(field: &BodyField<'_>) -> Option<staff::JokerPermissions> {
    field.object(|object| {
        let permissions = object.required("permissions");
        let permissions = permissions.set(0..=Permission::ALL.len(), |item| {
            item.one_of(Permission::ALL, Permission::as_str)
        });
        let some =
            |name| object.optional(name).set(1..=values::MOST_ENTRIES, |item| values::text(&item));
        let folders =
            object.optional("folders").set(1..=values::MOST_ENTRIES, |item| values::folder(&item));
        let tasks = some("tasks").map(|tasks| tasks.into_iter().map(Into::into).collect());
        staff::JokerPermissions { permissions: permissions.unwrap_or_default(), tasks, folders }
    })
}

/// A user with roles.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ManagedUser)]
pub(in crate::management) struct ManagedUser {
    /// Id of the user.
    user_id: String,
    /// When it was made, in seconds since the epoch.
    created_at: i64,
    /// The name the user signs in with.
    username: String,
    /// Absent when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    fullname: Option<String>,
    /// Absent when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    email: Option<String>,
    /// Id of the organization.
    organization_id: String,
    /// The folder it stands in; the empty name is the default folder.
    folder: String,
    /// Names with values, such as `City: Izmir`.
    tags: BTreeMap<String, String>,
    /// Free marks, in the order in which they were added.
    labels: Vec<String>,
    /// Exactly one; `default` unless another was given.
    group: String,
    /// Whether staff have marked it as a favourite.
    favorite: bool,
    /// Whether the user can sign in.
    active: bool,
    /// What the user may do: one or several of `MANAGER`, `EDITOR`, `OPERATOR`, `USER`, `JOKER`,
    /// `QUESTIONBANKSUPERVISOR`, `QUESTIONBANKSUBMITTER`.
    roles: Vec<&'static str>,
    /// What a `JOKER` may do; absent without that role.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    chosen: Option<ChosenPermissionsBody>,
}

impl From<UserView> for ManagedUser {
    fn from(user: UserView) -> Self {
        Self {
            user_id: user.id.to_string(),
            created_at: user.created_at.seconds(),
            username: user.username,
            fullname: user.fullname,
            email: user.email,
            organization_id: user.organization.to_string(),
            folder: user.folder,
            tags: user.tags,
            labels: user.labels,
            group: user.group,
            favorite: user.favorite,
            active: user.active,
            roles: user.roles.iter().map(|role| role.as_str()).collect(),
            chosen: user.chosen.map(ChosenPermissionsBody::from),
        }
    }
}
