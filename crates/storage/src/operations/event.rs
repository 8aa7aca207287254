//! Events: append-only, each chained to the one before it. There is one chain per instance and one
//! per organization.

use crate::{Sha256Digest, SqlRow, SqlValue, StorageError, Transaction, values};
use domain::id::{EventId, InstanceId, OrganizationId, RequestId};
use domain::instance::ActorKind;
use domain::json::quote;
use domain::time::Timestamp;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// Which chain an event belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventChain {
    Organization(OrganizationId),
    Instance(InstanceId),
}

/// The chain's name in the database.
impl fmt::Display for EventChain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organization(id) => write!(formatter, "organization/{id}"),
            Self::Instance(id) => write!(formatter, "instance/{id}"),
        }
    }
}

/// What happened (domain rules, 10). Holds ids, field names and numbers, no personal values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    pub id: EventId,
    pub at: Timestamp,
    pub organization_id: OrganizationId,
    pub actor_kind: ActorKind,
    pub actor_id: Option<String>,
    pub request_id: Option<RequestId>,
    pub kind: String,
    /// JSON object of ids.
    pub subject: String,
    /// JSON object: what is recorded for this kind.
    pub detail: String,
    /// The task's revision, if it rose.
    pub revision: Option<i64>,
}

/// An event at its place in a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainedEvent {
    /// From 1.
    pub n: i64,
    pub event: EventRow,
    pub digest: Sha256Digest,
}

/// What checking a chain found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainVerdict {
    /// Every event follows from the one before it.
    Whole { events: i64 },
    /// The first place where a number or digest does not follow.
    Broken { n: i64 },
}

/// Appends an event to a chain. The transaction holds the lock of the chain's instance; for an
/// organization's chain it takes that of the organization, which comes after all others.
pub fn append(
    tx: &mut dyn Transaction,
    chain: &EventChain,
    event: &EventRow,
) -> Result<ChainedEvent, StorageError> {
    let name = chain.to_string();
    take_turn(tx, chain)?;
    let recorded = follow(&last(tx, &name)?, &name, event.clone());
    insert(tx, &name, &recorded)?;
    Ok(recorded)
}

/// Appends many events to a chain, as [`append`] does one after another.
pub fn append_all(
    tx: &mut dyn Transaction,
    chain: &EventChain,
    events: &[EventRow],
) -> Result<(), StorageError> {
    let name = chain.to_string();
    take_turn(tx, chain)?;
    let mut link = last(tx, &name)?;
    for event in events {
        let recorded = follow(&link, &name, event.clone());
        insert(tx, &name, &recorded)?;
        link = (recorded.n, recorded.digest);
    }
    Ok(())
}

/// The events of a new chain with their numbers and digests, to be inserted with [`insert_chain`].
#[must_use]
pub fn build_chain(chain: &EventChain, events: Vec<EventRow>) -> Vec<ChainedEvent> {
    let name = chain.to_string();
    let mut link = BEGINNING;
    let place = |event| {
        let recorded = follow(&link, &name, event);
        link = (recorded.n, recorded.digest);
        recorded
    };
    events.into_iter().map(place).collect()
}

/// Inserts a chain that [`build_chain`] put together.
///
/// # Errors
/// [`StorageError::Conflict`] when the chain has begun already.
pub fn insert_chain(
    tx: &mut dyn Transaction,
    chain: &EventChain,
    recorded: &[ChainedEvent],
) -> Result<(), StorageError> {
    let name = chain.to_string();
    recorded.iter().try_for_each(|recorded| insert(tx, &name, recorded))
}

/// Number and digest of an event.
pub type ChainLink = (i64, Sha256Digest);

/// Before a chain's first event.
pub const BEGINNING: ChainLink = (0, [0; 32]);

/// Many write into an organization's chain at once when an exam begins: without a lock they would
/// meet at its next number, and be repeated more often than anybody waits. A statement of its own:
/// what follows must see what the last one left.
fn take_turn(tx: &mut dyn Transaction, chain: &EventChain) -> Result<(), StorageError> {
    let (EventChain::Organization(id), clause) = (chain, tx.lock_clause()) else { return Ok(()) };
    if clause.is_empty() {
        return Ok(());
    }
    tx.find(&format!("SELECT 1 FROM organization WHERE id = $1{clause}"), values![id], |_| Ok(()))
        .map(|_| ())
}

fn last(tx: &mut dyn Transaction, chain: &str) -> Result<ChainLink, StorageError> {
    let sql = "SELECT n, digest FROM event WHERE chain = $1 ORDER BY n DESC LIMIT 1";
    Ok(tx.find(sql, values![chain], |row| Ok((row.get(0)?, row.get(1)?)))?.unwrap_or(BEGINNING))
}

fn follow(last: &ChainLink, chain: &str, event: EventRow) -> ChainedEvent {
    let n = last.0 + 1;
    let digest = digest(&last.1, chain, n, &event);
    ChainedEvent { n, event, digest }
}

fn insert(
    tx: &mut dyn Transaction,
    chain: &str,
    recorded: &ChainedEvent,
) -> Result<(), StorageError> {
    let ChainedEvent { n, event, digest } = recorded;
    let sql = "INSERT INTO event (chain, n, id, at, organization_id, actor_kind, actor_id, request_id, kind, subject, \
        detail, revision, digest) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let values = values![
        chain,
        n,
        event.id,
        event.at,
        event.organization_id,
        event.actor_kind,
        event.actor_id,
        event.request_id,
        event.kind,
        event.subject,
        event.detail,
        event.revision,
        digest,
    ];
    tx.execute(sql, values).map(|_| ())
}

/// SHA-256 of the digest before (32 zero bytes at first) and the RFC 8785 form of the event's
/// fields; subject and detail go in as the texts they are kept as.
fn digest(previous: &Sha256Digest, chain: &str, n: i64, event: &EventRow) -> Sha256Digest {
    let optional = |text: Option<&str>| text.map_or_else(|| "null".to_owned(), quote);
    let revision =
        event.revision.map_or_else(|| "null".to_owned(), |revision| revision.to_string());
    let canonical = format!(
        "{{\"actorId\":{},\"actorKind\":{},\"at\":{},\"chain\":{},\"detail\":{},\"id\":{},\"kind\":{},\"n\":{n},\
        \"organizationId\":{},\"requestId\":{},\"revision\":{revision},\"subject\":{}}}",
        optional(event.actor_id.as_deref()),
        quote(event.actor_kind.as_str()),
        event.at.0,
        quote(chain),
        quote(&event.detail),
        quote(event.id.as_str()),
        quote(&event.kind),
        quote(event.organization_id.as_str()),
        optional(event.request_id.as_ref().map(RequestId::as_str)),
        quote(&event.subject),
    );
    Sha256::new().chain_update(previous).chain_update(canonical.as_bytes()).finalize().into()
}

const COLUMNS: &str = "n, digest, id, at, organization_id, actor_kind, actor_id, request_id, kind, subject, detail, revision";

fn read(row: &dyn SqlRow) -> Result<ChainedEvent, StorageError> {
    let event = EventRow {
        id: row.get(2)?,
        at: row.get(3)?,
        organization_id: row.get(4)?,
        actor_kind: row.get(5)?,
        actor_id: row.get(6)?,
        request_id: row.get(7)?,
        kind: row.get(8)?,
        subject: row.get(9)?,
        detail: row.get(10)?,
        revision: row.get(11)?,
    };
    Ok(ChainedEvent { n: row.get(0)?, event, digest: row.get(1)? })
}

/// The events of an organization's chain, or of one of its instances, numbered above `after`.
pub fn list(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    chain: &EventChain,
    after: i64,
    limit: i64,
) -> Result<Vec<ChainedEvent>, StorageError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM event WHERE organization_id = $1 AND chain = $2 AND n > $3 ORDER BY n LIMIT $4"
    );
    tx.list(&sql, values![organization, chain.to_string(), after, limit], read)
}

/// The first events of a chain that are of some kinds.
pub fn list_of_kinds(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    chain: &EventChain,
    kinds: &[&str],
    limit: i64,
) -> Result<Vec<ChainedEvent>, StorageError> {
    if kinds.is_empty() {
        return Ok(Vec::new());
    }
    let places: Vec<_> = (4..).take(kinds.len()).map(|place| format!("${place}")).collect();
    let sql = format!(
        "SELECT {COLUMNS} FROM event WHERE organization_id = $1 AND chain = $2 AND kind IN ({}) ORDER BY n LIMIT $3",
        places.join(", ")
    );
    let chain = chain.to_string();
    let mut values = values![organization, chain, limit].to_vec();
    values.extend(kinds.iter().map(|kind| SqlValue::Text(kind)));
    tx.list(&sql, &values, read)
}

/// What all events of a list have; absent is any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// The kind, or how it begins, such as `key.`.
    pub kind: Option<String>,
    /// The id of who did it.
    pub actor: Option<String>,
    /// An id among those it is about.
    pub mention: Option<String>,
    /// At this instant or later.
    pub since: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
}

/// The events of an organization's chain, or of one of its instances, from the newest on, numbered
/// below `behind`.
pub fn latest(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    chain: &EventChain,
    filter: &EventFilter,
    behind: Option<i64>,
    limit: i64,
) -> Result<Vec<ChainedEvent>, StorageError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM event WHERE organization_id = $1 AND chain = $2 AND n < $3 \
        AND substr(kind, 1, length(CAST($4 AS TEXT))) = CAST($4 AS TEXT) \
        AND (CAST($5 AS TEXT) = '' OR actor_id = $5) \
        AND (CAST($6 AS TEXT) = '' OR replace(subject, CAST($6 AS TEXT), '') <> subject) \
        AND at >= $7 AND at < $8 ORDER BY n DESC LIMIT $9"
    );
    let (chain, behind) = (chain.to_string(), behind.unwrap_or(i64::MAX));
    let (kind, actor) =
        (filter.kind.as_deref().unwrap_or_default(), filter.actor.as_deref().unwrap_or_default());
    let mention = filter.mention.as_deref().map(quote).unwrap_or_default();
    let since = filter.since.unwrap_or(Timestamp(i64::MIN));
    let until = filter.until.unwrap_or(Timestamp(i64::MAX));
    let values = values![organization, chain, behind, kind, actor, mention, since, until, limit];
    tx.list(&sql, values, read)
}

/// When something last happened in a chain, and how often an instance was opened in it.
pub fn last_activity(
    tx: &mut dyn Transaction,
    chain: &EventChain,
) -> Result<(Option<Timestamp>, i64), StorageError> {
    let name = chain.to_string();
    let last = tx.find(
        "SELECT at FROM event WHERE chain = $1 ORDER BY n DESC LIMIT 1",
        values![name],
        |row| row.get(0),
    )?;
    let opened = "SELECT count(*) FROM event WHERE chain = $1 AND kind = 'instance.opened'";
    Ok((last, tx.integer(opened, values![name])?))
}

/// Computes a chain anew and compares it with what is kept.
pub fn verify(tx: &mut dyn Transaction, chain: &EventChain) -> Result<ChainVerdict, StorageError> {
    let walked = walk(tx, chain, BEGINNING, i64::MAX, &mut |_| {})?;
    Ok(walked
        .broken
        .map_or(ChainVerdict::Whole { events: walked.last.0 }, |n| ChainVerdict::Broken { n }))
}

/// A part of a chain that was computed anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainWalk {
    /// Number and digest of the last event that was read, for going on.
    pub last: ChainLink,
    /// Events that were read.
    pub events: i64,
    /// The first place where a number or digest does not follow.
    pub broken: Option<i64>,
}

/// Computes a part of a chain anew, behind an event that was looked at before, and hands over what
/// is kept of it.
pub fn walk(
    tx: &mut dyn Transaction,
    chain: &EventChain,
    from: ChainLink,
    limit: i64,
    each: &mut dyn FnMut(&ChainedEvent),
) -> Result<ChainWalk, StorageError> {
    let name = chain.to_string();
    let mut walked = ChainWalk { last: from, events: 0, broken: None };
    let sql =
        format!("SELECT {COLUMNS} FROM event WHERE chain = $1 AND n > $2 ORDER BY n LIMIT $3");
    tx.query(&sql, values![name, from.0, limit], &mut |row| {
        let recorded = read(row)?;
        let (before, previous) = walked.last;
        let expected = before + 1;
        if walked.broken.is_none()
            && (recorded.n != expected
                || recorded.digest != digest(&previous, &name, expected, &recorded.event))
        {
            walked.broken = Some(expected);
        }
        each(&recorded);
        walked.last = (recorded.n, recorded.digest);
        walked.events += 1;
        Ok(())
    })?;
    Ok(walked)
}

/// Where a walk that ended at an event goes on; the beginning when there is no such event.
pub fn chain_link(
    tx: &mut dyn Transaction,
    chain: &EventChain,
    n: i64,
) -> Result<ChainLink, StorageError> {
    let sql = "SELECT n, digest FROM event WHERE chain = $1 AND n = $2";
    let found =
        tx.find(sql, values![chain.to_string(), n], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.unwrap_or(BEGINNING))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, StorageFixture};

    fn event(number: i64) -> EventRow {
        EventRow {
            id: format!("Ev{number}").into(),
            at: NOW,
            organization_id: "Og1".into(),
            actor_kind: ActorKind::System,
            actor_id: None,
            request_id: (number == 2).then(|| "Rq1".into()),
            kind: "instance.started".into(),
            subject: "{\"instanceId\":\"Ti1\"}".into(),
            detail: "{}".into(),
            revision: Some(number),
        }
    }

    fn chain() -> EventChain {
        EventChain::Instance("Ti1".into())
    }

    fn recorded() -> StorageFixture {
        let fixture = StorageFixture::new();
        fixture.write(|tx| {
            (1..=3).try_for_each(|number| append(tx, &chain(), &event(number)).map(|_| ()))
        });
        fixture
    }

    #[test]
    fn events_of_some_kinds_are_listed_in_their_order_and_of_no_kind_none() {
        let fixture = recorded();
        let other = |number: i64, kind: &str| EventRow { kind: kind.into(), ..event(number) };
        let (page, other) = (other(4, "instance.page_entered"), other(5, "evidence.stored"));
        fixture.write(move |tx| {
            append(tx, &chain(), &other)?;
            append(tx, &chain(), &page).map(|_| ())
        });
        let listed = |kinds: &'static [&'static str], limit| {
            let events =
                fixture.read(move |tx| list_of_kinds(tx, &"Og1".into(), &chain(), kinds, limit));
            events.iter().map(|event| event.n).collect::<Vec<_>>()
        };
        assert_eq!(listed(&["instance.page_entered", "instance.started"], 10), [1, 2, 3, 5]);
        assert_eq!(listed(&["instance.page_entered", "instance.started"], 2), [1, 2]);
        assert_eq!(listed(&["evidence.viewed"], 10), [] as [i64; 0]);
        assert_eq!(listed(&[], 10), [] as [i64; 0]);
    }

    #[test]
    fn an_altered_event_breaks_its_chain_where_it_was_altered() {
        let fixture = recorded();
        fixture.write(|tx| tx.execute("UPDATE event SET at = at + 1 WHERE n = 2", &[]));
        assert_eq!(fixture.read(|tx| verify(tx, &chain())), ChainVerdict::Broken { n: 2 });
    }

    #[test]
    fn a_missing_event_breaks_its_chain() {
        let fixture = recorded();
        fixture.write(|tx| tx.execute("DELETE FROM event WHERE n = 1", &[]));
        assert_eq!(fixture.read(|tx| verify(tx, &chain())), ChainVerdict::Broken { n: 1 });
    }

    #[test]
    fn events_appended_or_begun_together_make_the_chain_they_make_one_by_one() {
        let one_by_one = recorded();
        let wanted = one_by_one.read(|tx| list(tx, &"Og1".into(), &chain(), 0, 10));
        let together = StorageFixture::new();
        together.write(|tx| append(tx, &chain(), &event(1)).map(|_| ()));
        together.write(|tx| append_all(tx, &chain(), &[event(2), event(3)]));
        assert_eq!(together.read(|tx| list(tx, &"Og1".into(), &chain(), 0, 10)), wanted);
        let begun = StorageFixture::new();
        begun.write(|tx| {
            insert_chain(tx, &chain(), &build_chain(&chain(), (1..=3).map(event).collect()))
        });
        assert_eq!(begun.read(|tx| list(tx, &"Og1".into(), &chain(), 0, 10)), wanted);
        assert!(
            begun
                .try_write(|tx| insert_chain(tx, &chain(), &build_chain(&chain(), vec![event(1)])))
                .is_err()
        );
    }

    #[test]
    fn another_organization_reads_no_events() {
        let fixture = recorded();
        assert_eq!(fixture.read(|tx| list(tx, &"Og2".into(), &chain(), 0, 10)), []);
    }

    #[test]
    fn events_are_numbered_per_chain_and_read_back_as_recorded() {
        let fixture = recorded();
        let other = EventChain::Organization("Og1".into());
        let second = other.clone();
        assert_eq!(fixture.write(move |tx| append(tx, &other, &event(4))).n, 1);
        assert_eq!(fixture.read(move |tx| verify(tx, &second)), ChainVerdict::Whole { events: 1 });
        assert_eq!(fixture.read(|tx| verify(tx, &chain())), ChainVerdict::Whole { events: 3 });
        let after_first = fixture.read(|tx| list(tx, &"Og1".into(), &chain(), 1, 10));
        assert_eq!(
            after_first.iter().map(|recorded| recorded.event.clone()).collect::<Vec<_>>(),
            [event(2), event(3)]
        );
    }
}
