//! What is read of purchases, their lines and the redemptions in them.

use entities::ids::{
    CustomerId, EntitlementId, OfferId, ProductId, PurchaseId, PurchaseLineId, RedemptionId, TouchpointId,
};
use entities::timestamp::Timestamp;
use entities::values::{Channel, PurchaseStatus, RedemptionStatus};

use crate::db::read::{Column, Row};
use crate::kernel::money::Currency;

/// What a customer bought at one time.
#[derive(Clone, Debug, Default)]
pub struct Purchase {
    pub id: PurchaseId,
    pub number: String,
    pub customer_id: CustomerId,
    pub status: PurchaseStatus,
    pub channel: Channel,
    pub touchpoint_id: Option<TouchpointId>,
    pub currency: Currency,
    pub total_minor: i64,
    pub discount_minor: i64,
    pub placed_at: Timestamp,
    pub source: String,
    pub external_id: String,
    pub payment_reference: Option<String>,
    pub expires_at: Option<Timestamp>,
    pub refunded_minor: i64,
    pub claimed_payment_reference: Option<String>,
}

impl Row for Purchase {
    const TABLE: &'static str = "purchases";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |row, cell| cell.read(&mut row.id)),
        Column::new("number", |row, cell| cell.read(&mut row.number)),
        Column::new("customer_id", |row, cell| cell.read(&mut row.customer_id)),
        Column::new("status", |row, cell| cell.read(&mut row.status)),
        Column::new("channel", |row, cell| cell.read(&mut row.channel)),
        Column::new("touchpoint_id", |row, cell| cell.read(&mut row.touchpoint_id)),
        Column::new("currency", |row, cell| cell.read(&mut row.currency)),
        Column::new("total_minor", |row, cell| cell.read(&mut row.total_minor)),
        Column::new("discount_minor", |row, cell| cell.read(&mut row.discount_minor)),
        Column::new("placed_at", |row, cell| cell.read(&mut row.placed_at)),
        Column::new("source", |row, cell| cell.read(&mut row.source)),
        Column::new("external_id", |row, cell| cell.read(&mut row.external_id)),
        Column::new("payment_reference", |row, cell| cell.read(&mut row.payment_reference)),
        Column::new("expires_at", |row, cell| cell.read(&mut row.expires_at)),
        Column::new("refunded_minor", |row, cell| cell.read(&mut row.refunded_minor)),
        Column::new("claimed_payment_reference", |row, cell| cell.read(&mut row.claimed_payment_reference)),
    ];
}

/// One line of a purchase.
#[derive(Clone, Debug, Default)]
pub struct PurchaseLine {
    pub id: PurchaseLineId,
    pub customer_id: CustomerId,
    pub purchase_id: PurchaseId,
    pub position: i32,
    pub product_id: ProductId,
    pub quantity: i64,
    pub unit_minor: i64,
    pub total_minor: i64,
    pub refunded_quantity: i64,
    pub refunded_minor: i64,
    /// The currency of its purchase, which the reader fills in. Not a column.
    pub currency: Currency,
}

impl Row for PurchaseLine {
    const TABLE: &'static str = "purchase_lines";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |row, cell| cell.read(&mut row.id)),
        Column::new("customer_id", |row, cell| cell.read(&mut row.customer_id)),
        Column::new("purchase_id", |row, cell| cell.read(&mut row.purchase_id)),
        Column::new("position", |row, cell| cell.read(&mut row.position)),
        Column::new("product_id", |row, cell| cell.read(&mut row.product_id)),
        Column::new("quantity", |row, cell| cell.read(&mut row.quantity)),
        Column::new("unit_minor", |row, cell| cell.read(&mut row.unit_minor)),
        Column::new("total_minor", |row, cell| cell.read(&mut row.total_minor)),
        Column::new("refunded_quantity", |row, cell| cell.read(&mut row.refunded_quantity)),
        Column::new("refunded_minor", |row, cell| cell.read(&mut row.refunded_minor)),
    ];
}

/// The use of an offer.
#[derive(Clone, Debug, Default)]
pub struct Redemption {
    pub id: RedemptionId,
    pub customer_id: CustomerId,
    pub purchase_id: Option<PurchaseId>,
    pub offer_id: OfferId,
    pub status: RedemptionStatus,
    pub amount_minor: i64,
    pub currency: Currency,
    pub created_at: Timestamp,
    /// By which code it was used, if by any.
    pub code: Option<String>,
    /// The name of its offer, which the reader fills in. Not a column.
    pub offer_name: String,
}

impl Row for Redemption {
    const TABLE: &'static str = "redemptions";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |row, cell| cell.read(&mut row.id)),
        Column::new("customer_id", |row, cell| cell.read(&mut row.customer_id)),
        Column::new("purchase_id", |row, cell| cell.read(&mut row.purchase_id)),
        Column::new("offer_id", |row, cell| cell.read(&mut row.offer_id)),
        Column::new("status", |row, cell| cell.read(&mut row.status)),
        Column::new("amount_minor", |row, cell| cell.read(&mut row.amount_minor)),
        Column::new("currency", |row, cell| cell.read(&mut row.currency)),
        Column::new("created_at", |row, cell| cell.read(&mut row.created_at)),
        Column::new("code", |row, cell| cell.read(&mut row.code)),
    ];
}

/// What of a redemption one line bears.
#[derive(Clone, Debug, Default)]
pub struct LineDiscount {
    pub redemption_id: RedemptionId,
    pub amount_minor: i64,
}

impl Row for LineDiscount {
    const TABLE: &'static str = "line_discounts";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("redemption_id", |row, cell| cell.read(&mut row.redemption_id)),
        Column::new("amount_minor", |row, cell| cell.read(&mut row.amount_minor)),
    ];
    const TIE: &'static str = "redemption_id";
}

/// A digital product that a customer may use.
#[derive(Clone, Debug, Default)]
pub struct Entitlement {
    pub id: EntitlementId,
    pub customer_id: CustomerId,
    pub product_id: ProductId,
    pub purchase_id: PurchaseId,
    pub granted_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    /// When it was read, which the reader fills in. Not a column.
    pub read_at: Timestamp,
}

impl Entitlement {
    /// Whether it may be used at the instant at which it was read.
    pub fn is_active(&self) -> bool {
        let is_over = self.expires_at.is_some_and(|expires_at| expires_at <= self.read_at);
        self.granted_at <= self.read_at && !is_over && self.revoked_at.is_none()
    }
}

impl Row for Entitlement {
    const TABLE: &'static str = "entitlements";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |row, cell| cell.read(&mut row.id)),
        Column::new("customer_id", |row, cell| cell.read(&mut row.customer_id)),
        Column::new("product_id", |row, cell| cell.read(&mut row.product_id)),
        Column::new("purchase_id", |row, cell| cell.read(&mut row.purchase_id)),
        Column::new("granted_at", |row, cell| cell.read(&mut row.granted_at)),
        Column::new("expires_at", |row, cell| cell.read(&mut row.expires_at)),
        Column::new("revoked_at", |row, cell| cell.read(&mut row.revoked_at)),
    ];
}
