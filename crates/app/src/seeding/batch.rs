//! A batch: rows that are put together beforehand and kept in one transaction.

use super::sitting::Sat;
use super::{Counters, Ground, Sitter};
use crate::App;
use crate::bank::{Purpose, StoredBank};
use crate::candidates::created;
use crate::delivery::start::Ready;
use crate::failure::Failure;
use crate::ports::Draw;
use domain::candidate::code::InvitationCode;
use domain::compile::freeze::freeze;
use domain::compile::{NotCompilable, Seed, compile};
use domain::document::model::Test;
use domain::document::{EmptyBank, digest, stored};
use domain::id::{InstanceId, OrganizationId};
use domain::refusal::Refusal;
use domain::time::Timestamp;
use domain::time_factor::TimeFactor;
use std::collections::HashMap;
use std::sync::Arc;
use storage::candidate::Candidate;
use storage::event::Chain;
use storage::task::Task;
use storage::{Digest, StorageError, Transaction};

/// Candidates with one instance each, and how the task's counters stand before and after them.
pub(super) struct Batch {
    before: Counters,
    pub after: Counters,
    task: Task,
    now: Timestamp,
    /// Frozen documents that differ from the authored one.
    documents: HashMap<Digest, String>,
    candidates: Vec<Candidate>,
    registered: Vec<storage::event::Event>,
    sat: Vec<Sat>,
}

impl App {
    /// Puts the next instances of a task together, the first one following `before`.
    pub(super) fn build(
        &self,
        ground: &Ground,
        sitter: &dyn Fn(u64) -> Sitter,
        before: Counters,
        size: u64,
    ) -> Result<Batch, Failure> {
        let now = self.now();
        let mut batch = Batch {
            before,
            after: before,
            task: ground.task.clone(),
            now,
            documents: HashMap::new(),
            candidates: Vec::new(),
            registered: Vec::new(),
            sat: Vec::new(),
        };
        // In their order, so that tables kept by id only append.
        let mut ids: Vec<InstanceId> = (0..size).map(|_| self.mint(now)).collect();
        ids.sort();
        for id in ids {
            batch.after.candidates += 1;
            batch.after.instances += 1;
            // A start and a completion.
            batch.after.revision += 2;
            let candidate = self.imitated(ground, batch.after.candidates, now);
            batch.registered.push(self.event_row(now, &ground.caller, created(&candidate))?);
            let ready = self.ready(ground, &mut batch.documents)?;
            let answers = sitter(candidate.ordinal.unsigned_abs());
            batch.sat.push(self.sit(ground, id, &candidate, &ready, batch.after, answers)?);
            batch.candidates.push(candidate);
        }
        Ok(batch)
    }

    /// A registration of somebody who has been there. The code is drawn without asking whether it is taken.
    fn imitated(&self, ground: &Ground, ordinal: i64, now: Timestamp) -> Candidate {
        let code = InvitationCode::from_bits(self.chance().bits());
        let row = self.blank_candidate(&ground.task, code, ordinal, now);
        Candidate { external_id: Some(format!("SEED-{ordinal}")), logged_in: true, last_activity_at: Some(now), ..row }
    }

    fn ready(&self, ground: &Ground, documents: &mut HashMap<Digest, String>) -> Result<Ready, Failure> {
        let seed = Seed(self.chance().bytes::<32>());
        let refused = |_| Failure::from(Refusal::TestNotCompilable);
        let frozen = self.frozen(ground, seed)?.map_err(refused)?;
        let compiled = compile(&frozen, &seed, TimeFactor::ONE).map_err(refused)?;
        let frozen = if Arc::ptr_eq(&ground.test, &frozen) {
            ground.authored
        } else {
            let body = stored(&frozen);
            let digest = digest(&body);
            documents.insert(digest, body);
            digest
        };
        let factor = TimeFactor::ONE;
        Ok(Ready { authored: ground.authored, frozen, seed, factor, compiled: Arc::new(compiled) })
    }

    fn frozen(&self, ground: &Ground, seed: Seed) -> Result<Result<Arc<Test>, NotCompilable>, Failure> {
        let organization = ground.task.organization_id.clone();
        // Most tests ask for nothing of the bank; reading it for each would take longer than all the rest.
        if let Ok(frozen) = freeze(&ground.test, &EmptyBank, &organization, &seed) {
            return Ok(Ok(frozen));
        }
        let (app, test) = (self.clone(), ground.test.clone());
        self.storage().read_blocking(move |tx: &mut dyn Transaction| {
            let bank = StoredBank::new(&app, tx, &organization, Purpose::Starting);
            let frozen = freeze(&test, &bank, &organization, &seed);
            bank.finish()?;
            Ok(frozen)
        })
    }
}

impl Batch {
    pub(super) fn size(&self) -> u64 {
        self.sat.len() as u64
    }

    /// False, and nothing written, when the task's counters are not those the batch was put together for.
    pub(super) fn keep(&self, tx: &mut dyn Transaction, organization: &OrganizationId) -> Result<bool, StorageError> {
        let task = storage::task::lock(tx, organization, &self.task.id)?;
        let Some(task) = task.filter(|task| Counters::of(task) == self.before) else { return Ok(false) };
        for (digest, body) in &self.documents {
            storage::document::keep(tx, digest, body)?;
        }
        self.candidates.iter().try_for_each(|candidate| storage::candidate::insert(tx, candidate))?;
        storage::event::append_all(tx, &Chain::Organization(organization.clone()), &self.registered)?;
        self.sat.iter().try_for_each(|sat| sat.keep(tx))?;
        let Counters { revision, instances, candidates } = self.after;
        let task =
            Task { revision, revised_at: self.now, instance_count: instances, candidate_count: candidates, ..task };
        storage::task::set_counters(tx, &task)?;
        Ok(true)
    }
}
