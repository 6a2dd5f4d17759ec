//! What values of attributes are summed from.

use sea_orm::entity::prelude::*;

use crate::ids::{AttributeDefinitionId, BehaviorId, CustomerId};
use crate::timestamp::Timestamp;
use crate::values::Channel;

/// What one customer did on one day, for one attribute.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attribute_buckets")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub customer_id: CustomerId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub definition_id: AttributeDefinitionId,
    /// Days since 1970 in the definition's time zone; 0 for all history when it has no window.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel: Channel,
    /// The value as JSON, for aggregates over values; else empty.
    #[sea_orm(primary_key, auto_increment = false)]
    pub value: String,
    pub count: i64,
    /// Millionths, as are the least and the greatest.
    pub sum: Option<i64>,
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub first_at: Timestamp,
    pub first_id: BehaviorId,
    /// As JSON.
    pub first_value: Option<String>,
    pub last_at: Timestamp,
    pub last_id: BehaviorId,
    pub last_value: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
