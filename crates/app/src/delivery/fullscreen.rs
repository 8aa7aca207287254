//! Full screen, where a step asks for it: the browser reports leaving and returning, the server's
//! clock measures.

use super::attempt_context::AttemptContext;
use super::open_instance::OpenInstance;
use super::step_brief::RetentionNotice;
use crate::audit::{ActorContext, AuditContext, AuditEvent, AuditEventKind};
use crate::caller::{Actor, CandidateSession};
use crate::compute::ComputePayer;
use crate::failure::Failure;
use crate::json::{from_json, to_json};
use crate::services::DeliveryService;
use domain::access::settings::{FullscreenRules, StepConduct};
use domain::id::InstanceId;
use domain::proctoring::fullscreen::AbsenceLog;
use domain::proctoring::{EvidenceKind, recorded_kinds};
use domain::refusal::Refusal;
use domain::time::Timestamp;
use std::collections::BTreeMap;
use storage::Transaction;
use storage::proctoring::ProctoringRow;

const AT_ONCE: i64 = 100;

/// What a browser reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FullscreenEvent {
    /// `is_allowed`: for choosing a file or granting a device.
    Left {
        is_allowed: bool,
    },
    Returned,
}

/// What a candidate is told of absences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AbsenceView {
    /// Absences that counted.
    pub count: u32,
    /// Their counted time in seconds.
    pub seconds: i64,
    /// When the absence that lasts ends the instance.
    pub ends_at: Option<Timestamp>,
    /// Whether the instance was ended by a limit.
    pub is_terminated: bool,
}

/// What is recorded of a candidate at an instance, and whether it is taken in full screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConductView {
    pub conduct: StepConduct,
    pub absences: AbsenceView,
    /// The highest number of each kind of recording that has arrived.
    pub recorded: BTreeMap<EvidenceKind, i64>,
    /// For how long that is stored; none where nothing is recorded.
    pub retention: Option<RetentionNotice>,
}

impl DeliveryService {
    /// What the step of an own instance demands and records.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`]; [`Failure::NotFound`].
    pub async fn instance_conduct(
        &self,
        visitor: &CandidateSession,
        instance: &InstanceId,
    ) -> Result<ConductView, Failure> {
        let now = self.now();
        let (app, visitor, instance) = (self.clone(), visitor.clone(), instance.clone());
        let read = move |tx: &mut dyn Transaction| -> Result<ConductView, Failure> {
            let sitting = AttemptContext::load(&app, tx, &visitor, &instance)?;
            let conduct = sitting.conduct(tx)?;
            let absences = load_absences(tx, &instance)?.1;
            let ends_at = conduct.fullscreen.as_ref().and_then(|rules| absences.due(rules));
            let mut recorded = BTreeMap::new();
            for kind in recorded_kinds(&conduct) {
                recorded.insert(kind, storage::media::highest_number(tx, &instance, kind)?);
            }
            let is_recorded = !recorded_kinds(&conduct).is_empty();
            let retention = is_recorded.then(|| load_retention(tx, &sitting)).transpose()?;
            let absences = view(&absences, now, ends_at);
            Ok(ConductView { conduct, absences, recorded, retention })
        };
        self.storage().read(read).await
    }

    /// Notes that a candidate left full screen or came back. Passing a limit ends the instance at
    /// that moment.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`]; [`Failure::NotFound`], also when the step does not ask for
    /// full screen; `instance_complete`.
    pub async fn report_fullscreen(
        &self,
        visitor: &CandidateSession,
        instance: &InstanceId,
        report: FullscreenEvent,
    ) -> Result<AbsenceView, Failure> {
        self.ensure_deadlines_swept().await?;
        let now = self.now();
        let bearer = ComputePayer::Instance(instance.clone());
        let (app, visitor, instance) = (self.clone(), visitor.clone(), instance.clone());
        let write = move |tx: &mut dyn Transaction| -> Result<AbsenceView, Failure> {
            let sitting = AttemptContext::load(&app, tx, &visitor, &instance)?;
            if !sitting.hot.state.is_open() {
                return Err(Refusal::InstanceComplete.into());
            }
            let rules = sitting.conduct(tx)?.fullscreen.ok_or(Failure::NotFound)?;
            let (row, mut absences) = load_absences(tx, &instance)?;
            let doer = sitting.actor.clone();
            if absences.passed(&rules, now).is_none() {
                app.note_report(tx, &instance, &mut absences, report, now, &doer)?;
            }
            app.judge(tx, row, absences, &rules, now, &doer)
        };
        self.write_scored(bearer, write).await
    }

    fn note_report(
        &self,
        tx: &mut dyn Transaction,
        instance: &InstanceId,
        absences: &mut AbsenceLog,
        report: FullscreenEvent,
        now: Timestamp,
        doer: &dyn AuditContext,
    ) -> Result<(), Failure> {
        let event = match report {
            FullscreenEvent::Left { is_allowed } => absences.leave(now, is_allowed).then(|| {
                AuditEvent::of_instance(AuditEventKind::InstanceFullscreenLeft, instance)
                    .with("allowed", is_allowed)
            }),
            FullscreenEvent::Returned => absences.come_back(now).map(|counted| {
                AuditEvent::of_instance(AuditEventKind::InstanceFullscreenReturned, instance)
                    .with("countedMillis", counted)
            }),
        };
        event.map_or(Ok(()), |event| self.record_event(tx, now, doer, event))
    }

    /// Ends the instance when a limit was passed by now, and keeps how things stand.
    fn judge(
        &self,
        tx: &mut dyn Transaction,
        row: ProctoringRow,
        mut absences: AbsenceLog,
        rules: &FullscreenRules,
        now: Timestamp,
        doer: &dyn AuditContext,
    ) -> Result<AbsenceView, Failure> {
        let passed = absences.passed(rules, now);
        let mut seen = view(&absences, now, absences.due(rules));
        if let Some(at) = passed {
            seen.is_terminated = true;
            absences.conclude(at);
            self.terminate(tx, &row.instance_id, at, now, doer)?;
        }
        let (fullscreen, due_at) = (to_json(&absences)?, absences.due(rules));
        storage::proctoring::upsert(tx, &ProctoringRow { fullscreen, due_at, ..row })?;
        Ok(seen)
    }

    fn terminate(
        &self,
        tx: &mut dyn Transaction,
        instance: &InstanceId,
        at: Timestamp,
        now: Timestamp,
        doer: &dyn AuditContext,
    ) -> Result<(), Failure> {
        let row = storage::instance::lock(tx, instance)?.ok_or(Failure::NotFound)?;
        if !row.state.is_open() {
            return Ok(());
        }
        let mut running = OpenInstance::of(self, tx, row)?;
        let compiled = running.compiled.clone();
        if let Some(completion) = running.delivery.terminate(&compiled, at) {
            let kind = match completion.closing {
                domain::instance::ClosingReason::Terminated => AuditEventKind::InstanceTerminated,
                domain::instance::ClosingReason::Submitted
                | domain::instance::ClosingReason::TimeOver
                | domain::instance::ClosingReason::ForceClosed => AuditEventKind::InstanceCompleted,
            };
            running.close(self, tx, now, doer, completion, kind)?;
        }
        Ok(())
    }

    /// Ends instances whose absence from full screen has passed a limit without a report. Gives how
    /// many it looked at.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn end_absences(&self) -> Result<usize, Failure> {
        let now = self.now();
        let read = move |tx: &mut dyn Transaction| storage::proctoring::overdue(tx, now, AT_ONCE);
        let overdue = self.storage().read(read).await?;
        let count = overdue.len();
        for instance in overdue {
            self.end_absence(instance, now).await?;
        }
        Ok(count)
    }

    async fn end_absence(&self, instance: InstanceId, now: Timestamp) -> Result<(), Failure> {
        let (app, bearer) = (self.clone(), ComputePayer::Instance(instance.clone()));
        let write = move |tx: &mut dyn Transaction| -> Result<(), Failure> {
            let Some(instance_row) = storage::instance::lock(tx, &instance)? else { return Ok(()) };
            let (row, absences) = load_absences(tx, &instance)?;
            let step = storage::step::find(
                tx,
                &instance_row.organization_id,
                &instance_row.task_id,
                &instance_row.step_id,
            )?;
            let step = step.ok_or_else(|| Failure::internal("an instance's step is missing"))?;
            let rules = from_json::<StepConduct>(&step.settings)?.fullscreen;
            let (Some(rules), true) = (rules, instance_row.state.is_open()) else {
                // Handed in meanwhile, or staff ask for it no more.
                let mut absences = absences;
                absences.away = None;
                let fullscreen = to_json(&absences)?;
                return Ok(storage::proctoring::upsert(
                    tx,
                    &ProctoringRow { fullscreen, due_at: None, ..row },
                )?);
            };
            let organization = instance_row.organization_id;
            let doer = ActorContext { organization, actor: Actor::system(), request: None };
            app.judge(tx, row, absences, &rules, now, &doer).map(|_| ())
        };
        self.write_scored(bearer, write).await
    }
}

fn load_retention(
    tx: &mut dyn Transaction,
    sitting: &AttemptContext,
) -> Result<RetentionNotice, Failure> {
    let task = storage::task::find(tx, &sitting.hot.organization_id, &sitting.hot.task_id)?;
    let task = task.ok_or_else(|| Failure::internal("an instance's task is missing"))?;
    RetentionNotice::load(tx, &task)
}

/// What is known of an instance, and its absences.
pub(crate) fn load_absences(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
) -> Result<(ProctoringRow, AbsenceLog), Failure> {
    let row = storage::proctoring::find(tx, instance)?
        .unwrap_or_else(|| ProctoringRow::empty_for(instance.clone()));
    let absences = from_json(&row.fullscreen)?;
    Ok((row, absences))
}

fn view(absences: &AbsenceLog, now: Timestamp, ends_at: Option<Timestamp>) -> AbsenceView {
    AbsenceView {
        count: absences.count,
        seconds: absences.total_millis(now) / 1000,
        ends_at,
        is_terminated: false,
    }
}
