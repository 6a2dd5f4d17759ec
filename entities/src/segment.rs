//! Which customers belong together.

use sea_orm::entity::prelude::*;

use crate::ids::{CustomerId, SegmentId};
use crate::timestamp::Timestamp;
use crate::values::ConsentPurpose;

/// Customers for whom a rule holds.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "segments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SegmentId,
    /// The name rules and devices use, unique.
    pub key: String,
    /// The name people use.
    pub name: String,
    /// A CEL condition on a customer.
    pub rule: String,
    /// What it is for: who refuses that is not a member.
    pub purpose: ConsentPurpose,
    pub version: i64,
    /// How many members the list has.
    pub size: i64,
    /// When the rule was last judged for everybody.
    pub judged_at: Option<Timestamp>,
    /// Why the rule fails for some customers, if it does.
    pub failure: Option<String>,
    /// What the members were last judged by: the rule's version and the attributes it reads.
    pub basis: Option<String>,
    /// Up to which customer everybody has been marked to be judged by it.
    pub marked_to: Option<CustomerId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
