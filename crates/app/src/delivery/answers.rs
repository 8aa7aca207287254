//! Saving answers: the hot path. One row is read about session, instance and answer, and two small
//! ones are written, on PostgreSQL with one message to the server and one back each. Of several
//! answers the others are read one by one.

use super::attempt_context::AttemptContext;
use super::upload::ReceivedFiles;
use crate::App;
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::CandidateSession;
use crate::failure::{Failure, RefusalDetail};
use crate::services::DeliveryService;
use crate::stored_number::unsigned;
use crate::versions::inputs;
use domain::compile::model::CompiledTest;
use domain::delivery::write::{StoredWrite, WriteVerdict, judge_write};
use domain::document::model::Question;
use domain::id::InstanceId;
use domain::instance::InstanceState;
use domain::json::JsonNode;
use domain::media::UploadRules;
use domain::receipt;
use domain::refusal::Refusal;
use domain::response::{
    self, FinishedUploads, NoUploads, ResponseFault, Understanding, understand_stored,
};
use domain::time::Timestamp;
use std::borrow::Cow;
use std::sync::Arc;
use storage::answer::{NewReceipt, ReceiptRow};
use storage::{Sha256Digest, Transaction};
use tokio::task::spawn_blocking;

/// Bytes of markup that are cleaned at once; more go to a thread that may be held up.
const SMALL_MARKUP: usize = 64 * 1024;

/// When a page may ask again that was told that no more is kept. Only staff can change it, so not
/// soon.
const FULL_SECONDS: u32 = 60;

/// Bytes that a request with writes may have.
pub const MOST_ANSWER_BYTES: usize = 4 << 20;

/// One write as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentWrite {
    /// From 1.
    pub slot: u32,
    /// Positive, below 2^53, chosen by the client, rising per slot.
    pub seq: u64,
    pub response: JsonNode,
}

domain::string_enum! {
    /// What became of an acknowledged write.
    pub enum AnswerWriteOutcome {
        Kept = "kept",
        Repeated = "repeated",
        /// Newer work is kept; the acknowledgement is of that.
        Superseded = "superseded",
    }
}

/// What a candidate is told of one write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteResult {
    Acknowledged(AnswerAcknowledgement),
    Refused { slot: u32, seq: u64, code: WriteRefusal },
}

impl WriteResult {
    fn is_one_too_many(&self) -> bool {
        matches!(self, Self::Refused { code: WriteRefusal::State(Refusal::TooManyVersions), .. })
    }
}

/// That a write, or newer work in its place, is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerAcknowledgement {
    pub outcome: AnswerWriteOutcome,
    pub slot: u32,
    /// As sent.
    pub seq: u64,
    /// Of the kept write; another than `seq` when superseded.
    pub kept_seq: u64,
    /// The receipt's number.
    pub n: u64,
    pub received_at: Timestamp,
    pub digest: Sha256Digest,
    /// How the kept write is understood.
    pub understanding: Understanding,
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
struct PreparedWrite {
    write: SentWrite,
    canonical: Option<Result<String, WriteRefusal>>,
}

/// Writes on their way to the writing thread.
pub(super) struct PreparedWrites {
    prepared: Vec<PreparedWrite>,
    compiled: Option<Arc<CompiledTest>>,
}

impl PreparedWrites {
    /// Reads the responses now if the compiled test is at hand. What may hold markup is always read
    /// now, because cleaning a long text takes time that nobody else's write should wait for.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn prepare(
        app: &App,
        instance: &InstanceId,
        writes: Vec<SentWrite>,
    ) -> Result<Self, Failure> {
        let mut compiled = app.compiled_cache().cached(instance);
        let markup: usize = writes.iter().map(|write| markup_bytes(&write.response)).sum();
        if compiled.is_none() && markup > 0 {
            let (reader, instance) = (app.clone(), instance.clone());
            let read =
                move |tx: &mut dyn Transaction| match storage::instance::find_any(tx, &instance)? {
                    Some(row) => reader.compiled_test(tx, &row).map(Some),
                    None => Ok(None),
                };
            compiled = app.storage().read(read).await?;
        }
        let read = move || Self::read(compiled, writes);
        if markup <= SMALL_MARKUP {
            Ok(read())
        } else {
            spawn_blocking(read).await.map_err(Failure::internal)
        }
    }

    fn read(compiled: Option<Arc<CompiledTest>>, writes: Vec<SentWrite>) -> Self {
        let prepare = |write: SentWrite| {
            let is_read_now = |compiled: &&Arc<CompiledTest>| !is_of_uploads(compiled, &write);
            let canonical = compiled
                .as_ref()
                .filter(is_read_now)
                .map(|compiled| canonical(compiled, &write, &NoUploads));
            PreparedWrite { write, canonical }
        };
        Self { prepared: writes.into_iter().map(prepare).collect(), compiled }
    }

    /// The compiled test, if it was at hand or read.
    pub(super) fn compiled(&self) -> Option<&Arc<CompiledTest>> {
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
        sitting: &mut AttemptContext,
        now: Timestamp,
    ) -> Result<Vec<WriteResult>, Failure> {
        let apply = |prepared: &PreparedWrite| {
            let canonical = match &prepared.canonical {
                Some(canonical) => canonical.clone(),
                None if is_of_uploads(&sitting.compiled, &prepared.write) => {
                    let sent = ReceivedFiles::of_slot(tx, &sitting.id, prepared.write.slot)?;
                    canonical(&sitting.compiled, &prepared.write, &sent)
                }
                None => canonical(&sitting.compiled, &prepared.write, &NoUploads),
            };
            sitting.write(app, tx, &prepared.write, canonical, now)
        };
        self.prepared.iter().map(apply).collect()
    }
}

impl DeliveryService {
    /// Saves answers. The reply means they are durable.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`]; [`Failure::NotFound`]; `task_inactive`, `candidate_inactive`,
    /// `step_inactive`; `too_many_versions` when no more is kept of this instance. What else is
    /// wrong with a single write is said in its place.
    pub async fn save_answers(
        &self,
        visitor: &CandidateSession,
        instance: &InstanceId,
        writes: Vec<SentWrite>,
    ) -> Result<Vec<WriteResult>, Failure> {
        // Before responses are read and the writer's queue: what counts is when the request came,
        // not when its turn did.
        let now = self.now();
        let writes = PreparedWrites::prepare(self, instance, writes).await?;
        let (app, visitor, instance) = (self.clone(), visitor.clone(), instance.clone());
        let write = move |tx: &mut dyn Transaction| -> Result<Vec<WriteResult>, Failure> {
            let (compiled, slot) = (writes.compiled(), writes.first_slot());
            let mut sitting =
                AttemptContext::load_for(&app, tx, &visitor, &instance, compiled, slot)?;
            sitting.require_active()?;
            let written = writes.apply(&app, tx, &mut sitting, now)?;
            if written.iter().any(WriteResult::is_one_too_many) {
                let code = Refusal::TooManyVersions;
                return Err(Failure::Refused(RefusalDetail {
                    code,
                    slots: Vec::new(),
                    retry_after: Some(FULL_SECONDS),
                }));
            }
            Ok(written)
        };
        let written = self.storage().write_grouped(write).await;
        self.meters().note_saved(written.as_deref().unwrap_or_default());
        written
    }
}

impl AttemptContext {
    fn write(
        &mut self,
        app: &App,
        tx: &mut dyn Transaction,
        write: &SentWrite,
        canonical: Result<String, WriteRefusal>,
        now: Timestamp,
    ) -> Result<WriteResult, Failure> {
        let refused = |code| Ok(WriteResult::Refused { slot: write.slot, seq: write.seq, code });
        let stored = self.stored_receipt(tx, write.slot)?;
        // Before the page is asked about: a repeat whose acknowledgement was lost gets it also when
        // the page is locked by now.
        if let (Ok(canonical), Some(stored)) = (&canonical, &stored) {
            let kept_now = self.stored_text(write, stored);
            let before = StoredWrite { seq: unsigned(stored.seq)?, canonical: &kept_now };
            match judge_write(Some(before), write.seq, canonical) {
                WriteVerdict::Keep => {}
                WriteVerdict::Repeat => {
                    return self.acknowledged(AnswerWriteOutcome::Repeated, write, stored);
                }
                WriteVerdict::Superseded { .. } => {
                    return self.acknowledged(AnswerWriteOutcome::Superseded, write, stored);
                }
                WriteVerdict::Conflict => {
                    return refused(WriteRefusal::State(Refusal::SeqConflict));
                }
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
        if unsigned(total_bytes)? > app.settings().kept_answers_bytes {
            return refused(WriteRefusal::State(Refusal::TooManyVersions));
        }
        self.follow_evaluation(app, tx, write, stored.as_ref(), &canonical, now)?;
        let receipt = self.keep(tx, write, canonical, total_bytes, now)?;
        self.acknowledged(AnswerWriteOutcome::Kept, write, &receipt)
    }

    fn acknowledged(
        &self,
        outcome: AnswerWriteOutcome,
        write: &SentWrite,
        receipt: &ReceiptRow,
    ) -> Result<WriteResult, Failure> {
        // An erasure took it, with the answer that it acknowledged.
        let digest = receipt.digest.ok_or(Refusal::InstanceErased)?;
        let question = question(&self.compiled, write);
        let understanding = question
            .zip(receipt.response.as_deref())
            .map(|(question, stored)| understand_stored(question, stored, self.compiled.test.lang));
        Ok(WriteResult::Acknowledged(AnswerAcknowledgement {
            outcome,
            slot: write.slot,
            seq: write.seq,
            kept_seq: unsigned(receipt.seq)?,
            n: unsigned(receipt.n)?,
            received_at: receipt.received_at,
            digest,
            understanding: understanding.unwrap_or_default(),
        }))
    }

    /// The text of a kept write, to compare another with: a rich answer that was kept before
    /// answers were cleaned is the same as what it is cleaned to, so that sending it again is no
    /// conflict.
    fn stored_text<'kept>(&self, write: &SentWrite, receipt: &'kept ReceiptRow) -> Cow<'kept, str> {
        // One that was erased is the same as none that is sent: no response is written as nothing.
        let text = receipt.response.as_deref().unwrap_or_default();
        question(&self.compiled, write)
            .map_or(Cow::Borrowed(text), |question| response::recanonicalize(question, text))
    }

    /// What is kept for a slot: read along with the instance for the first write, which may be
    /// asked for once.
    fn stored_receipt(
        &mut self,
        tx: &mut dyn Transaction,
        slot: u32,
    ) -> Result<Option<ReceiptRow>, Failure> {
        let (beforehand, stored) = std::mem::take(&mut self.beforehand);
        if beforehand == slot {
            Ok(stored)
        } else {
            Ok(storage::answer::find(tx, &self.id, slot.into())?)
        }
    }

    /// Bytes of all that is kept of this instance, a further response among them: every version of
    /// an answer stays, so an answer that is changed without end would fill the disk.
    fn bytes_with(&self, tx: &mut dyn Transaction, canonical: &str) -> Result<i64, Failure> {
        let stored = match (self.hot.kept_bytes, self.hot.last_receipt) {
            (Some(bytes), _) => bytes,
            (None, None) => 0,
            (None, Some(_)) => storage::answer::count_characters(tx, &self.id)?,
        };
        Ok(stored.saturating_add(i64::try_from(canonical.len()).map_err(Failure::internal)?))
    }

    fn keep(
        &mut self,
        tx: &mut dyn Transaction,
        write: &SentWrite,
        canonical: String,
        total_bytes: i64,
        now: Timestamp,
    ) -> Result<ReceiptRow, Failure> {
        let (last, before) = self.hot.last_receipt.unwrap_or_else(|| (0, receipt::first(&self.id)));
        let n = last + 1;
        let digest = receipt::next(&before, unsigned(n)?, write.slot, write.seq, &canonical);
        let seq = i64::try_from(write.seq).map_err(Failure::internal)?;
        let stored = NewReceipt {
            n,
            slot: write.slot.into(),
            seq,
            response: &canonical,
            received_at: now,
            digest,
            total_bytes,
        };
        storage::answer::insert(tx, &self.id, &stored)?;
        self.hot.last_receipt = Some((n, digest));
        self.hot.kept_bytes = Some(total_bytes);
        Ok(ReceiptRow {
            n,
            slot: write.slot.into(),
            seq,
            response: Some(canonical),
            received_at: now,
            digest: Some(digest),
        })
    }

    /// An evaluation stays until its answer changes: it is dropped then, and moves along when the
    /// same is sent again. Only a reinstated instance can have any.
    fn follow_evaluation(
        &self,
        app: &App,
        tx: &mut dyn Transaction,
        write: &SentWrite,
        receipt: Option<&ReceiptRow>,
        canonical: &str,
        now: Timestamp,
    ) -> Result<(), Failure> {
        if self.hot.state != InstanceState::Resetup {
            return Ok(());
        }
        let evaluations = storage::evaluation::list(tx, &self.id)?;
        let Some(row) = evaluations.into_iter().find(|row| row.slot == i64::from(write.slot))
        else {
            return Ok(());
        };
        let is_same = |receipt: &ReceiptRow| {
            receipt.response.is_some() && self.stored_text(write, receipt) == canonical
        };
        if receipt.is_some_and(|receipt| is_same(receipt) && receipt.seq == row.seq) {
            let evaluation =
                domain::scoring::Evaluation { seq: write.seq, ..inputs::evaluation(&row)? };
            let evaluation_json = crate::json::to_json(&evaluation)?;
            let seq = i64::try_from(write.seq).map_err(Failure::internal)?;
            storage::evaluation::upsert(
                tx,
                &storage::evaluation::EvaluationRow { seq, given: evaluation_json, ..row },
            )?;
            return Ok(());
        }
        storage::evaluation::withdraw(tx, &self.id, write.slot.into())?;
        let event = AuditEvent::of_instance(AuditEventKind::AnswerEvaluationDropped, &self.id)
            .with("slot", write.slot);
        app.record_event(tx, now, &self.actor, event)
    }
}

fn canonical(
    compiled: &CompiledTest,
    write: &SentWrite,
    uploads: &dyn FinishedUploads,
) -> Result<String, WriteRefusal> {
    let question = question(compiled, write).ok_or(WriteRefusal::State(Refusal::NotFound))?;
    let read =
        response::read(question, &write.response, uploads).map_err(WriteRefusal::Response)?;
    Ok(response::canonical(question, read.as_ref()))
}

fn question<'test>(compiled: &'test CompiledTest, write: &SentWrite) -> Option<&'test Question> {
    let slot = (write.slot as usize).checked_sub(1).and_then(|index| compiled.slots.get(index));
    slot.map(|slot| &*slot.question)
}

/// Whether a response names files: which ones there are is only known inside the transaction.
fn is_of_uploads(compiled: &CompiledTest, write: &SentWrite) -> bool {
    question(compiled, write).and_then(UploadRules::of_question).is_some()
}

/// Bytes of a response that may hold markup.
fn markup_bytes(response: &JsonNode) -> usize {
    match response {
        JsonNode::Text(text) if text.contains(['<', '&']) => text.len(),
        _ => 0,
    }
}
