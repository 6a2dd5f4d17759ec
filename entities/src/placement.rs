//! The spots where offers are shown.

use sea_orm::entity::prelude::*;

use crate::ids::{OfferId, PlacementId};
use crate::timestamp::Timestamp;

/// A spot where offers are shown, on one touchpoint or on many.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "placements")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PlacementId,
    /// The name machines use, unique.
    pub key: String,
    /// The name people use.
    pub name: String,
    /// What is shown when no other offer is.
    pub fallback_offer_id: Option<OfferId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
