//! Which promotions apply, and together with which.

use std::cmp::Reverse;
use std::collections::HashSet;

use entities::ids::OfferId;

use super::left::{Left, Taking};
use super::priced::Reason;
use super::promotion::{Promotion, Reduction, StackingMode};
use crate::kernel::money::Currency;

/// A promotion that is looked at.
pub struct Candidate<'p> {
    pub promotion: &'p Promotion,
    /// The lines it may take from.
    targets: Vec<usize>,
    /// Why it does not apply, whatever the others do.
    pub why_not: Option<Reason>,
}

/// A promotion that applies.
pub struct Applied {
    /// Its place among the candidates.
    pub candidate: usize,
    pub takings: Vec<Taking>,
    /// The sum of what it takes.
    pub minor: i64,
}

impl Applied {
    fn new(candidate: usize, takings: Vec<Taking>) -> Self {
        let minor = takings.iter().map(|taking| taking.minor).sum();
        Self { candidate, takings, minor }
    }
}

/// The promotions in the order in which they are looked at, those that are not fit with the reason.
pub fn candidates<'p>(currency: Currency, whole: &Left, promotions: &'p [Promotion]) -> Vec<Candidate<'p>> {
    let mut ordered: Vec<&Promotion> = promotions.iter().collect();
    ordered.sort_by_key(|promotion| {
        (Reverse(promotion.priority), &promotion.key, promotion.offer, &promotion.code)
    });
    let mut seen = HashSet::with_capacity(ordered.len());
    ordered.into_iter().map(|promotion| candidate(currency, whole, promotion, &mut seen)).collect()
}

fn candidate<'p>(
    currency: Currency,
    whole: &Left,
    promotion: &'p Promotion,
    seen: &mut HashSet<OfferId>,
) -> Candidate<'p> {
    let targets = whole.targets(promotion);
    let names_products =
        promotion.target.products.is_some() || matches!(promotion.reduction, Reduction::FreeProduct { .. });
    let is_foreign =
        matches!(promotion.reduction, Reduction::AmountOff(amount) if amount.currency != currency);
    let why_not = match () {
        () if !seen.insert(promotion.offer) => Some(Reason::SameOfferTwice),
        () if is_foreign => Some(Reason::OtherCurrency),
        () if names_products && targets.is_empty() => Some(Reason::NoSuchProductInCart),
        () => None,
    };
    Candidate { promotion, targets, why_not }
}

/// Those that apply, in order. Marks those that would take nothing.
pub fn choose(candidates: &mut [Candidate], whole: &Left) -> Vec<Applied> {
    if let Some(exclusive) = first_exclusive(candidates, whole) {
        return vec![exclusive];
    }
    let stack = stack(candidates, whole);
    let stack_minor = stack.iter().map(|applied| applied.minor).sum();
    match best_deal(candidates, whole) {
        Some(best) if best.minor > stack_minor => vec![best],
        _ => stack,
    }
}

fn first_exclusive(candidates: &mut [Candidate], whole: &Left) -> Option<Applied> {
    let mut exclusive = fit(candidates, StackingMode::Exclusive);
    exclusive.find_map(|(at, candidate)| candidate.alone(at, whole))
}

fn best_deal(candidates: &mut [Candidate], whole: &Left) -> Option<Applied> {
    let deals = fit(candidates, StackingMode::BestDeal);
    let deals = deals.filter_map(|(at, candidate)| candidate.alone(at, whole));
    // Of equals the first.
    deals.reduce(|best, deal| if deal.minor > best.minor { deal } else { best })
}

fn stack(candidates: &mut [Candidate], whole: &Left) -> Vec<Applied> {
    let mut left = whole.clone();
    let mut stack = Vec::new();
    for (at, candidate) in fit(candidates, StackingMode::Stack) {
        let takings = left.takings(candidate.promotion, &candidate.targets);
        if takings.is_empty() {
            let is_late = candidate.alone(at, whole).is_some();
            candidate.why_not = candidate.why_not.or(is_late.then_some(Reason::NothingLeft));
            continue;
        }
        left.take(&takings);
        stack.push(Applied::new(at, takings));
    }
    stack
}

/// Those of a mode that may apply, with their places.
fn fit<'c, 'p>(
    candidates: &'c mut [Candidate<'p>],
    mode: StackingMode,
) -> impl Iterator<Item = (usize, &'c mut Candidate<'p>)> {
    let fit = candidates.iter_mut().enumerate();
    fit.filter(move |(_, candidate)| candidate.why_not.is_none() && candidate.promotion.stacking == mode)
}

impl Candidate<'_> {
    /// What it takes if nothing else does; marks one that takes nothing.
    fn alone(&mut self, at: usize, whole: &Left) -> Option<Applied> {
        let takings = whole.takings(self.promotion, &self.targets);
        if takings.is_empty() {
            self.why_not = Some(Reason::NothingToTakeOff);
            return None;
        }
        Some(Applied::new(at, takings))
    }
}
