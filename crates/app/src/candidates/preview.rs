//! What registering a list of candidates would lead to, row by row, with nothing done.

use super::check::{self, RegistrationContext};
use super::{NewCandidate, RegisteredPerson};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::services::CandidateService;
use crate::unit_of_work::UnitOfWork;
use crate::users::DEFAULT_GROUP;
use crate::validation::FieldValidator;
use domain::candidate::uniqueness::{UniqIdentity, UniqScope};
use domain::fault::{ErrorCode, Fault, FaultLocation};
use domain::id::TaskId;
use domain::json::JsonPointer;
use domain::role::Right;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Candidates of a list looked at in one reading.
const AT_ONCE: usize = 500;

impl CandidateService {
    /// The faults of each candidate of a list, in its order: of form, against the task, and against
    /// those before it in the list that would be registered. Pointers begin with
    /// `/candidates/<index>`. Changes nothing.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn preview_candidates(
        &self,
        caller: &Caller,
        task: &TaskId,
        rows: Vec<TableRow>,
    ) -> Result<Vec<Vec<Fault>>, Failure> {
        caller.require(Right::WriteCandidates)?;
        let (rows, list): (Arc<[TableRow]>, _) =
            (rows.into(), JsonPointer::root().at("candidates"));
        let (mut before, mut faults) =
            (EarlierCandidates::default(), Vec::with_capacity(rows.len()));
        for start in (0..rows.len()).step_by(AT_ONCE) {
            let (task, rows, list) = (task.clone(), rows.clone(), list.clone());
            let read = move |work: &mut UnitOfWork<'_>| {
                let row = work.task(&task)?;
                let place = RegistrationContext::of(work.tx, row)?;
                let slice = rows.iter().enumerate().skip(start).take(AT_ONCE);
                slice.map(|(index, row)| Alone::of(work, &place, row, list.at(index))).collect()
            };
            let alone: Vec<Alone> = self.read_for(caller, read).await?;
            faults.extend(alone.into_iter().map(|alone| before.faults(alone)));
        }
        Ok(faults)
    }
}

/// A candidate of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableRow {
    pub new: NewCandidate,
    /// Whether whoever read the table could read all of the row. Others are not registered.
    pub is_readable: bool,
}

impl From<NewCandidate> for TableRow {
    fn from(new: NewCandidate) -> Self {
        Self { new, is_readable: true }
    }
}

/// A candidate as if there were no others in the list.
struct Alone {
    is_readable: bool,
    checks: FieldValidator,
    tracked: Option<(String, UniqScope, &'static str, UniqIdentity)>,
    credential: Option<String>,
}

impl Alone {
    fn of(
        work: &mut UnitOfWork<'_>,
        place: &RegistrationContext,
        TableRow { new, is_readable }: &TableRow,
        at: JsonPointer,
    ) -> Result<Self, Failure> {
        let mut checks = check::check_form(new, at);
        work.app.candidates().check_callback(new, &mut checks);
        let user = check::check_in_task(work.tx, place, new, &mut checks)?;
        let tracked = check::uniq_id(new, user.as_ref()).map(|(uniq_id, scope, path)| {
            let tracked = UniqIdentity {
                uniq_id: Some(uniq_id.to_owned()),
                group: new.group.clone().unwrap_or_else(|| DEFAULT_GROUP.to_owned()),
                labels: new.labels.iter().cloned().collect(),
                programs: place.program_uuids(&new.programs).into_iter().collect(),
            };
            (uniq_id.to_owned(), scope, path, tracked)
        });
        let credential = match &new.person {
            RegisteredPerson::Temporary(person) if place.is_entered_with_credentials() => {
                person.credential1.clone()
            }
            _ => None,
        };
        Ok(Self { is_readable: *is_readable, checks, tracked, credential })
    }
}

/// Those of the list that would be registered.
#[derive(Default)]
struct EarlierCandidates {
    by_uniq_id: HashMap<String, Vec<UniqIdentity>>,
    credentials: HashSet<String>,
}

impl EarlierCandidates {
    fn faults(&mut self, alone: Alone) -> Vec<Fault> {
        let Alone { is_readable, mut checks, tracked, credential } = alone;
        if let Some((uniq_id, scope, path, tracked)) = &tracked
            && let Some(others) = self.by_uniq_id.get(uniq_id)
            && tracked.check(*scope, others).is_err()
        {
            checks.push(collision(checks.at(path), ErrorCode::DuplicateUniqId));
        }
        if credential.as_ref().is_some_and(|credential| self.credentials.contains(credential)) {
            let at = checks.at("credential1");
            checks.push(collision(at, ErrorCode::DuplicateCredentials));
        }
        let faults = checks.into_faults();
        if faults.is_empty() && is_readable {
            self.credentials.extend(credential);
            if let Some((uniq_id, _, _, tracked)) = tracked {
                self.by_uniq_id.entry(uniq_id).or_default().push(tracked);
            }
        }
        faults
    }
}

/// A candidate that is the same as one before it.
fn collision(at: JsonPointer, code: ErrorCode) -> Fault {
    Fault::new(FaultLocation::Body(at), code, "must not stand further up in the list too")
        .within_list()
}
