//! Carts and promotions of the tests, and what is read off a price.

use entities::ids::{OfferId, ProductId};
use uuid::Uuid;

use super::{LineItem, Priced, PricedCart, Promotion, Reason, Reduction, Scope, StackingMode, Target, price};
use crate::kernel::money::{Currency, Money};

pub const TICKET: u128 = 1;
pub const POPCORN: u128 = 2;
pub const POSTER: u128 = 3;

pub fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap_or_else(|| panic!("{code} is no currency"))
}

pub fn product(number: u128) -> ProductId {
    ProductId(Uuid::from_u128(number))
}

pub fn offer(number: u128) -> OfferId {
    OfferId(Uuid::from_u128(number))
}

/// Lines of product, unit price and quantity, with keys 1, 2 …
pub fn cart(code: &str, lines: &[(u128, i64, i64)]) -> PricedCart<u32> {
    let line = |(key, (number, unit_minor, quantity)): (u32, &(u128, i64, i64))| LineItem {
        key,
        product: product(*number),
        unit_minor: *unit_minor,
        quantity: *quantity,
    };
    let lines = (1..).zip(lines).map(line).collect();
    PricedCart::new(currency(code), lines).unwrap_or_else(|fault| panic!("{fault}"))
}

/// One that stacks, across all lines, without a code.
pub fn promotion(number: u128, reduction: Reduction) -> Promotion {
    Promotion {
        offer: offer(number),
        key: format!("offer-{number:03}"),
        priority: 0,
        reduction,
        stacking: StackingMode::Stack,
        target: Target::default(),
        code: None,
    }
}

pub fn percent(number: u128, basis_points: i32) -> Promotion {
    promotion(number, Reduction::PercentageOff(basis_points))
}

pub fn amount(number: u128, minor: i64, code: &str) -> Promotion {
    promotion(number, Reduction::AmountOff(Money::new(minor, currency(code))))
}

pub fn free(number: u128, of: u128, quantity: i64) -> Promotion {
    promotion(number, Reduction::FreeProduct { product: product(of), quantity })
}

impl Promotion {
    pub fn priority(mut self, priority: i32) -> Self {
        self.priority = priority;
        self
    }

    pub fn stacking(mut self, stacking: StackingMode) -> Self {
        self.stacking = stacking;
        self
    }

    pub fn per_line(mut self) -> Self {
        self.target.scope = Scope::PerLine;
        self
    }

    pub fn on(mut self, numbers: &[u128]) -> Self {
        self.target.products = Some(numbers.iter().copied().map(product).collect());
        self
    }
}

/// The sums that must hold for every price. A cart is at most what 64 bits hold, so no sum here overflows.
pub fn assert_adds_up<K: std::fmt::Debug>(priced: &Priced<K>) {
    let sum_of = |amounts: &mut dyn Iterator<Item = i64>| amounts.sum::<i64>();
    for line in &priced.lines {
        let taken = sum_of(&mut line.allocations.iter().map(|allocation| allocation.amount_minor));
        assert!(line.total_minor >= 0, "a line below zero: {priced:?}");
        assert!(line.allocations.iter().all(|allocation| allocation.amount_minor > 0), "{priced:?}");
        assert_eq!(line.subtotal_minor - taken, line.total_minor, "{priced:?}");
    }
    for discount in &priced.discounts {
        let allocations = priced.lines.iter().flat_map(|line| &line.allocations);
        let of_offer = allocations.filter(|allocation| allocation.offer == discount.offer);
        let allocated = sum_of(&mut of_offer.map(|allocation| allocation.amount_minor));
        assert_eq!(allocated, discount.amount_minor, "{priced:?}");
        assert!(discount.amount_minor > 0, "{priced:?}");
    }
    let discount = sum_of(&mut priced.discounts.iter().map(|discount| discount.amount_minor));
    assert_eq!(discount, priced.discount_minor, "{priced:?}");
    assert_eq!(priced.subtotal_minor - priced.total_minor, discount, "{priced:?}");
    assert_eq!(sum_of(&mut priced.lines.iter().map(|line| line.subtotal_minor)), priced.subtotal_minor);
    assert_eq!(sum_of(&mut priced.lines.iter().map(|line| line.total_minor)), priced.total_minor);
    assert!(priced.total_minor >= 0, "{priced:?}");
}

/// What each line costs in the end.
pub fn totals(cart: &PricedCart<u32>, promotions: &[Promotion]) -> Vec<i64> {
    let priced = price(cart, promotions);
    assert_adds_up(&priced);
    priced.lines.iter().map(|line| line.total_minor).collect()
}

/// Which offers apply and how much each takes.
pub fn discounts(cart: &PricedCart<u32>, promotions: &[Promotion]) -> Vec<(u128, i64)> {
    let priced = price(cart, promotions);
    assert_adds_up(&priced);
    priced.discounts.iter().map(|one| (one.offer.0.as_u128(), one.amount_minor)).collect()
}

/// Which offers do not apply, and why.
pub fn rejections(cart: &PricedCart<u32>, promotions: &[Promotion]) -> Vec<(u128, Reason)> {
    price(cart, promotions).rejected.iter().map(|one| (one.offer.0.as_u128(), one.why)).collect()
}
