//! A user's log-in sessions: seeing and ending them.

use super::{IDLE_MILLIS, StaffUser};
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::services::StaffService;
use domain::id::{StaffSessionId, UserId};
use domain::time::Timestamp;
use storage::Transaction;
use storage::staff_session::StaffSessionRow;

/// A browser in which a user is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffSessionView {
    pub id: StaffSessionId,
    /// What the browser calls itself.
    pub client: String,
    pub created_at: Timestamp,
    /// About when it was last used.
    pub seen_at: Timestamp,
    /// The one that asks.
    pub is_own: bool,
}

impl StaffSessionView {
    pub(crate) fn of(row: StaffSessionRow, own: Option<&StaffSessionId>) -> Self {
        Self {
            is_own: own == Some(&row.id),
            id: row.id,
            client: row.client,
            created_at: row.created_at,
            seen_at: row.seen_at,
        }
    }
}

/// Ended and forgotten sessions stay so long.
const RETENTION_MILLIS: i64 = 90 * 24 * 3_600_000;

impl StaffService {
    /// The caller's own sessions that stand, latest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn own_sessions(&self, staff: &StaffUser) -> Result<Vec<StaffSessionView>, Failure> {
        let (user, since) = (staff.user.id.clone(), self.oldest_live_session());
        let rows =
            self.storage().read(move |tx| storage::staff_session::list(tx, &user, since)).await?;
        Ok(rows.into_iter().map(|row| StaffSessionView::of(row, Some(&staff.session))).collect())
    }

    /// Sessions that were used since then stand.
    pub(crate) fn oldest_live_session(&self) -> Timestamp {
        self.now().plus_millis(-IDLE_MILLIS)
    }

    /// Ends one of the caller's own sessions, or all others when none is named. Repeating it is
    /// harmless.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn end_own_sessions(
        &self,
        staff: &StaffUser,
        session: Option<StaffSessionId>,
    ) -> Result<(), Failure> {
        let (now, user, own) = (self.now(), staff.user.id.clone(), staff.session.clone());
        let write = move |tx: &mut dyn Transaction| -> Result<(), Failure> {
            match &session {
                Some(session) => {
                    storage::staff_session::end(tx, &user, session, now).map(|_| ())?
                }
                None => storage::staff_session::end_all(tx, &user, Some(&own), now).map(|_| ())?,
            }
            Ok(())
        };
        self.storage().write(write).await
    }

    /// The sessions of a user that stand, latest first.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `manage`; [`Failure::NotFound`].
    pub async fn user_sessions(
        &self,
        caller: &Caller,
        user: &UserId,
    ) -> Result<Vec<StaffSessionView>, Failure> {
        caller.require_whole_organization()?;
        let since = self.oldest_live_session();
        let (organization, user) = (caller.organization.clone(), user.clone());
        let read = move |tx: &mut dyn Transaction| {
            storage::user::find(tx, &organization, &user)?.ok_or(Failure::NotFound)?;
            Ok::<_, Failure>(storage::staff_session::list(tx, &user, since)?)
        };
        let rows = self.storage().read(read).await?;
        Ok(rows.into_iter().map(|row| StaffSessionView::of(row, None)).collect())
    }

    /// Ends all sessions of a user. Repeating it is harmless.
    ///
    /// # Errors
    /// As [`StaffService::user_sessions`].
    pub async fn end_user_sessions(&self, caller: &Caller, user: &UserId) -> Result<(), Failure> {
        caller.require_whole_organization()?;
        let now = self.now();
        let (app, caller, user) = (self.clone(), caller.clone(), user.clone());
        let write = move |tx: &mut dyn Transaction| -> Result<(), Failure> {
            storage::user::find(tx, &caller.organization, &user)?.ok_or(Failure::NotFound)?;
            if storage::staff_session::end_all(tx, &user, None, now)? == 0 {
                return Ok(());
            }
            let event =
                AuditEvent::of_organization(AuditEventKind::UserUpdated).about("userId", &user);
            app.record_event(tx, now, &caller, event.with("fields", ["sessions"]))
        };
        self.storage().write(write).await
    }

    /// Removes sessions that ended long ago. Called in the background.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn prune_staff_sessions(&self) -> Result<u64, Failure> {
        let before: Timestamp = self.now().plus_millis(-RETENTION_MILLIS);
        self.storage()
            .write(move |tx| Ok(storage::staff_session::remove_unused_since(tx, before)?))
            .await
    }
}
