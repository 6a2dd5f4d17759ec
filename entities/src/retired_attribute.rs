//! Meanings of attributes that are no more, whose buckets have not been swept away yet.

use sea_orm::entity::prelude::*;

use crate::ids::{AttributeDefinitionId, CustomerId};

/// A definition that was replaced by another.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "retired_attributes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub definition_id: AttributeDefinitionId,
    /// Up to which customer its buckets are gone; absent before the first.
    pub swept_to: Option<CustomerId>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
