//! Files that a candidate sends: for answers, as evidence, and before the start.
//!
//! Each is asked for twice: before its bytes are taken, so that nobody sends in vain, and in the transaction that keeps
//! its row.

use super::sitting::Sitting;
use super::visit::visit;
use crate::App;
use crate::audit::{Event, Kind};
use crate::caller::Visitor;
use crate::failure::Failure;
use crate::json::from_json;
use crate::media::Receiving;
use crate::media::not_allowed;
use domain::access::settings::Conduct;
use domain::id::{CandidateId, InstanceId, OrganizationId, TaskId};
use domain::media::{Allowance, MOST_PER_SLOT, Purpose};
use domain::proctoring::{EvidenceKind, MOST_PER_KIND, PICTURE_BYTES, recorded};
use domain::refusal::Refusal;
use domain::response::{FinishedUpload, Uploads};
use domain::time::Timestamp;
use storage::Transaction;
use storage::media::Media;

/// How long after completion evidence may still arrive, in milliseconds.
const LATE_MILLIS: i64 = 600_000;
const DOCUMENT_BYTES: u64 = 20 << 20;

/// Whose file it is.
pub(crate) struct Place {
    pub organization: OrganizationId,
    pub task: TaskId,
    pub candidate: CandidateId,
    pub instance: Option<InstanceId>,
}

/// What a browser says about a file it sends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    pub media_type: String,
    pub name: Option<String>,
    /// Makes a repeated upload of the same file harmless.
    pub client_token: Option<String>,
}

/// What a browser says about an evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentEvidence {
    pub kind: EvidenceKind,
    /// Chosen by the browser, once per instance and kind.
    pub number: u64,
    /// By the browser's clock.
    pub client_time: Option<Timestamp>,
    pub media_type: String,
}

impl App {
    /// Begins to take a file for an answer. The answer itself is a write that names the file's id.
    ///
    /// # Errors
    /// As saving an answer to the slot; `upload_not_allowed` when the question is not answered by files, or too many
    /// were sent for it; [`Failure::Busy`].
    pub async fn begin_upload(
        &self,
        visitor: &Visitor,
        instance: &InstanceId,
        slot: u32,
        sent: Sent,
    ) -> Result<Receiving, Failure> {
        let now = self.now();
        let (app, its_visitor, its_instance) = (self.clone(), visitor.clone(), instance.clone());
        let ask = move |tx: &mut dyn Transaction| {
            let sitting = Sitting::load(&app, tx, &its_visitor, &its_instance)?;
            let allowance = sitting.may_send(tx, slot, now)?;
            Ok::<_, Failure>((sitting.place(), allowance))
        };
        let (place, allowance) = self.storage().read(ask).await?;
        let mut row = self.media_row(&place, Purpose::Answer);
        row.slot = Some(slot.into());
        row.name = sent.name;
        if let Some(token) = sent.client_token {
            row.client_key = format!("answer/{slot}/{token}");
        }
        let (visitor, instance) = (visitor.clone(), instance.clone());
        let enter = move |app: &App, tx: &mut dyn Transaction, row: &Media| {
            let sitting = Sitting::load(app, tx, &visitor, &instance)?;
            if let Some(known) = storage::media::find_sent(tx, &instance, &row.client_key)? {
                return Ok(known);
            }
            // A file that was begun in time is taken; whether it still becomes an answer is the write's question.
            sitting.may_send(tx, slot, now)?;
            storage::media::insert(tx, row)?;
            Ok(row.clone())
        };
        Receiving::begin(self, row, allowance, sent.media_type, Box::new(enter)).await
    }

    /// Begins to take an evidence. A repeated number gives the first one again.
    ///
    /// # Errors
    /// [`Failure::NotFound`]; `instance_complete` when that was long ago; `upload_not_allowed` when the step does not
    /// record this, or there are too many; [`Failure::Busy`].
    pub async fn begin_evidence(
        &self,
        visitor: &Visitor,
        instance: &InstanceId,
        sent: SentEvidence,
    ) -> Result<Receiving, Failure> {
        let (app, its_visitor, its_instance, kind) = (self.clone(), visitor.clone(), instance.clone(), sent.kind);
        let now = self.now();
        let ask = move |tx: &mut dyn Transaction| {
            let sitting = Sitting::load(&app, tx, &its_visitor, &its_instance)?;
            sitting.may_record(tx, kind, now)?;
            Ok::<_, Failure>(sitting.place())
        };
        let place = self.storage().read(ask).await?;
        let mut row = self.media_row(&place, Purpose::Evidence);
        row.kind = Some(kind);
        row.client_time = sent.client_time;
        row.client_key = format!("{kind}/{}", sent.number);
        let (visitor, instance) = (visitor.clone(), instance.clone());
        let enter = move |app: &App, tx: &mut dyn Transaction, row: &Media| {
            let sitting = Sitting::load(app, tx, &visitor, &instance)?;
            if let Some(known) = storage::media::find_sent(tx, &instance, &row.client_key)? {
                return Ok(known);
            }
            let nth = sitting.may_record(tx, kind, now)? + 1;
            let row = Media { nth: Some(nth), ..row.clone() };
            storage::media::insert(tx, &row)?;
            let event = Event::of_instance(Kind::EvidenceStored, &instance).about("evidenceId", &row.id);
            app.record(tx, row.created_at, &sitting.doer, event.with("kind", kind).with("nth", nth))?;
            Ok(row)
        };
        let allowance = Allowance::of(kind.most_bytes(), &[kind.media_type()]);
        Receiving::begin(self, row, allowance, sent.media_type, Box::new(enter)).await
    }

    /// Begins to take the candidate's identity photo; a later one takes the place of an earlier.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`]; [`Failure::Busy`].
    pub async fn begin_identity_photo(&self, visitor: &Visitor, media_type: String) -> Result<Receiving, Failure> {
        let allowance = Allowance::of(PICTURE_BYTES, &["image/*"]);
        self.begin_before_start(visitor, Purpose::IdentityPhoto, None, media_type, allowance).await
    }

    /// Begins to take a document that steps ask for by this name; a later one takes the place of an earlier.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`]; [`Failure::NotFound`] when no step of the task asks for it; [`Failure::Busy`].
    pub async fn begin_document(
        &self,
        visitor: &Visitor,
        name: String,
        media_type: String,
    ) -> Result<Receiving, Failure> {
        let allowance = Allowance::of(DOCUMENT_BYTES, &["image/*", "application/pdf"]);
        self.begin_before_start(visitor, Purpose::Document, Some(name), media_type, allowance).await
    }

    async fn begin_before_start(
        &self,
        visitor: &Visitor,
        purpose: Purpose,
        name: Option<String>,
        media_type: String,
        allowance: Allowance,
    ) -> Result<Receiving, Failure> {
        let (its_visitor, its_name) = (visitor.clone(), name.clone());
        let ask = move |tx: &mut dyn Transaction| asked_before_start(tx, &its_visitor, purpose, its_name.as_deref());
        let place = self.storage().read(ask).await?;
        let row = Media { name, ..self.media_row(&place, purpose) };
        let visitor = visitor.clone();
        let enter = move |_: &App, tx: &mut dyn Transaction, row: &Media| {
            asked_before_start(tx, &visitor, purpose, row.name.as_deref())?;
            storage::media::replace(tx, &row.candidate_id, purpose, row.name.as_deref())?;
            storage::media::insert(tx, row)?;
            Ok(row.clone())
        };
        Receiving::begin(self, row, allowance, media_type, Box::new(enter)).await
    }
}

/// Where a photo or document goes, when a step of the candidate's task asks for it.
fn asked_before_start(
    tx: &mut dyn Transaction,
    visitor: &Visitor,
    purpose: Purpose,
    name: Option<&str>,
) -> Result<Place, Failure> {
    let visit = visit(tx, visitor)?;
    visit.candidate(tx)?;
    let mut is_asked = false;
    for step in storage::step::list(tx, &visit.organization, &visit.task)? {
        let conduct: Conduct = from_json(&step.settings)?;
        is_asked |= match purpose {
            Purpose::IdentityPhoto => conduct.identity_photo,
            _ => name.is_some_and(|name| conduct.documents.iter().any(|known| known == name)),
        };
    }
    if !is_asked {
        return Err(Failure::NotFound);
    }
    Ok(Place { organization: visit.organization, task: visit.task, candidate: visit.candidate, instance: None })
}

impl Sitting {
    fn place(&self) -> Place {
        Place {
            organization: self.hot.organization_id.clone(),
            task: self.hot.task_id.clone(),
            candidate: self.hot.candidate_id.clone(),
            instance: Some(self.id.clone()),
        }
    }

    /// What may be sent for a slot now.
    fn may_send(&self, tx: &mut dyn Transaction, slot: u32, now: Timestamp) -> Result<Allowance, Failure> {
        self.demand_switches()?;
        let index = (slot as usize).wrapping_sub(1);
        self.delivery.accepts(&self.compiled, index, now)?;
        let question = &self.compiled.slots.get(index).ok_or(Failure::NotFound)?.question;
        let allowance = Allowance::of_question(question).ok_or_else(|| not_allowed(vec![slot]))?;
        let sent = storage::media::list_of_slot(tx, &self.id, slot.into())?;
        if sent.len() as u64 >= MOST_PER_SLOT { Err(not_allowed(vec![slot])) } else { Ok(allowance) }
    }

    /// How many evidences of a kind there are, when one more may be kept.
    fn may_record(&self, tx: &mut dyn Transaction, kind: EvidenceKind, now: Timestamp) -> Result<i64, Failure> {
        if !self.hot.state.is_open() {
            let row = storage::instance::lock(tx, &self.id)?.ok_or(Failure::NotFound)?;
            if row.completed_at.is_none_or(|at| at.plus_millis(LATE_MILLIS) < now) {
                return Err(Refusal::InstanceComplete.into());
            }
        }
        let count = storage::media::count_of_kind(tx, &self.id, kind)?;
        let is_asked = recorded(&self.conduct(tx)?).contains(&kind);
        if is_asked && count.unsigned_abs() < MOST_PER_KIND { Ok(count) } else { Err(not_allowed(Vec::new())) }
    }

    /// What the step demands and records.
    pub(super) fn conduct(&self, tx: &mut dyn Transaction) -> Result<Conduct, Failure> {
        let step = storage::step::find(tx, &self.hot.organization_id, &self.hot.task_id, &self.hot.step_id)?;
        from_json(&step.ok_or_else(|| Failure::internal("an instance's step is missing"))?.settings)
    }
}

/// The files that arrived for one slot.
pub(super) struct SentFiles(Vec<Media>);

impl SentFiles {
    pub(super) fn of_slot(tx: &mut dyn Transaction, instance: &InstanceId, slot: u32) -> Result<Self, Failure> {
        Ok(Self(storage::media::list_of_slot(tx, instance, slot.into())?))
    }
}

impl Uploads for SentFiles {
    fn finished(&self, id: &str) -> Option<FinishedUpload> {
        let media = self.0.iter().find(|media| media.id.as_str() == id)?;
        Some(FinishedUpload { bytes: media.bytes.unsigned_abs(), media_type: media.media_type.clone() })
    }
}
