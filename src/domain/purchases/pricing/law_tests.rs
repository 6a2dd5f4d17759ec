//! Laws of prices over generated carts and promotions, sane and absurd.

use entities::ids::ProductId;
use proptest::collection::{btree_set, vec};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

use super::samples::{amount, assert_adds_up, currency, free, percent};
use super::{LineItem, PricedCart, Promotion, Reason, Reduction, Scope, StackingMode, Target, price};
use crate::kernel::money::{Currency, Money};

type Cart = PricedCart<u32>;

/// Products that are sold, and one that nobody has in the cart.
const PRODUCTS: u128 = 6;

fn product() -> impl Strategy<Value = ProductId> {
    (0..PRODUCTS).prop_map(|number| ProductId(Uuid::from_u128(number)))
}

fn currencies() -> impl Strategy<Value = Currency> {
    select(vec!["JPY", "EUR", "KWD"]).prop_map(currency)
}

fn line() -> impl Strategy<Value = LineItem<u32>> {
    let unit = prop_oneof![1 => Just(0), 4 => 1..20_i64, 6 => 1..30_000_i64];
    (0..PRODUCTS - 1, unit, 1..7_i64).prop_map(|(number, unit_minor, quantity)| LineItem {
        key: 0,
        product: ProductId(Uuid::from_u128(number)),
        unit_minor,
        quantity,
    })
}

fn cart_of(currency: Currency, lines: Vec<LineItem<u32>>) -> Cart {
    let lines = (0..).zip(lines).map(|(key, line)| LineItem { key, ..line }).collect();
    PricedCart::new(currency, lines).unwrap_or_else(|fault| panic!("{fault}"))
}

fn reduction(currency: Currency) -> impl Strategy<Value = Reduction> {
    let of_cart = prop_oneof![9 => Just(currency), 1 => currencies()];
    prop_oneof![
        3 => (0..=10_000).prop_map(Reduction::PercentageOff),
        3 => (0..20_000_i64, of_cart)
            .prop_map(|(minor, currency)| Reduction::AmountOff(Money::new(minor, currency))),
        2 => (product(), 0..4_i64)
            .prop_map(|(product, quantity)| Reduction::FreeProduct { product, quantity }),
    ]
}

fn target() -> impl Strategy<Value = Target> {
    let scope = select(vec![Scope::AcrossLines, Scope::PerLine]);
    (scope, of(btree_set(product(), 0..4))).prop_map(|(scope, products)| Target { scope, products })
}

/// Promotions of distinct offers.
fn promotions(
    reduction: impl Strategy<Value = Reduction>,
    modes: Vec<StackingMode>,
) -> impl Strategy<Value = Vec<Promotion>> {
    let one = (reduction, select(modes), target(), -1..=1_i32, "[a-c]");
    vec(one, 0..9).prop_map(|all| {
        let promotion = |(number, (reduction, stacking, target, priority, key))| Promotion {
            reduction,
            target,
            priority,
            key,
            ..percent(number, 0).stacking(stacking)
        };
        (1..).zip(all).map(promotion).collect()
    })
}

/// A cart, and promotions of these modes.
fn shop(modes: &[StackingMode]) -> impl Strategy<Value = (Cart, Vec<Promotion>)> {
    let modes = modes.to_vec();
    (currencies(), vec(line(), 0..9)).prop_flat_map(move |(currency, lines)| {
        (Just(cart_of(currency, lines)), promotions(reduction(currency), modes.clone()))
    })
}

const ALL: &[StackingMode] = &[
    StackingMode::Stack,
    StackingMode::Stack,
    StackingMode::Stack,
    StackingMode::BestDeal,
    StackingMode::Exclusive,
];

const NOT_EXCLUSIVE: &[StackingMode] = &[StackingMode::Stack, StackingMode::BestDeal];

fn discount(cart: &Cart, promotions: &[Promotion]) -> i64 {
    price(cart, promotions).discount_minor
}

fn alone(cart: &Cart, promotion: &Promotion) -> i64 {
    discount(cart, std::slice::from_ref(promotion))
}

/// The same cart with a line of its own for each piece of the lines at these places.
fn split(cart: &Cart, is_split: impl Fn(usize) -> bool) -> Cart {
    let pieces = |(place, line): (usize, &LineItem<u32>)| {
        let (pieces, quantity) = if is_split(place) { (line.quantity, 1) } else { (1, line.quantity) };
        vec![LineItem { quantity, ..line.clone() }; usize::try_from(pieces).expect("a small quantity")]
    };
    cart_of(cart.currency(), cart.lines().iter().enumerate().flat_map(pieces).collect())
}

/// Numbers of which nothing is known, for carts as dear as can be counted.
fn absurd() -> impl Strategy<Value = (Vec<LineItem<u32>>, Vec<Promotion>)> {
    let number =
        || prop_oneof![Just(i64::MAX), Just(i64::MIN), Just(1), Just(0), any::<i64>(), 1..1_i64 << 31];
    let line = (0..4_u32, product(), number(), number())
        .prop_map(|(key, product, unit_minor, quantity)| LineItem { key, product, unit_minor, quantity });
    let reduction = prop_oneof![
        any::<i32>().prop_map(Reduction::PercentageOff),
        number().prop_map(|minor| Reduction::AmountOff(Money::new(minor, Currency::EUR))),
        (product(), number()).prop_map(|(product, quantity)| Reduction::FreeProduct { product, quantity }),
    ];
    (vec(line, 0..4), promotions(reduction, ALL.to_vec()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn sums_are_exact_and_nothing_is_below_zero((cart, promotions) in shop(ALL)) {
        let priced = price(&cart, &promotions);
        assert_adds_up(&priced);
        prop_assert_eq!(priced.subtotal_minor, cart.subtotal_minor());
        prop_assert_eq!(priced.discounts.len() + priced.rejected.len(), promotions.len());
    }

    #[test]
    fn absurd_numbers_are_refused_or_priced_exactly((lines, promotions) in absurd()) {
        if let Ok(cart) = PricedCart::new(Currency::EUR, lines) {
            assert_adds_up(&price(&cart, &promotions));
        }
    }

    #[test]
    fn the_order_in_which_they_are_given_does_not_matter(
        ((cart, promotions), lines, shuffled) in shop(ALL).prop_flat_map(|(cart, promotions)| {
            let lines = Just(cart.lines().to_vec()).prop_shuffle();
            let shuffled = Just(promotions.clone()).prop_shuffle();
            (Just((cart, promotions)), lines, shuffled)
        })
    ) {
        let other = PricedCart::new(cart.currency(), lines).expect("the same lines");
        prop_assert_eq!(price(&other, &shuffled), price(&cart, &promotions));
    }

    #[test]
    fn what_is_worth_nothing_changes_nothing(
        (cart, promotions) in shop(ALL),
        kind in 0..4,
        mode in select(ALL.to_vec()),
        (target, priority) in (target(), -2..=2_i32),
    ) {
        let nothing = match kind {
            0 => percent(99, 0),
            1 => amount(99, 0, cart.currency().code()),
            2 => free(99, 1, 0),
            _ => amount(99, 100, "USD"),
        };
        let nothing = Promotion { target, ..nothing.stacking(mode).priority(priority) };
        let mut with = price(&cart, &[&promotions[..], std::slice::from_ref(&nothing)].concat());
        let why = with.rejected.iter().find(|rejected| rejected.offer == nothing.offer).map(|one| one.why);
        prop_assert!(why.is_some());
        with.rejected.retain(|rejected| rejected.offer != nothing.offer);
        prop_assert_eq!(with, price(&cart, &promotions));
    }

    #[test]
    fn no_best_deal_alone_would_be_better((cart, promotions) in shop(NOT_EXCLUSIVE)) {
        let taken = discount(&cart, &promotions);
        for deal in promotions.iter().filter(|one| one.stacking == StackingMode::BestDeal) {
            prop_assert!(taken >= alone(&cart, deal));
        }
        let applied = price(&cart, &promotions).discounts;
        let mode = |offer| promotions.iter().find(|one| one.offer == offer).map(|one| one.stacking);
        let has_deal = applied.iter().any(|one| mode(one.offer) == Some(StackingMode::BestDeal));
        prop_assert!(!has_deal || applied.len() == 1);
    }

    #[test]
    fn a_best_deal_never_makes_a_cart_dearer((cart, promotions) in shop(ALL)) {
        let without: Vec<Promotion> =
            promotions.iter().filter(|one| one.stacking != StackingMode::BestDeal).cloned().collect();
        prop_assert!(discount(&cart, &promotions) >= discount(&cart, &without));
    }

    #[test]
    fn an_exclusive_one_that_takes_something_off_applies_alone((cart, promotions) in shop(ALL)) {
        let is_exclusive = |one: &&Promotion| one.stacking == StackingMode::Exclusive;
        let takers: Vec<&Promotion> =
            promotions.iter().filter(is_exclusive).filter(|one| alone(&cart, one) > 0).collect();
        let priced = price(&cart, &promotions);
        let first = takers.iter().min_by_key(|one| (-one.priority, &one.key, one.offer));
        if let Some(first) = first {
            prop_assert_eq!(priced.discounts.len(), 1);
            prop_assert_eq!(priced.discounts[0].offer, first.offer);
            prop_assert_eq!(priced.discount_minor, alone(&cart, first));
        }
        let excluders = priced.rejected.iter().filter_map(|one| match one.why {
            Reason::ExcludedBy(offer) => Some(offer),
            _ => None,
        });
        for offer in excluders {
            prop_assert_eq!(offer, priced.discounts[0].offer);
        }
    }

    #[test]
    fn one_across_lines_is_spread_in_proportion((cart, mut promotions) in shop(ALL)) {
        promotions.truncate(1);
        promotions.iter_mut().for_each(|one| one.target.scope = Scope::AcrossLines);
        let Some(one) = promotions.first().filter(|one| !matches!(one.reduction, Reduction::FreeProduct { .. }))
        else {
            return Ok(());
        };
        let is_target = |product| one.target.products.as_ref().is_none_or(|named| named.contains(product));
        let targets = || cart.lines().iter().filter(|line| is_target(&line.product));
        let base: i64 = targets().map(LineItem::subtotal_minor).sum();
        let expected = match one.reduction {
            // Half up, said another way than in the code.
            Reduction::PercentageOff(share) => (base * i64::from(share)).div_euclid(10_000)
                + i64::from((base * i64::from(share)).rem_euclid(10_000) >= 5_000),
            Reduction::AmountOff(amount) if amount.currency == cart.currency() => amount.minor.min(base),
            _ => 0,
        };
        let priced = price(&cart, &promotions);
        prop_assert_eq!(priced.discount_minor, expected);
        for line in targets() {
            let priced = priced.lines.iter().find(|priced| priced.key == line.key);
            let priced = priced.expect("every line is priced");
            let taken = priced.subtotal_minor - priced.total_minor;
            // Off by less than one minor unit from its exact part.
            prop_assert!((taken * base - expected * line.subtotal_minor()).abs() < base.max(1));
        }
    }

    #[test]
    fn splitting_a_line_changes_no_discount_across_lines(
        (cart, mut promotions) in shop(ALL),
        at in any::<prop::sample::Index>(),
    ) {
        prop_assume!(!cart.lines().is_empty());
        let at = at.index(cart.lines().len());
        let pieces = split(&cart, |place| place == at);
        for one in &mut promotions {
            one.target.scope = Scope::AcrossLines;
            // Alone, whatever it targets.
            prop_assert_eq!(alone(&pieces, one), alone(&cart, one));
        }
        // And in stacks where all have the same target.
        for one in &mut promotions {
            one.target.products = None;
        }
        promotions.retain(|one| !matches!(one.reduction, Reduction::FreeProduct { .. }));
        prop_assert_eq!(price(&pieces, &promotions).discounts, price(&cart, &promotions).discounts);
    }

    #[test]
    fn an_amount_per_line_does_not_mind_how_pieces_are_put_together(
        (cart, _) in shop(ALL),
        minor in 0..5_000_i64,
    ) {
        let pieces = split(&cart, |_| true);
        let one = amount(1, minor, cart.currency().code()).per_line();
        prop_assert_eq!(alone(&pieces, &one), alone(&cart, &one));
    }
}
