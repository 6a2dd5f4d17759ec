//! What an offer does to a price, and what it goes together with.

use std::collections::BTreeSet;

use entities::ids::{OfferId, ProductId};

use crate::domain::offers::parts::Benefit;
use crate::kernel::money::Money;

/// An offer that may be applied to a cart: whether the customer is eligible was decided before.
#[derive(Clone, Debug)]
pub struct Promotion {
    pub offer: OfferId,
    /// The name machines use; decides the order among equal priorities.
    pub key: String,
    /// Higher is looked at first.
    pub priority: i32,
    pub reduction: Reduction,
    pub stacking: StackingMode,
    pub target: Target,
    /// With what code it came, told again in its discount.
    pub code: Option<String>,
}

/// What is taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// Hundredths of a percent.
    PercentageOff(i32),
    AmountOff(Money),
    /// So many units of a product that is in the cart.
    FreeProduct {
        product: ProductId,
        quantity: i64,
    },
}

/// What a promotion goes together with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StackingMode {
    /// With all others of this mode.
    #[default]
    Stack,
    /// Instead of all others, if it takes more off than they do.
    BestDeal,
    /// Instead of all others.
    Exclusive,
}

/// What a promotion is taken off from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    pub scope: Scope,
    /// Only lines of these products; of all when absent.
    pub products: Option<BTreeSet<ProductId>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Once from all target lines together.
    #[default]
    AcrossLines,
    /// From each target line; an amount from each of its units.
    PerLine,
}

impl From<Benefit> for Reduction {
    fn from(benefit: Benefit) -> Self {
        match benefit {
            Benefit::PercentageOff(basis_points) => Self::PercentageOff(basis_points),
            Benefit::AmountOff(amount) => Self::AmountOff(amount),
            Benefit::FreeProduct(product) => Self::FreeProduct { product, quantity: 1 },
        }
    }
}
