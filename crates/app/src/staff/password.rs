//! Passwords of users: set by a manager or the operator, changed by their owner. Kept as Argon2id hashes only.

use super::Staff;
use super::sign_in::door_of;
use crate::App;
use crate::audit::{Event, Kind};
use crate::caller::Caller;
use crate::delivery::enter::Knock;
use crate::failure::Failure;
use crate::forms::Checks;
use crate::ports::Draw;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::fault::Code;
use domain::id::{StaffSessionId, UserId};
use domain::json::Pointer;
use domain::refusal::Refusal;
use storage::Transaction;

/// Fewest characters of a password that somebody chooses.
pub const LEAST_PASSWORD: usize = 10;
/// Most characters.
pub const MOST_PASSWORD: usize = 200;

impl App {
    /// Gives a user a password and ends the user's sessions. Without one, 18 random characters are made. Gives the
    /// password, which is told this once.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `manage`; [`Failure::NotFound`]; a fault at `/password`.
    pub async fn set_password(
        &self,
        caller: &Caller,
        user: &UserId,
        password: Option<String>,
    ) -> Result<String, Failure> {
        caller.require_whole_organization()?;
        let password = password.unwrap_or_else(|| BASE64_URL_SAFE_NO_PAD.encode(self.chance().bytes::<14>()));
        check_password(&password, "password")?;
        self.store_password(caller, user, &password, None).await?;
        Ok(password)
    }

    /// Changes the caller's own password and ends all other sessions.
    ///
    /// # Errors
    /// Faults at `/present` when it is wrong, and at `/password`; `too_many_tries`.
    pub async fn change_password(
        &self,
        knock: &Knock,
        staff: &Staff,
        present: String,
        new: String,
    ) -> Result<(), Failure> {
        check_password(&new, "password")?;
        self.demand_present_password(knock, staff, present).await?;
        self.store_password(&staff.caller, &staff.user.id, &new, Some(staff.session.clone())).await
    }

    /// Whoever sits down at a computer that was left open must not find the password by trying.
    async fn demand_present_password(&self, knock: &Knock, staff: &Staff, present: String) -> Result<(), Failure> {
        let door = door_of(Some(&staff.caller.organization), &staff.user.username);
        let attempt = self.knocked_as_staff(knock, door.clone()).await?;
        let (organization, user) = (staff.caller.organization.clone(), staff.user.id.clone());
        let row = self.storage().read(move |tx| storage::user::find(tx, &organization, &user)).await?;
        let hash = row.and_then(|row| row.password_hash);
        let verified = self.throttles().staff_verifier.verified(hash, present).await?;
        let outcome = verified.ok_or(Failure::from(Refusal::AccessDenied)).map(drop);
        attempt.settle(&outcome, |()| door);
        if outcome.is_err() {
            let mut checks = Checks::below(Pointer::root());
            checks.refuse(checks.at("present"), Code::InvalidFormat, "must be your present password");
            checks.finish()?;
        }
        Ok(())
    }

    async fn store_password(
        &self,
        caller: &Caller,
        user: &UserId,
        password: &str,
        kept: Option<StaffSessionId>,
    ) -> Result<(), Failure> {
        let (hasher, password) = (self.clone(), password.to_owned());
        let hash =
            tokio::task::spawn_blocking(move || hasher.secret_hash(&password)).await.map_err(Failure::internal)??;
        let now = self.now();
        let (app, caller, user) = (self.clone(), caller.clone(), user.clone());
        let write = move |tx: &mut dyn Transaction| -> Result<(), Failure> {
            let row = storage::user::find(tx, &caller.organization, &user)?.ok_or(Failure::NotFound)?;
            storage::user::update(tx, &storage::user::User { password_hash: Some(hash.clone()), ..row })?;
            storage::staff_session::end_all(tx, &user, kept.as_ref(), now)?;
            let event = Event::of_organization(Kind::UserUpdated).about("userId", &user);
            app.record(tx, now, &caller, event.with("fields", ["password"]))
        };
        self.storage().write(write).await
    }
}

fn check_password(password: &str, name: &str) -> Result<(), Failure> {
    let mut checks = Checks::below(Pointer::root());
    checks.text(checks.at(name), password, LEAST_PASSWORD, MOST_PASSWORD);
    checks.finish()
}
