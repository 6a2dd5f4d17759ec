//! What a cart costs with the promotions that a customer may use.

use entities::ids::{CartLineId, OfferId};

use crate::domain::purchases::cart::promotions::Candidate;
use crate::domain::purchases::cart::rows::Cart;
use crate::domain::purchases::cart::view::LineView;
use crate::domain::purchases::pricing::{
    CartFault, Discount, LineItem, Priced, PricedCart, Promotion, price,
};

/// Prices a cart. A promotion of whose budget there is not so much left is left out, and the rest priced anew.
pub fn priced(
    cart: &Cart,
    lines: &[LineView],
    candidates: &[Candidate],
) -> Result<Priced<CartLineId>, CartFault> {
    let items = lines.iter().map(|line| LineItem {
        key: line.id,
        product: line.product.id,
        unit_minor: line.unit_minor,
        quantity: line.quantity,
    });
    let items = PricedCart::new(cart.currency, items.collect())?;
    let mut promotions: Vec<Promotion> =
        candidates.iter().map(|candidate| candidate.promotion.clone()).collect();
    loop {
        let priced = price(&items, &promotions);
        let exceeds = |discount: &&Discount| {
            let candidate = candidates.iter().find(|candidate| candidate.promotion.offer == discount.offer);
            let left = candidate.and_then(|candidate| candidate.left_minor);
            left.is_some_and(|left| discount.amount_minor > left)
        };
        let Some(discount) = priced.discounts.iter().find(exceeds) else { return Ok(priced) };
        let offer = discount.offer;
        promotions.retain(|promotion| promotion.offer != offer);
    }
}

/// The offers among them of whose budgets only so much is left.
pub fn budgeted(candidates: &[Candidate]) -> Vec<OfferId> {
    let limited = candidates.iter().filter(|candidate| candidate.left_minor.is_some());
    limited.map(|candidate| candidate.promotion.offer).collect()
}

/// The hash of the code by which an offer applies, if it works once.
pub fn hash_of(candidates: &[Candidate], offer: OfferId) -> Option<Vec<u8>> {
    candidates.iter().find(|candidate| candidate.promotion.offer == offer)?.code_hash.clone()
}
