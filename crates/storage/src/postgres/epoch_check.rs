//! Where a connection leads, and a new epoch of the history when that is another place than before.
//!
//! Every connection of a server asks before it reads or writes anything, so that no feed is
//! answered from a place whose history is not known to go on there. What one of them finds out
//! holds for all: the others leave the old place, and none goes back to a primary whose place
//! another has taken, though it runs and takes writes.
//!
//! A server's identity, its timeline and the database's number tell apart what may have lost a tail
//! of the history: a promoted standby and a recovery to a point in time go on in a new timeline, a
//! dump is restored into a new database. A planned switch that lost nothing begins an epoch too;
//! that costs nothing, for every cursor given out stays good. A file system put back under a
//! stopped server cannot be known: that is what `assay restore --mark` is for.

use super::connection::{PostgresSession, with_timeout};
use super::statement_error::{RetryDecision, StatementError};
use super::transaction::PostgresTransaction;
use crate::error::StorageError;
use crate::operations::history;
use crate::options::EpochSource;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Runtime;
use tokio_postgres::error::SqlState;

/// The control file's own timeline follows a promotion only at the next checkpoint; the log's is
/// true at once.
const PLACE: &str = "SELECT (SELECT system_identifier::text FROM pg_control_system()) || '/' \
    || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) || '/' || oid::text \
    FROM pg_database WHERE datname = current_database()";

/// What the connections of one storage know together of the place they lead to.
#[derive(Clone)]
pub(crate) struct Arrival {
    pub(super) epochs: EpochSource,
    place: Arc<SharedPlace>,
}

#[derive(Default)]
struct SharedPlace {
    current: Mutex<Option<String>>,
    /// Rises whenever the place becomes another one.
    generation: AtomicU64,
}

impl Arrival {
    pub(crate) fn new(epochs: EpochSource) -> Self {
        Self { epochs, place: Arc::default() }
    }

    /// Tells apart connections that were made to the place that holds now from those to another
    /// one.
    pub(super) fn generation(&self) -> u64 {
        self.place.generation.load(Ordering::SeqCst)
    }

    /// Takes a place for the one that holds from now on; none when another has taken its place.
    /// Gives the generation.
    fn follow(&self, place: &str) -> Option<u64> {
        let mut current = self.place.current.lock().unwrap_or_else(PoisonError::into_inner);
        match current.as_deref() {
            Some(present) if present == place => return Some(self.generation()),
            Some(present) if is_replaced(place, present) => return None,
            _ => {}
        }
        *current = Some(place.to_owned());
        Some(self.place.generation.fetch_add(1, Ordering::SeqCst) + 1)
    }
}

/// Whether a place is one that `by` goes on from: the same database on an earlier timeline.
fn is_replaced(place: &str, by: &str) -> bool {
    let parts = |place: &str| {
        let mut parts = place.split('/').map(str::to_owned);
        let (system, timeline) = (parts.next(), parts.next());
        // Hexadecimal, eight digits.
        (timeline, (system, parts.next()))
    };
    let (earlier, later) = (parts(place), parts(by));
    earlier.1 == later.1 && earlier.0 < later.0
}

/// Asks where the connection leads and begins an epoch if it has to.
pub(super) fn check_epoch(
    runtime: &Runtime,
    session: &mut PostgresSession,
    arrival: &Arrival,
) -> Result<(), StatementError> {
    let Some(place) = place(runtime, session)? else {
        session.mark_epoch_checked(arrival.generation());
        return Ok(());
    };
    let Some(generation) = arrival.follow(&place) else {
        tracing::error!(
            place,
            "a primary that another has taken the place of still takes writes: it is not used"
        );
        return Err(StatementError::lost("the database was replaced by another"));
    };
    let epochs = &arrival.epochs;
    let mut tx = PostgresTransaction::on_session(runtime, session);
    let arrived = look(&mut tx, &place, epochs);
    let (broken, begun) = (tx.statement_error(), tx.has_begun());
    if let Some(broken) = broken {
        if broken.fate != RetryDecision::Lost && begun {
            send(runtime, session, "ROLLBACK")?;
        }
        return Err(broken);
    }
    send(runtime, session, "COMMIT")?;
    match arrived {
        Ok(true) => session.mark_epoch_checked(generation),
        Ok(false) => {}
        Err(error) => return Err(StatementError { error, fate: RetryDecision::Refused }),
    }
    Ok(())
}

/// True once there is a history and it goes on here; before that the next transaction asks again.
fn look(
    tx: &mut PostgresTransaction<'_>,
    place: &str,
    epochs: &EpochSource,
) -> Result<bool, StorageError> {
    if history::begin_if_moved(tx, place, || epochs.next_epoch())? {
        tracing::warn!(
            place,
            "the database is in another place: a new epoch of its history begins"
        );
    }
    Ok(history::current(tx)?.is_some())
}

/// None where the server does not tell.
fn place(runtime: &Runtime, session: &PostgresSession) -> Result<Option<String>, StatementError> {
    let answer = runtime.block_on(async {
        match tokio::time::timeout(super::connection::SILENCE, session.client.query_one(PLACE, &[]))
            .await
        {
            Ok(answer) => answer.map_err(Some),
            Err(_) => Err(None),
        }
    });
    match answer {
        Ok(row) => row.try_get(0).map_err(StatementError::from),
        Err(None) => Err(StatementError::lost("the database does not answer")),
        Err(Some(error)) if error.code() == Some(&SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE) => {
            Err(StatementError::lost("the database is a standby"))
        }
        Err(Some(error)) if is_untold(&error) => {
            tracing::warn!(%error, "the server does not tell its timeline: after a failover run `assay restore --mark`");
            Ok(None)
        }
        Err(Some(error)) => Err(StatementError::from(error)),
    }
}

/// Whether the server answered that it does not answer that.
fn is_untold(error: &tokio_postgres::Error) -> bool {
    let states = [
        SqlState::INSUFFICIENT_PRIVILEGE,
        SqlState::UNDEFINED_FUNCTION,
        SqlState::FEATURE_NOT_SUPPORTED,
    ];
    error.code().is_some_and(|code| states.contains(code))
}

fn send(runtime: &Runtime, session: &PostgresSession, script: &str) -> Result<(), StatementError> {
    runtime.block_on(with_timeout(session.client.batch_execute(script)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::time::Timestamp;

    #[test]
    fn a_place_is_followed_on_and_never_back_to_an_earlier_timeline() {
        let arrival = Arrival::new(EpochSource::new(|| (String::new(), Timestamp(0))));
        let follow = |place: &str| arrival.follow(place);
        assert_eq!(follow("7/00000009/16"), Some(1));
        assert_eq!(follow("7/00000009/16"), Some(1));
        assert_eq!(follow("7/0000000A/16"), Some(2), "a standby was promoted");
        assert_eq!(follow("7/00000009/16"), None, "and the old primary runs on");
        assert_eq!(arrival.generation(), 2);
        assert_eq!(follow("7/00000001/17"), Some(3), "another database");
        assert_eq!(follow("8/00000001/17"), Some(4), "another server");
    }
}
