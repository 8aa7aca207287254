//! Users as they are sent.

use crate::openapi::EnumWord;
use crate::request::value::{folder, id, set, word_of};
use crate::request::{optional, request};
use crate::values::MOST_ENTRIES;
use app::staff::JokerPermissions;
use app::users::{Role, UserView};
use domain::id::TaskId;
use domain::role::Permission;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

type RoleWord = EnumWord<Role>;

/// All but the first, `manage`.
const CHOOSABLE: &[Permission] = match Permission::ALL.split_first() {
    Some((Permission::Manage, others)) => others,
    _ => panic!("manage comes first and cannot be chosen"),
};

request! {
    /// What a `JOKER` may do, and where.
    pub(in crate::management) struct ChosenPermissionsRequest as "ChosenPermissions"
        for JokerPermissions
    {
        /// What it may do.
        permissions = set(0..=CHOOSABLE.len(), word_of::<Permission>(CHOOSABLE)),
        /// Tasks it is limited to; all when absent.
        tasks = optional(set(1..=MOST_ENTRIES, id::<TaskId>())),
        /// Folders it is limited to; all when absent.
        folders = optional(set(1..=MOST_ENTRIES, folder())),
    }
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
    /// What the user may do: one or several.
    #[schema(inline)]
    roles: Vec<RoleWord>,
    /// What a `JOKER` may do; absent without that role.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<ChosenPermissionsRequest>)]
    chosen: Option<JokerPermissions>,
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
            roles: user.roles.into_iter().map(EnumWord).collect(),
            chosen: user.chosen,
        }
    }
}
