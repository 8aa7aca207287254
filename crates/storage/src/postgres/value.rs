//! Values on their way to and from PostgreSQL's binary form.

use crate::error::StorageError;
use crate::transaction::Row;
use crate::value::Value;
use bytes::{BufMut, BytesMut};
use std::error::Error;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

type Failed = Box<dyn Error + Sync + Send>;

/// A parameter. Our kinds are few, and each has one type.
#[derive(Debug)]
pub(crate) struct Bound<'a>(pub(crate) &'a Value<'a>);

impl ToSql for Bound<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Failed> {
        match (self.0, kind) {
            (Value::Null, _) => return Ok(IsNull::Yes),
            (Value::Integer(number), &Type::INT8) => out.put_i64(*number),
            (Value::Integer(number), &Type::INT4) => out.put_i32(i32::try_from(*number)?),
            (Value::Integer(flag @ 0..=1), &Type::BOOL) => out.put_u8(u8::from(*flag == 1)),
            (Value::Boolean(flag), &Type::BOOL) => out.put_u8(u8::from(*flag)),
            (Value::Text(text), &Type::TEXT | &Type::VARCHAR) => out.put_slice(text.as_bytes()),
            (Value::Blob(bytes), &Type::BYTEA) => out.put_slice(bytes),
            (value, kind) => return Err(format!("{} for a parameter of type {kind}", value.kind()).into()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A column's value, borrowed from its row.
struct Found<'a>(Value<'a>);

impl<'a> FromSql<'a> for Found<'a> {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Failed> {
        Ok(Self(match *kind {
            Type::INT8 => Value::Integer(i64::from_be_bytes(raw.try_into()?)),
            Type::INT4 => Value::Integer(i32::from_be_bytes(raw.try_into()?).into()),
            Type::BOOL => Value::Boolean(raw == [1]),
            Type::BYTEA => Value::Blob(raw),
            _ => Value::Text(std::str::from_utf8(raw)?),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Failed> {
        Ok(Self(Value::Null))
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT8, Type::INT4, Type::BOOL, Type::BYTEA, Type::TEXT, Type::VARCHAR, Type::NAME].contains(kind)
    }
}

pub(crate) struct PostgresRow<'a>(pub(crate) &'a tokio_postgres::Row);

impl Row for PostgresRow<'_> {
    fn value(&self, column: usize) -> Result<Value<'_>, StorageError> {
        let unreadable = |_| {
            let kind = self.0.columns().get(column).map_or("nothing", |_| "a value of a type that is never stored");
            StorageError::Unreadable { column, found: kind }
        };
        self.0.try_get::<_, Found<'_>>(column).map(|found| found.0).map_err(unreadable)
    }
}
