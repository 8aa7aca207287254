//! Statements on one SQLite connection.

use super::translate;
use crate::error::StorageError;
use crate::transaction::{SqlRow, Transaction};
use crate::value::SqlValue;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ToSql};

/// The transaction that is open on a connection; it neither begins nor ends it.
pub(crate) struct SqliteTransaction<'a> {
    connection: &'a Connection,
}

impl<'a> SqliteTransaction<'a> {
    pub(crate) const fn new(connection: &'a Connection) -> Self {
        Self { connection }
    }

    /// Runs many statements without parameters, as a migration's.
    pub(crate) fn script(&self, sql: &str) -> Result<(), StorageError> {
        self.connection.execute_batch(sql).map_err(translate)
    }

    fn prepare(
        &self,
        sql: &str,
        values: &[SqlValue<'_>],
    ) -> Result<CachedStatement<'a>, StorageError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(translate)?;
        bind(&mut statement, values)?;
        Ok(statement)
    }
}

/// `$3` is a name to SQLite, numbered by first appearance: each is bound to the value its digits
/// name.
fn bind(statement: &mut CachedStatement<'_>, values: &[SqlValue<'_>]) -> Result<(), StorageError> {
    for index in 1..=statement.parameter_count() {
        let place = statement
            .parameter_name(index)
            .and_then(|name| name.strip_prefix('$')?.parse::<usize>().ok());
        let value = place.and_then(|place| values.get(place.checked_sub(1)?));
        let value =
            value.ok_or_else(|| StorageError::Statement("a parameter has no value".to_owned()))?;
        statement.raw_bind_parameter(index, SqliteParameter(value)).map_err(translate)?;
    }
    Ok(())
}

impl Transaction for SqliteTransaction<'_> {
    fn execute(&mut self, sql: &str, values: &[SqlValue<'_>]) -> Result<u64, StorageError> {
        let changed = self.prepare(sql, values)?.raw_execute().map_err(translate)?;
        Ok(u64::try_from(changed).unwrap_or(u64::MAX))
    }

    fn query(
        &mut self,
        sql: &str,
        values: &[SqlValue<'_>],
        each: &mut dyn FnMut(&dyn SqlRow) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        let mut statement = self.prepare(sql, values)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(translate)? {
            each(&SqliteRow(row))?;
        }
        Ok(())
    }

    fn lock_clause(&self) -> &'static str {
        ""
    }
}

struct SqliteParameter<'a>(&'a SqlValue<'a>);

impl ToSql for SqliteParameter<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self.0 {
            SqlValue::Null => ValueRef::Null,
            SqlValue::Integer(number) => ValueRef::Integer(number),
            SqlValue::Boolean(flag) => ValueRef::Integer(i64::from(flag)),
            SqlValue::Text(text) => ValueRef::Text(text.as_bytes()),
            SqlValue::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

struct SqliteRow<'a>(&'a rusqlite::Row<'a>);

impl SqlRow for SqliteRow<'_> {
    fn value(&self, column: usize) -> Result<SqlValue<'_>, StorageError> {
        let unreadable = |found| StorageError::Unreadable { column, found };
        match self.0.get_ref(column).map_err(|_| unreadable("nothing"))? {
            ValueRef::Null => Ok(SqlValue::Null),
            ValueRef::Integer(number) => Ok(SqlValue::Integer(number)),
            ValueRef::Text(bytes) => std::str::from_utf8(bytes)
                .map(SqlValue::Text)
                .map_err(|_| unreadable("broken text")),
            ValueRef::Blob(bytes) => Ok(SqlValue::Blob(bytes)),
            ValueRef::Real(_) => Err(unreadable("a fraction")),
        }
    }
}
