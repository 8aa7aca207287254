//! How a user is printed (REST specification, 4): keys in the order of the shapes.

use crate::detail_level::DetailLevel;
use crate::openapi::words;
use crate::pagination::Pagination;
use app::users::{Role, UserView};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::{ArrayBuilder, RefOr, Schema};

/// A user in the mode that was asked for.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum UserResponse {
    // Clients try one shape after the other, so the one that demands more comes first.
    Detailed(Box<DetailedUser>),
    Basic(BasicUser),
}

/// A page of users.
#[derive(Serialize, ToSchema)]
pub struct UserPage {
    /// The users, in creation order.
    pub users: Vec<UserResponse>,
    /// How many there are in all, and the pages beside this one.
    pub pagination: Pagination,
}

/// A user by its name.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BasicUser {
    /// Id of the user.
    user_id: String,
    /// Seconds since the epoch.
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
}

/// A user with everything that users are searched by.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DetailedUser {
    /// Id of the user.
    user_id: String,
    /// Seconds since the epoch.
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
    #[schema(schema_with = roles)]
    roles: Vec<&'static str>,
}

fn roles() -> RefOr<Schema> {
    ArrayBuilder::new()
        .items(words(Role::ALL, Role::as_str))
        .description(Some("What the user may do; permissions of several roles add up."))
        .build()
        .into()
}

impl UserResponse {
    /// A user with as much detail as was asked for.
    pub fn of(user: UserView, mode: DetailLevel) -> Self {
        match mode {
            DetailLevel::Basic => Self::Basic(BasicUser {
                user_id: user.id.to_string(),
                created_at: user.created_at.seconds(),
                username: user.username,
                fullname: user.fullname,
                email: user.email,
            }),
            DetailLevel::Detailed => Self::Detailed(Box::new(DetailedUser::of(user))),
        }
    }
}

impl DetailedUser {
    fn of(user: UserView) -> Self {
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
        }
    }
}
