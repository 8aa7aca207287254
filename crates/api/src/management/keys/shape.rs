//! API keys as they are sent. A secret is sent once, when it is made.

use crate::management::raw;
use app::keys::{CreatedKey, KeyRow};
use domain::fault::Code;
use domain::time::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ApiKey)]
pub(in crate::management) struct Key {
    key_id: String,
    name: String,
    #[schema(value_type = Vec<String>)]
    scopes: Box<RawValue>,
    /// Null is all tasks.
    #[schema(value_type = Option<Vec<String>>)]
    tasks: Option<Box<RawValue>>,
    /// Null is all folders.
    #[schema(value_type = Option<Vec<String>>)]
    folders: Option<Box<RawValue>>,
    created_at: i64,
    expires_at: Option<i64>,
    revoked_at: Option<i64>,
    last_used_at: Option<i64>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeyWithSecret)]
pub(in crate::management) struct Created {
    key: Key,
    /// Shown this once.
    secret: String,
}

impl Key {
    pub(super) fn of(key: KeyRow) -> Result<Self, Code> {
        Ok(Self {
            key_id: key.id.to_string(),
            name: key.name,
            scopes: raw(key.scopes)?,
            tasks: key.task_ids.map(raw).transpose()?,
            folders: key.folders.map(raw).transpose()?,
            created_at: key.created_at.seconds(),
            expires_at: key.expires_at.map(Timestamp::seconds),
            revoked_at: key.revoked_at.map(Timestamp::seconds),
            last_used_at: key.last_used_at.map(Timestamp::seconds),
        })
    }
}

impl Created {
    pub(super) fn of(created: CreatedKey) -> Result<Self, Code> {
        Ok(Self { key: Key::of(created.key)?, secret: created.secret })
    }
}
