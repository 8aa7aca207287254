//! API keys as they are sent. A secret is sent once, when it is made.

use crate::management::raw;
use crate::openapi::EnumWord;
use app::keys::{CreatedKey, KeyRow};
use domain::fault::ErrorCode;
use domain::instance::Scope;
use domain::time::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

type ScopeWord = EnumWord<Scope>;

/// A key of the organization, without its secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ApiKey)]
pub(in crate::management) struct ManagedApiKey {
    /// Id of the key.
    key_id: String,
    /// The name staff gave it.
    name: String,
    /// What it may do, such as `results:read`.
    #[schema(value_type = Vec<ScopeWord>, inline)]
    scopes: Box<RawValue>,
    /// Null is all tasks.
    #[schema(value_type = Option<Vec<String>>)]
    tasks: Option<Box<RawValue>>,
    /// Null is all folders.
    #[schema(value_type = Option<Vec<String>>)]
    folders: Option<Box<RawValue>>,
    /// When it was made, in seconds since the epoch.
    created_at: i64,
    /// When it ends, in seconds since the epoch; null is never.
    expires_at: Option<i64>,
    /// When it was revoked, in seconds since the epoch.
    revoked_at: Option<i64>,
    /// When it was last used, in seconds since the epoch.
    last_used_at: Option<i64>,
}

/// A key with its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeyWithSecret)]
pub(in crate::management) struct ApiKeyWithSecret {
    /// The key.
    key: ManagedApiKey,
    /// Shown this once.
    secret: String,
}

impl ManagedApiKey {
    pub(super) fn of(key: KeyRow) -> Result<Self, ErrorCode> {
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

impl ApiKeyWithSecret {
    pub(super) fn of(created: CreatedKey) -> Result<Self, ErrorCode> {
        Ok(Self { key: ManagedApiKey::of(created.key)?, secret: created.secret })
    }
}
