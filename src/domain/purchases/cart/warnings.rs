//! What a customer should be told of a cart: what changed since it was filled, and what does not work.

use entities::ids::{CartLineId, ProductId};

/// What kind of thing is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    PriceChanged,
    HoldExpired,
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
}

impl Warning {
    pub fn of_line(code: Code, line: CartLineId, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), line: Some(line), entered: None }
    }

    pub fn of_code(entered: &str, message: &str) -> Self {
        let entered = Some(entered.to_owned());
        Self { code: Code::CodeNotApplied, message: message.to_owned(), line: None, entered }
    }

    pub fn other_cart() -> Self {
        let message =
            "The customer has another cart, begun before signing in; `cartMerge` makes one of the two.";
        Self { code: Code::OtherCart, message: message.to_owned(), line: None, entered: None }
    }

    pub fn too_dear() -> Self {
        let message = "The cart costs more than can be counted; take something out of it.";
        Self { code: Code::TooDear, message: message.to_owned(), line: None, entered: None }
    }

    pub fn not_sold(line: CartLineId, product: ProductId, currency: &str) -> Self {
        Self::of_line(Code::NotSold, line, format!("`{product}` is not sold in {currency} any more."))
    }
}
