//! What an event shows, as far as one answer differs from another, and until when it holds if nobody does anything.

use std::sync::Arc;

use entities::ids::{CartLineId, OfferId};
use entities::timestamp::Timestamp;

use crate::db::topic::Topic;
use crate::domain::offers::codes;
use crate::domain::offers::decision::Decision;
use crate::domain::purchases::cart::view::{CartView, DiscountView, LineView};
use crate::domain::purchases::pricing::Allocation;

/// What the root of a subscription has read.
#[derive(Clone, Debug)]
pub enum Shown {
    /// What the customer is shown, a decision a placement.
    Experience(Vec<Arc<Decision>>),
    /// The cart, if there is one.
    Cart(Option<Arc<CartView>>),
}

impl Shown {
    /// Whether a device that shows this need not be told the other.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Experience(these), Self::Experience(those)) => {
                these.iter().map(offers).eq(those.iter().map(offers))
            }
            (Self::Cart(Some(this)), Self::Cart(Some(that))) => is_same_cart(this, that),
            (Self::Cart(None), Self::Cart(None)) => true,
            _ => false,
        }
    }

    /// What it depends on besides the customer. Definitions are not among it: when one changes, everybody looks.
    pub fn topics(&self) -> Vec<Topic> {
        match self {
            Self::Cart(Some(cart)) => topics_of(cart),
            Self::Experience(_) | Self::Cart(None) => Vec::new(),
        }
    }

    /// When time alone may make it another.
    pub fn valid_until(&self) -> Option<Timestamp> {
        match self {
            Self::Experience(decisions) => decisions.iter().map(|decision| decision.valid_until).min(),
            Self::Cart(cart) => cart.as_ref()?.valid_until,
        }
    }
}

/// An offer as it is shown: its version, and the variant.
type OfferShown<'a> = (OfferId, i32, Option<&'a str>);

/// The placement, and what is shown in it in its order.
fn offers(decision: &Arc<Decision>) -> (&str, Vec<OfferShown<'_>>) {
    let shown = decision.shown.iter();
    let shown = shown.map(|shown| (shown.offer.id, shown.offer.version, shown.variant.as_deref()));
    (&decision.placement, shown.collect())
}

/// What others buy concerns a cart when it is of what is not held for it, of budgets that its offers take
/// of, or by a code that it has too.
fn topics_of(cart: &CartView) -> Vec<Topic> {
    let products = cart.lines.iter().map(|line| Topic::Product(line.product.id));
    let free =
        cart.lines.iter().filter(|line| line.product.stock_total.is_some() && line.held < line.quantity);
    let stocks = free.map(|line| Topic::Stock(line.product.id));
    let budgets = cart.budgets.iter().copied().map(Topic::Budget);
    let codes = cart.codes.iter().map(|code| codes::topic(&codes::hash(code)));
    products.chain(stocks).chain(budgets).chain(codes).collect()
}

fn is_same_cart(this: &CartView, that: &CartView) -> bool {
    let head = |view: &CartView| {
        (view.cart.id, view.cart.version, view.customer, view.total_minor, view.holds_expire_at)
    };
    head(this) == head(that)
        && this.codes == that.codes
        && this.warnings == that.warnings
        && discounts(this).eq(discounts(that))
        && this.lines.iter().map(line).eq(that.lines.iter().map(line))
}

/// A discount as it is shown: its offer with the name that it has, the amount, and the code.
type DiscountShown<'a> = (OfferId, &'a str, i64, Option<&'a str>);

fn discounts(cart: &CartView) -> impl Iterator<Item = DiscountShown<'_>> {
    cart.discounts.iter().map(|discount| {
        let DiscountView { offer, amount_minor, code, .. } = discount;
        (*offer, cart.definitions.name(*offer), *amount_minor, code.as_deref())
    })
}

/// A line as it is shown, with what it bears.
type LineShown<'a> = (CartLineId, i64, i64, i64, i64, &'a [Allocation]);

fn line(line: &LineView) -> LineShown<'_> {
    (line.id, line.quantity, line.held, line.unit_minor, line.total_minor, &line.allocations)
}
