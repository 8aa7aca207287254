//! Passwords of users: set by a manager or the operator, changed by their owner. Kept as Argon2id
//! hashes only.

use super::StaffUser;
use super::sign_in::throttle_key;
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::{Caller, ClientContext};
use crate::failure::Failure;
use crate::ports::RngExt;
use crate::services::StaffService;
use crate::validation::FieldValidator;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::fault::ErrorCode;
use domain::id::{StaffSessionId, UserId};
use domain::json::JsonPointer;
use domain::refusal::Refusal;
use storage::Transaction;

/// Fewest characters of a password that somebody chooses.
pub const LEAST_PASSWORD: usize = 10;
/// Most characters.
pub const MOST_PASSWORD: usize = 200;

/// A shorter word may stand in a password by chance.
const LEAST_NAME: usize = 4;

impl StaffService {
    /// Gives a user a password and ends the user's sessions. Without one, 18 random characters are
    /// made. Gives the password, which is told this once.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `manage`; [`Failure::NotFound`]; a fault at
    /// `/password`.
    pub async fn set_password(
        &self,
        caller: &Caller,
        user: &UserId,
        password: Option<String>,
    ) -> Result<String, Failure> {
        caller.require_whole_organization()?;
        let password =
            password.unwrap_or_else(|| BASE64_URL_SAFE_NO_PAD.encode(self.rng().bytes::<14>()));
        check_length(&password)?;
        let (organization, wanted) = (caller.organization.clone(), user.clone());
        let read = move |tx: &mut dyn Transaction| -> Result<Vec<String>, Failure> {
            let user = storage::user::find(tx, &organization, &wanted)?.ok_or(Failure::NotFound)?;
            let organization =
                storage::organization::find(tx, &organization)?.ok_or(Failure::NotFound)?;
            Ok(names_of(
                &user.username,
                user.fullname.as_deref(),
                user.email.as_deref(),
                &organization.name,
            ))
        };
        let names = self.storage().read(read).await?;
        check_quality(password.clone(), names).await?;
        self.store_password(caller, user, &password, None).await?;
        Ok(password)
    }

    /// Changes the caller's own password and ends all other sessions.
    ///
    /// # Errors
    /// Faults at `/present` when it is wrong, and at `/password`; `too_many_tries`.
    pub async fn change_password(
        &self,
        knock: &ClientContext,
        staff: &StaffUser,
        present: String,
        new: String,
    ) -> Result<(), Failure> {
        check_length(&new)?;
        let StaffUser { user, organization_name, .. } = staff;
        let names = names_of(
            &user.username,
            user.fullname.as_deref(),
            user.email.as_deref(),
            organization_name,
        );
        check_quality(new.clone(), names).await?;
        self.demand_present_password(knock, staff, present).await?;
        self.store_password(&staff.caller, &staff.user.id, &new, Some(staff.session.clone())).await
    }

    /// Whoever sits down at a computer that was left open must not find the password by trying.
    async fn demand_present_password(
        &self,
        knock: &ClientContext,
        staff: &StaffUser,
        present: String,
    ) -> Result<(), Failure> {
        let door = throttle_key(Some(&staff.caller.organization), &staff.user.username);
        let attempt = self.begin_staff_attempt(knock, door.clone()).await?;
        let (organization, user) = (staff.caller.organization.clone(), staff.user.id.clone());
        let row =
            self.storage().read(move |tx| storage::user::find(tx, &organization, &user)).await?;
        let hash = row.and_then(|row| row.password_hash);
        let verified = self.throttles().staff_verifier.verify(hash, present).await?;
        let outcome = verified.ok_or(Failure::from(Refusal::AccessDenied)).map(drop);
        attempt.settle(&outcome, |()| door);
        if outcome.is_err() {
            let mut checks = FieldValidator::below(JsonPointer::root());
            checks.refuse(
                checks.at("present"),
                ErrorCode::InvalidFormat,
                "must be your present password",
            );
            checks.finish()?;
        }
        Ok(())
    }

    async fn store_password(
        &self,
        caller: &Caller,
        user: &UserId,
        password: &str,
        stored: Option<StaffSessionId>,
    ) -> Result<(), Failure> {
        let hash = self
            .delivery()
            .hash_secret_queued(&self.throttles().staff_verifier, password.to_owned())
            .await?;
        let now = self.now();
        let (app, caller, user) = (self.clone(), caller.clone(), user.clone());
        let write = move |tx: &mut dyn Transaction| -> Result<(), Failure> {
            let row =
                storage::user::find(tx, &caller.organization, &user)?.ok_or(Failure::NotFound)?;
            storage::user::update(
                tx,
                &storage::user::UserRow { password_hash: Some(hash.clone()), ..row },
            )?;
            storage::staff_session::end_all(tx, &user, stored.as_ref(), now)?;
            let event =
                AuditEvent::of_organization(AuditEventKind::UserUpdated).about("userId", &user);
            app.record_event(tx, now, &caller, event.with("fields", ["password"]))
        };
        self.storage().write(write).await
    }
}

fn check_length(password: &str) -> Result<(), Failure> {
    let mut checks = FieldValidator::below(JsonPointer::root());
    checks.text(checks.at("password"), password, LEAST_PASSWORD, MOST_PASSWORD);
    checks.finish()
}

/// Words that a password of this user must not be made of.
fn names_of(
    username: &str,
    fullname: Option<&str>,
    email: Option<&str>,
    organization: &str,
) -> Vec<String> {
    let texts = [Some(username), fullname, email, Some(organization)].into_iter().flatten();
    let words = texts.clone().flat_map(|text| text.split(|letter: char| !letter.is_alphanumeric()));
    let names = texts.clone().chain(words).map(str::to_lowercase);
    names.filter(|name| name.chars().count() >= LEAST_NAME).collect()
}

/// Estimates how many guesses a password withstands, on a thread of its own: a long one takes a
/// while.
async fn check_quality(password: String, names: Vec<String>) -> Result<(), Failure> {
    let weakness = tokio::task::spawn_blocking(move || weakness_of(&password, &names));
    let Some(should) = weakness.await.map_err(Failure::internal)? else { return Ok(()) };
    let mut checks = FieldValidator::below(JsonPointer::root());
    checks.refuse(checks.at("password"), ErrorCode::InvalidFormat, should);
    checks.finish()
}

fn weakness_of(password: &str, names: &[String]) -> Option<&'static str> {
    let lower = password.to_lowercase();
    if names.iter().any(|name| lower.contains(name.as_str())) {
        return Some("must not hold the name of the user or of the organization");
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let is_weak = zxcvbn::zxcvbn(password, &names).score() < zxcvbn::Score::Three;
    is_weak.then_some("is too easy to guess; take a longer one, for example four words that do not belong together")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_that_is_easy_to_guess_is_refused_m4() {
        let names = names_of("ada.lovelace", Some("Ada Lovelace"), None, "Meridian Schools");
        for weak in [
            "aaaaaaaaaa",
            "1234567890",
            "qwertyuiop",
            "Password123",
            "password12",
            "abcdefghij",
            "2026-11-30",
            "iloveyou12",
            "P@ssw0rd2026",
        ] {
            assert!(
                weakness_of(weak, &names).is_some_and(|should| should.contains("easy to guess")),
                "{weak}"
            );
        }
        for named in ["xK4-lovelace-7q", "MERIDIAN-x7-kfw", "zz ada.lovelace zz"] {
            assert!(
                weakness_of(named, &names).is_some_and(|should| should.contains("name")),
                "{named}"
            );
        }
        for good in [
            "correct horse battery",
            "brass kettle winter fox",
            "T7#pq-vd0Lz2",
            "çilek kamyon yıldız",
        ] {
            assert_eq!(weakness_of(good, &names), None, "{good}");
        }
    }
}
