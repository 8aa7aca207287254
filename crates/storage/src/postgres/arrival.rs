//! Where a connection leads, and a new epoch of the history when that is another place than before.
//!
//! A server's identity, its timeline and the database's number tell apart what may have lost a tail of the history: a
//! promoted standby and a recovery to a point in time go on in a new timeline, a dump is restored into a new database. A
//! planned switch that lost nothing begins an epoch too; that costs nothing, for every cursor given out stays good. A
//! file system put back under a stopped server cannot be known: that is what `assay restore --mark` is for.

use super::failure::{Broken, Fate};
use super::session::{Session, within};
use super::transaction::PostgresTransaction;
use crate::error::StorageError;
use crate::operations::history;
use crate::options::EpochSource;
use tokio::runtime::Runtime;
use tokio_postgres::error::SqlState;

/// The control file's own timeline follows a promotion only at the next checkpoint; the log's is true at once.
const PLACE: &str = "SELECT (SELECT system_identifier::text FROM pg_control_system()) || '/' \
    || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) || '/' || oid::text \
    FROM pg_database WHERE datname = current_database()";

/// Asks where the connection leads and begins an epoch if it has to.
pub(super) fn arrive(runtime: &Runtime, session: &mut Session, epochs: &EpochSource) -> Result<(), Broken> {
    let Some(place) = place(runtime, session)? else {
        session.stays();
        return Ok(());
    };
    let mut tx = PostgresTransaction::on(runtime, session);
    let arrived = look(&mut tx, &place, epochs);
    let (broken, begun) = (tx.broken(), tx.has_begun());
    if let Some(broken) = broken {
        if broken.fate != Fate::Lost && begun {
            send(runtime, session, "ROLLBACK")?;
        }
        return Err(broken);
    }
    send(runtime, session, "COMMIT")?;
    match arrived {
        Ok(true) => session.stays(),
        Ok(false) => {}
        Err(error) => return Err(Broken { error, fate: Fate::Refused }),
    }
    Ok(())
}

/// True once there is a history and it goes on here; before that the next transaction asks again.
fn look(tx: &mut PostgresTransaction<'_>, place: &str, epochs: &EpochSource) -> Result<bool, StorageError> {
    if history::arrive(tx, place, || epochs.fresh())? {
        tracing::warn!(place, "the database is in another place: a new epoch of its history begins");
    }
    Ok(history::current(tx)?.is_some())
}

/// None where the server does not tell.
fn place(runtime: &Runtime, session: &Session) -> Result<Option<String>, Broken> {
    let asked = runtime.block_on(async {
        match tokio::time::timeout(super::session::SILENCE, session.client.query_one(PLACE, &[])).await {
            Ok(answer) => answer.map_err(Some),
            Err(_) => Err(None),
        }
    });
    match asked {
        Ok(row) => row.try_get(0).map_err(Broken::from),
        Err(None) => Err(Broken::lost("the database does not answer")),
        Err(Some(error)) if is_untold(&error) => {
            tracing::warn!(%error, "the server does not tell its timeline: after a failover run `assay restore --mark`");
            Ok(None)
        }
        Err(Some(error)) => Err(Broken::from(error)),
    }
}

/// Whether the server answered that it does not answer that.
fn is_untold(error: &tokio_postgres::Error) -> bool {
    let states = [SqlState::INSUFFICIENT_PRIVILEGE, SqlState::UNDEFINED_FUNCTION, SqlState::FEATURE_NOT_SUPPORTED];
    error.code().is_some_and(|code| states.contains(code))
}

fn send(runtime: &Runtime, session: &Session, script: &str) -> Result<(), Broken> {
    runtime.block_on(within(session.client.batch_execute(script)))
}
