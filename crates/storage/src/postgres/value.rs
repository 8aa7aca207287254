//! Values on their way to and from PostgreSQL's binary form.

use crate::error::StorageError;
use crate::transaction::SqlRow;
use crate::value::SqlValue;
use bytes::{BufMut, BytesMut};
use std::error::Error;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

type BoxedError = Box<dyn Error + Sync + Send>;

/// A parameter. Our kinds are few, and each has one type.
#[derive(Debug)]
pub(crate) struct PostgresParameter<'a>(pub(crate) &'a SqlValue<'a>);

impl ToSql for PostgresParameter<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, BoxedError> {
        match (self.0, kind) {
            (SqlValue::Null, _) => return Ok(IsNull::Yes),
            (SqlValue::Integer(number), &Type::INT8) => out.put_i64(*number),
            (SqlValue::Integer(number), &Type::INT4) => out.put_i32(i32::try_from(*number)?),
            (SqlValue::Integer(flag @ 0..=1), &Type::BOOL) => out.put_u8(u8::from(*flag == 1)),
            (SqlValue::Boolean(flag), &Type::BOOL) => out.put_u8(u8::from(*flag)),
            (SqlValue::Text(text), &Type::TEXT | &Type::VARCHAR) => out.put_slice(text.as_bytes()),
            (SqlValue::Blob(bytes), &Type::BYTEA) => out.put_slice(bytes),
            (value, kind) => {
                return Err(format!("{} for a parameter of type {kind}", value.kind()).into());
            }
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A column's value, borrowed from its row.
struct PostgresColumn<'a>(SqlValue<'a>);

impl<'a> FromSql<'a> for PostgresColumn<'a> {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, BoxedError> {
        Ok(Self(match *kind {
            Type::INT8 => SqlValue::Integer(i64::from_be_bytes(raw.try_into()?)),
            Type::INT4 => SqlValue::Integer(i32::from_be_bytes(raw.try_into()?).into()),
            Type::BOOL => SqlValue::Boolean(raw == [1]),
            Type::BYTEA => SqlValue::Blob(raw),
            _ => SqlValue::Text(std::str::from_utf8(raw)?),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, BoxedError> {
        Ok(Self(SqlValue::Null))
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT8, Type::INT4, Type::BOOL, Type::BYTEA, Type::TEXT, Type::VARCHAR, Type::NAME]
            .contains(kind)
    }
}

pub(crate) struct PostgresRow<'a>(pub(crate) &'a tokio_postgres::Row);

impl SqlRow for PostgresRow<'_> {
    fn value(&self, column: usize) -> Result<SqlValue<'_>, StorageError> {
        let unreadable = |_| {
            let kind = self
                .0
                .columns()
                .get(column)
                .map_or("nothing", |_| "a value of a type that is never stored");
            StorageError::Unreadable { column, found: kind }
        };
        self.0.try_get::<_, PostgresColumn<'_>>(column).map(|found| found.0).map_err(unreadable)
    }
}
