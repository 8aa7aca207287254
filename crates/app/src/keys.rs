//! API keys: secrets by which programs act for one organization, and who a secret belongs to.
//!
//! A secret has 256 random bits, is shown once and kept as its SHA-256; two may be valid while one
//! is being rotated.

use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::{Caller, KeyGrant};
use crate::failure::{Failure, MissingRight};
use crate::json::{from_json, to_json};
use crate::ports::RngExt;
use crate::services::KeyService;
use crate::unit_of_work::UnitOfWork;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::fault::{ErrorCode, Fault, FaultLocation};
use domain::id::{KeyId, RequestId, TaskId};
use domain::instance::Scope;
use domain::json::JsonPointer;
use domain::key_limits::KeyLimits;
use domain::role::Right;
use domain::time::Timestamp;
use moka::sync::Cache;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use storage::Sha256Digest;
pub use storage::key::KeyRow;

const PREFIX: &str = "assay_";
/// Both secrets of a key work for this long after a rotation.
const ROTATION_MILLIS: i64 = 24 * 3_600_000;

const GOOD_LATELY: Duration = Duration::from_secs(600);

/// Which secrets were good a moment ago, and when keys were used.
///
/// A secret that was revoked here is forgotten at once; one that was revoked by another process
/// stops within a second.
pub(crate) struct ApiKeyCache {
    entries: Cache<Sha256Digest, Arc<CachedKey>>,
    /// Those that were good lately, which says nothing of whether they still are.
    good_lately: Cache<Sha256Digest, ()>,
    used: Mutex<HashMap<KeyId, Timestamp>>,
}

struct CachedKey {
    grant: Arc<KeyGrant>,
    expires_at: Option<Timestamp>,
}

impl Default for ApiKeyCache {
    fn default() -> Self {
        let entries =
            Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(1)).build();
        let good_lately = Cache::builder().max_capacity(10_000).time_to_idle(GOOD_LATELY).build();
        Self { entries, good_lately, used: Mutex::default() }
    }
}

/// What a new key may do.
#[derive(Clone, Debug)]
pub struct NewKey {
    pub name: String,
    /// Empty for all that the integration API knows.
    pub scopes: Vec<Scope>,
    pub tasks: Option<Vec<TaskId>>,
    pub folders: Option<Vec<String>>,
    pub expires_at: Option<Timestamp>,
}

/// A key with the secret that is shown this once.
#[derive(Clone, Debug)]
pub struct CreatedKey {
    pub key: storage::key::KeyRow,
    pub secret: String,
}

impl KeyService {
    /// Finds out who a secret belongs to.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`] when the secret is unknown, revoked, expired or not of the
    /// named organization.
    pub async fn authenticate(
        &self,
        organization: Option<&str>,
        secret: &str,
        request: RequestId,
    ) -> Result<Caller, Failure> {
        let hash = hash_of(secret);
        let now = self.now();
        let cached = match self.inner.keys.entries.get(&hash) {
            Some(cached) => cached,
            None => self.look_up(hash).await?,
        };
        let is_expired = cached.expires_at.is_some_and(|end| now >= end);
        let is_foreign =
            organization.is_some_and(|named| named != cached.grant.organization.as_str());
        if is_expired || is_foreign {
            return Err(Failure::Unauthenticated);
        }
        self.note_use(&cached.grant.key, now);
        Ok(Caller::with_key(cached.grant.clone(), request))
    }

    /// Whether a secret was good in the last ten minutes; asks memory only.
    #[must_use]
    pub fn was_recently_authenticated(&self, secret: &str) -> bool {
        self.inner.keys.good_lately.get(&hash_of(secret)).is_some()
    }

    async fn look_up(&self, hash: Sha256Digest) -> Result<Arc<CachedKey>, Failure> {
        let found = self.storage().read(move |tx| storage::key::find_by_secret(tx, &hash)).await;
        let (key, secret_expires_at) =
            found.map_err(Failure::from)?.ok_or(Failure::Unauthenticated)?;
        if key.revoked_at.is_some() {
            return Err(Failure::Unauthenticated);
        }
        let expires_at = [key.expires_at, secret_expires_at].into_iter().flatten().min();
        let cached = Arc::new(CachedKey { grant: Arc::new(grant_of(&key)?), expires_at });
        self.inner.keys.entries.insert(hash, cached.clone());
        self.inner.keys.good_lately.insert(hash, ());
        Ok(cached)
    }

    fn note_use(&self, key: &KeyId, now: Timestamp) {
        let mut used =
            self.inner.keys.used.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match used.get_mut(key) {
            Some(at) => *at = now,
            None => {
                used.insert(key.clone(), now);
            }
        }
    }

    /// Writes down when keys were last used. Called in the background, so that no request waits for
    /// it.
    ///
    /// # Errors
    /// When the database cannot be written; nothing is forgotten then.
    pub async fn flush_key_uses(&self) -> Result<(), Failure> {
        let used: Vec<_> = {
            let mut used =
                self.inner.keys.used.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            used.drain().collect()
        };
        if used.is_empty() {
            return Ok(());
        }
        self.storage()
            .write(move |tx| {
                used.iter().try_for_each(|(key, at)| storage::key::touch(tx, key, *at))?;
                Ok(())
            })
            .await
    }

    /// Makes a key for the caller's organization. No key makes one wider than itself.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `manage`; faults of name, scopes or expiry.
    pub async fn create_key(&self, caller: &Caller, new: NewKey) -> Result<CreatedKey, Failure> {
        caller.require(Right::Manage)?;
        let now = self.now();
        check_new(&new, now)?;
        let excess = caller.key_limits().excess_of(&new.limits());
        if !excess.is_empty() {
            return Err(MissingRight::WiderKey(excess).into());
        }
        let secret = self.new_secret();
        let key = storage::key::KeyRow {
            id: self.new_id(now),
            organization_id: caller.organization.clone(),
            name: new.name.clone(),
            scopes: to_json(&new.scopes)?,
            task_ids: new.tasks.as_ref().map(to_json).transpose()?,
            folders: new.folders.as_ref().map(to_json).transpose()?,
            created_at: now,
            expires_at: new.expires_at,
            revoked_at: None,
            last_used_at: None,
        };
        let created = CreatedKey { key: key.clone(), secret: secret.clone() };
        let (app, caller) = (self.clone(), caller.clone());
        let write = move |tx: &mut dyn storage::Transaction| -> Result<(), Failure> {
            storage::key::insert(tx, &key)?;
            storage::key::insert_secret(tx, &secret_row(hash_of(&secret), &key.id, now))?;
            app.record_event(
                tx,
                now,
                &caller,
                AuditEvent::of_organization(AuditEventKind::KeyCreated)
                    .about("keyId", &key.id)
                    .with("scopes", &new.scopes),
            )
        };
        self.storage().write(write).await?;
        Ok(created)
    }

    /// The organization's keys, oldest first, revoked ones too. A key sees those that are no wider
    /// than itself.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `manage`.
    pub async fn list_keys(&self, caller: &Caller) -> Result<Vec<storage::key::KeyRow>, Failure> {
        let own = caller.key_limits();
        self.read_as(caller, Right::Manage, move |work| {
            let mut keys = storage::key::list(work.tx, work.organization)?;
            let limits = keys.iter().map(limits_of).collect::<Result<Vec<_>, Failure>>()?;
            let mut limits = limits.iter();
            keys.retain(|_| limits.next().is_some_and(|limits| own.covers(limits)));
            Ok(keys)
        })
        .await
    }

    /// Ends a key. Repeating it is harmless.
    ///
    /// # Errors
    /// [`Failure::NotFound`] when the organization has no such key, or it is wider than the caller.
    pub async fn revoke_key(&self, caller: &Caller, key: &KeyId) -> Result<(), Failure> {
        let key = key.clone();
        self.write_as(caller, Right::Manage, move |work| {
            let row = within_limits(work.tx, work.caller, &key)?;
            if row.revoked_at.is_some() {
                return Ok(());
            }
            storage::key::revoke(work.tx, work.organization, &key, work.now)?;
            work.record_event(
                AuditEvent::of_organization(AuditEventKind::KeyRevoked).about("keyId", &key),
            )
        })
        .await?;
        self.inner.keys.entries.invalidate_all();
        Ok(())
    }

    /// Gives a key a second secret; the earlier ones work for another day.
    ///
    /// # Errors
    /// [`Failure::NotFound`] when the organization has no such key, it is revoked, or wider than
    /// the caller.
    pub async fn rotate_key(&self, caller: &Caller, key: &KeyId) -> Result<CreatedKey, Failure> {
        let secret = self.new_secret();
        let (hash, key) = (hash_of(&secret), key.clone());
        let rotate = move |work: &mut UnitOfWork<'_>| {
            let row = within_limits(work.tx, work.caller, &key)?;
            if row.revoked_at.is_some() {
                return Err(Failure::NotFound);
            }
            let end = work.now.plus_millis(ROTATION_MILLIS);
            storage::key::expire_secrets(work.tx, &key, end)?;
            storage::key::insert_secret(work.tx, &secret_row(hash, &key, work.now))?;
            let event = AuditEvent::of_organization(AuditEventKind::KeyRotated);
            work.record_event(event.about("keyId", &key))?;
            Ok(row)
        };
        let key = self.write_as(caller, Right::Manage, rotate).await?;
        self.inner.keys.entries.invalidate_all();
        Ok(CreatedKey { key, secret })
    }

    fn new_secret(&self) -> String {
        format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(self.rng().bytes::<32>()))
    }
}

impl NewKey {
    fn limits(&self) -> KeyLimits {
        KeyLimits {
            scopes: self.scopes.clone(),
            tasks: self.tasks.clone(),
            folders: self.folders.clone(),
            expires_at: self.expires_at,
        }
    }
}

fn limits_of(key: &KeyRow) -> Result<KeyLimits, Failure> {
    let KeyGrant { scopes, tasks, folders, expires_at, .. } = grant_of(key)?;
    Ok(KeyLimits { scopes, tasks, folders, expires_at })
}

/// A key of the organization that is no wider than the caller; a wider one does not exist for it.
fn within_limits(
    tx: &mut dyn storage::Transaction,
    caller: &Caller,
    key: &KeyId,
) -> Result<KeyRow, Failure> {
    let row = storage::key::find(tx, &caller.organization, key)?.ok_or(Failure::NotFound)?;
    if caller.key_limits().covers(&limits_of(&row)?) { Ok(row) } else { Err(Failure::NotFound) }
}

fn secret_row(hash: Sha256Digest, key: &KeyId, now: Timestamp) -> storage::key::KeySecretRow {
    storage::key::KeySecretRow { hash, key_id: key.clone(), created_at: now, expires_at: None }
}

fn hash_of(secret: &str) -> Sha256Digest {
    Sha256::digest(secret.as_bytes()).into()
}

fn check_new(new: &NewKey, now: Timestamp) -> Result<(), Failure> {
    let mut faults = Vec::new();
    let mut fault = |name: &str, code, message: &str| {
        faults.push(Fault::new(FaultLocation::Body(JsonPointer::root().at(name)), code, message));
    };
    if !(1..=200).contains(&new.name.chars().count()) {
        fault("name", ErrorCode::InvalidLength, "must have 1 to 200 characters");
    }
    if new.scopes.is_empty() {
        fault("scopes", ErrorCode::InvalidLength, "must name at least one scope");
    }
    if new.expires_at.is_some_and(|end| end <= now) {
        fault("expiresAt", ErrorCode::OutOfRange, "must lie in the future");
    }
    if faults.is_empty() { Ok(()) } else { Err(Failure::Faults(faults)) }
}

fn grant_of(key: &storage::key::KeyRow) -> Result<KeyGrant, Failure> {
    Ok(KeyGrant {
        organization: key.organization_id.clone(),
        key: key.id.clone(),
        scopes: from_json(&key.scopes)?,
        tasks: key.task_ids.as_deref().map(from_json).transpose()?,
        folders: key.folders.as_deref().map(from_json).transpose()?,
        expires_at: key.expires_at,
    })
}
