//! Users of an organization signing in and out: passwords, log-in sessions, and who a session
//! belongs to.
//!
//! What a user may do is read with the session at every request, so that a role that was taken
//! away, or a user who was switched off, ends at once.

mod password;
mod sessions;
mod sign_in;

pub use password::{LEAST_PASSWORD, MOST_PASSWORD};
pub use sessions::StaffSessionView;
pub use sign_in::{NewStaffSession, SignInRequest};

pub use crate::users::JokerPermissions;

use crate::caller::{Caller, UserGrant, session_hash};
use crate::failure::Failure;
use crate::json::from_json;
use crate::services::StaffService;
use crate::users::{UserView, joker_permissions};
use domain::id::{OrganizationId, RequestId, StaffSessionId};
use domain::role::{Permission, permissions};
use domain::time::Timestamp;
use std::sync::Arc;
use storage::Transaction;
use storage::staff_session::StaffSessionRow;
use storage::user::UserRow;

/// A session that nobody uses ends by itself.
const IDLE_MILLIS: i64 = 12 * 3_600_000;
/// A session ends after this, however much it is used.
const LONGEST_MILLIS: i64 = 30 * 24 * 3_600_000;
/// A use is written down when the last one is this long ago.
const TOUCH_MILLIS: i64 = 5 * 60_000;

/// A signed-in user.
#[derive(Clone, Debug)]
pub struct StaffUser {
    /// What use cases are asked with.
    pub caller: Caller,
    pub user: UserView,
    pub organization_name: String,
    pub session: StaffSessionId,
    pub permissions: Vec<Permission>,
}

impl StaffUser {
    #[must_use]
    pub fn has_permission(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }
}

impl StaffService {
    /// Who a session's token belongs to.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`] when the session is unknown, ended or too old, or its user is
    /// inactive.
    pub async fn authenticate_staff(
        &self,
        token: &str,
        request: RequestId,
    ) -> Result<StaffUser, Failure> {
        let (now, hash) = (self.now(), session_hash(token));
        let (session, user, organization_name) =
            self.storage().read(move |tx| find_session(tx, &hash, now)).await?;
        if session.seen_at.plus_millis(TOUCH_MILLIS) <= now {
            let id = session.id.clone();
            let touch = move |tx: &mut dyn Transaction| {
                storage::staff_session::touch(tx, &id, now).map_err(Failure::from)
            };
            self.storage().write(touch).await?;
        }
        let seat = user_grant(&user)?;
        let permissions = seat.permissions.clone();
        let caller = Caller::with_user(Arc::new(seat), request);
        Ok(StaffUser {
            caller,
            user: UserView::of(user)?,
            organization_name,
            session: session.id,
            permissions,
        })
    }
}

fn find_session(
    tx: &mut dyn Transaction,
    hash: &storage::Sha256Digest,
    now: Timestamp,
) -> Result<(StaffSessionRow, UserRow, String), Failure> {
    let session = storage::staff_session::find(tx, hash)?.filter(|session| stands(session, now));
    let session = session.ok_or(Failure::Unauthenticated)?;
    let user = storage::user::find(tx, &session.organization_id, &session.user_id)?
        .filter(|user| user.active);
    let user = user.ok_or(Failure::Unauthenticated)?;
    let organization = storage::organization::find(tx, &session.organization_id)?
        .ok_or(Failure::Unauthenticated)?;
    Ok((session, user, organization.name))
}

fn stands(session: &StaffSessionRow, now: Timestamp) -> bool {
    now < session.seen_at.plus_millis(IDLE_MILLIS)
        && now < session.created_at.plus_millis(LONGEST_MILLIS)
}

/// What a user's roles and choices come to.
fn user_grant(user: &UserRow) -> Result<UserGrant, Failure> {
    let roles: Vec<domain::role::Role> = from_json(&user.roles)?;
    let chosen = joker_permissions(user)?;
    Ok(UserGrant {
        organization: OrganizationId::clone(&user.organization_id),
        user: user.id.clone(),
        permissions: permissions(&roles, &chosen.permissions),
        roles,
        tasks: chosen.tasks,
        folders: chosen.folders,
    })
}
