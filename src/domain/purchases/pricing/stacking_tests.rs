//! Which promotions apply together, in cases decided by hand.

use super::samples::{POPCORN, POSTER, TICKET, amount, cart, discounts, offer, percent, rejections};
use super::{PricedCart, Promotion, Reason, StackingMode};

fn evening() -> PricedCart<u32> {
    cart("EUR", &[(TICKET, 1_000, 2), (POPCORN, 500, 1)])
}

fn best(promotion: Promotion) -> Promotion {
    promotion.stacking(StackingMode::BestDeal)
}

fn exclusive(promotion: Promotion) -> Promotion {
    promotion.stacking(StackingMode::Exclusive)
}

#[test]
fn the_better_of_stack_and_best_deal_applies() {
    let stack = [percent(1, 1_000), amount(2, 100, "EUR")]; // 3.50 together
    for (what, deals, expected) in [
        ("a better one", vec![best(percent(3, 2_000))], vec![(3, 500)]),
        ("an equal one", vec![best(amount(3, 350, "EUR"))], vec![(1, 250), (2, 100)]),
        ("a worse one", vec![best(amount(3, 349, "EUR"))], vec![(1, 250), (2, 100)]),
        ("the best of two", vec![best(percent(3, 2_000)), best(amount(4, 501, "EUR"))], vec![(4, 501)]),
        ("the first of equals", vec![best(amount(4, 500, "EUR")), best(percent(3, 2_000))], vec![(3, 500)]),
        (
            "the first by priority of equals",
            vec![best(percent(3, 2_000)), best(amount(4, 500, "EUR")).priority(1)],
            vec![(4, 500)],
        ),
    ] {
        let promotions = [&stack[..], &deals].concat();
        assert_eq!(discounts(&evening(), &promotions), expected, "{what}");
    }
    assert_eq!(discounts(&evening(), &[best(percent(3, 100))]), [(3, 25)]);
}

#[test]
fn who_lost_is_told_to_whom() {
    let promotions = [percent(1, 1_000), amount(2, 100, "EUR"), best(percent(3, 2_000))];
    let by = |number| Reason::ExcludedBy(offer(number));
    assert_eq!(rejections(&evening(), &promotions), [(1, by(3)), (2, by(3))]);
    let promotions = [percent(1, 1_000), amount(2, 100, "EUR"), best(percent(3, 100))];
    assert_eq!(rejections(&evening(), &promotions), [(3, by(1))]);
    let promotions = [percent(1, 1_000), exclusive(percent(2, 100)), exclusive(percent(3, 5_000))];
    assert_eq!(rejections(&evening(), &promotions), [(1, by(2)), (3, by(2))]);
    // One's own fault is told before another's preference.
    let promotions = [percent(1, 1_000).on(&[POSTER]), exclusive(percent(2, 100))];
    assert_eq!(rejections(&evening(), &promotions), [(1, Reason::NoSuchProductInCart)]);
}

#[test]
fn the_first_exclusive_one_applies_alone_even_if_it_takes_less() {
    let others = [percent(1, 5_000).priority(9), best(percent(2, 9_000)).priority(9)];
    for (what, exclusives, expected) in [
        ("one", vec![exclusive(percent(3, 100))], vec![(3, 25)]),
        ("by key", vec![exclusive(percent(4, 9_900)), exclusive(percent(3, 100))], vec![(3, 25)]),
        (
            "by priority",
            vec![exclusive(percent(3, 100)), exclusive(percent(4, 9_900)).priority(1)],
            vec![(4, 2_475)],
        ),
        (
            "the first that takes something off",
            vec![
                exclusive(percent(3, 0)),
                exclusive(amount(4, 100, "USD")),
                exclusive(percent(5, 100).on(&[POSTER])),
                exclusive(percent(6, 100)),
            ],
            vec![(6, 25)],
        ),
        ("none that takes something off", vec![exclusive(percent(3, 0))], vec![(2, 2_250)]),
    ] {
        let promotions = [&others[..], &exclusives].concat();
        assert_eq!(discounts(&evening(), &promotions), expected, "{what}");
    }
}
