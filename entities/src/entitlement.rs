//! The digital products that customers may use.

use sea_orm::entity::prelude::*;

use crate::ids::{CustomerId, EntitlementId, ProductId, PurchaseId, PurchaseLineId};
use crate::timestamp::Timestamp;

/// What a paid line of a digital product gives.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "entitlements")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EntitlementId,
    pub customer_id: CustomerId,
    pub product_id: ProductId,
    pub purchase_id: PurchaseId,
    /// Unique: a line gives one.
    pub purchase_line_id: PurchaseLineId,
    pub granted_at: Timestamp,
    /// Until when it counts; for ever when absent.
    pub expires_at: Option<Timestamp>,
    /// When it was taken away because the line was refunded.
    pub revoked_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
