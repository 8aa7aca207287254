//! Corrections: later changes of how a frozen question is scored, in one instance or in all of a step.
//!
//! A correction lies beside the compiled tests. Completed instances get a new version where it changes something; open
//! ones keep it for their completion.

use crate::App;
use crate::administration::{allowed, locked};
use crate::audit::{Event, Kind};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::forms::{Checks, LONGEST_NOTE};
use crate::json::to_json;
use crate::versions::{Act, Settled};
use domain::document::key::Key;
use domain::document::model::{PageEntry, Pool, PoolSource, Question, QuestionEntry, Test as Document};
use domain::fault::Code;
use domain::id::{CorrectionId, InstanceId, StepId, TaskId};
use domain::instance::{Reason, Scope};
use domain::json::Pointer;
use domain::lifecycle::Event as LifeEvent;
use domain::role::Permission;
use domain::scoring::Correction;
use domain::scoring::correction::CorrectionFault;
use domain::time::Timestamp;
use std::sync::Arc;
use storage::Transaction;
use storage::instance::Instance;

/// A correction to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCorrection {
    pub correction: Correction,
    /// Free text, kept beside the correction and the versions it makes.
    pub reason: String,
}

/// What a correction holds for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CorrectionPlace {
    Instance(InstanceId),
    /// All instances of a step, those to come too.
    Step(StepId),
}

/// What making or withdrawing a correction came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corrected {
    pub id: CorrectionId,
    /// Completed instances that got a new version.
    pub versions: Vec<InstanceId>,
    /// Open instances that keep it for their completion.
    pub open: usize,
    /// Completed instances in which no figure differs.
    pub unchanged: usize,
}

type Row = storage::correction::Correction;

impl App {
    /// Makes a correction and computes the results it touches anew, in one transaction.
    ///
    /// # Errors
    /// `unknown_reference` at `/question` when no instance of the place has it; [`Failure::Unfit`] with a
    /// `correction_` code; `instance_erased`; faults of the reason; [`Failure::InsufficientScope`],
    /// [`Failure::NotFound`].
    pub async fn correct(
        &self,
        caller: &Caller,
        task: &TaskId,
        place: CorrectionPlace,
        new: NewCorrection,
    ) -> Result<Corrected, Failure> {
        caller.permit(Permission::Correct)?;
        check_reason(&new.reason)?;
        self.settled().await?;
        let now = self.now();
        let (app, caller, task) = (self.clone(), caller.clone(), task.clone());
        let write = move |tx: &mut dyn Transaction| {
            let (step, instances) = app.place(tx, &caller, &task, &place)?;
            app.check_fits(tx, &caller, &task, &step, &place, &instances, &new.correction)?;
            let row = app.correction_row(tx, &caller, &task, &step, &place, &new, now)?;
            storage::correction::insert(tx, &row)?;
            app.record(tx, now, &caller, event(Kind::CorrectionApplied, &row))?;
            app.compute_anew(tx, &caller, &row, instances, now)
        };
        self.storage().write(write).await
    }

    /// Withdraws a correction: results are as if it had not been made. Repeating it changes nothing.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn withdraw_correction(&self, caller: &Caller, correction: &CorrectionId) -> Result<Corrected, Failure> {
        caller.permit(Permission::Correct)?;
        self.settled().await?;
        let now = self.now();
        let (app, caller, id) = (self.clone(), caller.clone(), correction.clone());
        let write = move |tx: &mut dyn Transaction| {
            let row = storage::correction::find(tx, &caller.organization, &id)?.ok_or(Failure::NotFound)?;
            let place = match &row.instance_id {
                Some(instance) => CorrectionPlace::Instance(instance.clone()),
                None => CorrectionPlace::Step(row.step_id.clone()),
            };
            let (_, instances) = app.place(tx, &caller, &row.task_id, &place)?;
            if !storage::correction::withdraw(tx, &caller.organization, &id, now)? {
                return Ok(Corrected { id: id.clone(), versions: Vec::new(), open: 0, unchanged: 0 });
            }
            app.record(tx, now, &caller, event(Kind::CorrectionWithdrawn, &row))?;
            app.compute_anew(tx, &caller, &row, instances, now)
        };
        self.storage().write(write).await
    }

    /// The corrections of a step in order of making, withdrawn ones too.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn corrections(&self, caller: &Caller, task: &TaskId, step: &StepId) -> Result<Vec<Row>, Failure> {
        caller.require(Scope::ResultsRead)?;
        let (caller, task, step) = (caller.clone(), task.clone(), step.clone());
        let read = move |tx: &mut dyn Transaction| {
            let row = storage::task::find(tx, &caller.organization, &task)?.ok_or(Failure::NotFound)?;
            caller.reach(&row.id, &row.folder)?;
            storage::step::find(tx, &caller.organization, &task, &step)?.ok_or(Failure::NotFound)?;
            Ok(storage::correction::list(tx, &caller.organization, &step)?)
        };
        self.storage().read(read).await
    }

    /// The step and the locked instances of a place; those of erased persons are left out of a step.
    fn place(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        task: &TaskId,
        place: &CorrectionPlace,
    ) -> Result<(StepId, Vec<Instance>), Failure> {
        match place {
            CorrectionPlace::Instance(id) => {
                let row = locked(tx, caller, task, id)?;
                allowed(&row, LifeEvent::Correct)?;
                Ok((row.step_id.clone(), vec![row]))
            }
            CorrectionPlace::Step(step) => {
                let row = storage::task::find(tx, &caller.organization, task)?.ok_or(Failure::NotFound)?;
                caller.reach(&row.id, &row.folder)?;
                storage::step::find(tx, &caller.organization, task, step)?.ok_or(Failure::NotFound)?;
                let mut instances = Vec::new();
                for id in storage::instance::list_by_step(tx, task, step)? {
                    // Instances before their task: the revision is taken while they are computed anew.
                    instances.extend(storage::instance::lock(tx, &id)?.filter(|row| row.erased_at.is_none()));
                }
                Ok((step.clone(), instances))
            }
        }
    }

    /// A correction must fit a question of its key: in one of the instances, or, for a step, in its test of today.
    #[allow(clippy::too_many_arguments, reason = "all of them name the place")]
    fn check_fits(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        task: &TaskId,
        step: &StepId,
        place: &CorrectionPlace,
        instances: &[Instance],
        correction: &Correction,
    ) -> Result<(), Failure> {
        let mut refused: Option<CorrectionFault> = None;
        for row in instances {
            let compiled = self.compiled_of(tx, row)?;
            let question = compiled.slots.iter().find(|slot| slot.question.key == correction.question);
            match question.map(|slot| correction.check(&slot.question)) {
                Some(Ok(())) => return Ok(()),
                Some(Err(fault)) => refused = refused.or(Some(fault)),
                None => {}
            }
        }
        if matches!(place, CorrectionPlace::Step(_)) {
            let question = self.question_of_today(tx, caller, task, step, correction)?;
            match question.map(|question| correction.check(&question)) {
                Some(Ok(())) => return Ok(()),
                Some(Err(fault)) => refused = refused.or(Some(fault)),
                None => {}
            }
        }
        match refused {
            Some(fault) => Err(Failure::Unfit { code: fault.as_str(), slots: Vec::new() }),
            None => {
                let mut checks = Checks::below(Pointer::root());
                checks.refuse(checks.at("question"), Code::UnknownReference, "must be a question that was asked here");
                checks.finish()
            }
        }
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
        let Some(step) = storage::step::find(tx, &caller.organization, task, step)? else { return Ok(None) };
        let Some(test) = storage::test::find(tx, &caller.organization, &step.test_id)? else { return Ok(None) };
        let document = self.compiled().document(tx, &test.digest)?;
        Ok(written_out(&document, &correction.question))
    }

    #[allow(clippy::too_many_arguments, reason = "all of them are columns")]
    fn correction_row(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        task: &TaskId,
        step: &StepId,
        place: &CorrectionPlace,
        new: &NewCorrection,
        now: Timestamp,
    ) -> Result<Row, Failure> {
        storage::task::lock(tx, &caller.organization, task)?.ok_or(Failure::NotFound)?;
        let actor = caller.actor();
        Ok(Row {
            id: self.mint(now),
            organization_id: caller.organization.clone(),
            task_id: task.clone(),
            step_id: step.clone(),
            number: storage::correction::next_number(tx, step)?,
            instance_id: match place {
                CorrectionPlace::Instance(id) => Some(id.clone()),
                CorrectionPlace::Step(_) => None,
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

    fn compute_anew(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        correction: &Row,
        instances: Vec<Instance>,
        now: Timestamp,
    ) -> Result<Corrected, Failure> {
        let mut done = Corrected { id: correction.id.clone(), versions: Vec::new(), open: 0, unchanged: 0 };
        let act = Act { doer: caller, now, reason: Reason::Corrected, note: Some(&correction.reason) };
        for mut row in instances {
            let compiled = self.compiled_of(tx, &row)?;
            if !compiled.slots.iter().any(|slot| slot.question.key.as_str() == correction.question_key) {
                continue;
            }
            if row.state.is_open() {
                done.open += 1;
                continue;
            }
            match self.settle(tx, &mut row, &compiled, &act)? {
                Settled::Version { .. } => done.versions.push(row.id),
                Settled::Unchanged => done.unchanged += 1,
            }
        }
        Ok(done)
    }
}

/// The question of a key that a document writes out itself, in pools too; the bank's are known once they were drawn.
fn written_out(document: &Document, key: &Key) -> Option<Arc<Question>> {
    let pages = document.sections.iter().flat_map(|section| &section.pages);
    pages.flat_map(questions_of).find(|question| question.key == *key)
}

fn questions_of(entry: &PageEntry) -> Vec<Arc<Question>> {
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
        PoolSource::Pages(pages) => pages.iter().flat_map(|page| &page.questions).flat_map(questions_in).collect(),
        PoolSource::Questions(questions) => questions.iter().flat_map(questions_in).collect(),
        PoolSource::Bank(_) => Vec::new(),
    }
}

/// In the instance's chain when it holds for one, else in the organization's.
fn event(kind: Kind, row: &Row) -> Event {
    let event = match &row.instance_id {
        Some(instance) => Event::of_instance(kind, instance),
        None => Event::of_organization(kind),
    };
    let event = event.about("correctionId", &row.id).about("taskId", &row.task_id).about("stepId", &row.step_id);
    event.with("number", row.number).with("question", &row.question_key)
}

fn check_reason(reason: &str) -> Result<(), Failure> {
    let mut checks = Checks::below(Pointer::root());
    checks.text(checks.at("reason"), reason, 1, LONGEST_NOTE);
    checks.finish()
}
