//! Who belonged to a segment when last judged.

use sea_orm::entity::prelude::*;

use crate::ids::{CustomerId, SegmentId};
use crate::timestamp::Timestamp;

/// One member of a segment.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "segment_members")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub segment_id: SegmentId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub customer_id: CustomerId,
    /// When the customer became one.
    pub since: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
