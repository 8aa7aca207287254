//! The one trait between operations and a database driver.
//!
//! SQL sent through it is read by SQLite and PostgreSQL alike: parameters are `$1, $2, ...`, each
//! used at least once; no function of time, chance or dialect; no statement that begins or ends a
//! transaction.
//!
//! After a failed statement a closure returns an error and sends nothing more: PostgreSQL would
//! refuse it. Whoever wants to try again, with another code for example, starts a new transaction.

use crate::error::StorageError;
use crate::value::{Decode, SqlValue};

/// One open transaction. Whoever opened it commits or rolls back; operations only send statements.
pub trait Transaction {
    /// Runs a statement that returns no rows. Gives the number of rows it changed.
    ///
    /// # Errors
    /// [`StorageError::Conflict`], [`StorageError::Unavailable`] or [`StorageError::Statement`].
    fn execute(&mut self, sql: &str, values: &[SqlValue<'_>]) -> Result<u64, StorageError>;

    /// Runs statements that return no rows, one after another. Where the way to the database is
    /// long they travel together.
    ///
    /// # Errors
    /// As [`Transaction::execute`], of the first that fails.
    fn execute_all(&mut self, statements: &[(&str, &[SqlValue<'_>])]) -> Result<(), StorageError> {
        statements.iter().try_for_each(|(sql, values)| self.execute(sql, values).map(|_| ()))
    }

    /// Runs a statement and hands over its rows one by one, borrowed. An error of `each` ends it.
    ///
    /// # Errors
    /// As [`Transaction::execute`], and what `each` returns.
    fn query(
        &mut self,
        sql: &str,
        values: &[SqlValue<'_>],
        each: &mut dyn FnMut(&dyn SqlRow) -> Result<(), StorageError>,
    ) -> Result<(), StorageError>;

    /// What is put behind a `SELECT` so that no other transaction changes its rows before this one
    /// ends. Empty where there is one writer anyway.
    fn lock_clause(&self) -> &'static str;

    /// Whether every statement goes to another process and back: one that says all is cheaper there
    /// than two.
    fn has_round_trip_cost(&self) -> bool {
        false
    }
}

/// One row of an answer, read by column index from 0.
pub trait SqlRow {
    /// # Errors
    /// [`StorageError::Unreadable`] when there is no such column or its value has a kind we never
    /// store.
    fn value(&self, column: usize) -> Result<SqlValue<'_>, StorageError>;
}

impl dyn SqlRow + '_ {
    /// The value of a column as the type asked for.
    ///
    /// # Errors
    /// [`StorageError::Unreadable`] when the value is of another kind.
    pub fn get<'row, T: Decode<'row>>(&'row self, column: usize) -> Result<T, StorageError> {
        let value = self.value(column)?;
        let found = value.kind();
        T::decode(value).ok_or(StorageError::Unreadable { column, found })
    }
}

impl dyn Transaction + '_ {
    /// The first row of an answer, read by `read`.
    ///
    /// # Errors
    /// As [`Transaction::query`].
    pub fn find<T>(
        &mut self,
        sql: &str,
        values: &[SqlValue<'_>],
        mut read: impl FnMut(&dyn SqlRow) -> Result<T, StorageError>,
    ) -> Result<Option<T>, StorageError> {
        let mut found = None;
        self.query(sql, values, &mut |row| {
            if found.is_none() {
                found = Some(read(row)?);
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// All rows of an answer, read by `read`. For answers known to be short.
    ///
    /// # Errors
    /// As [`Transaction::query`].
    pub fn list<T>(
        &mut self,
        sql: &str,
        values: &[SqlValue<'_>],
        mut read: impl FnMut(&dyn SqlRow) -> Result<T, StorageError>,
    ) -> Result<Vec<T>, StorageError> {
        let mut rows = Vec::new();
        self.query(sql, values, &mut |row| {
            rows.push(read(row)?);
            Ok(())
        })?;
        Ok(rows)
    }

    /// The single integer of an answer, 0 when there is no row.
    ///
    /// # Errors
    /// As [`Transaction::query`].
    pub fn integer(&mut self, sql: &str, values: &[SqlValue<'_>]) -> Result<i64, StorageError> {
        self.find(sql, values, |row| row.get(0)).map(Option::unwrap_or_default)
    }
}
