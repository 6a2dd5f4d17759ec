//! The lines of purchases.

use sea_orm::entity::prelude::*;

use crate::ids::{CustomerId, ProductId, PurchaseId, PurchaseLineId};

/// One line of a purchase.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "purchase_lines")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PurchaseLineId,
    /// The purchase's customer, so that the table can be distributed by customer.
    pub customer_id: CustomerId,
    pub purchase_id: PurchaseId,
    /// Its place in the purchase, from 1.
    pub position: i32,
    pub product_id: ProductId,
    pub quantity: i64,
    /// Price of one when it was bought, in minor units of the purchase's currency.
    pub unit_minor: i64,
    /// What the line cost, after its discounts.
    pub total_minor: i64,
    /// How many of them the stock still lacks: none when they were sold elsewhere, or given back.
    pub stock_taken: i64,
    /// How many were refunded.
    pub refunded_quantity: i64,
    /// What was given back for them.
    pub refunded_minor: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
