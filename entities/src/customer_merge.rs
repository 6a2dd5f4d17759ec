//! Which customers turned out to be others.

use sea_orm::entity::prelude::*;

use crate::ids::{CustomerId, CustomerMergeId};
use crate::timestamp::Timestamp;

/// One merge, undone or not.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_merges")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CustomerMergeId,
    /// The customer that went on, as it was named then: it may have been merged itself since.
    pub survivor_id: CustomerId,
    pub merged_id: CustomerId,
    /// Who did it: a mutation's viewer, a write key's name.
    pub source: String,
    /// Why, for people to read.
    pub reason: String,
    pub merged_at: Timestamp,
    pub undone_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
