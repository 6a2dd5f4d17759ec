//! What is computed from behaviors.

use sea_orm::entity::prelude::*;

use crate::ids::{AttributeDefinitionId, BehaviorId};
use crate::timestamp::Timestamp;
use crate::values::{Aggregate, AttributeStatus};

/// How one attribute is computed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attribute_definitions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AttributeDefinitionId,
    /// The name rules and devices use, unique.
    pub key: String,
    /// The name people use.
    pub label: String,
    /// The name of the behaviors that count.
    pub behavior: String,
    /// Which of their properties is aggregated: a path with dots.
    pub property: Option<String>,
    /// A CEL condition on the behavior; all count without one.
    pub filter: Option<String>,
    pub aggregate: Aggregate,
    /// ISO 8601, such as `P30D`; absent, all history counts.
    pub window: Option<String>,
    /// IANA name of the zone in which days begin.
    pub time_zone: String,
    /// The catalogue's version that it came in with: behaviors recorded under an older one are backfilled.
    pub version: i64,
    pub status: AttributeStatus,
    /// How many behaviors the backfill has looked at, and of how many.
    pub backfilled: i64,
    pub backfill_total: i64,
    /// The last behavior the backfill has looked at.
    pub backfill_at: Option<Timestamp>,
    pub backfill_id: Option<BehaviorId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
