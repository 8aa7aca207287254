//! Registering a table of candidates of any length: looked through first, then registered in
//! batches.

use super::check::{self, RegistrationContext};
use super::create::{MOST_AT_ONCE, PreparedCandidate};
use super::{CandidateView, TableRow};
use crate::bulk::{Act, Batch, Earlier};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::services::CandidateService;
use domain::fault::{ErrorCode, Fault};
use domain::id::{CandidateId, TaskId};
use domain::json::JsonPointer;
use domain::role::Right;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use storage::Transaction;

/// A table that was interrupted is gone on with when it is sent again within so many seconds.
const RESUMABLE_SECONDS: i64 = 24 * 60 * 60;

/// Which candidates of a table do not keep the others from being registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaveOut {
    /// Any fault stops it.
    Nobody,
    /// Who is registered already; any other fault stops it.
    Known,
    /// Everybody with a fault.
    Faulty,
}

impl LeaveOut {
    fn stops_at(self, fault: &Fault) -> bool {
        match self {
            Self::Nobody => true,
            Self::Known => {
                !matches!(fault.code, ErrorCode::DuplicateUniqId | ErrorCode::DuplicateCredentials)
            }
            Self::Faulty => false,
        }
    }
}

/// Who was registered of a table, and who was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportedCandidates {
    pub registered: Vec<CandidateView>,
    pub left_out: Vec<LeftOut>,
}

/// A candidate of a table that was not registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// In the table, from 0.
    pub index: usize,
    /// None for one that could not be read.
    pub faults: Vec<Fault>,
    /// It was looked through without a fault: somebody else was quicker.
    pub is_late: bool,
}

/// What a batch of a table came to.
#[derive(Serialize, Deserialize)]
struct ImportedBatch {
    registered: Vec<CandidateId>,
    left_out: Vec<usize>,
    /// Candidates of the table that were looked at so far.
    behind: usize,
}

/// The candidates of a table; none for one with a fault.
type Table = Arc<[Option<PreparedCandidate>]>;

impl CandidateService {
    /// Registers the candidates of a table. All are looked through first, and what may not be left
    /// out stops it before anybody is registered. Where nobody may be left out, at most
    /// [`MOST_AT_ONCE`] are registered all or none. Otherwise it is done in batches: whom somebody
    /// else registers meanwhile is left out, and the same table sent again after the server ended
    /// in the middle is gone on with.
    ///
    /// # Errors
    /// As [`CandidateService::create_candidates`].
    pub async fn import_candidates(
        &self,
        caller: &Caller,
        task: &TaskId,
        rows: Vec<TableRow>,
        leave_out: LeaveOut,
    ) -> Result<ImportedCandidates, Failure> {
        caller.require(Right::WriteCandidates)?;
        if leave_out == LeaveOut::Nobody
            && rows.len() <= MOST_AT_ONCE
            && rows.iter().all(|row| row.is_readable)
        {
            let new = rows.into_iter().map(|row| row.new).collect();
            let registered = self.create_candidates(caller, task, new).await?;
            return Ok(ImportedCandidates { registered, left_out: Vec::new() });
        }
        let act = Act {
            organization: caller.organization.clone(),
            name: format!("register/{task}/{leave_out:?}/{}", digest_of(&rows)),
            resumable_seconds: RESUMABLE_SECONDS,
        };
        let is_at_work = self.is_at_work(&act).await?;
        let faults = self.preview_candidates(caller, task, rows.clone()).await?;
        let is_stopped = faults.iter().flatten().any(|fault| leave_out.stops_at(fault))
            || (leave_out != LeaveOut::Faulty && rows.iter().any(|row| !row.is_readable));
        if is_stopped && !is_at_work {
            return Err(Failure::Faults(faults.into_iter().flatten().collect()));
        }
        let table = self.table(&rows, &faults).await?;
        let (app, asker, of) = (self.clone(), caller.clone(), task.clone());
        let batch =
            move |tx: &mut dyn Transaction, earlier: &Earlier<ImportedBatch>, now: Timestamp| {
                let behind = earlier.last.as_ref().map_or(0, |last| last.behind);
                app.import_batch(tx, &asker, &of, (&table, behind), now)
            };
        let mut imported = ImportedCandidates::default();
        for batch in self.in_batches(act, batch).await? {
            imported.registered.extend(self.registered(caller, task, batch.registered).await?);
            for index in batch.left_out {
                let mut left_out = LeftOut { index, faults: faults[index].clone(), is_late: false };
                if left_out.faults.is_empty() && rows[index].is_readable {
                    let at = JsonPointer::root().at("candidates").at(index);
                    left_out.faults =
                        self.check_candidate(caller, task, at, rows[index].new.clone()).await?;
                    left_out.is_late = true;
                }
                imported.left_out.push(left_out);
            }
        }
        Ok(imported)
    }

    async fn table(&self, rows: &[TableRow], faults: &[Vec<Fault>]) -> Result<Table, Failure> {
        let mut table = Vec::with_capacity(rows.len());
        for (row, faults) in rows.iter().zip(faults) {
            let is_good = row.is_readable && faults.is_empty();
            table.push(if is_good { Some(self.prepare_one(row.new.clone()).await?) } else { None });
        }
        Ok(table.into())
    }

    fn import_batch(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        task: &TaskId,
        (table, behind): (&Table, usize),
        now: Timestamp,
    ) -> Result<Batch<ImportedBatch>, Failure> {
        let row = storage::task::lock(tx, &caller.organization, task)?.ok_or(Failure::NotFound)?;
        caller.require_task_access(&row.id, &row.folder)?;
        let (began, place) = (self.clock().steady(), RegistrationContext::of(tx, row)?);
        let most = usize::try_from(self.settings().batch_size).unwrap_or(MOST_AT_ONCE);
        let mut outcome = ImportedBatch { registered: Vec::new(), left_out: Vec::new(), behind };
        for (index, one) in table.iter().enumerate().skip(behind).take(most) {
            match self.import_one(tx, caller, &place, one.as_ref(), now)? {
                Some(id) => outcome.registered.push(id),
                None => outcome.left_out.push(index),
            }
            outcome.behind = index + 1;
            if self.is_batch_over(began) {
                break;
            }
        }
        let is_last = outcome.behind >= table.len();
        Ok(Batch { outcome, is_last })
    }

    fn import_one(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        place: &RegistrationContext,
        one: Option<&PreparedCandidate>,
        now: Timestamp,
    ) -> Result<Option<CandidateId>, Failure> {
        let Some(one) = one else { return Ok(None) };
        let mut checks = check::check_form(&one.new, JsonPointer::root());
        self.check_callback(&one.new, &mut checks);
        let user = check::check_in_task(tx, place, &one.new, &mut checks)?;
        if !checks.into_faults().is_empty() {
            return Ok(None);
        }
        let view = self.insert_candidate(tx, caller, place, one, user.as_ref(), now)?;
        Ok(Some(view.id))
    }

    /// Candidates that a batch has registered, as far as they are still there.
    async fn registered(
        &self,
        caller: &Caller,
        task: &TaskId,
        ids: Vec<CandidateId>,
    ) -> Result<Vec<CandidateView>, Failure> {
        let task = task.clone();
        self.read_for(caller, move |work| {
            let (candidates, mut views) = (work.app.candidates(), Vec::with_capacity(ids.len()));
            for id in &ids {
                let row = storage::candidate::find(work.tx, work.organization, &task, id)?;
                let row = row.filter(|row| row.erased_at.is_none());
                views.extend(row.map(|row| candidates.candidate_view(row)).transpose()?);
            }
            Ok(views)
        })
        .await
    }
}

/// What tells a table from any other.
fn digest_of(rows: &[TableRow]) -> String {
    let mut digest = Sha256::new();
    for row in rows {
        digest.update(format!("{row:?}\n"));
    }
    hex::encode(digest.finalize())
}
