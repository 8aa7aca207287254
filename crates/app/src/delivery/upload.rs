//! Files that a candidate sends: for answers, as evidence, and before the start.
//!
//! Each is asked for twice: before its bytes are taken, so that nobody sends in vain, and in the
//! transaction that keeps its row.

use super::attempt_context::AttemptContext;
use super::candidate_session::load_session;
use crate::App;
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::CandidateSession;
use crate::failure::Failure;
use crate::json::from_json;
use crate::media::IncomingUpload;
use crate::services::DeliveryService;
use crate::stored_number::unsigned;
use domain::access::settings::StepConduct;
use domain::id::{CandidateId, InstanceId, OrganizationId, TaskId};
use domain::media::{MOST_PER_SLOT, MediaPurpose, UploadQuota, UploadRejection, UploadRules};
use domain::proctoring::{EvidenceKind, MOST_PER_KIND, PICTURE_BYTES, recorded_kinds};
use domain::refusal::Refusal;
use domain::response::{FinishedUpload, FinishedUploads};
use domain::time::Timestamp;
use storage::Transaction;
use storage::media::MediaRow;

/// How long after completion evidence may still arrive, in milliseconds.
const LATE_MILLIS: i64 = 600_000;
const DOCUMENT_BYTES: u64 = 20 << 20;

/// ExactCandidateFilter file it is.
pub(crate) struct UploadOwner {
    pub organization: OrganizationId,
    pub task: TaskId,
    pub candidate: CandidateId,
    pub instance: Option<InstanceId>,
}

/// What a browser says about a file it sends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UploadRequest {
    pub media_type: String,
    pub name: Option<String>,
    /// Makes a repeated upload of the same file harmless.
    pub client_token: Option<String>,
}

/// What a browser says about an evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceUpload {
    pub kind: EvidenceKind,
    /// Chosen by the browser, once per instance and kind.
    pub number: u64,
    /// By the browser's clock.
    pub client_time: Option<Timestamp>,
    pub media_type: String,
}

impl DeliveryService {
    /// Begins to take a file for an answer. The answer itself is a write that names the file's id.
    ///
    /// # Errors
    /// As saving an answer to the slot; [`Failure::NotTaken`] when the question is not answered by
    /// files, or too many were sent for it or for the whole instance; `too_many_uploads`;
    /// [`Failure::Busy`].
    pub async fn begin_upload(
        &self,
        visitor: &CandidateSession,
        instance: &InstanceId,
        slot: u32,
        sent: UploadRequest,
    ) -> Result<IncomingUpload, Failure> {
        let now = self.now();
        let (app, its_visitor, its_instance) = (self.clone(), visitor.clone(), instance.clone());
        let key = sent.client_token.map(|token| format!("answer/{slot}/{token}"));
        let its_key = key.clone();
        let ask = move |tx: &mut dyn Transaction| {
            let sitting = AttemptContext::load(&app, tx, &its_visitor, &its_instance)?;
            let allowance = sitting.may_send(&app, tx, slot, its_key.as_deref(), now)?;
            Ok::<_, Failure>((sitting.place(), allowance))
        };
        let (place, allowance) = self.storage().read(ask).await?;
        let mut row = self.files().media_row(&place, MediaPurpose::Answer);
        row.slot = Some(slot.into());
        row.name = sent.name;
        if let Some(key) = key {
            row.client_key = key;
        }
        let (address, visitor, instance) = (visitor.address, visitor.clone(), instance.clone());
        let enter = move |app: &App, tx: &mut dyn Transaction, row: &MediaRow| {
            let sitting = AttemptContext::load(app, tx, &visitor, &instance)?;
            if let Some(existing) = storage::media::find_sent(tx, &instance, &row.client_key)? {
                return Ok(existing);
            }
            // A file that was begun in time is taken; whether it still becomes an answer is the
            // write's question.
            let allowance = sitting.may_send(app, tx, slot, None, now)?;
            let bytes = unsigned(row.bytes)?;
            allowance.check_size(bytes).map_err(|why| not_taken(why, slot))?;
            storage::media::insert(tx, row)?;
            Ok(row.clone())
        };
        IncomingUpload::begin(self, address, row, allowance, sent.media_type, Box::new(enter)).await
    }

    /// Begins to take an evidence. A repeated number gives the first one again.
    ///
    /// # Errors
    /// [`Failure::NotFound`]; `instance_complete` when that was long ago; [`Failure::NotTaken`]
    /// when the step does not record this, or there are too many; `too_many_uploads`;
    /// [`Failure::Busy`].
    pub async fn begin_evidence(
        &self,
        visitor: &CandidateSession,
        instance: &InstanceId,
        sent: EvidenceUpload,
    ) -> Result<IncomingUpload, Failure> {
        let (app, its_visitor, its_instance, kind) =
            (self.clone(), visitor.clone(), instance.clone(), sent.kind);
        let now = self.now();
        let key = format!("{kind}/{}", sent.number);
        let its_key = key.clone();
        let ask = move |tx: &mut dyn Transaction| {
            let sitting = AttemptContext::load(&app, tx, &its_visitor, &its_instance)?;
            let (allowance, _) = sitting.may_record(&app, tx, kind, Some(&its_key), now)?;
            Ok::<_, Failure>((sitting.place(), allowance))
        };
        let (place, allowance) = self.storage().read(ask).await?;
        let mut row = self.files().media_row(&place, MediaPurpose::Evidence);
        row.kind = Some(kind);
        row.client_time = sent.client_time;
        row.client_key = key;
        let (address, visitor, instance) = (visitor.address, visitor.clone(), instance.clone());
        let enter = move |app: &App, tx: &mut dyn Transaction, row: &MediaRow| {
            let sitting = AttemptContext::load(app, tx, &visitor, &instance)?;
            if let Some(existing) = storage::media::find_sent(tx, &instance, &row.client_key)? {
                return Ok(existing);
            }
            let (allowance, count) = sitting.may_record(app, tx, kind, None, now)?;
            allowance
                .check_size(unsigned(row.bytes)?)
                .map_err(|why| Failure::NotTaken { why, slots: Vec::new() })?;
            let nth = count + 1;
            let row = MediaRow { nth: Some(nth), ..row.clone() };
            storage::media::insert(tx, &row)?;
            let event = AuditEvent::of_instance(AuditEventKind::EvidenceStored, &instance)
                .about("evidenceId", &row.id);
            app.record_event(
                tx,
                row.created_at,
                &sitting.actor,
                event.with("kind", kind).with("nth", nth),
            )?;
            Ok(row)
        };
        IncomingUpload::begin(self, address, row, allowance, sent.media_type, Box::new(enter)).await
    }

    /// Begins to take the candidate's identity photo; a later one takes the place of an earlier.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`]; `too_many_uploads`; [`Failure::Busy`].
    pub async fn begin_identity_photo(
        &self,
        visitor: &CandidateSession,
        media_type: String,
    ) -> Result<IncomingUpload, Failure> {
        let allowance = UploadRules::of(PICTURE_BYTES, &["image/*"]);
        self.begin_before_start(visitor, MediaPurpose::IdentityPhoto, None, media_type, allowance)
            .await
    }

    /// Begins to take a document that steps ask for by this name; a later one takes the place of an
    /// earlier.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`]; [`Failure::NotFound`] when no step of the task asks for it;
    /// `too_many_uploads`; [`Failure::Busy`].
    pub async fn begin_document(
        &self,
        visitor: &CandidateSession,
        name: String,
        media_type: String,
    ) -> Result<IncomingUpload, Failure> {
        let allowance = UploadRules::of(DOCUMENT_BYTES, &["image/*", "application/pdf"]);
        self.begin_before_start(visitor, MediaPurpose::Document, Some(name), media_type, allowance)
            .await
    }

    async fn begin_before_start(
        &self,
        visitor: &CandidateSession,
        purpose: MediaPurpose,
        name: Option<String>,
        media_type: String,
        allowance: UploadRules,
    ) -> Result<IncomingUpload, Failure> {
        let (its_visitor, its_name) = (visitor.clone(), name.clone());
        let ask = move |tx: &mut dyn Transaction| {
            upload_owner_before_start(tx, &its_visitor, purpose, its_name.as_deref())
        };
        let place = self.storage().read(ask).await?;
        let row = MediaRow { name, ..self.files().media_row(&place, purpose) };
        let (address, visitor) = (visitor.address, visitor.clone());
        let enter = move |_: &App, tx: &mut dyn Transaction, row: &MediaRow| {
            upload_owner_before_start(tx, &visitor, purpose, row.name.as_deref())?;
            storage::media::replace(tx, &row.candidate_id, purpose, row.name.as_deref())?;
            storage::media::insert(tx, row)?;
            Ok(row.clone())
        };
        IncomingUpload::begin(self, address, row, allowance, media_type, Box::new(enter)).await
    }
}

/// Where a photo or document goes, when a step of the candidate's task asks for it.
fn upload_owner_before_start(
    tx: &mut dyn Transaction,
    visitor: &CandidateSession,
    purpose: MediaPurpose,
    name: Option<&str>,
) -> Result<UploadOwner, Failure> {
    let visit = load_session(tx, visitor)?;
    visit.candidate(tx)?;
    let mut is_asked = false;
    for step in storage::step::list(tx, &visit.organization, &visit.task)? {
        let conduct: StepConduct = from_json(&step.settings)?;
        is_asked |= match purpose {
            MediaPurpose::IdentityPhoto => conduct.identity_photo,
            _ => name.is_some_and(|name| conduct.documents.iter().any(|entry| entry == name)),
        };
    }
    if !is_asked {
        return Err(Failure::NotFound);
    }
    Ok(UploadOwner {
        organization: visit.organization,
        task: visit.task,
        candidate: visit.candidate,
        instance: None,
    })
}

impl AttemptContext {
    fn place(&self) -> UploadOwner {
        UploadOwner {
            organization: self.hot.organization_id.clone(),
            task: self.hot.task_id.clone(),
            candidate: self.hot.candidate_id.clone(),
            instance: Some(self.id.clone()),
        }
    }

    /// What may be sent for a slot now. What is there under `key` already takes no more room.
    fn may_send(
        &self,
        app: &App,
        tx: &mut dyn Transaction,
        slot: u32,
        key: Option<&str>,
        now: Timestamp,
    ) -> Result<UploadRules, Failure> {
        self.require_active()?;
        let index = (slot as usize).wrapping_sub(1);
        self.delivery.accepts(&self.compiled, index, now)?;
        let question = &self.compiled.slots.get(index).ok_or(Failure::NotFound)?.question;
        let allowance = UploadRules::of_question(question)
            .ok_or_else(|| not_taken(UploadRejection::NotExpected, slot))?;
        if self.has_sent(tx, key)? {
            return Ok(allowance);
        }
        let sent = storage::media::list_of_slot(tx, &self.id, slot.into())?;
        if sent.len() as u64 >= MOST_PER_SLOT {
            return Err(not_taken(UploadRejection::Files(MOST_PER_SLOT), slot));
        }
        let used = unsigned(storage::media::bytes_of(tx, &self.id, MediaPurpose::Answer)?)?;
        let share = UploadQuota { most: app.settings().answer_files_bytes, used };
        allowance.within_quota(share).map_err(|why| not_taken(why, slot))
    }

    /// What may be recorded now, and how many evidences of the kind there are. What is there under
    /// `key` already takes no more room.
    fn may_record(
        &self,
        app: &App,
        tx: &mut dyn Transaction,
        kind: EvidenceKind,
        key: Option<&str>,
        now: Timestamp,
    ) -> Result<(UploadRules, i64), Failure> {
        if !self.hot.state.is_open() {
            let row = storage::instance::lock(tx, &self.id)?.ok_or(Failure::NotFound)?;
            if row.completed_at.is_none_or(|at| at.plus_millis(LATE_MILLIS) < now) {
                return Err(Refusal::InstanceComplete.into());
            }
        }
        let refused = |why| Failure::NotTaken { why, slots: Vec::new() };
        if !recorded_kinds(&self.conduct(tx)?).contains(&kind) {
            return Err(refused(UploadRejection::NotExpected));
        }
        let allowance = UploadRules::of(kind.max_bytes(), &[kind.media_type()]);
        let count = storage::media::count_of_kind(tx, &self.id, kind)?;
        if self.has_sent(tx, key)? {
            return Ok((allowance, count));
        }
        if unsigned(count)? >= MOST_PER_KIND {
            return Err(refused(UploadRejection::Files(MOST_PER_KIND)));
        }
        let used = unsigned(storage::media::bytes_of(tx, &self.id, MediaPurpose::Evidence)?)?;
        let share = UploadQuota { most: app.settings().evidences_bytes, used };
        Ok((allowance.within_quota(share).map_err(refused)?, count))
    }

    fn has_sent(&self, tx: &mut dyn Transaction, key: Option<&str>) -> Result<bool, Failure> {
        let Some(key) = key else { return Ok(false) };
        Ok(storage::media::find_sent(tx, &self.id, key)?.is_some())
    }

    /// What the step demands and records.
    pub(super) fn conduct(&self, tx: &mut dyn Transaction) -> Result<StepConduct, Failure> {
        let step = storage::step::find(
            tx,
            &self.hot.organization_id,
            &self.hot.task_id,
            &self.hot.step_id,
        )?;
        from_json(&step.ok_or_else(|| Failure::internal("an instance's step is missing"))?.settings)
    }
}

fn not_taken(why: UploadRejection, slot: u32) -> Failure {
    Failure::NotTaken { why, slots: vec![slot] }
}

/// The files that arrived for one slot.
pub(super) struct ReceivedFiles(Vec<MediaRow>);

impl ReceivedFiles {
    pub(super) fn of_slot(
        tx: &mut dyn Transaction,
        instance: &InstanceId,
        slot: u32,
    ) -> Result<Self, Failure> {
        Ok(Self(storage::media::list_of_slot(tx, instance, slot.into())?))
    }
}

impl FinishedUploads for ReceivedFiles {
    fn finished(&self, id: &str) -> Option<FinishedUpload> {
        let media = self.0.iter().find(|media| media.id.as_str() == id)?;
        Some(FinishedUpload {
            bytes: u64::try_from(media.bytes).ok()?,
            media_type: media.media_type.clone(),
        })
    }
}
