//! What a cart costs: its lines, less what promotions take off, to the last minor unit.
//!
//! All amounts are integer minor units of the cart's currency: yen, cents, fils. Nothing is converted and nothing
//! is a float. Who gets what may be reckoned by hand, with these rules.
//!
//! **Order.** Promotions are looked at by priority, higher first, then by key, then by the id of the offer. Lines
//! count in the order of their keys. In what order either was given makes no difference.
//!
//! **Which are fit.** A promotion is rejected, with the reason, when its offer was looked at already, when its
//! amount is in another currency, or when none of the products it names is in the cart. A free product is taken
//! off when it is in the cart; it is never put there.
//!
//! **Which apply together.**
//! 1. `EXCLUSIVE`: the first one in order that takes something off applies alone, whatever the others would take.
//!    This is the brand's decision, made by priority, as with the field's "stop after this discount".
//! 2. Otherwise all `STACK` ones apply in order, each to what those before it left.
//! 3. Each `BEST_DEAL` one is reckoned alone, on the whole price. The one that takes most off (of equals, the first
//!    in order) applies alone if it takes more than the stack does; else the stack applies and no `BEST_DEAL`. This
//!    is decided for the customer and for the cart as a whole, so such a code never makes a cart dearer.
//!
//! Those that would not take anything off are rejected and exclude nothing.
//!
//! **What one takes.** A line has what is left to pay, at first unit price × quantity, and units to pay for, at
//! first its quantity. Target lines are those of the products the promotion names, or all.
//! - Percentage across lines: the share of what is left of all target lines together, rounded once, then spread.
//! - Percentage per line: the share of what is left of each target line, rounded on each.
//! - Amount across lines: the amount, at most what is left of all target lines together, then spread.
//! - Amount per line: the amount for each unit to pay for, at most what is left of the line. Two lines of one piece
//!   and one line of two are thus the same.
//! - Free product: as many units of the product as it says, or as there are; those with the least left to pay for
//!   a unit first, of equals the first line. A unit counts with its part of what is left of its line, and is then
//!   not to be paid for any more: the next free product takes another one. Scope and products do not matter.
//!
//! A percentage is thus of what is left and not of the first price: 20 % after 10 % is 28 % off, and no stack
//! gets below zero.
//!
//! **Rounding.** Half up, to the minor unit: 12.5 % of 1.00 is 0.13.
//!
//! **Spreading.** Each line takes its part in proportion to what is left of it, rounded down. The minor units that
//! remain go one each to the lines with the largest remainders; of equals, to the first line. 1.00 off three equal
//! lines is 0.34, 0.33 and 0.33. So what the lines get is in sum what the promotion takes, and no line gets more
//! than is left of it.
//!
//! **Bounds.** A cart with a negative price, a quantity below one, the same line twice or a subtotal past 64 bits
//! is refused before it is priced, see [`CartFault`]. A percentage above 100 counts as 100. One that is not above
//! zero, and an amount or a number of units that is not, takes nothing off. Products of two amounts are reckoned
//! in 128 bits, and no result is more than the subtotal: pricing itself cannot fail.
//!
//! By hand: tickets 2 × 10.00 and popcorn 1 × 5.00, with 10 % on all (priority 2), a free popcorn (priority 1) and
//! 4.00 off tickets (priority 0), all `STACK`. 10 % of 25.00 is 2.50, spread 2.00 and 0.50; 18.00 and 4.50 are left.
//! The free popcorn takes the 4.50. Of the tickets' 18.00, 4.00 go. Total: 14.00.

mod cart;
mod choice;
mod left;
mod priced;
mod promotion;
pub(super) mod rounding;

#[cfg(test)]
mod law_tests;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod stacking_tests;
#[cfg(test)]
mod table_tests;

pub use cart::{CartFault, LineItem, PricedCart};
pub use priced::{Allocation, Discount, Priced, PricedLine, Reason, Rejected};
pub use promotion::{Promotion, Reduction, Scope, StackingMode, Target};

use choice::{Applied, Candidate};
use left::Left;

/// What a cart costs with these promotions.
pub fn price<K: Ord + Clone>(cart: &PricedCart<K>, promotions: &[Promotion]) -> Priced<K> {
    let whole = Left::of(cart);
    let mut candidates = choice::candidates(cart.currency(), &whole, promotions);
    let applied = choice::choose(&mut candidates, &whole);
    let discounts: Vec<Discount> = applied.iter().map(|applied| discount(&candidates, applied)).collect();
    let discount_minor = discounts.iter().map(|discount| discount.amount_minor).sum();
    Priced {
        currency: cart.currency(),
        lines: lines(cart, &candidates, &applied),
        rejected: rejected(&candidates, &applied),
        discounts,
        subtotal_minor: cart.subtotal_minor(),
        discount_minor,
        total_minor: cart.subtotal_minor() - discount_minor,
    }
}

fn discount(candidates: &[Candidate], applied: &Applied) -> Discount {
    let promotion = candidates[applied.candidate].promotion;
    Discount { offer: promotion.offer, amount_minor: applied.minor, code: promotion.code.clone() }
}

fn lines<K: Ord + Clone>(
    cart: &PricedCart<K>,
    candidates: &[Candidate],
    applied: &[Applied],
) -> Vec<PricedLine<K>> {
    let mut lines: Vec<PricedLine<K>> =
        cart.lines().iter().map(|line| PricedLine::full(line, applied.len())).collect();
    for applied in applied {
        let offer = candidates[applied.candidate].promotion.offer;
        for taking in &applied.takings {
            lines[taking.line].take(Allocation { offer, amount_minor: taking.minor });
        }
    }
    lines
}

/// Those that do not apply: for a reason of their own, or since another one does.
fn rejected(candidates: &[Candidate], applied: &[Applied]) -> Vec<Rejected> {
    let winner = applied.first().map(|applied| candidates[applied.candidate].promotion.offer);
    let mut applies = vec![false; candidates.len()];
    for applied in applied {
        applies[applied.candidate] = true;
    }
    let others = candidates.iter().zip(applies).filter(|(_, applies)| !applies);
    let why = |candidate: &Candidate| candidate.why_not.or(winner.map(Reason::ExcludedBy));
    others
        .filter_map(|(candidate, _)| {
            Some(Rejected { offer: candidate.promotion.offer, why: why(candidate)? })
        })
        .collect()
}
