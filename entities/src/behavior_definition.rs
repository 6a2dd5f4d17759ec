//! What behaviors must look like.

use sea_orm::entity::prelude::*;

use crate::ids::BehaviorDefinitionId;
use crate::timestamp::Timestamp;

/// What behaviors of one name must look like.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "behavior_definitions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BehaviorDefinitionId,
    /// The name of the behaviors, unique.
    pub name: String,
    pub description: Option<String>,
    /// A JSON Schema of their properties.
    pub schema: Json,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
