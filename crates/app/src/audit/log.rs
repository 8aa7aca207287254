//! Reading the events: chain by chain, the newest first. That they were read is an event itself.

use super::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::failure::{Failure, MissingRight};
use crate::services::AuditService;
use domain::id::InstanceId;
use domain::role::Right;
use serde_json::Value;
use storage::Transaction;
pub use storage::event::{ChainVerdict, ChainedEvent, EventFilter};

/// Which chain of events is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AuditSubject {
    /// Everything but what happened to one instance.
    #[default]
    Organization,
    Instance(InstanceId),
}

/// Which part of a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    pub subject: AuditSubject,
    pub filter: EventFilter,
    /// Go on behind this number, towards older ones.
    pub behind: Option<i64>,
    /// 1 to 1000.
    pub limit: i64,
}

/// A part of a chain, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditPage {
    pub events: Vec<ChainedEvent>,
    pub has_more: bool,
}

impl AuditService {
    /// Events of a chain. That they were read is recorded.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`]; [`Failure::NotFound`] for the instance.
    pub async fn audit_log(
        &self,
        caller: &Caller,
        query: AuditQuery,
    ) -> Result<AuditPage, Failure> {
        self.write_as(caller, Right::ReadAudit, move |work| {
            let chain = chain(work.tx, work.caller, &query.subject)?;
            let mut events = storage::event::latest(
                work.tx,
                work.organization,
                &chain,
                &query.filter,
                query.behind,
                query.limit + 1,
            )?;
            let most = usize::try_from(query.limit).map_err(Failure::internal)?;
            let has_more = events.len() > most;
            events.truncate(most);
            work.record_event(reading(&query, events.len()))?;
            Ok(AuditPage { events, has_more })
        })
        .await
    }

    /// Whether every event of a chain follows from the one before it.
    ///
    /// # Errors
    /// As [`AuditService::audit_log`].
    pub async fn verify_events(
        &self,
        caller: &Caller,
        subject: AuditSubject,
    ) -> Result<ChainVerdict, Failure> {
        self.read_as(caller, Right::ReadAudit, move |work| {
            let chain = chain(work.tx, work.caller, &subject)?;
            Ok(storage::event::verify(work.tx, &chain)?)
        })
        .await
    }
}

/// The chain of a subject within reach. An organization's chain tells of all its tasks.
fn chain(
    tx: &mut dyn Transaction,
    caller: &Caller,
    subject: &AuditSubject,
) -> Result<storage::event::EventChain, Failure> {
    match subject {
        AuditSubject::Organization if caller.is_limited() => {
            Err(MissingRight::WholeOrganization.into())
        }
        AuditSubject::Organization => {
            Ok(storage::event::EventChain::Organization(caller.organization.clone()))
        }
        AuditSubject::Instance(id) => {
            let row = storage::instance::find_any(tx, id)?.ok_or(Failure::NotFound)?;
            crate::administration::find_instance(tx, caller, &row.task_id, id)?;
            Ok(storage::event::EventChain::Instance(id.clone()))
        }
    }
}

fn reading(query: &AuditQuery, count: usize) -> AuditEvent {
    let EventFilter { kind, actor, mention, since, until } = &query.filter;
    let names = [
        ("kind", kind.is_some()),
        ("actor", actor.is_some()),
        ("mention", mention.is_some()),
        ("since", since.is_some()),
        ("until", until.is_some()),
    ];
    let filters: Vec<_> =
        names.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name).collect();
    let event = AuditEvent::of_organization(AuditEventKind::AuditRead)
        .with("filters", filters)
        .with("count", count);
    match &query.subject {
        AuditSubject::Organization => event,
        AuditSubject::Instance(id) => event.about("instanceId", id),
    }
}

/// An event as one line of JSON. A part that does not read stands there as the text that is kept.
#[must_use]
pub fn event_line(recorded: &ChainedEvent) -> String {
    let object = |text: &str| {
        serde_json::from_str::<Value>(text).unwrap_or_else(|_| Value::String(text.to_owned()))
    };
    let event = &recorded.event;
    let printed = serde_json::json!({
        "n": recorded.n,
        "eventId": event.id,
        "atMillis": event.at.0,
        "organizationId": event.organization_id,
        "actorKind": event.actor_kind.as_str(),
        "actorId": event.actor_id,
        "requestId": event.request_id,
        "kind": event.kind,
        "subject": object(&event.subject),
        "detail": object(&event.detail),
        "revision": event.revision,
        "digest": hex::encode(recorded.digest),
    });
    printed.to_string()
}
