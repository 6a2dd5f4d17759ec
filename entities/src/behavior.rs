//! What customers did.

use sea_orm::entity::prelude::*;

use crate::ids::{BehaviorId, CustomerId, DeviceId, TouchpointId};
use crate::timestamp::Timestamp;
use crate::values::Channel;

/// Something a customer did.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "behaviors")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BehaviorId,
    /// Whom it was recorded for; a merge does not move it.
    pub customer_id: CustomerId,
    /// What was done, such as `Product Viewed`.
    pub name: String,
    pub channel: Channel,
    pub touchpoint_id: Option<TouchpointId>,
    pub device_id: Option<DeviceId>,
    /// What it was done with: an object.
    pub properties: Json,
    /// When it was done, by the sender's corrected clock.
    pub occurred_at: Timestamp,
    /// When it arrived here.
    pub received_at: Timestamp,
    /// Who sent it: the write key's name, or an import's.
    pub source: String,
    /// The sender's own id of it, unique within the source.
    pub message_id: String,
    /// The version of the attributes' catalogue under which it was counted.
    pub attributes_version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
