//! How many codes have been entered of late.

use sea_orm::entity::prelude::*;

use crate::ids::CustomerId;
use crate::timestamp::Timestamp;

/// How many codes somebody has entered since a moment: who tries many is guessing.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "code_entries")]
pub struct Model {
    /// Who enters them: the id of a customer or of a touchpoint.
    #[sea_orm(primary_key, auto_increment = false)]
    pub principal: String,
    /// The customer, if it is one.
    pub customer_id: Option<CustomerId>,
    pub entered: i64,
    pub began_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
