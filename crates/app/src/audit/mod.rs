//! Events: what happened, recorded in the transaction that did it.
//!
//! An event holds ids, field names and numbers, never names, addresses, responses or other personal
//! values, so that erasing a person need not touch it.

mod log;

pub use log::{
    AuditPage, AuditQuery, AuditSubject, ChainVerdict, ChainedEvent, EventFilter, event_line,
};

use crate::App;
use crate::caller::{Actor, Caller};
use crate::failure::Failure;
use crate::json::to_json;
use crate::unit_of_work::UnitOfWork;
use domain::id::{InstanceId, OrganizationId, RequestId};
use domain::time::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use storage::Transaction;

domain::string_enum! {
    /// What happened (domain rules, 10).
    pub enum AuditEventKind {
        OrganizationUpdated = "organization.updated",
        KeyCreated = "key.created",
        KeyRotated = "key.rotated",
        KeyRevoked = "key.revoked",
        UserCreated = "user.created",
        UserUpdated = "user.updated",
        UserRolesChanged = "user.roles_changed",
        UserDeactivated = "user.deactivated",
        LoginSucceeded = "login.succeeded",
        LoginFailed = "login.failed",
        LoginBlocked = "login.blocked",
        CandidateEntered = "candidate.entered",
        TestCreated = "test.created",
        TestUpdated = "test.updated",
        TestArchived = "test.archived",
        MediaAdded = "media.added",
        MediaRemoved = "media.removed",
        QuestionSubmitted = "question.submitted",
        QuestionApproved = "question.approved",
        QuestionUpdated = "question.updated",
        TaskCreated = "task.created",
        TaskUpdated = "task.updated",
        StepUpdated = "step.updated",
        CandidateCreated = "candidate.created",
        CandidateUpdated = "candidate.updated",
        CandidateDeleted = "candidate.deleted",
        CandidateAccessRenewed = "candidate.access_renewed",
        CandidateFormAnswered = "candidate.form_answered",
        CandidateInvited = "candidate.invited",
        CandidateOverrideChanged = "candidate.override_changed",
        InstanceStarted = "instance.started",
        InstanceOpened = "instance.opened",
        InstancePageEntered = "instance.page_entered",
        MediaPlayed = "media.played",
        InstanceLocked = "instance.locked",
        InstanceFullscreenLeft = "instance.fullscreen_left",
        InstanceFullscreenReturned = "instance.fullscreen_returned",
        InstanceCompleted = "instance.completed",
        InstanceTerminated = "instance.terminated",
        InstanceForceClosed = "instance.force_closed",
        InstanceTimeExtended = "instance.time_extended",
        InstanceIgnored = "instance.ignored",
        InstanceReacknowledged = "instance.reacknowledged",
        InstanceReinstated = "instance.reinstated",
        InstanceFlagSet = "instance.flag_set",
        EvidenceStored = "evidence.stored",
        EvidenceDetectionAdded = "evidence.detection_added",
        EvidenceViewed = "evidence.viewed",
        EvidenceExpired = "evidence.expired",
        AnswerChecked = "answer.checked",
        AnswerEvaluated = "answer.evaluated",
        AnswerEvaluationWithdrawn = "answer.evaluation_withdrawn",
        AnswerEvaluationDropped = "answer.evaluation_dropped",
        CorrectionApplied = "correction.applied",
        CorrectionWithdrawn = "correction.withdrawn",
        ResultVersionCreated = "result.version_created",
        ResultRescored = "result.rescored",
        ResultReleased = "result.released",
        ResultWithdrawn = "result.withdrawn",
        ResultViewed = "result.viewed",
        ResultsExported = "results.exported",
        AnswersViewed = "answers.viewed",
        CallbackSent = "callback.sent",
        CallbackFailed = "callback.failed",
        PersonErased = "person.erased",
        AuditRead = "audit.read",
        MailSent = "mail.sent",
        MailFailed = "mail.failed",
    }
}

/// One event about to be recorded.
#[derive(Clone, Debug)]
pub struct AuditEvent {
    kind: AuditEventKind,
    chain: AuditChain,
    subject: Map<String, Value>,
    detail: Map<String, Value>,
    revision: Option<i64>,
}

/// The chain of digests an event joins: an instance's own, or the organization's for the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
enum AuditChain {
    Organization,
    Instance(InstanceId),
}

impl AuditEvent {
    #[must_use]
    pub fn of_organization(kind: AuditEventKind) -> Self {
        Self {
            kind,
            chain: AuditChain::Organization,
            subject: Map::new(),
            detail: Map::new(),
            revision: None,
        }
    }

    /// An event of an instance's own chain.
    #[must_use]
    pub fn of_instance(kind: AuditEventKind, instance: &InstanceId) -> Self {
        let event =
            Self { chain: AuditChain::Instance(instance.clone()), ..Self::of_organization(kind) };
        event.about("instanceId", instance)
    }

    /// Names one more thing the event is about, by its id.
    #[must_use]
    pub fn about(mut self, name: &str, id: impl std::fmt::Display) -> Self {
        self.subject.insert(name.to_owned(), Value::String(id.to_string()));
        self
    }

    /// Adds a detail: ids, field names or numbers only.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        let value = serde_json::to_value(value)
            .expect("ids, words and numbers can always be written as JSON");
        self.detail.insert(name.to_owned(), value);
        self
    }

    fn chain_of(&self, doer: &dyn AuditContext) -> storage::event::EventChain {
        match &self.chain {
            AuditChain::Organization => {
                storage::event::EventChain::Organization(doer.organization().clone())
            }
            AuditChain::Instance(instance) => {
                storage::event::EventChain::Instance(instance.clone())
            }
        }
    }

    /// The task revision this change took.
    #[must_use]
    pub fn at_revision(mut self, revision: i64) -> Self {
        self.revision = Some(revision);
        self
    }
}

/// Who did it and in which request.
pub trait AuditContext {
    fn organization(&self) -> &OrganizationId;
    fn actor(&self) -> Actor;
    fn request(&self) -> Option<&RequestId>;
}

impl AuditContext for Caller {
    fn organization(&self) -> &OrganizationId {
        &self.organization
    }

    fn actor(&self) -> Actor {
        Self::actor(self)
    }

    fn request(&self) -> Option<&RequestId> {
        Some(&self.request)
    }
}

/// Anybody, named outright: a candidate, or the server itself when no one asked.
#[derive(Clone, Debug)]
pub struct ActorContext {
    pub organization: OrganizationId,
    pub actor: Actor,
    pub request: Option<RequestId>,
}

impl AuditContext for ActorContext {
    fn organization(&self) -> &OrganizationId {
        &self.organization
    }

    fn actor(&self) -> Actor {
        self.actor.clone()
    }

    fn request(&self) -> Option<&RequestId> {
        self.request.as_ref()
    }
}

impl UnitOfWork<'_> {
    /// Records that the caller did something, at the moment of the unit of work.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn record_event(&mut self, event: AuditEvent) -> Result<(), Failure> {
        self.app.record_event(self.tx, self.now, self.caller, event)
    }
}

impl App {
    /// Records an event in the transaction of the change it tells of.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn record_event(
        &self,
        tx: &mut dyn Transaction,
        now: Timestamp,
        doer: &dyn AuditContext,
        event: AuditEvent,
    ) -> Result<(), Failure> {
        let chain = event.chain_of(doer);
        storage::event::append(tx, &chain, &self.event_row(now, doer, event)?)?;
        Ok(())
    }

    /// An event as a row, for chains that are put together before they are stored.
    ///
    /// # Errors
    /// When it has no JSON form: a mistake in this program.
    pub(crate) fn event_row(
        &self,
        now: Timestamp,
        doer: &dyn AuditContext,
        event: AuditEvent,
    ) -> Result<storage::event::EventRow, Failure> {
        let actor = doer.actor();
        Ok(storage::event::EventRow {
            id: self.new_id(now),
            at: now,
            organization_id: doer.organization().clone(),
            actor_kind: actor.kind,
            actor_id: Some(actor.id).filter(|id| !id.is_empty()),
            request_id: doer.request().cloned(),
            kind: event.kind.as_str().to_owned(),
            subject: to_json(&event.subject)?,
            detail: to_json(&event.detail)?,
            revision: event.revision,
        })
    }
}
