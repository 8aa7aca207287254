//! Proctoring evidences of an instance, as whoever reads results sees them.

use crate::audit::AuditEventKind;
use crate::caller::Caller;
use crate::failure::Failure;
use crate::json::from_json;
use crate::services::ProctoringService;
use crate::stored_number::unsigned;
use crate::unit_of_work::UnitOfWork;
use domain::id::{InstanceId, MediaId, OrganizationId, TaskId};
use domain::instance::CandidateKind;
use domain::media::{MediaPurpose, MediaState};
use domain::proctoring::{Detection, EvidenceFlag, EvidenceKind, evidence_flag};
use domain::role::Right;
use domain::time::Timestamp;
use storage::Transaction;
use storage::instance::InstanceRow;
use storage::media::MediaRow;

/// A kept recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    pub id: MediaId,
    pub instance: InstanceId,
    pub task: TaskId,
    pub organization: OrganizationId,
    pub owner_kind: CandidateKind,
    pub owner: String,
    pub created_at: Timestamp,
    /// By the browser's clock.
    pub client_time: Option<Timestamp>,
    pub kind: EvidenceKind,
    /// From 1 within instance and kind, in the order in which they arrived.
    pub nth: i64,
    /// The browser's own number; one that was left out is missing.
    pub number: Option<i64>,
    pub media_type: String,
    pub bytes: u64,
    pub flag: EvidenceFlag,
    pub flag_by_hand: Option<EvidenceFlag>,
    pub detections: Vec<Detection>,
    /// Where it can be read for an hour or two; none once the file's time is over.
    pub url: Option<String>,
}

impl ProctoringService {
    /// All evidences of an instance, in creation order. That they were viewed is recorded.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `evidences:read`; [`Failure::NotFound`].
    pub async fn evidences(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
    ) -> Result<Vec<Evidence>, Failure> {
        let (task_id, instance_id) = (task.clone(), instance.clone());
        let read = move |work: &mut UnitOfWork<'_>| {
            let row = work.instance(&task_id, &instance_id)?;
            work.app.proctoring().evidences_of(work.tx, &row, work.now)
        };
        let evidences = self.read_as(caller, Right::ReadEvidences, read).await?;
        if !evidences.is_empty() {
            self.record_evidence_viewing(caller, task, instance, evidences.len()).await?;
        }
        Ok(evidences)
    }

    pub(crate) async fn record_evidence_viewing(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
        count: usize,
    ) -> Result<(), Failure> {
        self.record_viewing(caller, AuditEventKind::EvidenceViewed, Some(count), task, instance)
            .await
    }

    pub(crate) fn evidences_of(
        &self,
        tx: &mut dyn Transaction,
        row: &InstanceRow,
        now: Timestamp,
    ) -> Result<Vec<Evidence>, Failure> {
        let media = storage::media::list(tx, &row.id, MediaPurpose::Evidence)?;
        media.into_iter().map(|media| self.evidence(row, media, now)).collect()
    }

    pub(crate) fn evidence(
        &self,
        row: &InstanceRow,
        media: MediaRow,
        now: Timestamp,
    ) -> Result<Evidence, Failure> {
        let detections: Vec<Detection> = from_json(&media.detections)?;
        let is_kept = media.state == MediaState::Kept;
        Ok(Evidence {
            url: is_kept.then(|| self.files().media_url(&media.id, now)).transpose()?,
            instance: row.id.clone(),
            task: row.task_id.clone(),
            organization: row.organization_id.clone(),
            owner_kind: row.candidate_kind,
            owner: row.owner_id.clone(),
            created_at: media.created_at,
            client_time: media.client_time,
            kind: media.kind.ok_or_else(|| Failure::internal("an evidence without a kind"))?,
            nth: media.nth.ok_or_else(|| Failure::internal("an evidence without a number"))?,
            number: media.client_key.rsplit_once('/').and_then(|(_, number)| number.parse().ok()),
            media_type: media.media_type,
            bytes: unsigned(media.bytes)?,
            flag: evidence_flag(media.flag, &detections),
            flag_by_hand: media.flag,
            detections,
            id: media.id,
        })
    }
}
