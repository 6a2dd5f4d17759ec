//! Where the brand meets its customers.

use sea_orm::entity::prelude::*;

use crate::ids::TouchpointId;
use crate::timestamp::Timestamp;
use crate::values::Channel;

/// A place where the brand meets its customers: a site, an app, a kiosk.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "touchpoints")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TouchpointId,
    /// The name machines use, unique.
    pub key: String,
    /// The name people use.
    pub name: String,
    pub channel: Channel,
    /// Where it can show offers: an array of texts.
    pub placements: Json,
    /// IANA name; what is local at this place is local in this zone.
    pub time_zone: String,
    /// ISO 4217 code of its prices.
    pub currency: String,
    /// Used by many people, so it never becomes anybody's identity.
    pub shared: bool,
    pub created_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
