//! One instance from its start to its completion, in memory.

use super::{AnswerGenerator, SeedContext, SeedCounters};
use crate::audit::{ActorContext, AuditEvent, AuditEventKind};
use crate::caller::Actor;
use crate::delivery::open_instance::{closing_event, locking_event};
use crate::delivery::published_number;
use crate::delivery::start::{InitialInstanceState, PreparedTest, instance_row, start_event};
use crate::failure::Failure;
use crate::json::to_json;
use crate::services::SeedingService;
use crate::versions::{ScoringContext, new_version, version_created_event, write_result};
use domain::compile::model::CompiledTest;
use domain::delivery::state::DeliveryState;
use domain::id::InstanceId;
use domain::instance::{InstanceChange, InstanceState, VersionReason};
use domain::receipt;
use domain::response::{Response, is_valid};
use domain::scoring::{Answer, ScoringInputs, score};
use domain::time::Timestamp;
use std::collections::BTreeSet;
use storage::answer::NewReceipt;
use storage::candidate::CandidateRow;
use storage::event::{ChainedEvent, EventChain, build_chain, insert_chain};
use storage::instance::InstanceRow;
use storage::version::ResultVersionRow;
use storage::{Sha256Digest, StorageError, Transaction};

/// How often a sitter is asked for an answer that is required.
const INSISTENCE: usize = 20;

/// A completed instance with everything that hangs on it.
pub(super) struct SeededAttempt {
    row: InstanceRow,
    receipts: Vec<SeededReceipt>,
    version: ResultVersionRow,
    events: Vec<ChainedEvent>,
}

struct SeededReceipt {
    slot: u32,
    response: String,
    received_at: Timestamp,
    digest: Sha256Digest,
}

/// A candidate at work.
struct AttemptBuilder<'ready> {
    compiled: &'ready CompiledTest,
    delivery: DeliveryState,
    receipts: Vec<SeededReceipt>,
    link: Sha256Digest,
    inputs: ScoringInputs,
    /// Slots with a valid answer, indexes from 0.
    answered: BTreeSet<usize>,
    events: Vec<AuditEvent>,
    now: Timestamp,
}

impl SeedingService {
    /// One candidate takes the step, at the moment of the registration. `counters` are those after
    /// it.
    pub(super) fn simulate_attempt(
        &self,
        ground: &SeedContext,
        id: InstanceId,
        candidate: &CandidateRow,
        ready: &PreparedTest,
        counters: SeedCounters,
        mut sitter: AnswerGenerator,
    ) -> Result<SeededAttempt, Failure> {
        let now = candidate.created_at;
        let compiled = ready.compiled.as_ref();
        let delivery = DeliveryState::start(compiled, now);
        let place = InitialInstanceState {
            ordinal: counters.instances,
            revision: counters.revision - 1,
            delivery: String::new(),
            due_at: delivery.due_at(compiled),
        };
        let mut row = instance_row((&ground.task, candidate, &ground.step), &id, ready, place, now);
        let mut work = AttemptBuilder {
            compiled,
            delivery,
            receipts: Vec::with_capacity(compiled.slots.len()),
            link: receipt::first(&id),
            inputs: ScoringInputs::default(),
            answered: BTreeSet::new(),
            events: vec![start_event(&row, ready)],
            now,
        };
        for page in 0..compiled.pages.len() {
            work.page(&id, page, &mut sitter)?;
        }
        row.revision = counters.revision;
        let doer = ActorContext {
            organization: row.organization_id.clone(),
            actor: Actor::candidate(&candidate.id),
            request: None,
        };
        let version = work.complete(&mut row, &doer)?;
        let events: Result<_, Failure> =
            work.events.into_iter().map(|event| self.event_row(now, &doer, event)).collect();
        Ok(SeededAttempt {
            events: build_chain(&EventChain::Instance(id), events?),
            row,
            receipts: work.receipts,
            version,
        })
    }
}

impl AttemptBuilder<'_> {
    fn page(
        &mut self,
        id: &InstanceId,
        page: usize,
        sitter: &mut AnswerGenerator,
    ) -> Result<(), Failure> {
        let answered = &self.answered;
        let entered = self.delivery.enter(
            self.compiled,
            page,
            true,
            &|slot| answered.contains(&slot),
            self.now,
        )?;
        self.events.push(
            AuditEvent::of_instance(AuditEventKind::InstancePageEntered, id)
                .with("page", published_number(page)),
        );
        self.events.extend(locking_event(id, &entered.locked, None));
        for slot in self.compiled.pages[page].slots.clone() {
            self.slot(slot, sitter)?;
        }
        Ok(())
    }

    fn slot(&mut self, index: usize, sitter: &mut AnswerGenerator) -> Result<(), Failure> {
        let slot = &self.compiled.slots[index];
        let tries = if slot.required { INSISTENCE } else { 1 };
        let lang = self.compiled.test.lang;
        let is_enough =
            |response: &Response| !slot.required || is_valid(&slot.question, response, lang);
        let answer = (0..tries).filter_map(|_| sitter(&slot.question, lang)).find(is_enough);
        let Some(answer) = answer else { return Ok(()) };
        self.delivery.accepts(self.compiled, index, self.now)?;
        let (n, slot_number) = (self.receipts.len() as u64 + 1, published_number(index));
        let response = answer.canonical();
        self.link = receipt::next(&self.link, n, slot_number, n, &response);
        // Read back as completing would read it from its row.
        if let Some(response) = Response::parse_stored_response(&slot.question, &response) {
            if is_valid(&slot.question, &response, lang) {
                self.answered.insert(index);
            }
            self.inputs.answers.insert(slot_number, Answer { seq: n, response });
        }
        self.receipts.push(SeededReceipt {
            slot: slot_number,
            response,
            received_at: self.now,
            digest: self.link,
        });
        Ok(())
    }

    /// Submits, and writes state and result into the row.
    fn complete(
        &mut self,
        row: &mut InstanceRow,
        doer: &ActorContext,
    ) -> Result<ResultVersionRow, Failure> {
        let (answered, now) = (&self.answered, self.now);
        let completion =
            self.delivery.complete(self.compiled, true, &|slot| answered.contains(&slot), now)?;
        row.state = InstanceState::Complete;
        row.closing = Some(completion.closing);
        row.completed_at = Some(completion.at);
        row.due_at = None;
        row.change_kind = InstanceChange::Completed;
        row.delivery = to_json(&self.delivery)?;
        let outcome = score(self.compiled, &self.inputs);
        let act = ScoringContext { actor: doer, now, reason: VersionReason::Completed, note: None };
        let version =
            ResultVersionRow { number: 1, ..new_version(row, &self.inputs, &outcome, &act)? };
        write_result(row, version.number, &outcome);
        self.events.push(version_created_event(row, VersionReason::Completed, &outcome));
        let last = (self.receipts.len() as u64, &self.link);
        self.events.push(
            closing_event(AuditEventKind::InstanceCompleted, row, completion, last)
                .at_revision(row.revision),
        );
        Ok(version)
    }
}

impl SeededAttempt {
    pub(super) fn keep(&self, tx: &mut dyn Transaction) -> Result<(), StorageError> {
        let id = &self.row.id;
        storage::instance::insert(tx, &self.row)?;
        let mut total_bytes = 0;
        for (n, receipt) in (1..).zip(&self.receipts) {
            let SeededReceipt { slot, response, received_at, digest } = receipt;
            let (slot, received_at, digest) = (i64::from(*slot), *received_at, *digest);
            total_bytes +=
                i64::try_from(response.len()).expect("a text in memory has a length that fits");
            storage::answer::insert(
                tx,
                id,
                &NewReceipt { n, slot, seq: n, response, received_at, digest, total_bytes },
            )?;
        }
        storage::version::append(tx, &self.version)?;
        insert_chain(tx, &EventChain::Instance(id.clone()), &self.events)
    }
}
