//! A cart that can be priced: everything in it was looked at.

use entities::ids::ProductId;

use crate::kernel::money::Currency;

/// One line of a cart, at the full price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineItem<K> {
    /// What the line is known by; its order decides where a spare minor unit goes.
    pub key: K,
    pub product: ProductId,
    /// Price of one, in minor units of the cart's currency.
    pub unit_minor: i64,
    pub quantity: i64,
}

/// Lines in the order of their keys, each once, whose sum fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedCart<K> {
    currency: Currency,
    lines: Vec<LineItem<K>>,
    subtotal_minor: i64,
}

/// Why a cart cannot be priced. Lines are told by their place among those given, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CartFault {
    #[error("line {line} has a negative price; a price is 0 or more")]
    NegativePrice { line: usize },
    #[error("line {line} has no quantity; leave out lines of which there is nothing")]
    NoQuantity { line: usize },
    #[error("line {line} is there twice; put its quantities together")]
    SameLineTwice { line: usize },
    #[error("the cart costs more than can be counted; take something out of it")]
    TooDear,
}

impl<K: Ord> PricedCart<K> {
    pub fn new(currency: Currency, lines: Vec<LineItem<K>>) -> Result<Self, CartFault> {
        let mut subtotal_minor = 0_i64;
        for (at, line) in lines.iter().enumerate() {
            let sum = line.checked_minor(at)?.checked_add(subtotal_minor);
            subtotal_minor = sum.ok_or(CartFault::TooDear)?;
        }
        let mut lines: Vec<(usize, LineItem<K>)> = lines.into_iter().enumerate().collect();
        lines.sort_by(|(_, a), (_, b)| a.key.cmp(&b.key));
        if let Some(pair) = lines.windows(2).find(|pair| pair[0].1.key == pair[1].1.key) {
            return Err(CartFault::SameLineTwice { line: pair[1].0 });
        }
        Ok(Self { currency, lines: lines.into_iter().map(|(_, line)| line).collect(), subtotal_minor })
    }
}

impl<K> PricedCart<K> {
    pub fn currency(&self) -> Currency {
        self.currency
    }

    pub fn lines(&self) -> &[LineItem<K>] {
        &self.lines
    }

    /// What all lines cost before promotions.
    pub fn subtotal_minor(&self) -> i64 {
        self.subtotal_minor
    }
}

impl<K> LineItem<K> {
    /// What the line costs before promotions. In a [`PricedCart`] it always fits.
    pub fn subtotal_minor(&self) -> i64 {
        self.unit_minor.saturating_mul(self.quantity)
    }

    fn checked_minor(&self, at: usize) -> Result<i64, CartFault> {
        if self.unit_minor < 0 {
            return Err(CartFault::NegativePrice { line: at });
        }
        if self.quantity < 1 {
            return Err(CartFault::NoQuantity { line: at });
        }
        self.unit_minor.checked_mul(self.quantity).ok_or(CartFault::TooDear)
    }
}
