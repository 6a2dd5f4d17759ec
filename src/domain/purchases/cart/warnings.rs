//! What a customer should be told of a cart: what changed since it was filled, and what does not work.

use entities::ids::{CartLineId, OfferId, ProductId};
use entities::timestamp::Timestamp;

use crate::domain::purchases::cart::entered::Fault;
use crate::kernel::money::Money;

/// What kind of thing is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    PriceChanged,
    HoldExpired,
    HoldLimitReached,
    OutOfStock,
    NotSold,
    CodeNotApplied,
    OfferNotApplied,
    OtherCart,
    TooDear,
}

/// Something to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    pub code: Code,
    pub message: String,
    /// The line that it is about.
    pub line: Option<CartLineId>,
    /// The code that it is about.
    pub entered: Option<String>,
    /// Why that code takes nothing off.
    pub fault: Option<Fault>,
    /// How many there are left of the product of the line.
    pub left: Option<i64>,
    /// The offer that it is about.
    pub offer: Option<OfferId>,
    /// When it may go otherwise, if waiting helps.
    pub retry_at: Option<Timestamp>,
}

impl Warning {
    fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            line: None,
            entered: None,
            fault: None,
            left: None,
            offer: None,
            retry_at: None,
        }
    }

    pub fn of_line(code: Code, line: CartLineId, message: impl Into<String>) -> Self {
        Self { line: Some(line), ..Self::new(code, message) }
    }

    pub fn of_code(entered: &str, fault: Fault) -> Self {
        let entered = Some(entered.to_owned());
        Self { entered, fault: Some(fault), ..Self::new(Code::CodeNotApplied, fault.message()) }
    }

    /// Of an offer that took this off when the cart was last changed.
    pub fn of_offer(offer: OfferId, off: Money) -> Self {
        let message = format!(
            "An offer does not apply any more: it took {} {} off when the cart was last changed.",
            off.amount(),
            off.currency.code()
        );
        Self { offer: Some(offer), ..Self::new(Code::OfferNotApplied, message) }
    }

    /// Of a line of which not all is held, while there are so many left; `until`: its customer has held the product as
    /// long as may be, and may not again before then.
    pub fn not_held(line: CartLineId, wanted: i64, left: i64, until: Option<Timestamp>) -> Self {
        if left < wanted {
            let message = format!("There are {left} left.");
            return Self { left: Some(left), ..Self::of_line(Code::OutOfStock, line, message) };
        }
        let Some(until) = until else {
            let message = "They are not held any more; change the line to hold them, or check out.";
            return Self::of_line(Code::HoldExpired, line, message);
        };
        let message = "They have been held as long as may be; check out and pay, or change the line from `retryAt` on to \
            hold them again.";
        Self { retry_at: Some(until), ..Self::of_line(Code::HoldLimitReached, line, message) }
    }

    pub fn other_cart() -> Self {
        let message =
            "The customer has another cart, begun before signing in; `cartMerge` makes one of the two.";
        Self::new(Code::OtherCart, message)
    }

    pub fn too_dear() -> Self {
        Self::new(Code::TooDear, "The cart costs more than can be counted; take something out of it.")
    }

    pub fn not_sold(line: CartLineId, product: ProductId, currency: &str) -> Self {
        Self::of_line(Code::NotSold, line, format!("`{product}` is not sold in {currency} any more."))
    }
}

/// When the first of these goes otherwise.
pub fn soonest(warnings: &[Warning]) -> Option<Timestamp> {
    warnings.iter().filter_map(|warning| warning.retry_at).min()
}
