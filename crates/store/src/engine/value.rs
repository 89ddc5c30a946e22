//! What goes into statements and comes out of rows: whole numbers, texts, octets and nothing, in every database alike.
//! Converts no further; what a number means is known where it is read.

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};

use crate::engine::damaged;
use crate::fault::StoreFault;

/// A value of a statement or of a column.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Value<'v> {
    /// Nothing.
    Null,
    /// A number; 0 and 1 for no and yes.
    Int(i64),
    /// A text.
    Text(&'v str),
    /// Octets.
    Blob(&'v [u8]),
}

impl std::fmt::Debug for Value<'_> {
    /// Shows no text and no octets: whoever logs what a statement was given must not log what people say, or what they sign on with.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => f.write_str("nothing"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "a text of {} octets", text.len()),
            Self::Blob(octets) => write!(f, "{} octets", octets.len()),
        }
    }
}

/// A value that waits to be sent.
pub(crate) enum Held {
    Null,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
}

impl From<&Value<'_>> for Held {
    fn from(value: &Value<'_>) -> Self {
        match *value {
            Value::Null => Self::Null,
            Value::Int(number) => Self::Int(number),
            Value::Text(text) => Self::Text(text.to_owned()),
            Value::Blob(octets) => Self::Blob(octets.to_vec()),
        }
    }
}

impl Held {
    /// As a value.
    pub(crate) fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Int(number) => Value::Int(*number),
            Self::Text(text) => Value::Text(text),
            Self::Blob(octets) => Value::Blob(octets),
        }
    }
}

/// The values of a statement, in the order of its `?1`, `?2` and so on.
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        &[$($crate::engine::Param::value(&$value)),*]
    };
}
pub(crate) use params;

/// A type that goes into statements.
pub(crate) trait Param {
    /// As a value.
    fn value(&self) -> Value<'_>;
}

impl Param for i64 {
    fn value(&self) -> Value<'_> {
        Value::Int(*self)
    }
}

impl Param for u32 {
    fn value(&self) -> Value<'_> {
        Value::Int((*self).into())
    }
}

impl Param for usize {
    /// A limit of the crate; more than there can be rows is as good as all.
    fn value(&self) -> Value<'_> {
        Value::Int(i64::try_from(*self).unwrap_or(i64::MAX))
    }
}

impl Param for u16 {
    fn value(&self) -> Value<'_> {
        Value::Int((*self).into())
    }
}

impl Param for bool {
    fn value(&self) -> Value<'_> {
        Value::Int((*self).into())
    }
}

impl Param for str {
    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl Param for String {
    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl Param for [u8] {
    fn value(&self) -> Value<'_> {
        Value::Blob(self)
    }
}

impl Param for Vec<u8> {
    fn value(&self) -> Value<'_> {
        Value::Blob(self)
    }
}

impl<const N: usize> Param for [u8; N] {
    fn value(&self) -> Value<'_> {
        Value::Blob(self)
    }
}

impl<T: Param + ?Sized> Param for &T {
    fn value(&self) -> Value<'_> {
        (**self).value()
    }
}

impl<T: Param> Param for Option<T> {
    fn value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, T::value)
    }
}

/// Why a text is not taken; which, is nobody's business.
pub(crate) const UNKEEPABLE: &str = "a text holds the character of number 0";

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(number),
            // As the other database does.
            Self::Text(text) if !chat::is_keepable(text) => {
                return Err(rusqlite::Error::ToSqlConversionFailure(UNKEEPABLE.into()));
            }
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(octets) => ValueRef::Blob(octets),
        }))
    }
}

/// A row while it is looked at.
#[derive(Clone, Copy)]
pub(crate) enum Row<'r> {
    /// Of SQLite.
    Sqlite(&'r rusqlite::Row<'r>),
    /// Of PostgreSQL.
    Postgres(&'r tokio_postgres::Row),
}

impl<'r> Row<'r> {
    /// What a column holds.
    pub(crate) fn get<T: Column>(self, column: usize) -> Result<T, StoreFault> {
        let value = self.value(column)?;
        T::of(value).ok_or_else(|| wrong(column, value))
    }

    /// The text of a column, where it lies.
    pub(crate) fn text(self, column: usize) -> Result<&'r str, StoreFault> {
        match self.value(column)? {
            Value::Text(text) => Ok(text),
            other => Err(wrong(column, other)),
        }
    }

    /// The octets of a column, where they lie.
    pub(crate) fn blob(self, column: usize) -> Result<&'r [u8], StoreFault> {
        self.blob_or_null(column)?.ok_or_else(|| wrong(column, Value::Null))
    }

    /// The octets of a column, where they lie, if there are any.
    pub(crate) fn blob_or_null(self, column: usize) -> Result<Option<&'r [u8]>, StoreFault> {
        match self.value(column)? {
            Value::Blob(octets) => Ok(Some(octets)),
            Value::Null => Ok(None),
            other => Err(wrong(column, other)),
        }
    }

    /// What a column holds, where it lies.
    pub(crate) fn value(self, column: usize) -> Result<Value<'r>, StoreFault> {
        match self {
            Self::Postgres(row) => Ok(row.try_get(column)?),
            Self::Sqlite(row) => match row.get_ref(column)? {
                ValueRef::Null => Ok(Value::Null),
                ValueRef::Integer(number) => Ok(Value::Int(number)),
                ValueRef::Text(text) => {
                    std::str::from_utf8(text).map(Value::Text).map_err(|error| damaged("a text", error))
                }
                ValueRef::Blob(octets) => Ok(Value::Blob(octets)),
                ValueRef::Real(number) => Err(damaged("a column holds a fraction", number)),
            },
        }
    }
}

/// A type that columns are read as.
pub(crate) trait Column: Sized {
    /// The value as this type; `None` if it is none of it.
    fn of(value: Value<'_>) -> Option<Self>;
}

impl Column for i64 {
    fn of(value: Value<'_>) -> Option<Self> {
        if let Value::Int(number) = value { Some(number) } else { None }
    }
}

impl Column for u32 {
    fn of(value: Value<'_>) -> Option<Self> {
        i64::of(value).and_then(|number| number.try_into().ok())
    }
}

impl Column for u16 {
    fn of(value: Value<'_>) -> Option<Self> {
        i64::of(value).and_then(|number| number.try_into().ok())
    }
}

impl Column for bool {
    fn of(value: Value<'_>) -> Option<Self> {
        i64::of(value).map(|number| number != 0)
    }
}

impl Column for String {
    fn of(value: Value<'_>) -> Option<Self> {
        if let Value::Text(text) = value { Some(text.to_owned()) } else { None }
    }
}

impl Column for Vec<u8> {
    fn of(value: Value<'_>) -> Option<Self> {
        if let Value::Blob(octets) = value { Some(octets.to_vec()) } else { None }
    }
}

impl<T: Column> Column for Option<T> {
    fn of(value: Value<'_>) -> Option<Self> {
        if value == Value::Null { Some(None) } else { T::of(value).map(Some) }
    }
}

/// Says no content: it may be a text of somebody.
fn wrong(column: usize, found: Value<'_>) -> StoreFault {
    let kind = match found {
        Value::Null => "nothing",
        Value::Int(_) => "a number that does not fit",
        Value::Text(_) => "a text",
        Value::Blob(_) => "octets",
    };
    damaged("a column holds what does not belong there", format_args!("column {column}: {kind}"))
}
