//! A batch: rows that are put together beforehand and kept in one transaction.

use super::seeded_attempt::SeededAttempt;
use super::{AnswerGenerator, SeedContext, SeedCounters};
use crate::bank::{BankPurpose, StoredBank};
use crate::candidates::registration_event;
use crate::delivery::start::PreparedTest;
use crate::failure::Failure;
use crate::ports::RngExt;
use crate::services::SeedingService;
use crate::stored_number::unsigned;
use domain::candidate::code::InvitationCode;
use domain::compile::freeze::freeze;
use domain::compile::{CompileError, Seed, compile};
use domain::document::model::Test;
use domain::document::{EmptyBank, stored_digest, to_stored};
use domain::id::{InstanceId, OrganizationId};
use domain::refusal::Refusal;
use domain::time::Timestamp;
use domain::time_factor::TimeFactor;
use std::collections::HashMap;
use std::sync::Arc;
use storage::candidate::CandidateRow;
use storage::event::EventChain;
use storage::task::TaskRow;
use storage::{Sha256Digest, StorageError, Transaction};

/// Candidates with one instance each, and how the task's counters stand before and after them.
pub(super) struct SeedBatch {
    before: SeedCounters,
    pub after: SeedCounters,
    task: TaskRow,
    now: Timestamp,
    /// Frozen documents that differ from the authored one.
    documents: HashMap<Sha256Digest, String>,
    candidates: Vec<CandidateRow>,
    registered: Vec<storage::event::EventRow>,
    attempts: Vec<SeededAttempt>,
}

impl SeedingService {
    /// Puts the next instances of a task together, the first one following `before`.
    pub(super) fn build(
        &self,
        ground: &SeedContext,
        sitter: &dyn Fn(u64) -> AnswerGenerator,
        before: SeedCounters,
        size: u64,
    ) -> Result<SeedBatch, Failure> {
        let now = self.now();
        let mut batch = SeedBatch {
            before,
            after: before,
            task: ground.task.clone(),
            now,
            documents: HashMap::new(),
            candidates: Vec::new(),
            registered: Vec::new(),
            attempts: Vec::new(),
        };
        // In their order, so that tables kept by id only append.
        let mut ids: Vec<InstanceId> = (0..size).map(|_| self.new_id(now)).collect();
        ids.sort();
        for id in ids {
            batch.after.candidates += 1;
            batch.after.instances += 1;
            // A start and a completion.
            batch.after.revision += 2;
            let candidate = self.simulated_candidate(ground, batch.after.candidates, now);
            batch.registered.push(self.event_row(
                now,
                &ground.caller,
                registration_event(&candidate),
            )?);
            let ready = self.ready(ground, &mut batch.documents)?;
            let answers = sitter(unsigned(candidate.ordinal)?);
            batch.attempts.push(self.simulate_attempt(
                ground,
                id,
                &candidate,
                &ready,
                batch.after,
                answers,
            )?);
            batch.candidates.push(candidate);
        }
        Ok(batch)
    }

    /// A registration of somebody who has been there. The code is drawn without asking whether it
    /// is taken.
    fn simulated_candidate(
        &self,
        ground: &SeedContext,
        ordinal: i64,
        now: Timestamp,
    ) -> CandidateRow {
        let code = InvitationCode::from_bits(self.rng().bits());
        let row = self.candidates().blank_candidate(&ground.task, code, ordinal, now);
        CandidateRow {
            external_id: Some(format!("SEED-{ordinal}")),
            logged_in: true,
            last_activity_at: Some(now),
            ..row
        }
    }

    fn ready(
        &self,
        ground: &SeedContext,
        documents: &mut HashMap<Sha256Digest, String>,
    ) -> Result<PreparedTest, Failure> {
        let seed = Seed(self.rng().bytes::<32>());
        let refused = |_| Failure::from(Refusal::TestNotCompilable);
        let frozen = self.frozen(ground, seed)?.map_err(refused)?;
        let compiled = compile(&frozen, &seed, TimeFactor::ONE).map_err(refused)?;
        let frozen = if Arc::ptr_eq(&ground.test, &frozen) {
            ground.authored
        } else {
            let body = to_stored(&frozen);
            let digest = stored_digest(&body);
            documents.insert(digest, body);
            digest
        };
        let factor = TimeFactor::ONE;
        Ok(PreparedTest {
            authored: ground.authored,
            frozen,
            seed,
            factor,
            compiled: Arc::new(compiled),
        })
    }

    fn frozen(
        &self,
        ground: &SeedContext,
        seed: Seed,
    ) -> Result<Result<Arc<Test>, CompileError>, Failure> {
        let organization = ground.task.organization_id.clone();
        // Most tests ask for nothing of the bank; reading it for each would take longer than all
        // the rest.
        if let Ok(frozen) = freeze(&ground.test, &EmptyBank, &organization, &seed) {
            return Ok(Ok(frozen));
        }
        let (app, test) = (self.clone(), ground.test.clone());
        self.storage().read_blocking(move |tx: &mut dyn Transaction| {
            let bank = StoredBank::new(&app, tx, &organization, BankPurpose::Starting);
            let frozen = freeze(&test, &bank, &organization, &seed);
            bank.finish()?;
            Ok(frozen)
        })
    }
}

impl SeedBatch {
    pub(super) fn size(&self) -> u64 {
        self.attempts.len() as u64
    }

    /// False, and nothing written, when the task's counters are not those the batch was put
    /// together for.
    pub(super) fn keep(
        &self,
        tx: &mut dyn Transaction,
        organization: &OrganizationId,
    ) -> Result<bool, StorageError> {
        let task = storage::task::lock(tx, organization, &self.task.id)?;
        let Some(task) = task.filter(|task| SeedCounters::of(task) == self.before) else {
            return Ok(false);
        };
        for (digest, body) in &self.documents {
            storage::document::insert_if_absent(tx, digest, body)?;
        }
        self.candidates
            .iter()
            .try_for_each(|candidate| storage::candidate::insert(tx, candidate))?;
        storage::event::append_all(
            tx,
            &EventChain::Organization(organization.clone()),
            &self.registered,
        )?;
        self.attempts.iter().try_for_each(|sat| sat.keep(tx))?;
        let SeedCounters { revision, instances, candidates } = self.after;
        let task = TaskRow {
            revision,
            revised_at: self.now,
            instance_count: instances,
            candidate_count: candidates,
            ..task
        };
        storage::task::set_counters(tx, &task)?;
        Ok(true)
    }
}
