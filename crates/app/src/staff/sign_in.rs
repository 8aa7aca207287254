//! Signing in with name and password, and out again.
//!
//! A refusal never says what was wrong and costs the same whether or not there is such a user.

use super::StaffUser;
use crate::audit::{ActorContext, AuditEvent, AuditEventKind};
use crate::caller::{Actor, ClientContext, session_hash};
use crate::failure::Failure;
use crate::services::StaffService;
use crate::throttle::{ClientNetwork, LoginAttempt, OverLimitAction, ThrottleKey, ThrottleRequest};
use domain::id::{OrganizationId, UserId};
use domain::instance::ActorKind;
use domain::refusal::Refusal;
use domain::time::Timestamp;
use sha2::{Digest as _, Sha256};
use storage::Transaction;
use storage::staff_session::StaffSessionRow;
use storage::user::UserRow;

/// Most characters kept of what a browser calls itself.
const LONGEST_CLIENT: usize = 200;

/// What is entered to sign in.
#[derive(Clone, Default)]
pub struct SignInRequest {
    /// May be left out where there is only one.
    pub organization: Option<OrganizationId>,
    pub username: String,
    pub password: String,
    /// What the browser calls itself.
    pub client: String,
}

/// A new log-in session.
#[derive(Clone, Debug)]
pub struct NewStaffSession {
    /// 256 random bits, told this once.
    pub token: String,
    pub user: UserId,
}

impl StaffService {
    /// Begins a log-in session of a user.
    ///
    /// # Errors
    /// `access_denied`, whatever was wrong; `too_many_tries`.
    pub async fn sign_in(
        &self,
        knock: &ClientContext,
        request: SignInRequest,
    ) -> Result<NewStaffSession, Failure> {
        let (named, username) = (request.organization.clone(), request.username.clone());
        let (organization, existing) =
            self.storage().read(move |tx| user_of_name(tx, named.as_ref(), &username)).await?;
        let door = throttle_key(organization.as_ref(), &request.username);
        let attempt = self.begin_staff_attempt(knock, door.clone()).await?;
        // After the wait for a turn.
        let now = self.now();
        let hash = existing.as_ref().and_then(|user| user.password_hash.clone());
        let verified = self.throttles().staff_verifier.verify(hash, request.password.clone()).await;
        let outcome = match (existing.as_ref(), verified) {
            (_, Err(failure)) => Err(failure),
            (Some(user), Ok(Some(hash))) => {
                self.begin_staff_session(knock, user, hash, request.client, now).await
            }
            _ => Err(Refusal::AccessDenied.into()),
        };
        attempt.settle(&outcome, |_| door);
        if matches!(outcome, Err(Failure::Refused(_))) {
            self.record_failed_login(knock, existing, now);
        }
        outcome
    }

    /// Counts a try of a password of staff.
    pub(super) async fn begin_staff_attempt(
        &self,
        knock: &ClientContext,
        door: ThrottleKey,
    ) -> Result<LoginAttempt, Failure> {
        let (limits, network) =
            (self.delivery().throttle_limits(), ClientNetwork::of(knock.address));
        let knocking =
            ThrottleRequest { limits, network, door: Some(door), beyond: OverLimitAction::Refuse };
        self.throttles().staff.begin_attempt(knocking, self.now()).await
    }

    /// What was shown to be right outside the transaction is looked at again inside.
    async fn begin_staff_session(
        &self,
        knock: &ClientContext,
        user: &UserRow,
        hash: String,
        client: String,
        now: Timestamp,
    ) -> Result<NewStaffSession, Failure> {
        let token = self.delivery().new_token();
        let session = StaffSessionRow {
            id: self.new_id(now),
            token_hash: session_hash(&token),
            organization_id: user.organization_id.clone(),
            user_id: user.id.clone(),
            client: client
                .chars()
                .filter(|letter| !letter.is_control())
                .take(LONGEST_CLIENT)
                .collect(),
            created_at: now,
            seen_at: now,
            ended_at: None,
        };
        let (app, doer, user_id) = (self.clone(), as_user(knock, user), user.id.clone());
        let write = move |tx: &mut dyn Transaction| -> Result<(), Failure> {
            let row = storage::user::find(tx, &session.organization_id, &session.user_id)?;
            let is_same = row.is_some_and(|row| {
                row.active && row.password_hash.as_deref() == Some(hash.as_str())
            });
            if !is_same {
                return Err(Refusal::AccessDenied.into());
            }
            storage::staff_session::insert(tx, &session)?;
            let event = AuditEvent::of_organization(AuditEventKind::LoginSucceeded)
                .about("userId", &session.user_id);
            app.record_event(tx, now, &doer, event.with("sessionId", &session.id))
        };
        self.storage().write(write).await?;
        Ok(NewStaffSession { token, user: user_id })
    }

    /// Failures of nobody's name are not recorded: whoever guesses names must not fill the log.
    /// Nobody waits for the record of the others, or the time of the answer would tell which names
    /// there are.
    fn record_failed_login(&self, knock: &ClientContext, user: Option<UserRow>, now: Timestamp) {
        let Some(user) = user else { return };
        let (app, doer, id) = (self.clone(), as_user(knock, &user), user.id);
        let write = move |tx: &mut dyn Transaction| {
            app.record_event(
                tx,
                now,
                &doer,
                AuditEvent::of_organization(AuditEventKind::LoginFailed).about("userId", &id),
            )
        };
        let app = self.clone();
        tokio::spawn(async move {
            if let Err(failure) = app.storage().write(write).await {
                tracing::warn!(%failure, "a failed sign-in was not recorded");
            }
        });
    }

    /// Ends the caller's own session. Repeating it is harmless.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn sign_out(&self, staff: &StaffUser) -> Result<(), Failure> {
        let (now, user, session) = (self.now(), staff.user.id.clone(), staff.session.clone());
        let write = move |tx: &mut dyn Transaction| -> Result<(), Failure> {
            storage::staff_session::end(tx, &user, &session, now)?;
            Ok(())
        };
        self.storage().write(write).await
    }

    /// Whether there is more than one organization, so that signing in has to name one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn has_several_organizations(&self) -> Result<bool, Failure> {
        Ok(self.organizations().list_organizations().await?.len() > 1)
    }
}

/// The organization that is meant, named or the only one there is, and its user of this name.
fn user_of_name(
    tx: &mut dyn Transaction,
    organization: Option<&OrganizationId>,
    username: &str,
) -> Result<(Option<OrganizationId>, Option<UserRow>), Failure> {
    let organization = match organization {
        Some(named) => named.clone(),
        None => match storage::organization::list(tx)?.as_slice() {
            [only] => only.id.clone(),
            _ => return Ok((None, None)),
        },
    };
    let user = storage::user::find_by_name(tx, &organization, username)?.filter(|user| user.active);
    Ok((Some(organization), user))
}

/// What tries at a user's name are counted by, whether or not there is such a user.
pub(super) fn throttle_key(organization: Option<&OrganizationId>, username: &str) -> ThrottleKey {
    let organization = organization.map_or("", OrganizationId::as_str);
    let digest = Sha256::new()
        .chain_update(organization)
        .chain_update([0])
        .chain_update(username)
        .finalize();
    ThrottleKey::User(digest.into())
}

fn as_user(knock: &ClientContext, user: &UserRow) -> ActorContext {
    let actor = Actor { kind: ActorKind::User, id: user.id.to_string() };
    ActorContext {
        organization: user.organization_id.clone(),
        actor,
        request: Some(knock.request.clone()),
    }
}
