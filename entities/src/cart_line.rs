//! The lines of carts.

use sea_orm::entity::prelude::*;

use crate::ids::{CartId, CartLineId, CustomerId, ProductId};

/// So many of one product in a cart.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cart_lines")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CartLineId,
    pub cart_id: CartId,
    /// The cart's customer, so that the table can be distributed by customer.
    pub customer_id: CustomerId,
    pub product_id: ProductId,
    pub quantity: i64,
    /// The price of one that the customer was last told, in minor units of the cart's currency.
    pub unit_minor: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
