//! How many codes customers have entered of late.

use sea_orm::entity::prelude::*;

use crate::ids::CustomerId;
use crate::timestamp::Timestamp;

/// How many codes a customer has entered since a moment: who tries many is guessing.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "code_entries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub customer_id: CustomerId,
    pub entered: i64,
    pub began_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
