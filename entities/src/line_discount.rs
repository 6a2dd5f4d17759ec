//! Which line of a purchase bore how much of which discount.

use sea_orm::entity::prelude::*;

use crate::ids::{CustomerId, PurchaseLineId, RedemptionId};

/// The part of a redemption that one line bears.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "line_discounts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub purchase_line_id: PurchaseLineId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub redemption_id: RedemptionId,
    pub customer_id: CustomerId,
    pub amount_minor: i64,
    /// What of it was given back to the budget, with what was refunded of the line.
    pub returned_minor: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
