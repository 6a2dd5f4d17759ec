//! What a cart costs, and how that came about.

use entities::ids::OfferId;

use super::cart::LineItem;
use crate::kernel::money::Currency;

/// A cart with its discounts. `discount_minor` is the sum of `discounts` and the difference of subtotal and total;
/// the amount of each discount is the sum of its allocations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priced<K> {
    pub currency: Currency,
    /// In the order of their keys.
    pub lines: Vec<PricedLine<K>>,
    /// What applies, in the order in which it applied.
    pub discounts: Vec<Discount>,
    /// What does not, in the order in which it was looked at.
    pub rejected: Vec<Rejected>,
    pub subtotal_minor: i64,
    pub discount_minor: i64,
    pub total_minor: i64,
}

/// One line with what is taken off it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedLine<K> {
    pub key: K,
    pub subtotal_minor: i64,
    /// Each more than 0, in the order in which they applied.
    pub allocations: Vec<Allocation>,
    pub total_minor: i64,
}

/// The part of a discount that one line bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocation {
    pub offer: OfferId,
    pub amount_minor: i64,
}

/// What one offer takes off, always more than 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discount {
    pub offer: OfferId,
    pub amount_minor: i64,
    pub code: Option<String>,
}

/// An offer that was looked at and does not apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rejected {
    pub offer: OfferId,
    pub why: Reason,
}

/// Why an offer does not apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The same offer is there already: an offer applies once to a cart.
    SameOfferTwice,
    /// Its amount is in another currency than the cart.
    OtherCurrency,
    /// None of the products it names is in the cart.
    NoSuchProductInCart,
    /// Alone it would take nothing off: its target costs nothing, or its share rounds to nothing.
    NothingToTakeOff,
    /// Alone it would take something off, but those before it left it nothing.
    NothingLeft,
    /// It does not go together with this one, the first of those that apply.
    ExcludedBy(OfferId),
}

impl<K: Clone> PricedLine<K> {
    /// The line at its full price, with room for so many allocations.
    pub(super) fn full(line: &LineItem<K>, room: usize) -> Self {
        let minor = line.subtotal_minor();
        Self {
            key: line.key.clone(),
            subtotal_minor: minor,
            allocations: Vec::with_capacity(room),
            total_minor: minor,
        }
    }

    pub(super) fn take(&mut self, allocation: Allocation) {
        self.total_minor -= allocation.amount_minor;
        self.allocations.push(allocation);
    }
}
