//! Which messages have been recorded, so that each counts once. Kept out of `behaviors`, because a table
//! partitioned by time cannot have a unique key without the time.

use sea_orm::entity::prelude::*;

use crate::ids::{BehaviorId, CustomerId};
use crate::timestamp::Timestamp;

/// A message that was recorded as a behavior.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "behavior_messages")]
pub struct Model {
    /// Who sent it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub source: String,
    /// The sender's own id of it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub message_id: String,
    /// What it became.
    pub behavior_id: BehaviorId,
    /// Whom it was recorded for.
    pub customer_id: CustomerId,
    /// Hash of the content: the same id with other content is a mistake to report, not a repetition.
    pub digest: Vec<u8>,
    /// When it arrived; old ones are dropped by it.
    pub received_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
