//! The uses of offers.

use sea_orm::entity::prelude::*;

use crate::ids::{CustomerId, OfferId, PurchaseId, RedemptionId};
use crate::timestamp::Timestamp;
use crate::values::RedemptionStatus;

/// The use of an offer, in a purchase or held for one.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "redemptions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RedemptionId,
    /// Who uses it.
    pub customer_id: CustomerId,
    /// Where it was used; absent while it is held for a cart.
    pub purchase_id: Option<PurchaseId>,
    pub offer_id: OfferId,
    pub status: RedemptionStatus,
    /// What it took off, in minor units.
    pub amount_minor: i64,
    /// ISO 4217 code of the amount.
    pub currency: String,
    pub created_at: Timestamp,
    /// What of the amount was given back to the budget, with what was refunded.
    pub returned_minor: i64,
    /// The code by which it was used, as it stood in the cart; absent where none was needed.
    pub code: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
