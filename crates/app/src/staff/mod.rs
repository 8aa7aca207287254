//! Users of an organization signing in and out: passwords, log-in sessions, and who a session belongs to.
//!
//! What a user may do is read with the session at every request, so that a role that was taken away, or a user who was
//! switched off, ends at once.

mod password;
mod sessions;
mod sign_in;

pub use password::{LEAST_PASSWORD, MOST_PASSWORD};
pub use sessions::SessionView;
pub use sign_in::{SignIn, SignedIn};

use crate::App;
use crate::caller::{Caller, Seat};
use crate::delivery::session_hash;
use crate::failure::Failure;
use crate::json::from_json;
use crate::users::UserView;
use domain::id::{OrganizationId, RequestId, StaffSessionId, TaskId};
use domain::role::{Permission, permissions};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use storage::Transaction;
use storage::staff_session::StaffSession;
use storage::user::User;

/// A session that nobody uses ends by itself.
const IDLE_MILLIS: i64 = 12 * 3_600_000;
/// A session ends after this, however much it is used.
const LONGEST_MILLIS: i64 = 30 * 24 * 3_600_000;
/// A use is written down when the last one is this long ago.
const TOUCH_MILLIS: i64 = 5 * 60_000;

/// What a joker may do, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    pub permissions: Vec<Permission>,
    /// None: all tasks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tasks: Option<Vec<TaskId>>,
    /// None: all folders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folders: Option<Vec<String>>,
}

/// A signed-in user.
#[derive(Clone, Debug)]
pub struct Staff {
    /// What use cases are asked with.
    pub caller: Caller,
    pub user: UserView,
    pub organization_name: String,
    pub session: StaffSessionId,
    pub permissions: Vec<Permission>,
}

impl Staff {
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }
}

impl App {
    /// Who a session's token belongs to.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`] when the session is unknown, ended or too old, or its user is inactive.
    pub async fn staff(&self, token: &str, request: RequestId) -> Result<Staff, Failure> {
        let (now, hash) = (self.now(), session_hash(token));
        let (session, user, organization_name) = self.storage().read(move |tx| seated(tx, &hash, now)).await?;
        if session.seen_at.plus_millis(TOUCH_MILLIS) <= now {
            let id = session.id.clone();
            let touch =
                move |tx: &mut dyn Transaction| storage::staff_session::touch(tx, &id, now).map_err(Failure::from);
            self.storage().write(touch).await?;
        }
        let seat = seat(&user)?;
        let permissions = seat.permissions.clone();
        let caller = Caller::with_seat(Arc::new(seat), request);
        Ok(Staff { caller, user: UserView::of(user)?, organization_name, session: session.id, permissions })
    }
}

fn seated(
    tx: &mut dyn Transaction,
    hash: &storage::Digest,
    now: Timestamp,
) -> Result<(StaffSession, User, String), Failure> {
    let session = storage::staff_session::find(tx, hash)?.filter(|session| stands(session, now));
    let session = session.ok_or(Failure::Unauthenticated)?;
    let user = storage::user::find(tx, &session.organization_id, &session.user_id)?.filter(|user| user.active);
    let user = user.ok_or(Failure::Unauthenticated)?;
    let organization = storage::organization::find(tx, &session.organization_id)?.ok_or(Failure::Unauthenticated)?;
    Ok((session, user, organization.name))
}

fn stands(session: &StaffSession, now: Timestamp) -> bool {
    now < session.seen_at.plus_millis(IDLE_MILLIS) && now < session.created_at.plus_millis(LONGEST_MILLIS)
}

/// What a user's roles and choices come to.
fn seat(user: &User) -> Result<Seat, Failure> {
    let roles: Vec<domain::role::Role> = from_json(&user.roles)?;
    let chosen = chosen_of(user)?;
    Ok(Seat {
        organization: OrganizationId::clone(&user.organization_id),
        user: user.id.clone(),
        permissions: permissions(&roles, &chosen.permissions),
        roles,
        tasks: chosen.tasks,
        folders: chosen.folders,
    })
}

pub(crate) fn chosen_of(user: &User) -> Result<Chosen, Failure> {
    user.chosen_permissions.as_deref().map_or_else(|| Ok(Chosen::default()), from_json)
}
