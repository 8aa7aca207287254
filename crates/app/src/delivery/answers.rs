//! Saving answers: the hot path. One row is read about session, instance and answer, and two small ones are written, on
//! PostgreSQL with one message to the server and one back each. Of several answers the others are read one by one.

use super::sitting::Sitting;
use super::upload::SentFiles;
use crate::App;
use crate::audit::{Event, Kind};
use crate::caller::Visitor;
use crate::failure::{Failure, Refused};
use crate::versions::inputs;
use domain::compile::model::Compiled;
use domain::delivery::write::{KeptWrite, Verdict, judge};
use domain::document::model::Question;
use domain::id::InstanceId;
use domain::instance::State;
use domain::json::Node;
use domain::media::Allowance;
use domain::receipt;
use domain::refusal::Refusal;
use domain::response::{self, NoUploads, ResponseFault, Uploads};
use domain::time::Timestamp;
use std::borrow::Cow;
use std::sync::Arc;
use storage::answer::{Kept, Receipt};
use storage::{Digest, Transaction};
use tokio::task::spawn_blocking;

/// Bytes of markup that are cleaned at once; more go to a thread that may be held up.
const SMALL_MARKUP: usize = 64 * 1024;

/// When a page may ask again that was told that no more is kept. Only staff can change it, so not soon.
const FULL_SECONDS: u32 = 60;

/// Bytes that a request with writes may have.
pub const MOST_ANSWER_BYTES: usize = 4 << 20;

/// One write as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// From 1.
    pub slot: u32,
    /// Positive, below 2^53, chosen by the client, rising per slot.
    pub seq: u64,
    pub response: Node,
}

domain::words! {
    /// What became of an acknowledged write.
    pub enum Outcome {
        Kept = "kept",
        Repeated = "repeated",
        /// Newer work is kept; the acknowledgement is of that.
        Superseded = "superseded",
    }
}

/// What a candidate is told of one write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    Acknowledged(Acknowledgement),
    Refused { slot: u32, seq: u64, code: WriteRefusal },
}

impl Written {
    fn is_one_too_many(&self) -> bool {
        matches!(self, Self::Refused { code: WriteRefusal::State(Refusal::TooManyVersions), .. })
    }
}

/// That a write, or newer work in its place, is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    pub outcome: Outcome,
    pub slot: u32,
    /// As sent.
    pub seq: u64,
    /// Of the kept write; another than `seq` when superseded.
    pub kept_seq: u64,
    /// The receipt's number.
    pub n: u64,
    pub received_at: Timestamp,
    pub digest: Digest,
}

/// Why a write was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteRefusal {
    State(Refusal),
    Response(ResponseFault),
}

impl WriteRefusal {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::State(refusal) => refusal.as_str(),
            Self::Response(fault) => fault.as_str(),
        }
    }
}

/// A write whose response may have been read before its turn on the writing thread.
struct Prepared {
    write: Write,
    canonical: Option<Result<String, WriteRefusal>>,
}

/// Writes on their way to the writing thread.
pub(super) struct Writes {
    prepared: Vec<Prepared>,
    compiled: Option<Arc<Compiled>>,
}

impl Writes {
    /// Reads the responses now if the compiled test is at hand. What may hold markup is always read now, because cleaning
    /// a long text takes time that nobody else's write should wait for.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn prepare(app: &App, instance: &InstanceId, writes: Vec<Write>) -> Result<Self, Failure> {
        let mut compiled = app.compiled().at_hand(instance);
        let markup: usize = writes.iter().map(|write| markup_bytes(&write.response)).sum();
        if compiled.is_none() && markup > 0 {
            let (reader, instance) = (app.clone(), instance.clone());
            let read = move |tx: &mut dyn Transaction| match storage::instance::find_any(tx, &instance)? {
                Some(row) => reader.compiled_of(tx, &row).map(Some),
                None => Ok(None),
            };
            compiled = app.storage().read(read).await?;
        }
        let read = move || Self::read(compiled, writes);
        if markup <= SMALL_MARKUP { Ok(read()) } else { spawn_blocking(read).await.map_err(Failure::internal) }
    }

    fn read(compiled: Option<Arc<Compiled>>, writes: Vec<Write>) -> Self {
        let prepare = |write: Write| {
            let is_read_now = |compiled: &&Arc<Compiled>| !is_of_uploads(compiled, &write);
            let canonical =
                compiled.as_ref().filter(is_read_now).map(|compiled| canonical(compiled, &write, &NoUploads));
            Prepared { write, canonical }
        };
        Self { prepared: writes.into_iter().map(prepare).collect(), compiled }
    }

    /// The compiled test, if it was at hand or read.
    pub(super) fn compiled(&self) -> Option<&Arc<Compiled>> {
        self.compiled.as_ref()
    }

    /// The slot of the first write; 0, which is none, without one.
    pub(super) fn first_slot(&self) -> u32 {
        self.prepared.first().map_or(0, |prepared| prepared.write.slot)
    }

    /// Keeps the writes one after another, each judged by itself.
    pub(super) fn apply(
        &self,
        app: &App,
        tx: &mut dyn Transaction,
        sitting: &mut Sitting,
        now: Timestamp,
    ) -> Result<Vec<Written>, Failure> {
        let apply = |prepared: &Prepared| {
            let canonical = match &prepared.canonical {
                Some(canonical) => canonical.clone(),
                None if is_of_uploads(&sitting.compiled, &prepared.write) => {
                    let sent = SentFiles::of_slot(tx, &sitting.id, prepared.write.slot)?;
                    canonical(&sitting.compiled, &prepared.write, &sent)
                }
                None => canonical(&sitting.compiled, &prepared.write, &NoUploads),
            };
            sitting.write(app, tx, &prepared.write, canonical, now)
        };
        self.prepared.iter().map(apply).collect()
    }
}

impl App {
    /// Saves answers. The reply means they are durable.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`]; [`Failure::NotFound`]; `task_inactive`, `candidate_inactive`, `step_inactive`;
    /// `too_many_versions` when no more is kept of this instance. What else is wrong with a single write is said in its place.
    pub async fn save_answers(
        &self,
        visitor: &Visitor,
        instance: &InstanceId,
        writes: Vec<Write>,
    ) -> Result<Vec<Written>, Failure> {
        let now = self.now();
        let writes = Writes::prepare(self, instance, writes).await?;
        let (app, visitor, instance) = (self.clone(), visitor.clone(), instance.clone());
        let write = move |tx: &mut dyn Transaction| -> Result<Vec<Written>, Failure> {
            let (compiled, slot) = (writes.compiled(), writes.first_slot());
            let mut sitting = Sitting::load_for(&app, tx, &visitor, &instance, compiled, slot)?;
            sitting.demand_switches()?;
            let written = writes.apply(&app, tx, &mut sitting, now)?;
            if written.iter().any(Written::is_one_too_many) {
                let code = Refusal::TooManyVersions;
                return Err(Failure::Refused(Refused { code, slots: Vec::new(), retry_after: Some(FULL_SECONDS) }));
            }
            Ok(written)
        };
        let written = self.storage().write_grouped(write).await;
        self.meters().note_saved(written.as_deref().unwrap_or_default());
        written
    }
}

impl Sitting {
    fn write(
        &mut self,
        app: &App,
        tx: &mut dyn Transaction,
        write: &Write,
        canonical: Result<String, WriteRefusal>,
        now: Timestamp,
    ) -> Result<Written, Failure> {
        let refused = |code| Ok(Written::Refused { slot: write.slot, seq: write.seq, code });
        let kept = self.kept(tx, write.slot)?;
        if let (Ok(canonical), Some(kept)) = (&canonical, &kept) {
            let kept_now = self.kept_text(write, kept);
            let before = KeptWrite { seq: kept.seq.unsigned_abs(), canonical: &kept_now };
            match judge(Some(before), write.seq, canonical) {
                Verdict::Keep => {}
                Verdict::Repeat => return Ok(acknowledged(Outcome::Repeated, write, kept)),
                Verdict::Superseded { .. } => return Ok(acknowledged(Outcome::Superseded, write, kept)),
                Verdict::Conflict => return refused(WriteRefusal::State(Refusal::SeqConflict)),
            }
        }
        // Slot 0 is no slot: its index is beyond every test.
        let index = (write.slot as usize).wrapping_sub(1);
        if let Err(refusal) = self.delivery.accepts(&self.compiled, index, now) {
            return refused(WriteRefusal::State(refusal));
        }
        let canonical = match canonical {
            Ok(canonical) => canonical,
            Err(code) => return refused(code),
        };
        let total_bytes = self.bytes_with(tx, &canonical)?;
        if total_bytes.unsigned_abs() > app.settings().kept_answers_bytes {
            return refused(WriteRefusal::State(Refusal::TooManyVersions));
        }
        self.follow_evaluation(app, tx, write, kept.as_ref(), &canonical, now)?;
        let receipt = self.keep(tx, write, canonical, total_bytes, now)?;
        Ok(acknowledged(Outcome::Kept, write, &receipt))
    }

    /// The text of a kept write, to compare another with: a rich answer that was kept before answers were cleaned is the
    /// same as what it is cleaned to, so that sending it again is no conflict.
    fn kept_text<'kept>(&self, write: &Write, kept: &'kept Receipt) -> Cow<'kept, str> {
        let text = kept.response.as_deref().unwrap_or_default();
        question(&self.compiled, write).map_or(Cow::Borrowed(text), |question| response::as_kept_now(question, text))
    }

    /// What is kept for a slot: read along with the instance for the first write, which may be asked for once.
    fn kept(&mut self, tx: &mut dyn Transaction, slot: u32) -> Result<Option<Receipt>, Failure> {
        let (beforehand, kept) = std::mem::take(&mut self.beforehand);
        if beforehand == slot { Ok(kept) } else { Ok(storage::answer::find(tx, &self.id, slot.into())?) }
    }

    /// Bytes of all that is kept of this instance, a further response among them: every version of an answer stays, so an
    /// answer that is changed without end would fill the disk.
    fn bytes_with(&self, tx: &mut dyn Transaction, canonical: &str) -> Result<i64, Failure> {
        let kept = match (self.hot.kept_bytes, self.hot.last_receipt) {
            (Some(bytes), _) => bytes,
            (None, None) => 0,
            (None, Some(_)) => storage::answer::characters(tx, &self.id)?,
        };
        Ok(kept.saturating_add(i64::try_from(canonical.len()).map_err(Failure::internal)?))
    }

    fn keep(
        &mut self,
        tx: &mut dyn Transaction,
        write: &Write,
        canonical: String,
        total_bytes: i64,
        now: Timestamp,
    ) -> Result<Receipt, Failure> {
        let (last, before) = self.hot.last_receipt.unwrap_or_else(|| (0, receipt::first(&self.id)));
        let n = last + 1;
        let digest = receipt::next(&before, n.unsigned_abs(), write.slot, write.seq, &canonical);
        let seq = i64::try_from(write.seq).map_err(Failure::internal)?;
        let kept =
            Kept { n, slot: write.slot.into(), seq, response: &canonical, received_at: now, digest, total_bytes };
        storage::answer::keep(tx, &self.id, &kept)?;
        self.hot.last_receipt = Some((n, digest));
        self.hot.kept_bytes = Some(total_bytes);
        Ok(Receipt {
            n,
            slot: write.slot.into(),
            seq,
            response: Some(canonical),
            received_at: now,
            digest: Some(digest),
        })
    }

    /// An evaluation stays until its answer changes: it is dropped then, and moves along when the same is sent again.
    /// Only a reinstated instance can have any.
    fn follow_evaluation(
        &self,
        app: &App,
        tx: &mut dyn Transaction,
        write: &Write,
        kept: Option<&Receipt>,
        canonical: &str,
        now: Timestamp,
    ) -> Result<(), Failure> {
        if self.hot.state != State::Resetup {
            return Ok(());
        }
        let evaluations = storage::evaluation::list(tx, &self.id)?;
        let Some(row) = evaluations.into_iter().find(|row| row.slot == i64::from(write.slot)) else { return Ok(()) };
        let is_same = |kept: &Receipt| kept.response.is_some() && self.kept_text(write, kept) == canonical;
        if kept.is_some_and(|kept| is_same(kept) && kept.seq == row.seq) {
            let evaluation = domain::scoring::Evaluation { seq: write.seq, ..inputs::evaluation(&row)? };
            let given = crate::json::to_json(&evaluation)?;
            let seq = i64::try_from(write.seq).map_err(Failure::internal)?;
            storage::evaluation::keep(tx, &storage::evaluation::Evaluation { seq, given, ..row })?;
            return Ok(());
        }
        storage::evaluation::withdraw(tx, &self.id, write.slot.into())?;
        let event = Event::of_instance(Kind::AnswerEvaluationDropped, &self.id).with("slot", write.slot);
        app.record(tx, now, &self.doer, event)
    }
}

fn canonical(compiled: &Compiled, write: &Write, uploads: &dyn Uploads) -> Result<String, WriteRefusal> {
    let question = question(compiled, write).ok_or(WriteRefusal::State(Refusal::NotFound))?;
    let read = response::read(question, &write.response, uploads).map_err(WriteRefusal::Response)?;
    Ok(response::canonical(question, read.as_ref()))
}

fn question<'test>(compiled: &'test Compiled, write: &Write) -> Option<&'test Question> {
    let slot = (write.slot as usize).checked_sub(1).and_then(|index| compiled.slots.get(index));
    slot.map(|slot| &*slot.question)
}

/// Whether a response names files: which ones there are is only known inside the transaction.
fn is_of_uploads(compiled: &Compiled, write: &Write) -> bool {
    question(compiled, write).and_then(Allowance::of_question).is_some()
}

/// Bytes of a response that may hold markup.
fn markup_bytes(response: &Node) -> usize {
    match response {
        Node::Text(text) if text.contains(['<', '&']) => text.len(),
        _ => 0,
    }
}

fn acknowledged(outcome: Outcome, write: &Write, kept: &Receipt) -> Written {
    Written::Acknowledged(Acknowledgement {
        outcome,
        slot: write.slot,
        seq: write.seq,
        kept_seq: kept.seq.unsigned_abs(),
        n: kept.n.unsigned_abs(),
        received_at: kept.received_at,
        digest: kept.digest.unwrap_or_default(),
    })
}
