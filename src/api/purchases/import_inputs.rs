//! The input of purchases that were made elsewhere.

use async_graphql::{ID, InputObject};

use crate::api::customers::inputs::CustomerIdentityInput;
use crate::api::enums::{Channel, PurchaseStatus};
use crate::api::scalars::{CurrencyCode, Decimal};
use crate::graph::scalars::DateTime;

/// One line of a purchase that was made elsewhere.
#[derive(InputObject)]
pub struct PurchaseImportLineInput {
    /// The code of the product.
    pub sku: String,
    /// How many.
    #[graphql(default = 1)]
    pub quantity: i32,
    /// The price of one: `"12.50"`.
    pub unit_price: Decimal,
    /// What all of them cost, discounts taken off: never more than quantity times price; without it that.
    pub total: Option<Decimal>,
}

/// An offer that was used in a purchase that was made elsewhere.
#[derive(InputObject)]
pub struct PurchaseImportRedemptionInput {
    /// The key of the offer, one that was published.
    pub offer_key: String,
    /// What it took off.
    pub amount: Decimal,
}

/// A purchase that was made elsewhere.
#[derive(InputObject)]
pub struct PurchaseImportInput {
    /// Which system it comes from: `shop`; without it `staff`. Of a till it is always its own key.
    pub source: Option<String>,
    /// That system's own id of it. Of one source and id there is one purchase, also after its customer was erased.
    pub external_id: String,
    /// The number on the receipt, unique, 255 bytes at most; without it source and external id.
    pub number: Option<String>,
    /// Who bought it: `cus_…`; or `identity`.
    pub customer_id: Option<ID>,
    /// Who bought it, by an identity; made when there is nobody.
    pub identity: Option<CustomerIdentityInput>,
    /// Where it is in its life.
    #[graphql(default_with = "PurchaseStatus::Paid")]
    pub status: PurchaseStatus,
    /// Through which channel; without it that of the till that asks, else OTHER.
    pub channel: Option<Channel>,
    /// When it was made.
    pub placed_at: DateTime,
    /// In what it was paid.
    pub currency_code: CurrencyCode,
    /// What was bought; may be left out when only the total is known.
    #[graphql(default)]
    pub lines: Vec<PurchaseImportLineInput>,
    /// What was to be paid; without it the sum of the lines, and never more. What it is less, they bear in proportion.
    pub total: Option<Decimal>,
    /// What was taken off, which `total` and the totals of lines do not have in them any more; without it what the
    /// redemptions say.
    pub discount: Option<Decimal>,
    /// The offers that were used, each once. They count against the offers' budgets and limits; one that is spent is not
    /// refused, for it has happened. Together they took off at most what the lines cost at full price less the `total`;
    /// without lines only staff may name amounts.
    #[graphql(default)]
    pub redemptions: Vec<PurchaseImportRedemptionInput>,
    /// What of the total was given back, of one that is PARTIALLY_REFUNDED; of one that is REFUNDED it is all of it.
    pub refunded: Option<Decimal>,
}
