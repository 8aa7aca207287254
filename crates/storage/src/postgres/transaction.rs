//! Statements in one PostgreSQL transaction, which begins with the first of them.

use super::connection::{ConnectionPurpose, PostgresConnection, PostgresSession, with_timeout};
use super::statement_error::StatementError;
use super::value::{PostgresParameter, PostgresRow};
use crate::error::StorageError;
use crate::transaction::{SqlRow, Transaction};
use crate::value::SqlValue;
use futures_util::StreamExt;
use futures_util::future::join_all;
use std::pin::pin;
use tokio::runtime::Runtime;
use tokio_postgres::Statement;

/// A transaction that may not have begun yet. Whoever made it ends it.
pub(crate) struct PostgresTransaction<'a> {
    runtime: &'a Runtime,
    session: &'a mut PostgresSession,
    purpose: ConnectionPurpose,
    begun: bool,
    changes: u64,
    broken: Option<StatementError>,
}

impl<'a> PostgresTransaction<'a> {
    pub(super) fn new(line: &'a mut PostgresConnection) -> Result<Self, StatementError> {
        let purpose = line.purpose();
        let (runtime, session) = line.open()?;
        Ok(Self { runtime, session, purpose, begun: false, changes: 0, broken: None })
    }

    /// A writing transaction on a connection whose line is not asked.
    pub(super) fn on_session(runtime: &'a Runtime, session: &'a mut PostgresSession) -> Self {
        Self {
            runtime,
            session,
            purpose: ConnectionPurpose::Write,
            begun: false,
            changes: 0,
            broken: None,
        }
    }

    /// Whether there is a transaction to end.
    pub(super) const fn has_begun(&self) -> bool {
        self.begun
    }

    /// How many statements may have changed something.
    pub(super) const fn changes(&self) -> u64 {
        self.changes
    }

    /// The first statement that failed; after it the database takes no other.
    pub(super) fn statement_error(&mut self) -> Option<StatementError> {
        self.broken.take()
    }

    /// Runs many statements without parameters, as a migration's.
    pub(super) fn script(&mut self, sql: &str) -> Result<(), StorageError> {
        let begin = self.begin();
        let client = &self.session.client;
        let sent = self.runtime.block_on(async {
            if let Some(begin) = begin {
                with_timeout(client.batch_execute(begin)).await?;
            }
            with_timeout(client.batch_execute(sql)).await
        });
        self.judge(sent)
    }

    /// What opens the transaction, once.
    fn begin(&mut self) -> Option<&'static str> {
        if self.begun {
            return None;
        }
        self.begun = true;
        Some(match (self.purpose, std::mem::take(&mut self.session.left_open)) {
            (ConnectionPurpose::Write, _) => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
            (ConnectionPurpose::Read, false) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            (ConnectionPurpose::Read, true) => {
                "COMMIT; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
            }
        })
    }

    fn prepare(&mut self, sql: &str) -> Result<Statement, StorageError> {
        let prepared = self.session.prepare(self.runtime, sql);
        self.judge(prepared)
    }

    fn judge<T>(&mut self, outcome: Result<T, StatementError>) -> Result<T, StorageError> {
        outcome.map_err(|broken| {
            let error = broken.error.clone();
            self.broken.get_or_insert(broken);
            error
        })
    }
}

impl Transaction for PostgresTransaction<'_> {
    fn execute(&mut self, sql: &str, values: &[SqlValue<'_>]) -> Result<u64, StorageError> {
        let statement = self.prepare(sql)?;
        let begin = self.begin();
        let client = &self.session.client;
        self.changes += 1;
        let sent = self.runtime.block_on(async {
            let sending = client.execute_raw(&statement, values.iter().map(PostgresParameter));
            // Both are on their way before the first is answered.
            let (begun, sent) =
                tokio::join!(with_timeout(send(client, begin)), with_timeout(sending));
            begun.and(sent)
        });
        self.judge(sent)
    }

    fn execute_all(&mut self, statements: &[(&str, &[SqlValue<'_>])]) -> Result<(), StorageError> {
        let prepared =
            statements.iter().map(|(sql, _)| self.prepare(sql)).collect::<Result<Vec<_>, _>>()?;
        let begin = self.begin();
        let client = &self.session.client;
        self.changes += statements.len() as u64;
        let sent = self.runtime.block_on(async {
            let sending = prepared.iter().zip(statements).map(|(prepared, (_, values))| {
                with_timeout(client.execute_raw(prepared, values.iter().map(PostgresParameter)))
            });
            // All are on their way before the first is answered; of those behind a failed one the
            // answer says only that.
            let (begun, sent) = tokio::join!(with_timeout(send(client, begin)), join_all(sending));
            begun.and(sent.into_iter().try_for_each(|sent| sent.map(drop)))
        });
        self.judge(sent)
    }

    fn query(
        &mut self,
        sql: &str,
        values: &[SqlValue<'_>],
        each: &mut dyn FnMut(&dyn SqlRow) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        let statement = self.prepare(sql)?;
        let begin = self.begin();
        let client = &self.session.client;
        // `UPDATE … RETURNING` comes this way too. What may be a change counts as one: a group that
        // took it for a read would commit what a failed request had done.
        self.changes += u64::from(!sql.starts_with("SELECT"));
        let mut read = Ok(());
        let sent = self.runtime.block_on(async {
            let sending = client.query_raw(&statement, values.iter().map(PostgresParameter));
            let (begun, rows) =
                tokio::join!(with_timeout(send(client, begin)), with_timeout(sending));
            begun?;
            let mut rows = pin!(rows?);
            while let Some(row) = with_timeout(async { rows.next().await.transpose() }).await? {
                read = each(&PostgresRow(&row));
                if read.is_err() {
                    break;
                }
            }
            Ok(())
        });
        self.judge(sent).and(read)
    }

    /// Weaker than `FOR UPDATE`: a row that refers to the locked one may be inserted meanwhile.
    fn lock_clause(&self) -> &'static str {
        match self.purpose {
            ConnectionPurpose::Write => " FOR NO KEY UPDATE",
            ConnectionPurpose::Read => "",
        }
    }

    fn has_round_trip_cost(&self) -> bool {
        true
    }
}

async fn send(
    client: &tokio_postgres::Client,
    begin: Option<&str>,
) -> Result<(), tokio_postgres::Error> {
    match begin {
        Some(begin) => client.batch_execute(begin).await,
        None => Ok(()),
    }
}
