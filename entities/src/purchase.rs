//! What customers bought.

use sea_orm::entity::prelude::*;

use crate::ids::{CustomerId, PurchaseId, TouchpointId};
use crate::timestamp::Timestamp;
use crate::values::{Channel, PurchaseStatus};

/// What a customer bought at one time.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "purchases")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PurchaseId,
    /// The number printed on the receipt, unique.
    pub number: String,
    /// Whom it was recorded for; a merge does not move it.
    pub customer_id: CustomerId,
    pub status: PurchaseStatus,
    pub channel: Channel,
    pub touchpoint_id: Option<TouchpointId>,
    /// ISO 4217 code of all its amounts.
    pub currency: String,
    /// What was to be paid, after discounts, in minor units.
    pub total_minor: i64,
    /// What was taken off, in minor units.
    pub discount_minor: i64,
    pub placed_at: Timestamp,
    /// Which system it comes from.
    pub source: String,
    /// That system's own id of it, unique within the source.
    pub external_id: String,
    /// What the payment is called by whoever took it; absent until they said that it is paid.
    pub payment_reference: Option<String>,
    /// Until when it waits to be paid; absent when it does not.
    pub expires_at: Option<Timestamp>,
    /// What was given back, in minor units.
    pub refunded_minor: i64,
    /// What the customer said that the payment is called, whose word is not taken for it.
    pub claimed_payment_reference: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
