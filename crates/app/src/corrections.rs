//! Corrections: later changes of how a frozen question is scored, in one instance or in all of a
//! step.
//!
//! A correction lies beside the compiled tests. Completed instances get a new version where it
//! changes something; open ones keep it for their completion. In all of a step it is in force at
//! once, and kept results are computed anew in batches (`correction_jobs`), so that nobody waits
//! for it.

use crate::administration::{check_transition, lock_instance};
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::compute::ComputePayer;
use crate::correction_jobs::CorrectionProgress;
use crate::failure::Failure;
use crate::json::to_json;
use crate::services::CorrectionService;
use crate::unit_of_work::{UnitOfWork, task_of};
use crate::validation::{FieldValidator, LONGEST_NOTE};
use crate::versions::{ResultChange, ScoringContext};
use domain::document::key::ElementKey;
use domain::document::model::{
    PageEntry, Pool, PoolSource, Question, QuestionEntry, Test as Document,
};
use domain::fault::ErrorCode;
use domain::id::{CorrectionId, InstanceId, StepId, TaskId};
use domain::instance::VersionReason;
use domain::json::JsonPointer;
use domain::lifecycle::LifecycleEvent as LifeEvent;
use domain::pattern::PatternSizes;
use domain::role::Right;
use domain::scoring::Correction;
use domain::scoring::correction::CorrectionFault;
use domain::time::Timestamp;
use std::collections::HashSet;
use std::sync::Arc;
use storage::Transaction;
use storage::instance::InstanceRow;

/// A correction to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCorrection {
    pub correction: Correction,
    /// Free text, kept beside the correction and the versions it makes.
    pub reason: String,
}

/// What a correction holds for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CorrectionTarget {
    Instance(InstanceId),
    /// All instances of a step, those to come too.
    Step(StepId),
}

/// What making or withdrawing a correction came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectionOutcome {
    pub id: CorrectionId,
    /// Completed instances that got a new version.
    pub versions: Vec<InstanceId>,
    /// Open instances that keep it for their completion.
    pub open: usize,
    /// Completed instances in which no figure differs.
    pub unchanged: usize,
    /// How far a correction of a step has got; `versions` are those of the part that is done.
    pub job: Option<CorrectionProgress>,
}

type CorrectionRecord = storage::correction::CorrectionRow;

/// Ordinals whose documents are looked for in one read.
const DOCUMENTS_AT_ONCE: i64 = 1000;

impl CorrectionService {
    /// Makes a correction and computes the results it touches anew: for one instance in one
    /// transaction, for a step in batches, of which those that do not fit into this call are done
    /// in the background.
    ///
    /// # Errors
    /// `unknown_reference` at `/question` when no instance of the place has it; [`Failure::Unfit`]
    /// with a `correction_` code; `instance_erased`; faults of the reason;
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn apply_correction(
        &self,
        caller: &Caller,
        task: &TaskId,
        place: CorrectionTarget,
        new: NewCorrection,
    ) -> Result<CorrectionOutcome, Failure> {
        caller.require(Right::Correct)?;
        check_reason(&new.reason)?;
        self.delivery().ensure_deadlines_swept().await?;
        let correction = new.correction.clone();
        let sizes = self
            .run_on_compute_thread(&caller.organization, move || {
                Arc::new(correction.pattern_sizes())
            })
            .await?;
        if let CorrectionTarget::Step(step) = &place {
            self.check_fits_step(caller, task, step, &new.correction, &sizes).await?;
        }
        let now = self.now();
        let bearer = ComputePayer::from(caller);
        let (app, caller, task) = (self.clone(), caller.clone(), task.clone());
        let write = move |tx: &mut dyn Transaction| {
            let (step, instance) = app.place(tx, &caller, &task, &place)?;
            if let Some(instance) = &instance {
                app.check_fits_instance(tx, instance, &new.correction, &sizes)?;
            }
            let row = app.correction_row(tx, &caller, &task, &step, &place, &new, now)?;
            storage::correction::insert(tx, &row)?;
            app.record_event(tx, now, &caller, event(AuditEventKind::CorrectionApplied, &row))?;
            app.begin_to_correct(tx, &caller, &row, instance, now)
        };
        let begun = self.write_scored(bearer, write).await?;
        Ok(self.run_first_batches(begun).await)
    }

    /// Withdraws a correction: results are as if it had not been made. Repeating it changes
    /// nothing.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn withdraw_correction(
        &self,
        caller: &Caller,
        correction: &CorrectionId,
    ) -> Result<CorrectionOutcome, Failure> {
        caller.require(Right::Correct)?;
        self.delivery().ensure_deadlines_swept().await?;
        let now = self.now();
        let bearer = ComputePayer::from(caller);
        let (app, caller, id) = (self.clone(), caller.clone(), correction.clone());
        let write = move |tx: &mut dyn Transaction| {
            let row = storage::correction::find(tx, &caller.organization, &id)?
                .ok_or(Failure::NotFound)?;
            let place = match &row.instance_id {
                Some(instance) => CorrectionTarget::Instance(instance.clone()),
                None => CorrectionTarget::Step(row.step_id.clone()),
            };
            // Whoever is at the job holds it before instances and the task, so it comes first here
            // too.
            let job = storage::correction_job::lock(tx, &id)?;
            let (_, instance) = app.place(tx, &caller, &row.task_id, &place)?;
            if !storage::correction::withdraw(tx, &caller.organization, &id, now)? {
                let job = job.as_ref().map(CorrectionProgress::of);
                return Ok(CorrectionOutcome {
                    id: id.clone(),
                    versions: Vec::new(),
                    open: 0,
                    unchanged: 0,
                    job,
                });
            }
            app.record_event(tx, now, &caller, event(AuditEventKind::CorrectionWithdrawn, &row))?;
            let row = CorrectionRecord { withdrawn_at: Some(now), ..row };
            app.begin_to_correct(tx, &caller, &row, instance, now)
        };
        let begun = self.write_scored(bearer, write).await?;
        Ok(self.run_first_batches(begun).await)
    }

    /// The corrections of a step in order of making, withdrawn ones too.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn list_corrections(
        &self,
        caller: &Caller,
        task: &TaskId,
        step: &StepId,
    ) -> Result<Vec<CorrectionRecord>, Failure> {
        let (task, step) = (task.clone(), step.clone());
        self.read_as(caller, Right::ReadResults, move |work| {
            work.task(&task)?;
            storage::step::find(work.tx, work.organization, &task, &step)?
                .ok_or(Failure::NotFound)?;
            Ok(storage::correction::list(work.tx, work.organization, &step)?)
        })
        .await
    }

    /// The step, and for a place that is one instance that instance, locked.
    fn place(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        task: &TaskId,
        place: &CorrectionTarget,
    ) -> Result<(StepId, Option<InstanceRow>), Failure> {
        match place {
            CorrectionTarget::Instance(id) => {
                let row = lock_instance(tx, caller, task, id)?;
                check_transition(&row, LifeEvent::Correct)?;
                Ok((row.step_id.clone(), Some(row)))
            }
            CorrectionTarget::Step(step) => {
                task_of(tx, caller, task)?;
                storage::step::find(tx, &caller.organization, task, step)?
                    .ok_or(Failure::NotFound)?;
                Ok((step.clone(), None))
            }
        }
    }

    fn check_fits_instance(
        &self,
        tx: &mut dyn Transaction,
        row: &InstanceRow,
        correction: &Correction,
        sizes: &PatternSizes,
    ) -> Result<(), Failure> {
        let compiled = self.compiled_test(tx, row)?;
        let slot = compiled.slots.iter().find(|slot| slot.question.key == correction.question);
        let mut fit = CorrectionFit::default();
        fit.look_at(slot.map(|slot| &*slot.question), correction, sizes);
        fit.finish()
    }

    /// Whether a correction could be made for a step.
    ///
    /// # Errors
    /// As [`CorrectionService::apply_correction`], but for the reason.
    pub(crate) async fn check_correction_of_step(
        &self,
        caller: &Caller,
        task: &TaskId,
        step: &StepId,
        correction: &Correction,
    ) -> Result<(), Failure> {
        let change = correction.clone();
        let sizes = self
            .run_on_compute_thread(&caller.organization, move || Arc::new(change.pattern_sizes()))
            .await?;
        self.check_fits_step(caller, task, step, correction, &sizes).await
    }

    /// A correction of a step must fit a question of its key: in its test of today, or in one of
    /// the documents that its instances were made from. Looked at before anything is written, and
    /// in parts, because there may be many.
    async fn check_fits_step(
        &self,
        caller: &Caller,
        task: &TaskId,
        step: &StepId,
        correction: &Correction,
        sizes: &Arc<PatternSizes>,
    ) -> Result<(), Failure> {
        let (task_id, step_id) = (task.clone(), step.clone());
        let (change, pattern_sizes) = (correction.clone(), sizes.clone());
        let look_at_today = move |work: &mut UnitOfWork<'_>| {
            let row = work.task(&task_id)?;
            storage::step::find(work.tx, &row.organization_id, &task_id, &step_id)?
                .ok_or(Failure::NotFound)?;
            let corrections = work.app.corrections();
            let question =
                corrections.question_of_today(work.tx, work.caller, &task_id, &step_id, &change)?;
            let mut fit = CorrectionFit::default();
            fit.look_at(question.as_deref(), &change, &pattern_sizes);
            Ok((fit, row.instance_count))
        };
        let (mut fit, last) = self.read_for(caller, look_at_today).await?;
        let (mut seen, mut after) = (HashSet::new(), 0);
        while !fit.fits && after < last {
            let until = after.saturating_add(DOCUMENTS_AT_ONCE);
            let (task, step) = (task.clone(), step.clone());
            let read = move |tx: &mut dyn Transaction| {
                Ok::<_, Failure>(storage::instance::list_documents_by_step(
                    tx, &task, &step, after, until,
                )?)
            };
            let documents = self.storage().read(read).await?;
            for digest in documents.into_iter().filter(|digest| seen.insert(*digest)) {
                let app = self.clone();
                let document = self
                    .storage()
                    .read(move |tx: &mut dyn Transaction| {
                        app.compiled_cache().document(tx, &digest)
                    })
                    .await?;
                fit.look_at(
                    question_in_document(&document, &correction.question).as_deref(),
                    correction,
                    sizes,
                );
            }
            after = until;
        }
        fit.finish()
    }

    /// The question of a correction in the latest version of the step's test.
    fn question_of_today(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        task: &TaskId,
        step: &StepId,
        correction: &Correction,
    ) -> Result<Option<Arc<Question>>, Failure> {
        let Some(step) = storage::step::find(tx, &caller.organization, task, step)? else {
            return Ok(None);
        };
        let Some(test) = storage::test::find(tx, &caller.organization, &step.test_id)? else {
            return Ok(None);
        };
        let document = self.compiled_cache().document(tx, &test.digest)?;
        Ok(question_in_document(&document, &correction.question))
    }

    #[allow(clippy::too_many_arguments, reason = "all of them are columns")]
    fn correction_row(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        task: &TaskId,
        step: &StepId,
        place: &CorrectionTarget,
        new: &NewCorrection,
        now: Timestamp,
    ) -> Result<CorrectionRecord, Failure> {
        storage::task::lock(tx, &caller.organization, task)?.ok_or(Failure::NotFound)?;
        let actor = caller.actor();
        Ok(CorrectionRecord {
            id: self.new_id(now),
            organization_id: caller.organization.clone(),
            task_id: task.clone(),
            step_id: step.clone(),
            number: storage::correction::next_number(tx, step)?,
            instance_id: match place {
                CorrectionTarget::Instance(id) => Some(id.clone()),
                CorrectionTarget::Step(_) => None,
            },
            question_key: new.correction.question.to_string(),
            change: to_json(&new.correction)?,
            reason: new.reason.clone(),
            actor_kind: actor.kind,
            actor_id: Some(actor.id).filter(|id| !id.is_empty()),
            at: now,
            withdrawn_at: None,
        })
    }

    /// One instance is computed anew here and now; for a step the way through its instances is
    /// written down.
    fn begin_to_correct(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        row: &CorrectionRecord,
        instance: Option<InstanceRow>,
        now: Timestamp,
    ) -> Result<CorrectionOutcome, Failure> {
        let Some(instance) = instance else {
            return self.begin_correction_job(tx, caller, row, now);
        };
        let act = ScoringContext {
            actor: caller,
            now,
            reason: VersionReason::Corrected,
            note: Some(&row.reason),
        };
        let id = instance.id.clone();
        let mut done = CorrectionOutcome {
            id: row.id.clone(),
            versions: Vec::new(),
            open: 0,
            unchanged: 0,
            job: None,
        };
        match self.recompute_corrected(tx, &row.question_key, instance, &act)? {
            RecomputeOutcome::Version => done.versions.push(id),
            RecomputeOutcome::Unchanged => done.unchanged = 1,
            RecomputeOutcome::Open => done.open = 1,
            RecomputeOutcome::Elsewhere => {}
        }
        Ok(done)
    }

    /// Computes a locked instance anew after a correction of a question.
    pub(crate) fn recompute_corrected(
        &self,
        tx: &mut dyn Transaction,
        question: &str,
        mut row: InstanceRow,
        act: &ScoringContext<'_>,
    ) -> Result<RecomputeOutcome, Failure> {
        let compiled = self.compiled_test(tx, &row)?;
        if !compiled.slots.iter().any(|slot| slot.question.key.as_str() == question) {
            return Ok(RecomputeOutcome::Elsewhere);
        }
        if row.state.is_open() {
            return Ok(RecomputeOutcome::Open);
        }
        Ok(match self.store_result(tx, &mut row, &compiled, act)? {
            ResultChange::Version { .. } => RecomputeOutcome::Version,
            ResultChange::Unchanged | ResultChange::Repaired { .. } => RecomputeOutcome::Unchanged,
        })
    }
}

/// What a correction came to in one instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecomputeOutcome {
    Version,
    Unchanged,
    /// It keeps the correction for its completion.
    Open,
    /// It has no such question.
    Elsewhere,
}

/// Whether a correction fits one of the questions looked at.
#[derive(Default)]
struct CorrectionFit {
    fits: bool,
    refused: Option<CorrectionFault>,
}

impl CorrectionFit {
    fn look_at(
        &mut self,
        question: Option<&Question>,
        correction: &Correction,
        sizes: &PatternSizes,
    ) {
        match question.map(|question| correction.check(question, sizes)) {
            Some(Ok(())) => self.fits = true,
            Some(Err(fault)) => self.refused = self.refused.take().or(Some(fault)),
            None => {}
        }
    }

    fn finish(self) -> Result<(), Failure> {
        match self.refused {
            _ if self.fits => Ok(()),
            Some(fault) => Err(Failure::Unfit { code: fault.as_str(), slots: Vec::new() }),
            None => {
                let mut checks = FieldValidator::below(JsonPointer::root());
                checks.refuse(
                    checks.at("question"),
                    ErrorCode::UnknownReference,
                    "must be a question that was asked here",
                );
                checks.finish()
            }
        }
    }
}

/// The question of a key that a document writes out itself, in pools too; the bank's are known once
/// they were drawn.
fn question_in_document(document: &Document, key: &ElementKey) -> Option<Arc<Question>> {
    let pages = document.sections.iter().flat_map(|section| &section.pages);
    pages.flat_map(questions_of).find(|question| question.key == *key)
}

pub(crate) fn questions_of(entry: &PageEntry) -> Vec<Arc<Question>> {
    match entry {
        PageEntry::Page(page) => page.questions.iter().flat_map(questions_in).collect(),
        PageEntry::Pool { pool } => questions_of_pool(pool),
    }
}

fn questions_in(entry: &QuestionEntry) -> Vec<Arc<Question>> {
    match entry {
        QuestionEntry::Question(question) => vec![question.clone()],
        QuestionEntry::Pool { pool } => questions_of_pool(pool),
        QuestionEntry::Ref { .. } => Vec::new(),
    }
}

fn questions_of_pool(pool: &Pool) -> Vec<Arc<Question>> {
    match &pool.source {
        PoolSource::Pages(pages) => {
            pages.iter().flat_map(|page| &page.questions).flat_map(questions_in).collect()
        }
        PoolSource::Questions(questions) => questions.iter().flat_map(questions_in).collect(),
        PoolSource::Bank(_) => Vec::new(),
    }
}

/// In the instance's chain when it holds for one, else in the organization's.
fn event(kind: AuditEventKind, row: &CorrectionRecord) -> AuditEvent {
    let event = match &row.instance_id {
        Some(instance) => AuditEvent::of_instance(kind, instance),
        None => AuditEvent::of_organization(kind),
    };
    let event = event
        .about("correctionId", &row.id)
        .about("taskId", &row.task_id)
        .about("stepId", &row.step_id);
    event.with("number", row.number).with("question", &row.question_key)
}

fn check_reason(reason: &str) -> Result<(), Failure> {
    let mut checks = FieldValidator::below(JsonPointer::root());
    checks.text(checks.at("reason"), reason, 1, LONGEST_NOTE);
    checks.finish()
}
