//! One instance from its start to its completion, in memory.

use super::{Counters, Ground, Sitter};
use crate::App;
use crate::audit::{Event, Kind, Named};
use crate::caller::Actor;
use crate::delivery::number;
use crate::delivery::running::{closed, locked};
use crate::delivery::start::{Place, Ready, instance_row, started};
use crate::failure::Failure;
use crate::json::to_json;
use crate::versions::{Act, version_created, version_of, write_result};
use domain::compile::model::Compiled;
use domain::delivery::state::Delivery;
use domain::id::InstanceId;
use domain::instance::{Change, Reason, State};
use domain::receipt;
use domain::response::{Response, is_valid};
use domain::scoring::{Answer, Inputs, score};
use domain::time::Timestamp;
use std::collections::BTreeSet;
use storage::answer::Kept;
use storage::candidate::Candidate;
use storage::event::{Chain, Recorded, begin, chained};
use storage::instance::Instance;
use storage::version::Version;
use storage::{Digest, StorageError, Transaction};

/// How often a sitter is asked for an answer that is required.
const INSISTENCE: usize = 20;

/// A completed instance with everything that hangs on it.
pub(super) struct Sat {
    row: Instance,
    receipts: Vec<Receipt>,
    version: Version,
    events: Vec<Recorded>,
}

struct Receipt {
    slot: u32,
    response: String,
    received_at: Timestamp,
    digest: Digest,
}

/// A candidate at work.
struct Work<'ready> {
    compiled: &'ready Compiled,
    delivery: Delivery,
    receipts: Vec<Receipt>,
    link: Digest,
    inputs: Inputs,
    /// Slots with a valid answer, indexes from 0.
    answered: BTreeSet<usize>,
    events: Vec<Event>,
    now: Timestamp,
}

impl App {
    /// One candidate takes the step, at the moment of the registration. `counters` are those after it.
    pub(super) fn sit(
        &self,
        ground: &Ground,
        id: InstanceId,
        candidate: &Candidate,
        ready: &Ready,
        counters: Counters,
        mut sitter: Sitter,
    ) -> Result<Sat, Failure> {
        let now = candidate.created_at;
        let compiled = ready.compiled.as_ref();
        let delivery = Delivery::start(compiled, now);
        let place = Place {
            ordinal: counters.instances,
            revision: counters.revision - 1,
            delivery: String::new(),
            due_at: delivery.due(compiled),
        };
        let mut row = instance_row((&ground.task, candidate, &ground.step), &id, ready, place, now);
        let mut work = Work {
            compiled,
            delivery,
            receipts: Vec::with_capacity(compiled.slots.len()),
            link: receipt::first(&id),
            inputs: Inputs::default(),
            answered: BTreeSet::new(),
            events: vec![started(&row, ready)],
            now,
        };
        for page in 0..compiled.pages.len() {
            work.page(&id, page, &mut sitter)?;
        }
        row.revision = counters.revision;
        let doer =
            Named { organization: row.organization_id.clone(), actor: Actor::candidate(&candidate.id), request: None };
        let version = work.complete(&mut row, &doer)?;
        let events: Result<_, Failure> =
            work.events.into_iter().map(|event| self.event_row(now, &doer, event)).collect();
        Ok(Sat { events: chained(&Chain::Instance(id), events?), row, receipts: work.receipts, version })
    }
}

impl Work<'_> {
    fn page(&mut self, id: &InstanceId, page: usize, sitter: &mut Sitter) -> Result<(), Failure> {
        let answered = &self.answered;
        let entered = self.delivery.enter(self.compiled, page, true, &|slot| answered.contains(&slot), self.now)?;
        self.events.push(Event::of_instance(Kind::InstancePageEntered, id).with("page", number(page)));
        self.events.extend(locked(id, &entered.locked, None));
        for slot in self.compiled.pages[page].slots.clone() {
            self.slot(slot, sitter)?;
        }
        Ok(())
    }

    fn slot(&mut self, index: usize, sitter: &mut Sitter) -> Result<(), Failure> {
        let slot = &self.compiled.slots[index];
        let tries = if slot.required { INSISTENCE } else { 1 };
        let is_enough = |response: &Response| !slot.required || is_valid(&slot.question, response);
        let given = (0..tries).filter_map(|_| sitter(&slot.question)).find(is_enough);
        let Some(given) = given else { return Ok(()) };
        self.delivery.accepts(self.compiled, index, self.now)?;
        let (n, slot_number) = (self.receipts.len() as u64 + 1, number(index));
        let response = given.canonical();
        self.link = receipt::next(&self.link, n, slot_number, n, &response);
        // Read back as completing would read it from its row.
        if let Some(response) = Response::stored(&slot.question, &response) {
            if is_valid(&slot.question, &response) {
                self.answered.insert(index);
            }
            self.inputs.answers.insert(slot_number, Answer { seq: n, response });
        }
        self.receipts.push(Receipt { slot: slot_number, response, received_at: self.now, digest: self.link });
        Ok(())
    }

    /// Submits, and writes state and result into the row.
    fn complete(&mut self, row: &mut Instance, doer: &Named) -> Result<Version, Failure> {
        let (answered, now) = (&self.answered, self.now);
        let completion = self.delivery.complete(self.compiled, true, &|slot| answered.contains(&slot), now)?;
        row.state = State::Complete;
        row.closing = Some(completion.closing);
        row.completed_at = Some(completion.at);
        row.due_at = None;
        row.change_kind = Change::Completed;
        row.delivery = to_json(&self.delivery)?;
        let outcome = score(self.compiled, &self.inputs);
        let act = Act { doer, now, reason: Reason::Completed, note: None };
        let version = Version { number: 1, ..version_of(row, &self.inputs, &outcome, &act)? };
        write_result(row, version.number, &outcome);
        self.events.push(version_created(row, Reason::Completed, &outcome));
        let last = (self.receipts.len() as u64, &self.link);
        self.events.push(closed(Kind::InstanceCompleted, row, completion, last).at_revision(row.revision));
        Ok(version)
    }
}

impl Sat {
    pub(super) fn keep(&self, tx: &mut dyn Transaction) -> Result<(), StorageError> {
        let id = &self.row.id;
        storage::instance::insert(tx, &self.row)?;
        let mut total_bytes = 0;
        for (n, receipt) in (1..).zip(&self.receipts) {
            let Receipt { slot, response, received_at, digest } = receipt;
            let (slot, received_at, digest) = (i64::from(*slot), *received_at, *digest);
            total_bytes += i64::try_from(response.len()).unwrap_or_default();
            storage::answer::keep(tx, id, &Kept { n, slot, seq: n, response, received_at, digest, total_bytes })?;
        }
        storage::version::append(tx, &self.version)?;
        begin(tx, &Chain::Instance(id.clone()), &self.events)
    }
}
