//! How a user is printed (REST specification, 4): keys in the order of the shapes.

use crate::mode::Mode;
use crate::openapi::word_schema;
use crate::pagination::Pagination;
use app::users::{Role, UserView};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::{ArrayBuilder, RefOr, Schema};

/// A user in the mode that was asked for.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum User {
    // Clients try one shape after the other, so the one that demands more comes first.
    Detailed(Box<DetailedUser>),
    Basic(BasicUser),
}

/// A page of users.
#[derive(Serialize, ToSchema)]
pub struct UserPage {
    pub users: Vec<User>,
    pub pagination: Pagination,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BasicUser {
    user_id: String,
    /// Seconds since the epoch.
    created_at: i64,
    username: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    fullname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    email: Option<String>,
}

/// A user with everything that users are searched by.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DetailedUser {
    user_id: String,
    /// Seconds since the epoch.
    created_at: i64,
    username: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    fullname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    email: Option<String>,
    organization_id: String,
    folder: String,
    tags: BTreeMap<String, String>,
    labels: Vec<String>,
    group: String,
    favorite: bool,
    active: bool,
    #[schema(schema_with = roles)]
    roles: Vec<&'static str>,
}

fn roles() -> RefOr<Schema> {
    ArrayBuilder::new().items(word_schema(Role::ALL, Role::as_str)).build().into()
}

impl User {
    pub fn of(user: UserView, mode: Mode) -> Self {
        match mode {
            Mode::Basic => Self::Basic(BasicUser {
                user_id: user.id.to_string(),
                created_at: user.created_at.seconds(),
                username: user.username,
                fullname: user.fullname,
                email: user.email,
            }),
            Mode::Detailed => Self::Detailed(Box::new(DetailedUser::of(user))),
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
