//! What customers use to meet the brand.

use sea_orm::entity::prelude::*;

use crate::ids::{CustomerId, DeviceId};
use crate::timestamp::Timestamp;
use crate::values::Channel;

/// A device a customer uses.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "devices")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DeviceId,
    pub customer_id: CustomerId,
    pub channel: Channel,
    /// Operating system or browser family, such as `ios`.
    pub platform: String,
    /// What the maker calls it.
    pub model: Option<String>,
    /// SHA-256 of the token it shows, if it has one.
    pub token_hash: Option<Vec<u8>>,
    /// When it was first seen.
    pub created_at: Timestamp,
    /// When it was last seen.
    pub last_seen_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
