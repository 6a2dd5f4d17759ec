//! Behaviors that did not look as they must.

use sea_orm::entity::prelude::*;

use crate::ids::{CustomerId, QuarantinedBehaviorId};
use crate::timestamp::Timestamp;

/// A behavior that was kept apart, whole, until what is wrong is mended.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "quarantined_behaviors")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: QuarantinedBehaviorId,
    /// Who did it.
    pub customer_id: CustomerId,
    pub source: String,
    pub message_id: String,
    pub name: String,
    /// What else it was when it arrived, to be recorded from.
    pub arrival: Json,
    /// What is wrong with it, for people to read.
    pub reason: String,
    pub received_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
