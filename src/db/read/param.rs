//! Values bound to a statement. They never become part of its text.

use std::rc::Rc;

use bytes::BytesMut;
use entities::ids::Id;
use entities::timestamp::Timestamp;
use entities::values::TextEnum;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

use crate::kernel::error::Result;

/// A value, or a list of values, for a place in a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Param {
    Bool(bool),
    Integer(i64),
    Text(String),
    Uuid(Uuid),
    Uuids(Vec<Uuid>),
    Texts(Vec<String>),
    Bytes(Vec<u8>),
    ByteLists(Vec<Vec<u8>>),
}

impl Param {
    pub fn id(id: impl Id) -> Self {
        Self::Uuid(id.uuid())
    }

    pub fn ids<'a, I: Id>(ids: impl IntoIterator<Item = &'a I>) -> Self {
        Self::Uuids(ids.into_iter().map(|id| id.uuid()).collect())
    }

    /// A value of a text enum.
    pub fn value(value: impl TextEnum) -> Self {
        Self::Text(value.text().to_owned())
    }

    /// Values of a text enum.
    pub fn values<'a, E: TextEnum>(values: impl IntoIterator<Item = &'a E>) -> Self {
        Self::Texts(values.into_iter().map(|value| value.text().to_owned()).collect())
    }

    /// The value of a list that has one only, else the list.
    pub(super) fn without_list_of_one(self) -> Self {
        match self {
            Self::Uuids(list) if list.len() == 1 => Self::Uuid(list[0]),
            Self::Texts(mut list) if list.len() == 1 => Self::Text(list.swap_remove(0)),
            Self::ByteLists(mut list) if list.len() == 1 => Self::Bytes(list.swap_remove(0)),
            other => other,
        }
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self, Self::Uuids(_) | Self::Texts(_) | Self::ByteLists(_))
    }

    /// A list without a value: nothing can be in it.
    pub(super) fn is_empty_list(&self) -> bool {
        match self {
            Self::Uuids(list) => list.is_empty(),
            Self::Texts(list) => list.is_empty(),
            Self::ByteLists(list) => list.is_empty(),
            _ => false,
        }
    }

    pub(super) fn bind_sqlite(&self, statement: &mut rusqlite::Statement<'_>, place: usize) -> Result<()> {
        use rusqlite::types::Value;
        match self {
            Self::Bool(value) => statement.raw_bind_parameter(place, value),
            Self::Integer(value) => statement.raw_bind_parameter(place, value),
            Self::Text(value) => statement.raw_bind_parameter(place, value),
            Self::Uuid(value) => statement.raw_bind_parameter(place, value.as_bytes().as_slice()),
            Self::Bytes(value) => statement.raw_bind_parameter(place, value.as_slice()),
            Self::Uuids(list) => {
                let list: Vec<Value> = list.iter().map(|id| Value::Blob(id.as_bytes().to_vec())).collect();
                statement.raw_bind_parameter(place, Rc::new(list))
            }
            Self::Texts(list) => {
                let list: Vec<Value> = list.iter().cloned().map(Value::Text).collect();
                statement.raw_bind_parameter(place, Rc::new(list))
            }
            Self::ByteLists(list) => {
                let list: Vec<Value> = list.iter().cloned().map(Value::Blob).collect();
                statement.raw_bind_parameter(place, Rc::new(list))
            }
        }
        .map_err(Into::into)
    }
}

impl From<bool> for Param {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Param {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<i32> for Param {
    fn from(value: i32) -> Self {
        Self::Integer(value.into())
    }
}

impl From<Timestamp> for Param {
    fn from(value: Timestamp) -> Self {
        Self::Integer(value.millis())
    }
}

impl From<&str> for Param {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Param {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Vec<String>> for Param {
    fn from(list: Vec<String>) -> Self {
        Self::Texts(list)
    }
}

impl ToSql for Param {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Bool(value) => value.to_sql(kind, out),
            Self::Integer(value) if *kind == Type::INT4 => i32::try_from(*value)?.to_sql(kind, out),
            Self::Integer(value) => value.to_sql(kind, out),
            Self::Text(value) => value.to_sql(kind, out),
            Self::Uuid(value) => value.to_sql(kind, out),
            Self::Uuids(list) => list.to_sql(kind, out),
            Self::Texts(list) => list.to_sql(kind, out),
            Self::Bytes(value) => value.to_sql(kind, out),
            Self::ByteLists(list) => list.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(
            *kind,
            Type::BOOL
                | Type::BYTEA
                | Type::BYTEA_ARRAY
                | Type::INT4
                | Type::INT8
                | Type::TEXT
                | Type::VARCHAR
                | Type::UUID
                | Type::UUID_ARRAY
                | Type::TEXT_ARRAY
        )
    }

    to_sql_checked!();
}
