//! A thread's connection: made when it is needed, given up when it broke, made again.

use super::address::PostgresAddress;
use super::epoch_check::{self, Arrival};
use super::statement_error::{RetryDecision, StatementError, error_chain};
use super::transaction::PostgresTransaction;
use crate::error::StorageError;
use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::Runtime;
use tokio_postgres::config::TargetSessionAttrs;
use tokio_postgres::error::{DbError, Severity, SqlState};
use tokio_postgres::{AsyncMessage, Client, Config, Connection, Statement};

/// A server that says nothing for so long is taken for lost. Longer than any statement of ours may
/// run.
pub(super) const SILENCE: Duration = Duration::from_secs(30);

/// One plan for all values, as our statements are made for one index each; no plan worth compiling.
/// An acknowledgement means that the commit is on disk, whatever the server's or role's own
/// setting: `off`, `local` and `remote_write` are less than that where there is a synchronous
/// replica, and `off` is without one. Only `remote_apply` is more and is kept.
const SETTINGS: &str = "SET plan_cache_mode = force_generic_plan; SET jit = off; SET statement_timeout = '25s'; \
    SET lock_timeout = '10s'; SET client_min_messages = warning; \
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') <> 'remote_apply'";

/// A commit of a transaction that changed nothing does not wait for a synchronous replica. Yet what
/// it acknowledges may be an earlier commit whose wait was cancelled: with a transaction id of its
/// own it waits for all before it.
const BARRIER: &str =
    "SELECT txid_current() WHERE current_setting('synchronous_standby_names') <> ''; COMMIT";

/// A server that stopped in the middle of a write holds locks that others wait for; its writes are
/// milliseconds apart.
const WRITE_SETTINGS: &str = "SET idle_in_transaction_session_timeout = '4s'";
/// A read holds nothing that others wait for, and may wait for a slow client.
const READ_SETTINGS: &str = "SET idle_in_transaction_session_timeout = '60s'";

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConnectionPurpose {
    Write,
    Read,
}

/// An open connection and what it has been taught.
pub(crate) struct PostgresSession {
    pub(super) client: Client,
    statements: HashMap<String, Statement>,
    /// A finished read whose transaction is closed along with the next one's `BEGIN`.
    pub(super) left_open: bool,
    /// Once it is known that the history goes on in this place: the generation of the place.
    arrived: Option<u64>,
    /// The server has warned of something since this was last put back.
    warned: Arc<AtomicBool>,
}

/// A thread's way to the database.
pub(crate) struct PostgresConnection {
    pub(super) runtime: Runtime,
    address: PostgresAddress,
    purpose: ConnectionPurpose,
    session: Option<PostgresSession>,
    arrival: Option<Arrival>,
}

impl PostgresConnection {
    /// # Errors
    /// When the system has no room for another thread's event loop.
    pub(crate) fn new(
        address: &PostgresAddress,
        purpose: ConnectionPurpose,
    ) -> Result<Self, StorageError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| StorageError::Unavailable(error.to_string()))?;
        let mut address = address.clone();
        if purpose == ConnectionPurpose::Write {
            for config in std::iter::once(&mut address.config).chain(&mut address.hosts) {
                config.target_session_attrs(TargetSessionAttrs::ReadWrite);
            }
        }
        Ok(Self { runtime, address, purpose, session: None, arrival: None })
    }

    /// The same line, leading to the place where the history goes on, and beginning an epoch of it
    /// whenever that is another place than before.
    #[must_use]
    pub(crate) fn arriving(mut self, arrival: Option<Arrival>) -> Self {
        self.arrival = arrival;
        self
    }

    /// Connects and looks where the line leads.
    ///
    /// # Errors
    /// When the database cannot be reached or written.
    pub(crate) fn connect_and_check_epoch(mut self) -> Result<(), StorageError> {
        self.open().map(drop).map_err(|broken| broken.error)
    }

    /// A line whose statements may take as long as they need, for one long piece of work.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub(crate) fn connect_without_timeouts(
        address: &PostgresAddress,
        purpose: ConnectionPurpose,
    ) -> Result<Self, StorageError> {
        let mut line = Self::new(address, purpose)?;
        line.open().map_err(|broken| broken.error)?;
        line.run_script("SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0")
            .map_err(|broken| broken.error)?;
        Ok(line)
    }

    /// Runs some work in a transaction once, and commits if it went well.
    ///
    /// # Errors
    /// What the work returns; when the commit fails.
    pub(crate) fn transaction<T>(
        &mut self,
        work: impl FnOnce(&mut PostgresTransaction<'_>) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let done = PostgresTransaction::new(self)
            .map_err(|broken| broken.error)
            .and_then(|mut tx| work(&mut tx));
        let ended = self.run_script(if done.is_ok() { "COMMIT" } else { "ROLLBACK" });
        done.and_then(|done| ended.map_err(|broken| broken.error).map(|()| done))
    }

    pub(crate) const fn purpose(&self) -> ConnectionPurpose {
        self.purpose
    }

    /// The connection and the loop that drives it.
    pub(super) fn open(&mut self) -> Result<(&Runtime, &mut PostgresSession), StatementError> {
        if self
            .session
            .as_ref()
            .is_some_and(|session| session.client.is_closed() || self.is_elsewhere(session))
        {
            self.session = None;
        }
        match &self.session {
            Some(_) => self.arrive()?,
            None => self.connect()?,
        }
        match &mut self.session {
            Some(session) => Ok((&self.runtime, session)),
            None => Err(StatementError::lost("no connection")),
        }
    }

    /// Whether another connection has found the database in another place since this one was made.
    fn is_elsewhere(&self, session: &PostgresSession) -> bool {
        let generation = self.arrival.as_ref().map(Arrival::generation);
        generation.zip(session.arrived).is_some_and(|(now, then)| now != then)
    }

    /// Connects to the first host that will do. A line that looks where it leads asks them one by
    /// one: the first that answers may be a standby, or an old primary.
    fn connect(&mut self) -> Result<(), StatementError> {
        let configs = match &self.arrival {
            Some(_) => self.address.hosts.clone(),
            None => vec![self.address.config.clone()],
        };
        let mut last = StatementError::lost("no connection");
        for config in configs {
            let made = self.runtime.block_on(connect(&config, &self.address, self.purpose));
            let reached = made.and_then(|session| {
                self.session = Some(session);
                self.arrive()
            });
            match reached {
                Err(broken) if broken.fate == RetryDecision::Lost => last = broken,
                reached => return reached,
            }
        }
        Err(last)
    }

    /// A connection may lead to another server than the last one: to a standby that was promoted
    /// and had not heard everything, or to a restored copy. So each one asks where it is before it
    /// reads or writes anything.
    fn arrive(&mut self) -> Result<(), StatementError> {
        if self.arrival.is_none()
            || self.session.as_ref().is_none_or(|session| session.arrived.is_some())
        {
            return Ok(());
        }
        if self.is_left_open() {
            self.run_script("COMMIT")?;
        }
        let (Some(arrival), Some(session)) = (&self.arrival, &mut self.session) else {
            return Ok(());
        };
        let arrived = epoch_check::check_epoch(&self.runtime, session, arrival);
        if let Err(StatementError { fate: RetryDecision::Lost, .. }) = &arrived {
            self.session = None;
        }
        arrived
    }

    /// Gives the connection up; the next transaction makes another.
    pub(super) fn disconnect(&mut self) {
        self.session = None;
    }

    /// Runs a script outside of any transaction, when there is a connection; a failure costs the
    /// connection.
    pub(crate) fn run_script(&mut self, script: &str) -> Result<(), StatementError> {
        let Some(session) = &mut self.session else {
            return Err(StatementError::lost("no connection"));
        };
        session.left_open = false;
        session.warned.store(false, Ordering::SeqCst);
        let mut sent = self.runtime.block_on(with_timeout(session.client.batch_execute(script)));
        // Whoever cancels a commit that waits for a synchronous replica gets a commit with a
        // warning: it stands here and perhaps nowhere else, so it must not be acknowledged. Its
        // outcome is unknown, as when its answer had been lost.
        if sent.is_ok() && script.ends_with("COMMIT") && session.warned.load(Ordering::SeqCst) {
            sent = Err(StatementError::lost("the database did not confirm a commit"));
        }
        if sent.as_ref().is_err_and(|broken| broken.fate != RetryDecision::Refused) {
            self.session = None;
        }
        sent
    }

    /// Ends a transaction that is to be kept. `is_unchanged` says that it sent nothing that could
    /// have changed anything.
    pub(super) fn commit(&mut self, is_unchanged: bool) -> Result<(), StatementError> {
        self.run_script(if is_unchanged { BARRIER } else { "COMMIT" })
    }

    /// Runs one statement that is no part of a transaction.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn execute_alone(&mut self, sql: &str) -> Result<(), StorageError> {
        self.open().map_err(|broken| broken.error)?;
        self.run_script(sql).map_err(|broken| broken.error)
    }

    /// Leaves a read's transaction to be closed along with the next one.
    pub(super) fn leave_open(&mut self, begun: bool) {
        if let Some(session) = &mut self.session {
            session.left_open |= begun;
        }
    }

    /// Waits before another try.
    pub(crate) fn pause(&self, length: Duration) {
        self.runtime.block_on(async { tokio::time::sleep(length).await });
    }

    /// Whether a finished read's transaction is still to be closed.
    pub(super) fn is_left_open(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.left_open)
    }
}

impl PostgresSession {
    pub(super) const fn mark_epoch_checked(&mut self, generation: u64) {
        self.arrived = Some(generation);
    }

    /// A statement, prepared the first time it is met.
    pub(super) fn prepare(
        &mut self,
        runtime: &Runtime,
        sql: &str,
    ) -> Result<Statement, StatementError> {
        if let Some(prepared) = self.statements.get(sql) {
            return Ok(prepared.clone());
        }
        let prepared = runtime.block_on(with_timeout(self.client.prepare(sql)))?;
        self.statements.insert(sql.to_owned(), prepared.clone());
        Ok(prepared)
    }
}

async fn connect(
    config: &Config,
    address: &PostgresAddress,
    purpose: ConnectionPurpose,
) -> Result<PostgresSession, StatementError> {
    let made = tokio::time::timeout(SILENCE, config.connect(address.tls.clone())).await;
    let (client, connection) = match made {
        Ok(Ok(made)) => made,
        Ok(Err(error)) if error.as_db_error().is_none() => {
            return Err(StatementError::lost(&format!(
                "no connection to the database: {}",
                error_chain(&error)
            )));
        }
        Ok(Err(error)) => {
            return Err(StatementError {
                fate: RetryDecision::Lost,
                ..StatementError::from(error)
            });
        }
        Err(_) => return Err(StatementError::lost("no connection to the database in time")),
    };
    // It runs whenever this thread waits for an answer, and ends with the client.
    let warned = Arc::new(AtomicBool::new(false));
    tokio::spawn(drive(connection, warned.clone()));
    let of_purpose = match purpose {
        ConnectionPurpose::Write => WRITE_SETTINGS,
        ConnectionPurpose::Read => READ_SETTINGS,
    };
    with_timeout(client.batch_execute(&format!("{SETTINGS}; {of_purpose}"))).await?;
    Ok(PostgresSession {
        client,
        statements: HashMap::new(),
        left_open: false,
        arrived: None,
        warned,
    })
}

/// Moves messages between the server and the client, and hears the server's warnings, which the
/// driver alone would drop.
async fn drive<S, T>(mut connection: Connection<S, T>, warned: Arc<AtomicBool>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        match poll_fn(|context| connection.poll_message(context)).await {
            Some(Ok(AsyncMessage::Notice(notice))) if is_warning(&notice) => {
                tracing::warn!(
                    message = notice.message(),
                    code = notice.code().code(),
                    "the database warns"
                );
                warned.store(true, Ordering::SeqCst);
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                tracing::warn!(error = error_chain(&error), "a connection to the database ended");
                return;
            }
            None => return,
        }
    }
}

/// Texts are in the server's language, so they are not compared. That there was no transaction to
/// end is harmless.
fn is_warning(notice: &DbError) -> bool {
    let is_ours = *notice.code() == SqlState::NO_ACTIVE_SQL_TRANSACTION;
    notice.parsed_severity() == Some(Severity::Warning) && !is_ours
}

/// An answer, or the loss of a server that stays silent.
pub(super) async fn with_timeout<T>(
    answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, StatementError> {
    match tokio::time::timeout(SILENCE, answer).await {
        Ok(answer) => answer.map_err(StatementError::from),
        Err(_) => Err(StatementError::lost("the database does not answer")),
    }
}
