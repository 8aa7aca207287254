//! Statements in one PostgreSQL transaction, which begins with the first of them.

use super::failure::Broken;
use super::session::{Line, Purpose, Session, within};
use super::value::{Bound, PostgresRow};
use crate::error::StorageError;
use crate::transaction::{Row, Transaction};
use crate::value::Value;
use futures_util::StreamExt;
use futures_util::future::join_all;
use std::pin::pin;
use tokio::runtime::Runtime;
use tokio_postgres::Statement;

/// A transaction that may not have begun yet. Whoever made it ends it.
pub(crate) struct PostgresTransaction<'a> {
    runtime: &'a Runtime,
    session: &'a mut Session,
    purpose: Purpose,
    begun: bool,
    changes: u64,
    broken: Option<Broken>,
}

impl<'a> PostgresTransaction<'a> {
    pub(super) fn new(line: &'a mut Line) -> Result<Self, Broken> {
        let purpose = line.purpose();
        let (runtime, session) = line.open()?;
        Ok(Self { runtime, session, purpose, begun: false, changes: 0, broken: None })
    }

    /// A writing transaction on a connection whose line is not asked.
    pub(super) fn on(runtime: &'a Runtime, session: &'a mut Session) -> Self {
        Self { runtime, session, purpose: Purpose::Write, begun: false, changes: 0, broken: None }
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
    pub(super) fn broken(&mut self) -> Option<Broken> {
        self.broken.take()
    }

    /// Runs many statements without parameters, as a migration's.
    pub(super) fn script(&mut self, sql: &str) -> Result<(), StorageError> {
        let begin = self.begin();
        let client = &self.session.client;
        let sent = self.runtime.block_on(async {
            if let Some(begin) = begin {
                within(client.batch_execute(begin)).await?;
            }
            within(client.batch_execute(sql)).await
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
            (Purpose::Write, _) => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
            (Purpose::Read, false) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            (Purpose::Read, true) => "COMMIT; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        })
    }

    fn prepare(&mut self, sql: &str) -> Result<Statement, StorageError> {
        let prepared = self.session.prepare(self.runtime, sql);
        self.judge(prepared)
    }

    fn judge<T>(&mut self, outcome: Result<T, Broken>) -> Result<T, StorageError> {
        outcome.map_err(|broken| {
            let error = broken.error.clone();
            self.broken.get_or_insert(broken);
            error
        })
    }
}

impl Transaction for PostgresTransaction<'_> {
    fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StorageError> {
        let statement = self.prepare(sql)?;
        let begin = self.begin();
        let client = &self.session.client;
        self.changes += 1;
        let sent = self.runtime.block_on(async {
            let sending = client.execute_raw(&statement, values.iter().map(Bound));
            // Both are on their way before the first is answered.
            let (begun, sent) = tokio::join!(within(send(client, begin)), within(sending));
            begun.and(sent)
        });
        self.judge(sent)
    }

    fn execute_all(&mut self, statements: &[(&str, &[Value<'_>])]) -> Result<(), StorageError> {
        let prepared = statements.iter().map(|(sql, _)| self.prepare(sql)).collect::<Result<Vec<_>, _>>()?;
        let begin = self.begin();
        let client = &self.session.client;
        self.changes += statements.len() as u64;
        let sent = self.runtime.block_on(async {
            let sending = prepared
                .iter()
                .zip(statements)
                .map(|(prepared, (_, values))| within(client.execute_raw(prepared, values.iter().map(Bound))));
            // All are on their way before the first is answered; of those behind a failed one the answer says only that.
            let (begun, sent) = tokio::join!(within(send(client, begin)), join_all(sending));
            begun.and(sent.into_iter().try_for_each(|sent| sent.map(drop)))
        });
        self.judge(sent)
    }

    fn query(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        let statement = self.prepare(sql)?;
        let begin = self.begin();
        let client = &self.session.client;
        self.changes += u64::from(!sql.starts_with("SELECT"));
        let mut read = Ok(());
        let sent = self.runtime.block_on(async {
            let sending = client.query_raw(&statement, values.iter().map(Bound));
            let (begun, rows) = tokio::join!(within(send(client, begin)), within(sending));
            begun?;
            let mut rows = pin!(rows?);
            while let Some(row) = within(async { rows.next().await.transpose() }).await? {
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
            Purpose::Write => " FOR NO KEY UPDATE",
            Purpose::Read => "",
        }
    }

    fn is_far(&self) -> bool {
        true
    }
}

async fn send(client: &tokio_postgres::Client, begin: Option<&str>) -> Result<(), tokio_postgres::Error> {
    match begin {
        Some(begin) => client.batch_execute(begin).await,
        None => Ok(()),
    }
}
