//! The arguments of fields that give purchases, and the inputs of those that change carts.

use async_graphql::{Enum, ID, InputObject, OneofObject};

use crate::api::enums::{Channel, PurchaseStatus};
use crate::api::inputs::{DateTimeRange, MoneyInput};
use crate::api::scalars::CurrencyCode;
use crate::db::read::Order;
use crate::domain::purchases::cart::merge;
use crate::domain::purchases::store;
use crate::graph::PageArguments;

/// Which purchase is meant: exactly one of these.
#[derive(Clone, Debug, OneofObject)]
pub enum PurchaseBy {
    /// By id: `pur_…`.
    Id(ID),
    /// By the number on the receipt.
    Number(String),
}

#[derive(Clone, Debug, InputObject)]
pub struct PurchaseArguments {
    /// Which purchase is meant.
    pub by: PurchaseBy,
}

/// What a list of purchases is narrowed to; all that is given must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct PurchaseFilter {
    /// Only purchases with one of these statuses.
    pub statuses: Option<Vec<PurchaseStatus>>,
    /// Only purchases made in one of these channels.
    pub channels: Option<Vec<Channel>>,
    /// When it was made.
    pub placed_at: Option<DateTimeRange>,
}

/// How a list of purchases is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum PurchaseSort {
    /// Latest first.
    #[default]
    PlacedAtDesc,
    /// Earliest first.
    PlacedAtAsc,
}

impl PurchaseSort {
    pub fn order(self) -> Order {
        match self {
            Self::PlacedAtDesc => Order::Descending,
            Self::PlacedAtAsc => Order::Ascending,
        }
    }
}

#[derive(Clone, Debug, Default, InputObject)]
pub struct PurchaseListArguments {
    /// Leaves only purchases for which all of this holds.
    pub filter: Option<PurchaseFilter>,
    /// How the list is sorted.
    #[graphql(default)]
    pub sort: PurchaseSort,
    #[graphql(flatten)]
    pub page: PageArguments,
}

impl PurchaseListArguments {
    pub fn filter(&self) -> store::PurchaseFilter {
        let Some(filter) = &self.filter else { return store::PurchaseFilter::default() };
        store::PurchaseFilter {
            statuses: filter
                .statuses
                .as_ref()
                .map(|list| list.iter().map(|status| (*status).into()).collect()),
            channels: filter
                .channels
                .as_ref()
                .map(|list| list.iter().map(|channel| (*channel).into()).collect()),
            placed: DateTimeRange::range(&filter.placed_at),
        }
    }
}

/// So many more of a product.
#[derive(InputObject)]
pub struct CartLineAddInput {
    /// Which product: `prd_…`.
    pub product_id: ID,
    /// How many more, 1 to 10,000. Of a product of limited stock there may be 50 in the cart, or what the
    /// brand has set; with more it is LIMIT_REACHED.
    #[graphql(default = 1)]
    pub quantity: i32,
}

/// What is to be put into a cart.
#[derive(InputObject)]
pub struct CartLinesAddInput {
    /// Whose cart, for a till or staff: `cus_…`; a customer leaves it out.
    pub customer_id: Option<ID>,
    /// The `version` that you have read, 0 if there was no cart; without it, whatever it is now.
    pub version: Option<i32>,
    /// In what a cart that is begun is paid; without it that of the till, else the first product's first.
    pub currency_code: Option<CurrencyCode>,
    /// What is added, 1 to 200 lines; a product that is there already gets a greater quantity.
    pub lines: Vec<CartLineAddInput>,
}

/// How many of a line there are to be.
#[derive(InputObject)]
pub struct CartLineUpdateInput {
    /// Which line: `cli_…`.
    pub id: ID,
    /// How many from now on; 0 takes the line out.
    pub quantity: i32,
}

/// What of a cart is to be another.
#[derive(InputObject)]
pub struct CartLinesUpdateInput {
    /// Whose cart, for a till or staff: `cus_…`; a customer leaves it out.
    pub customer_id: Option<ID>,
    /// The `version` that you have read; without it, whatever it is now.
    pub version: Option<i32>,
    /// The lines that change, 1 to 200; the others stay.
    pub lines: Vec<CartLineUpdateInput>,
}

/// What is to be taken out of a cart.
#[derive(InputObject)]
pub struct CartLinesRemoveInput {
    /// Whose cart, for a till or staff: `cus_…`; a customer leaves it out.
    pub customer_id: Option<ID>,
    /// The `version` that you have read; without it, whatever it is now.
    pub version: Option<i32>,
    /// Which lines, 1 to 200: `cli_…`.
    pub line_ids: Vec<ID>,
}

/// Which codes a cart is to have.
#[derive(InputObject)]
pub struct CartCodesUpdateInput {
    /// Whose cart, for a till or staff: `cus_…`; a customer leaves it out.
    pub customer_id: Option<ID>,
    /// The `version` that you have read, 0 if there was no cart; without it, whatever it is now.
    pub version: Option<i32>,
    /// These codes and no others, 10 at most, as somebody typed them: case, blanks and dashes do not count.
    pub codes: Vec<String>,
}

/// What becomes of the carts of a customer who has just signed in.
#[derive(InputObject)]
pub struct CartMergeInput {
    /// Whose carts, for a till or staff: `cus_…`; a customer leaves it out.
    pub customer_id: Option<ID>,
    /// The `version` of the cart that you have read, which has the warning OTHER_CART; without it, whatever it is now.
    pub version: Option<i32>,
    /// What is kept.
    pub strategy: CartMergeStrategy,
}

/// What is kept of two carts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "merge::Strategy")]
pub enum CartMergeStrategy {
    /// What is in either, quantities added, codes of both.
    Merge,
    /// The one that was begun on this device before signing in; what was held for the other is let go. Without a device's
    /// token: the one that was changed last of those begun before signing in.
    KeepMine,
    /// The other, which the account had; what was held for the one of this device is let go.
    KeepTheirs,
}

/// What is to be bought.
#[derive(InputObject)]
pub struct CartCheckoutInput {
    /// Whose cart, for a till or staff: `cus_…`; a customer leaves it out.
    pub customer_id: Option<ID>,
    /// The `version` that you have read; without it, whatever it is now.
    pub version: Option<i32>,
    /// A random id that you make for this checkout and send again when you try again: however often it is sent, the cart
    /// is bought once, and every answer has the same purchase. It is known for 30 days; sent again after that, it is a new
    /// checkout.
    pub idempotency_key: String,
    /// What the payment is called by whoever took it. Tills, call centers, kiosks and staff are believed. Without it, and
    /// when a customer's own token or any other touchpoint sends it, the purchase is PENDING until one of those confirms
    /// the payment by `purchasePay`: what is not believed is only shown, as `claimedPaymentReference`.
    pub payment_reference: Option<String>,
    /// What the customer was told it costs: if it is another amount by now, nothing is bought.
    pub total: Option<MoneyInput>,
}
