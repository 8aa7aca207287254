//! What a candidate is shown of an own instance: its state, its test, the kept answers.

use super::attempt_context::AttemptContext;
use super::candidate_session::load_session;
use crate::App;
use crate::caller::CandidateSession;
use crate::failure::Failure;
use crate::json::from_json;
use crate::services::DeliveryService;
use crate::stored_number::{unsigned, unsigned_small};
use domain::compile::model::{CompiledTest, Slot};
use domain::delivery::navigation::{LeavingLocks, PageStatus};
use domain::delivery::state::{ClockEnds, DeliveryState};
use domain::id::{InstanceId, StepId};
use domain::instance::{ClosingReason, InstanceState};
use domain::refusal::Refusal;
use domain::response::{Response, Understanding, understand_stored};
use domain::time::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;
use storage::Transaction;
use storage::answer::ReceiptRow;
use storage::instance::InstanceRow;

/// Where an instance stands at a moment.
#[derive(Clone, Debug)]
pub struct InstanceView {
    pub instance: InstanceId,
    pub step: StepId,
    pub state: InstanceState,
    pub closing: Option<ClosingReason>,
    /// What the test says once it has ended, however it ended; none while it is open.
    pub closing_text: Option<String>,
    pub started_at: Timestamp,
    pub completed_at: Option<Timestamp>,
    /// The server's clock, which alone decides.
    pub now: Timestamp,
    /// Reinstated and not opened since: clocks stand still.
    pub is_standing: bool,
    /// Index from 0.
    pub current: Option<usize>,
    pub pages: Vec<PageStatus>,
    /// What leaving the current page ends for good.
    pub leaving: LeavingLocks,
    /// Ends of the running clocks.
    pub clocks: ClockEnds,
    /// Those of all slots, cleared ones too.
    pub stored: Vec<KeptWrite>,
    /// Slots that files are on their way to at this moment.
    pub uploads: Vec<u32>,
}

/// The kept answer of a slot, cleared ones too.
#[derive(Clone, Debug)]
pub struct KeptAnswer {
    pub receipt: ReceiptRow,
    pub understanding: Understanding,
}

/// Which write of a slot is kept, and how it is understood.
#[derive(Clone, Debug)]
pub struct KeptWrite {
    /// From 1.
    pub slot: u32,
    pub seq: u64,
    pub understanding: Understanding,
}

/// The test of an instance with the pages that may be shown now.
#[derive(Clone, Debug)]
pub struct CandidateTestView {
    pub compiled: Arc<CompiledTest>,
    /// Indexes from 0: entered and not locked. What was not entered is not sent: its clock does not
    /// run yet.
    pub pages: Vec<usize>,
    /// Indexes of the sections that the candidate has been in or may enter now: their words before
    /// are due.
    pub sections: BTreeSet<usize>,
}

/// How much of a test the server has answers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnsweredCount {
    pub answered: usize,
    pub questions: usize,
}

impl DeliveryService {
    /// Where an own instance stands.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`]; [`Failure::NotFound`].
    pub async fn instance_view(
        &self,
        visitor: &CandidateSession,
        instance: &InstanceId,
    ) -> Result<InstanceView, Failure> {
        self.ensure_deadlines_swept().await?;
        let now = self.now();
        let (app, visitor, instance) = (self.clone(), visitor.clone(), instance.clone());
        let read = move |tx: &mut dyn Transaction| -> Result<InstanceView, Failure> {
            let row = load_session(tx, &visitor)?.own_instance(tx, &instance)?;
            let compiled = app.compiled_test(tx, &row)?;
            let delivery: DeliveryState = from_json(&row.delivery)?;
            let view = InstanceView::new(tx, &row.id, &compiled, &delivery, now)?;
            Ok(InstanceView {
                uploads: app.media().under_way.slots(&row.id),
                step: row.step_id,
                state: row.state,
                closing: row.closing.filter(|_| !row.state.is_open()),
                closing_text: (!row.state.is_open()).then(|| compiled.test.closing.clone()),
                started_at: row.started_at,
                completed_at: row.completed_at.filter(|_| !row.state.is_open()),
                ..view
            })
        };
        self.storage().read(read).await
    }

    /// The test as the candidate may see it now: without keys, and without pages that were not
    /// entered.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`]; [`Failure::NotFound`]; the switches' refusals;
    /// `instance_complete`.
    pub async fn test_view(
        &self,
        visitor: &CandidateSession,
        instance: &InstanceId,
    ) -> Result<CandidateTestView, Failure> {
        self.ensure_deadlines_swept().await?;
        let now = self.now();
        let (app, visitor, instance) = (self.clone(), visitor.clone(), instance.clone());
        let read = move |tx: &mut dyn Transaction| -> Result<CandidateTestView, Failure> {
            let sitting = AttemptContext::load(&app, tx, &visitor, &instance)?;
            sitting.require_active()?;
            if !sitting.hot.state.is_open() {
                return Err(Refusal::InstanceComplete.into());
            }
            let pages = sitting.delivery.pages(&sitting.compiled, now);
            let is_shown =
                |page: &PageStatus| page.visited && !page.locked && !sitting.delivery.is_paused();
            let is_due = |page: &&PageStatus| page.visited || page.can_enter;
            let sections = pages.iter().filter(is_due).map(|page| page.section).collect();
            let pages = pages.into_iter().filter(is_shown).map(|page| page.page).collect();
            Ok(CandidateTestView { compiled: sitting.compiled, pages, sections })
        };
        self.storage().read(read).await
    }

    /// What the test says once it has been handed in.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`]; [`Failure::NotFound`]; `instance_open` before completion.
    pub async fn closing_text(
        &self,
        visitor: &CandidateSession,
        instance: &InstanceId,
    ) -> Result<String, Failure> {
        self.ensure_deadlines_swept().await?;
        let (app, visitor, instance) = (self.clone(), visitor.clone(), instance.clone());
        let read = move |tx: &mut dyn Transaction| -> Result<String, Failure> {
            let row = load_session(tx, &visitor)?.own_instance(tx, &instance)?;
            if row.state.is_open() {
                return Err(Refusal::InstanceOpen.into());
            }
            Ok(app.compiled_test(tx, &row)?.test.closing.clone())
        };
        self.storage().read(read).await
    }

    /// How many questions of an own instance have a kept answer that is not blank.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`]; [`Failure::NotFound`].
    pub async fn answered_count(
        &self,
        visitor: &CandidateSession,
        instance: &InstanceId,
    ) -> Result<AnsweredCount, Failure> {
        let (app, visitor, instance) = (self.clone(), visitor.clone(), instance.clone());
        let read = move |tx: &mut dyn Transaction| -> Result<AnsweredCount, Failure> {
            let row = load_session(tx, &visitor)?.own_instance(tx, &instance)?;
            app.answered_in(tx, &row)
        };
        self.storage().read(read).await
    }

    /// How many questions of an instance have a kept answer that is not blank.
    pub(crate) fn answered_in(
        &self,
        tx: &mut dyn Transaction,
        row: &InstanceRow,
    ) -> Result<AnsweredCount, Failure> {
        let compiled = self.compiled_test(tx, row)?;
        let stored = storage::answer::list(tx, &row.id)?;
        let is_answered = |receipt: &&ReceiptRow| {
            slot_and_text(&compiled, receipt).is_some_and(|(slot, text)| {
                Response::parse_stored_response(&slot.question, text).is_some()
            })
        };
        let answered = stored.iter().filter(is_answered).count();
        Ok(AnsweredCount { answered, questions: compiled.slots.len() })
    }

    /// The kept answers by slot, cleared ones too.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`]; [`Failure::NotFound`].
    pub async fn stored_answers(
        &self,
        visitor: &CandidateSession,
        instance: &InstanceId,
    ) -> Result<Vec<KeptAnswer>, Failure> {
        let (app, visitor, instance) = (self.clone(), visitor.clone(), instance.clone());
        let read = move |tx: &mut dyn Transaction| -> Result<Vec<KeptAnswer>, Failure> {
            let row = load_session(tx, &visitor)?.own_instance(tx, &instance)?;
            let compiled = app.compiled_test(tx, &row)?;
            let stored = storage::answer::list(tx, &row.id)?.into_iter();
            let understood =
                |receipt| KeptAnswer { understanding: understanding(&compiled, &receipt), receipt };
            Ok(stored.map(understood).collect())
        };
        self.storage().read(read).await
    }
}

/// The slot of a kept answer with what was kept of it.
fn slot_and_text<'kept>(
    compiled: &'kept CompiledTest,
    receipt: &'kept ReceiptRow,
) -> Option<(&'kept Slot, &'kept str)> {
    let index = usize::try_from(receipt.slot).ok()?.checked_sub(1)?;
    compiled.slots.get(index).zip(receipt.response.as_deref())
}

fn understanding(compiled: &CompiledTest, receipt: &ReceiptRow) -> Understanding {
    slot_and_text(compiled, receipt)
        .map(|(slot, text)| understand_stored(&slot.question, text, compiled.test.lang))
        .unwrap_or_default()
}

impl InstanceView {
    /// The view of an instance that was just worked on.
    pub(super) fn of_attempt(
        app: &App,
        tx: &mut dyn Transaction,
        sitting: &AttemptContext,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let view = Self::new(tx, &sitting.id, &sitting.compiled, &sitting.delivery, now)?;
        let hot = &sitting.hot;
        let uploads = app.media().under_way.slots(&sitting.id);
        Ok(Self {
            step: hot.step_id.clone(),
            state: hot.state,
            started_at: hot.started_at,
            uploads,
            ..view
        })
    }

    fn new(
        tx: &mut dyn Transaction,
        instance: &InstanceId,
        compiled: &CompiledTest,
        delivery: &DeliveryState,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let written = |receipt: &ReceiptRow| {
            Ok(KeptWrite {
                slot: unsigned_small(receipt.slot)?,
                seq: unsigned(receipt.seq)?,
                understanding: understanding(compiled, receipt),
            })
        };
        Ok(Self {
            instance: instance.clone(),
            step: StepId::from(""),
            state: InstanceState::Started,
            closing: None,
            closing_text: None,
            started_at: now,
            completed_at: None,
            now,
            is_standing: delivery.is_paused(),
            current: delivery.current(),
            pages: delivery.pages(compiled, now),
            leaving: delivery.leaving_locks(compiled),
            clocks: delivery.remaining(compiled, now),
            stored: storage::answer::list(tx, instance)?
                .iter()
                .map(written)
                .collect::<Result<_, Failure>>()?,
            uploads: Vec::new(),
        })
    }
}
