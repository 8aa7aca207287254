//! Users as they are sent.

use app::users::UserView;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ManagedUser)]
pub(in crate::management) struct User {
    user_id: String,
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
    roles: Vec<&'static str>,
}

impl From<UserView> for User {
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
        }
    }
}
