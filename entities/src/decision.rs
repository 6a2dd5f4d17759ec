//! What customers were to be shown, and why.

use sea_orm::entity::prelude::*;

use crate::ids::{CustomerId, DecisionId, TouchpointId};
use crate::timestamp::Timestamp;
use crate::values::Channel;

/// What one customer was to be shown in one placement at one time.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "decisions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DecisionId,
    pub customer_id: CustomerId,
    /// The key of the placement.
    pub placement: String,
    pub channel: Channel,
    pub touchpoint_id: Option<TouchpointId>,
    pub decided_at: Timestamp,
    /// When time alone may make it another.
    pub valid_until: Timestamp,
    /// The winners with rank, score and variant, and every candidate's verdict with its reasons.
    pub outcome: Json,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
