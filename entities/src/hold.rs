//! What of the stock is held for carts.

use sea_orm::entity::prelude::*;

use crate::ids::{CartId, CustomerId, HoldId, ProductId};
use crate::timestamp::Timestamp;

/// So many of a product that are held for a cart: taken off the stock, and given back by whoever deletes the row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "holds")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: HoldId,
    pub cart_id: CartId,
    pub product_id: ProductId,
    pub customer_id: CustomerId,
    pub quantity: i64,
    /// Since when something of it has been held without a break.
    pub held_at: Timestamp,
    pub expires_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
