//! What a joker may do, and where: the only role whose permissions are chosen one by one.

use crate::failure::Failure;
use crate::json::from_json;
use domain::id::TaskId;
use domain::role::Permission;
use serde::{Deserialize, Serialize};
use storage::user::UserRow;

/// What a joker may do, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JokerPermissions {
    pub permissions: Vec<Permission>,
    /// None: all tasks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tasks: Option<Vec<TaskId>>,
    /// None: all folders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folders: Option<Vec<String>>,
}

pub(crate) fn joker_permissions(user: &UserRow) -> Result<JokerPermissions, Failure> {
    user.chosen_permissions.as_deref().map_or_else(|| Ok(JokerPermissions::default()), from_json)
}
