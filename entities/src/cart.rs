//! What customers are about to buy.

use sea_orm::entity::prelude::*;

use crate::ids::{CartId, CustomerId, TouchpointId};
use crate::timestamp::Timestamp;
use crate::values::Channel;

/// The cart of a customer. It goes when it is paid for.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "carts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CartId,
    /// Whose it is, unique; a merge does not move it.
    pub customer_id: CustomerId,
    /// Counts changes, so that a writer notices it was overtaken.
    pub version: i64,
    /// ISO 4217 code of all its amounts.
    pub currency: String,
    /// Where it was last changed.
    pub channel: Channel,
    pub touchpoint_id: Option<TouchpointId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The version of the cart of which something was told; none before that.
    pub told_version: Option<i64>,
    /// What was told: a JSON list of pairs, the id of an offer and what it took off in minor units.
    pub told_offers: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
