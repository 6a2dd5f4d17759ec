//! One value of one row, as both drivers give it, and what Rust types it can be read as.

use entities::ids::{
    AttributeDefinitionId, BehaviorDefinitionId, BehaviorId, CartId, CartLineId, CustomerId,
    CustomerIdentityId, CustomerMergeId, DecisionId, DeviceId, EntitlementId, HoldId, Id, OfferId,
    PlacementId, ProductId, PurchaseId, PurchaseLineId, QuarantinedBehaviorId, RedemptionId, SegmentId,
    TouchpointId,
};
use entities::timestamp::Timestamp;
use entities::values::{
    Aggregate, AttributeStatus, BenefitKind, BenefitScope, Channel, CodeKind, ConsentPurpose, ConsentStatus,
    IdentityKind, OfferResponse, OfferStatus, ProductKind, PurchaseStatus, RedemptionStatus, Stacking,
    TextEnum,
};
use rusqlite::types::ValueRef;
use tokio_postgres::types::{FromSql, Type};
use uuid::Uuid;

use super::Json;
use crate::kernel::error::{Error, Result};
use crate::kernel::money::Currency;

/// A row of either driver.
#[derive(Clone, Copy)]
pub(in crate::db) enum RawRow<'a> {
    Postgres(&'a tokio_postgres::Row),
    Sqlite(&'a rusqlite::Row<'a>),
}

impl<'a> RawRow<'a> {
    pub(in crate::db) fn cell(self, position: usize) -> Result<Cell<'a>> {
        match self {
            Self::Postgres(row) => Ok(Cell(row.try_get(position)?)),
            Self::Sqlite(row) => Ok(Cell(match row.get_ref(position)? {
                ValueRef::Null => Raw::Null,
                ValueRef::Integer(number) => Raw::Integer(number),
                ValueRef::Text(bytes) => Raw::Text(std::str::from_utf8(bytes).map_err(Error::internal)?),
                ValueRef::Blob(bytes) => Raw::Bytes(bytes),
                ValueRef::Real(_) => return Err(Error::internal("a real number where no column has one")),
            })),
        }
    }
}

/// One value of one row.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'a>(Raw<'a>);

/// The few forms in which both databases keep all our types.
#[derive(Clone, Copy, Debug)]
pub enum Raw<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

impl Cell<'_> {
    /// Reads the value into a field of a row struct.
    pub fn read<T: FromCell>(&self, field: &mut T) -> Result<()> {
        *field = self.get()?;
        Ok(())
    }

    pub(in crate::db) fn get<T: FromCell>(&self) -> Result<T> {
        T::from_cell(self.0).ok_or_else(|| {
            Error::internal(format!("{:?} cannot be read as {}", self.0, std::any::type_name::<T>()))
        })
    }
}

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(kind: &Type, bytes: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(match *kind {
            Type::BOOL => Raw::Integer(i64::from(bool::from_sql(kind, bytes)?)),
            Type::INT4 => Raw::Integer(i32::from_sql(kind, bytes)?.into()),
            Type::INT8 => Raw::Integer(i64::from_sql(kind, bytes)?),
            Type::UUID | Type::BYTEA => Raw::Bytes(bytes),
            // In its binary form, `json` is its text.
            _ => Raw::Text(std::str::from_utf8(bytes)?),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Raw::Null)
    }

    fn accepts(kind: &Type) -> bool {
        matches!(
            *kind,
            Type::BOOL
                | Type::INT4
                | Type::INT8
                | Type::UUID
                | Type::BYTEA
                | Type::TEXT
                | Type::VARCHAR
                | Type::JSON
        )
    }
}

/// What a cell can be read as; `None` when the value is of another kind.
pub trait FromCell: Sized {
    fn from_cell(raw: Raw<'_>) -> Option<Self>;
}

impl<T: FromCell> FromCell for Option<T> {
    fn from_cell(raw: Raw<'_>) -> Option<Self> {
        match raw {
            Raw::Null => Some(None),
            value => T::from_cell(value).map(Some),
        }
    }
}

impl FromCell for i64 {
    fn from_cell(raw: Raw<'_>) -> Option<Self> {
        let Raw::Integer(number) = raw else { return None };
        Some(number)
    }
}

impl FromCell for i32 {
    fn from_cell(raw: Raw<'_>) -> Option<Self> {
        i64::from_cell(raw)?.try_into().ok()
    }
}

impl FromCell for bool {
    fn from_cell(raw: Raw<'_>) -> Option<Self> {
        Some(i64::from_cell(raw)? != 0)
    }
}

impl FromCell for Timestamp {
    fn from_cell(raw: Raw<'_>) -> Option<Self> {
        i64::from_cell(raw).map(Self)
    }
}

impl FromCell for String {
    fn from_cell(raw: Raw<'_>) -> Option<Self> {
        text(raw).map(str::to_owned)
    }
}

impl FromCell for Json {
    fn from_cell(raw: Raw<'_>) -> Option<Self> {
        text(raw).map(Self::from_text)
    }
}

impl FromCell for Currency {
    fn from_cell(raw: Raw<'_>) -> Option<Self> {
        Self::parse(text(raw)?)
    }
}

impl FromCell for Vec<u8> {
    fn from_cell(raw: Raw<'_>) -> Option<Self> {
        let Raw::Bytes(bytes) = raw else { return None };
        Some(bytes.to_vec())
    }
}

impl FromCell for Uuid {
    fn from_cell(raw: Raw<'_>) -> Option<Self> {
        let Raw::Bytes(bytes) = raw else { return None };
        Self::from_slice(bytes).ok()
    }
}

fn text(raw: Raw<'_>) -> Option<&str> {
    let Raw::Text(text) = raw else { return None };
    Some(text)
}

// A blanket implementation for `Id` and `TextEnum` would overlap with those above, so they are listed.
macro_rules! from_cell {
    (ids: $($id:ty),*; texts: $($kind:ty),*;) => {
        $(impl FromCell for $id {
            fn from_cell(raw: Raw<'_>) -> Option<Self> {
                Uuid::from_cell(raw).map(Self::from_uuid)
            }
        })*
        $(impl FromCell for $kind {
            fn from_cell(raw: Raw<'_>) -> Option<Self> {
                Self::parse(text(raw)?)
            }
        })*
    };
}

from_cell! {
    ids: AttributeDefinitionId, BehaviorDefinitionId, BehaviorId, CartId, CartLineId, EntitlementId, HoldId, CustomerId, CustomerIdentityId, CustomerMergeId, DeviceId, QuarantinedBehaviorId, SegmentId, OfferId, PlacementId, DecisionId, ProductId, PurchaseId, PurchaseLineId,
        RedemptionId, TouchpointId;
    texts: Aggregate, AttributeStatus, BenefitKind, BenefitScope, Stacking, Channel, CodeKind, ConsentPurpose, ConsentStatus, IdentityKind, OfferResponse, OfferStatus, ProductKind,
        PurchaseStatus, RedemptionStatus;
}
