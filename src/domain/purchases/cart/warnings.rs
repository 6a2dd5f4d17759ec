//! What a customer should be told of a cart: what changed since it was filled, and what does not work.

use entities::ids::{CartLineId, ProductId};
use entities::timestamp::Timestamp;

/// What kind of thing is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    PriceChanged,
    HoldExpired,
    HoldLimitReached,
    OutOfStock,
    NotSold,
    CodeNotApplied,
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
    /// When it may go otherwise, if waiting helps.
    pub retry_at: Option<Timestamp>,
}

impl Warning {
    pub fn of_line(code: Code, line: CartLineId, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), line: Some(line), entered: None, retry_at: None }
    }

    pub fn of_code(entered: &str, message: &str) -> Self {
        let entered = Some(entered.to_owned());
        Self { code: Code::CodeNotApplied, message: message.to_owned(), line: None, entered, retry_at: None }
    }

    /// Of a line of which not all is held, while there are so many left; `until`: its customer has held the product as
    /// long as may be, and may not again before then.
    pub fn not_held(line: CartLineId, wanted: i64, left: i64, until: Option<Timestamp>) -> Self {
        if left < wanted {
            return Self::of_line(Code::OutOfStock, line, format!("There are {left} left."));
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
        Self { code: Code::OtherCart, message: message.to_owned(), line: None, entered: None, retry_at: None }
    }

    pub fn too_dear() -> Self {
        let message = "The cart costs more than can be counted; take something out of it.";
        Self { code: Code::TooDear, message: message.to_owned(), line: None, entered: None, retry_at: None }
    }

    pub fn not_sold(line: CartLineId, product: ProductId, currency: &str) -> Self {
        Self::of_line(Code::NotSold, line, format!("`{product}` is not sold in {currency} any more."))
    }
}
