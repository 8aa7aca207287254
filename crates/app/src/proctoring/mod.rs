//! Proctoring for staff: an instance's mark, what was seen in its recordings, holds, and how long
//! files are kept.

use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::delivery::fullscreen::load_absences;
pub use crate::delivery::sitting_history::FullscreenAbsence;
use crate::delivery::sitting_history::SittingHistory;
use crate::evidences::Evidence;
use crate::failure::Failure;
use crate::json::{from_json, to_json};
use crate::media::StoredMedia;
use crate::services::ProctoringService;
use crate::unit_of_work::UnitOfWork;
use crate::validation::FieldValidator;
use domain::access::settings::StepConduct;
use domain::fault::ErrorCode;
use domain::id::{CandidateId, InstanceId, MediaId, TaskId};
use domain::json::JsonPointer;
use domain::media::{MediaPurpose, MediaState};
use domain::proctoring::missing::{ArrivedRecording, MissingRecordings};
use domain::proctoring::{
    Detection, EvidenceFlag, EvidenceKind, InstanceFlag, InstanceFlagInputs, RETENTION_DAYS,
    instance_flag, recorded_kinds,
};
use domain::role::Right;
use domain::time::Timestamp;
use storage::Transaction;
use storage::instance::InstanceRow;
use storage::media::MediaRow;
use storage::proctoring::ProctoringRow;

/// Detections a recording may have.
const MOST_DETECTIONS: usize = 100;

/// What proctoring knows of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProctoringView {
    pub flag: InstanceFlag,
    /// The one set by hand, if one was.
    pub flag_by_hand: Option<InstanceFlag>,
    /// Files stay beyond their time.
    pub is_held: bool,
    /// Absences from full screen that counted, and their time in seconds.
    pub absences: u32,
    pub absent_seconds: i64,
    /// Absences from full screen one by one, oldest first.
    pub interruptions: Vec<FullscreenAbsence>,
    /// When recordings are missing that the step asks for, oldest first.
    pub missing: Vec<MissingRecordings>,
    pub evidences: Vec<Evidence>,
    /// With the address at which it can be read; none when there is no photo or its time is over.
    pub identity_photo: Option<(StoredMedia, String)>,
    pub documents: Vec<(StoredMedia, String)>,
}

/// What a candidate has shown of who it is, each file with the address at which it can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityView {
    /// None when there is no photo or its time is over.
    pub photo: Option<(StoredMedia, String)>,
    pub documents: Vec<(StoredMedia, String)>,
}

impl ProctoringService {
    /// What proctoring knows of an instance. That evidences were viewed is recorded.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`]; [`Failure::NotFound`].
    pub async fn proctoring_view(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
    ) -> Result<ProctoringView, Failure> {
        caller.require(Right::ReadEvidences)?;
        self.delivery().ensure_deadlines_swept().await?;
        let (task_id, instance_id) = (task.clone(), instance.clone());
        let read = move |work: &mut UnitOfWork<'_>| {
            let row = work.instance(&task_id, &instance_id)?;
            work.app.proctoring().proctoring_of(work.tx, &row, work.now)
        };
        let view = self.read_for(caller, read).await?;
        if !view.evidences.is_empty() {
            self.record_evidence_viewing(caller, task, instance, view.evidences.len()).await?;
        }
        Ok(view)
    }

    /// What a candidate has shown of who it is, before the first start as well.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`]; [`Failure::NotFound`], also of an erased candidate.
    pub async fn identity_view(
        &self,
        caller: &Caller,
        task: &TaskId,
        candidate: &CandidateId,
    ) -> Result<IdentityView, Failure> {
        let (task, candidate) = (task.clone(), candidate.clone());
        self.read_as(caller, Right::ReadEvidences, move |work| {
            work.task(&task)?;
            let row = storage::candidate::find(work.tx, work.organization, &task, &candidate)?;
            let row = row.filter(|row| row.erased_at.is_none()).ok_or(Failure::NotFound)?;
            let proctoring = work.app.proctoring();
            let mut media = |purpose| proctoring.of_candidate(work.tx, &row.id, purpose, work.now);
            Ok(IdentityView {
                photo: media(MediaPurpose::IdentityPhoto)?.pop(),
                documents: media(MediaPurpose::Document)?,
            })
        })
        .await
    }

    /// Adds something that was seen in a recording; the same again changes nothing.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`]; [`Failure::NotFound`]; a fault when there are too many.
    pub async fn add_detection(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
        evidence: &MediaId,
        detection: Detection,
    ) -> Result<Evidence, Failure> {
        self.change_evidence(caller, task, instance, evidence, move |media| {
            let mut detections: Vec<Detection> = from_json(&media.detections)?;
            if detections.contains(&detection) {
                return Ok(None);
            }
            let mut checks = FieldValidator::below(JsonPointer::root());
            if detections.len() >= MOST_DETECTIONS {
                checks.refuse(
                    checks.at("source"),
                    ErrorCode::OutOfRange,
                    "must be one of at most 100 of a recording",
                );
            }
            checks.finish()?;
            detections.push(detection);
            media.detections = to_json(&detections)?;
            Ok(Some((AuditEventKind::EvidenceDetectionAdded, detection.source.as_str())))
        })
        .await
    }

    /// Sets a recording's flag by hand, or lets it go by its detections again.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`]; [`Failure::NotFound`].
    pub async fn set_evidence_flag(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
        evidence: &MediaId,
        flag: Option<EvidenceFlag>,
    ) -> Result<Evidence, Failure> {
        self.change_evidence(caller, task, instance, evidence, move |media| {
            if media.flag == flag {
                return Ok(None);
            }
            media.flag = flag;
            Ok(Some((
                AuditEventKind::InstanceFlagSet,
                flag.map_or("automatic", EvidenceFlag::as_str),
            )))
        })
        .await
    }

    /// Sets an instance's flag by hand, or lets it go by what is known again; and its hold. What is
    /// `None` stays.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`]; [`Failure::NotFound`].
    pub async fn set_instance_flag(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
        flag: Option<Option<InstanceFlag>>,
        is_held: Option<bool>,
    ) -> Result<ProctoringView, Failure> {
        require_marking(caller)?;
        self.with_locked_instance(
            caller,
            Right::ReadEvidences,
            task,
            instance,
            move |app, tx, caller, row, now| {
                let (before, _) = load_absences(tx, &row.id)?;
                let flag = flag.unwrap_or(before.flag);
                let held = is_held.unwrap_or(before.held);
                if (flag, held) != (before.flag, before.held) {
                    storage::proctoring::upsert(tx, &ProctoringRow { flag, held, ..before })?;
                    let event = AuditEvent::of_instance(AuditEventKind::InstanceFlagSet, &row.id)
                        .about("taskId", &row.task_id);
                    let word = flag.map_or("automatic", InstanceFlag::as_str);
                    app.record_event(tx, now, caller, event.with("flag", word).with("held", held))?;
                }
                app.proctoring().proctoring_of(tx, &row, now)
            },
        )
        .await
    }

    /// Days that recordings, identity photos and documents stay after completion. Whoever belongs
    /// here may know.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn evidence_days(&self, caller: &Caller) -> Result<i64, Failure> {
        self.read_for(caller, |work| Ok(storage::media::days(work.tx, work.organization)?)).await
    }

    /// Sets how many days they stay.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`]; a fault when it is not 1 to 3650.
    pub async fn set_evidence_days(&self, caller: &Caller, days: i64) -> Result<(), Failure> {
        caller.require_whole_organization()?;
        let mut checks = FieldValidator::below(JsonPointer::root());
        if !RETENTION_DAYS.contains(&days) {
            checks.refuse(checks.at("evidenceDays"), ErrorCode::OutOfRange, "must be 1 to 3650");
        }
        checks.finish()?;
        self.write_for(caller, move |work| {
            if storage::media::days(work.tx, work.organization)? == days {
                return Ok(());
            }
            storage::media::set_days(work.tx, work.organization, days)?;
            let event = AuditEvent::of_organization(AuditEventKind::OrganizationUpdated);
            let event = event.about("organizationId", work.organization).with("evidenceDays", days);
            work.record_event(event)
        })
        .await
    }

    async fn change_evidence<F>(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
        evidence: &MediaId,
        change: F,
    ) -> Result<Evidence, Failure>
    where
        F: Fn(&mut MediaRow) -> Result<Option<(AuditEventKind, &'static str)>, Failure>
            + Send
            + 'static,
    {
        require_marking(caller)?;
        let evidence = evidence.clone();
        self.with_locked_instance(
            caller,
            Right::ReadEvidences,
            task,
            instance,
            move |app, tx, caller, row, now| {
                let found = storage::media::find_evidence(tx, &row.id, &evidence)?;
                let mut media = found.ok_or(Failure::NotFound)?;
                if let Some((kind, word)) = change(&mut media)? {
                    storage::media::set_summary(tx, &media)?;
                    let event =
                        AuditEvent::of_instance(kind, &row.id).about("evidenceId", &media.id);
                    let event =
                        event.with("kind", media.kind).with("nth", media.nth).with("word", word);
                    app.record_event(tx, now, caller, event)?;
                }
                app.proctoring().evidence(&row, media, now)
            },
        )
        .await
    }

    fn proctoring_of(
        &self,
        tx: &mut dyn Transaction,
        row: &InstanceRow,
        now: Timestamp,
    ) -> Result<ProctoringView, Failure> {
        let (proctoring, absences) = load_absences(tx, &row.id)?;
        let step = storage::step::find(tx, &row.organization_id, &row.task_id, &row.step_id)?;
        let step = step.ok_or_else(|| Failure::internal("an instance's step is missing"))?;
        let conduct: StepConduct = from_json(&step.settings)?;
        let evidences = self.evidences_of(tx, row, now)?;
        let history = SittingHistory::load(tx, row)?;
        let arrived: Vec<_> = evidences.iter().map(arrived_recording).collect();
        let missing = history.missing(row, &conduct, &arrived, now);
        let seen = InstanceFlagInputs {
            by_hand: proctoring.flag,
            is_recorded: !recorded_kinds(&conduct).is_empty(),
            worst: evidences.iter().map(|evidence| evidence.flag).max(),
            is_missing: !missing.is_empty(),
            was_away_too_long: conduct
                .fullscreen
                .is_some_and(|rules| absences.is_too_long(&rules, now)),
        };
        Ok(ProctoringView {
            flag: instance_flag(seen),
            flag_by_hand: proctoring.flag,
            is_held: proctoring.held,
            absences: absences.count,
            absent_seconds: absences.total_millis(now) / 1000,
            interruptions: history.absences,
            missing,
            identity_photo: self
                .of_candidate(tx, &row.candidate_id, MediaPurpose::IdentityPhoto, now)?
                .pop(),
            documents: self.of_candidate(tx, &row.candidate_id, MediaPurpose::Document, now)?,
            evidences,
        })
    }

    fn of_candidate(
        &self,
        tx: &mut dyn Transaction,
        candidate: &CandidateId,
        purpose: MediaPurpose,
        now: Timestamp,
    ) -> Result<Vec<(StoredMedia, String)>, Failure> {
        let media = storage::media::list_of_candidate(tx, candidate, purpose)?;
        let stored = media.iter().filter(|media| media.state == MediaState::Kept);
        stored
            .map(|media| Ok((StoredMedia::of(media)?, self.files().media_url(&media.id, now)?)))
            .collect()
    }
}

const fn arrived_recording(evidence: &Evidence) -> (EvidenceKind, ArrivedRecording) {
    let Evidence { number, created_at, client_time, .. } = evidence;
    let recording =
        ArrivedRecording { number: *number, stored_at: *created_at, client_time: *client_time };
    (evidence.kind, recording)
}

/// A key that may only read must not mark.
fn require_marking(caller: &Caller) -> Result<(), Failure> {
    caller.require(Right::ReadEvidences)?;
    if caller.key().is_some() { caller.require(Right::Administer) } else { Ok(()) }
}
