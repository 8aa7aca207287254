//! What registering a list of candidates would lead to, row by row, with nothing done.

use super::check::{self, Place};
use super::{NewCandidate, Person};
use crate::App;
use crate::caller::Caller;
use crate::failure::Failure;
use crate::users::DEFAULT_GROUP;
use domain::candidate::uniqueness::Tracked;
use domain::fault::{Code, Fault};
use domain::id::TaskId;
use domain::instance::Scope;
use domain::json::Pointer;
use std::collections::{HashMap, HashSet};
use storage::Transaction;

impl App {
    /// The faults of each candidate of a list, in its order: of form, against the task, and against those before it in
    /// the list that have none. Pointers begin at the candidate. Changes nothing.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn preview_candidates(
        &self,
        caller: &Caller,
        task: &TaskId,
        new: Vec<NewCandidate>,
    ) -> Result<Vec<Vec<Fault>>, Failure> {
        caller.require(Scope::CandidatesWrite)?;
        let (caller, task) = (caller.clone(), task.clone());
        let read = move |tx: &mut dyn Transaction| {
            let row = storage::task::find(tx, &caller.organization, &task)?.ok_or(Failure::NotFound)?;
            caller.reach(&row.id, &row.folder)?;
            let place = Place::of(tx, row)?;
            let mut before = Before::default();
            new.iter().map(|new| before.faults(tx, &place, new)).collect()
        };
        self.storage().read(read).await
    }
}

/// Those of the list that would be registered.
#[derive(Default)]
struct Before {
    by_uniq_id: HashMap<String, Vec<Tracked>>,
    credentials: HashSet<String>,
}

impl Before {
    fn faults(&mut self, tx: &mut dyn Transaction, place: &Place, new: &NewCandidate) -> Result<Vec<Fault>, Failure> {
        let mut checks = check::forms(new, Pointer::root());
        let user = check::faults(tx, place, new, &mut checks)?;
        let mine = check::uniq_id(new, user.as_ref()).map(|(uniq_id, scope, path)| {
            let tracked = Tracked {
                uniq_id: Some(uniq_id.to_owned()),
                group: new.group.clone().unwrap_or_else(|| DEFAULT_GROUP.to_owned()),
                labels: new.labels.iter().cloned().collect(),
                programs: place.known_programs(&new.programs).into_iter().collect(),
            };
            (uniq_id.to_owned(), scope, path, tracked)
        });
        if let Some((uniq_id, scope, path, tracked)) = &mine
            && let Some(others) = self.by_uniq_id.get(uniq_id)
            && tracked.check(*scope, others).is_err()
        {
            checks.refuse(checks.at(path), Code::DuplicateUniqId, "must not stand further up in the list too");
        }
        let credential = match &new.person {
            Person::Temporary(person) if place.is_entered_with_credentials() => person.credential1.clone(),
            _ => None,
        };
        if credential.as_ref().is_some_and(|credential| self.credentials.contains(credential)) {
            let at = checks.at("credential1");
            checks.refuse(at, Code::DuplicateCredentials, "must not stand further up in the list too");
        }
        let faults = checks.into_faults();
        if faults.is_empty() {
            self.credentials.extend(credential);
            if let Some((uniq_id, _, _, tracked)) = mine {
                self.by_uniq_id.entry(uniq_id).or_default().push(tracked);
            }
        }
        Ok(faults)
    }
}
