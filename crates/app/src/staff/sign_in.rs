//! Signing in with name and password, and out again.
//!
//! A refusal never says what was wrong and costs the same whether or not there is such a user.

use super::Staff;
use crate::App;
use crate::audit::{Event, Kind, Named};
use crate::caller::Actor;
use crate::delivery::enter::Knock;
use crate::delivery::session_hash;
use crate::delivery::tries::Door;
use crate::failure::Failure;
use domain::id::{OrganizationId, UserId};
use domain::instance::ActorKind;
use domain::refusal::Refusal;
use domain::time::Timestamp;
use storage::Transaction;
use storage::staff_session::StaffSession;
use storage::user::User;

/// Most characters kept of what a browser calls itself.
const LONGEST_CLIENT: usize = 200;

/// What is entered to sign in.
#[derive(Clone, Default)]
pub struct SignIn {
    /// May be left out where there is only one.
    pub organization: Option<OrganizationId>,
    pub username: String,
    pub password: String,
    /// What the browser calls itself.
    pub client: String,
}

/// A new log-in session.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// 256 random bits, told this once.
    pub token: String,
    pub user: UserId,
}

impl App {
    /// Begins a log-in session of a user.
    ///
    /// # Errors
    /// `access_denied`, whatever was wrong; `too_many_tries`.
    pub async fn sign_in(&self, knock: &Knock, given: SignIn) -> Result<SignedIn, Failure> {
        let now = self.now();
        self.tries().demand(self.limits(), knock.address, None, now)?;
        let (organization, username) = (given.organization.clone(), given.username.clone());
        let known = self.storage().read(move |tx| named(tx, organization.as_ref(), &username)).await?;
        let door = known.as_ref().map(|user| Door::User(user.id.clone()));
        self.tries().demand(self.limits(), knock.address, door.as_ref(), now)?;
        let hash = known.as_ref().and_then(|user| user.password_hash.clone());
        let verified = self.verified(hash, given.password.clone()).await?;
        let outcome = match (known.as_ref(), verified) {
            (Some(user), Some(hash)) => self.begin_staff_session(knock, user, hash, given.client, now).await,
            _ => Err(Refusal::AccessDenied.into()),
        };
        match (&outcome, &door) {
            (Ok(_), Some(door)) => self.tries().succeeded(knock.address, door, now),
            (Err(Failure::Refused(_)), _) => {
                self.tries().failed(knock.address, door.as_ref(), now);
                self.record_failed_login(knock, known.as_ref(), now).await?;
            }
            _ => {}
        }
        outcome
    }

    /// What was shown to be right outside the transaction is looked at again inside.
    async fn begin_staff_session(
        &self,
        knock: &Knock,
        user: &User,
        hash: String,
        client: String,
        now: Timestamp,
    ) -> Result<SignedIn, Failure> {
        let token = self.new_token();
        let session = StaffSession {
            id: self.mint(now),
            token_hash: session_hash(&token),
            organization_id: user.organization_id.clone(),
            user_id: user.id.clone(),
            client: client.chars().filter(|letter| !letter.is_control()).take(LONGEST_CLIENT).collect(),
            created_at: now,
            seen_at: now,
            ended_at: None,
        };
        let (app, doer, user_id) = (self.clone(), as_user(knock, user), user.id.clone());
        let write = move |tx: &mut dyn Transaction| -> Result<(), Failure> {
            let row = storage::user::find(tx, &session.organization_id, &session.user_id)?;
            let is_same = row.is_some_and(|row| row.active && row.password_hash.as_deref() == Some(hash.as_str()));
            if !is_same {
                return Err(Refusal::AccessDenied.into());
            }
            storage::staff_session::insert(tx, &session)?;
            let event = Event::of_organization(Kind::LoginSucceeded).about("userId", &session.user_id);
            app.record(tx, now, &doer, event.with("sessionId", &session.id))
        };
        self.storage().write(write).await?;
        Ok(SignedIn { token, user: user_id })
    }

    /// Failures of nobody's name are not recorded: whoever guesses names must not fill the log.
    async fn record_failed_login(&self, knock: &Knock, user: Option<&User>, now: Timestamp) -> Result<(), Failure> {
        let Some(user) = user else { return Ok(()) };
        let (app, doer, id) = (self.clone(), as_user(knock, user), user.id.clone());
        let write = move |tx: &mut dyn Transaction| {
            app.record(tx, now, &doer, Event::of_organization(Kind::LoginFailed).about("userId", &id))
        };
        self.storage().write(write).await
    }

    /// Ends the caller's own session. Repeating it is harmless.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn sign_out(&self, staff: &Staff) -> Result<(), Failure> {
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
        Ok(self.organizations().await?.len() > 1)
    }
}

/// The user of this name in the named organization, or in the only one there is.
fn named(
    tx: &mut dyn Transaction,
    organization: Option<&OrganizationId>,
    username: &str,
) -> Result<Option<User>, Failure> {
    let organization = match organization {
        Some(named) => named.clone(),
        None => match storage::organization::list(tx)?.as_slice() {
            [only] => only.id.clone(),
            _ => return Ok(None),
        },
    };
    Ok(storage::user::find_by_name(tx, &organization, username)?.filter(|user| user.active))
}

fn as_user(knock: &Knock, user: &User) -> Named {
    let actor = Actor { kind: ActorKind::User, id: user.id.to_string() };
    Named { organization: user.organization_id.clone(), actor, request: Some(knock.request.clone()) }
}
