//! What single promotions and short stacks take off, in numbers reckoned by hand.

use super::samples::{
    POPCORN, POSTER, TICKET, amount, cart, currency, discounts, free, percent, product, rejections, totals,
};
use super::{CartFault, LineItem, PricedCart, Promotion, Reason, Reduction, price};
use crate::domain::offers::parts::Benefit;
use crate::kernel::money::{Currency, Money};

/// Two tickets at 10.00 and a popcorn at 5.00.
const EVENING: &[(u128, i64, i64)] = &[(TICKET, 1_000, 2), (POPCORN, 500, 1)];

#[test]
fn one_promotion_takes_what_the_rules_say() {
    let evening = cart("EUR", EVENING);
    for (what, promotion, expected) in [
        ("a tenth of all", percent(1, 1_000), [1_800, 450]),
        ("a tenth of tickets", percent(1, 1_000).on(&[TICKET]), [1_800, 500]),
        ("all of all", percent(1, 10_000), [0, 0]),
        ("more than all", percent(1, i32::MAX), [0, 0]),
        ("less than nothing", percent(1, -1_000), [2_000, 500]),
        ("4.00 off all", amount(1, 400, "EUR"), [1_680, 420]),
        ("4.00 off tickets", amount(1, 400, "EUR").on(&[TICKET]), [1_600, 500]),
        ("4.00 off each piece", amount(1, 400, "EUR").per_line(), [1_200, 100]),
        ("6.00 off each piece, popcorn is 5.00", amount(1, 600, "EUR").per_line(), [800, 0]),
        ("4.00 off each popcorn", amount(1, 400, "EUR").per_line().on(&[POPCORN, POSTER]), [2_000, 100]),
        ("99.00 off all", amount(1, 9_900, "EUR"), [0, 0]),
        ("more off each than counts", amount(1, i64::MAX, "EUR").per_line(), [0, 0]),
        ("less than nothing off", amount(1, -400, "EUR"), [2_000, 500]),
        ("a free ticket", free(1, TICKET, 1), [1_000, 500]),
        ("a free popcorn", free(1, POPCORN, 1), [2_000, 0]),
        ("three free tickets of two", free(1, TICKET, 3), [0, 500]),
        ("no free ticket", free(1, TICKET, 0), [2_000, 500]),
    ] {
        assert_eq!(totals(&evening, &[promotion]), expected, "{what}");
    }
}

#[test]
fn each_takes_of_what_those_before_it_left() {
    let evening = cart("EUR", EVENING);
    let promotions =
        [percent(3, 1_000).priority(2), free(2, POPCORN, 1).priority(1), amount(1, 400, "EUR").on(&[TICKET])];
    assert_eq!(totals(&evening, &promotions), [1_400, 0]);
    assert_eq!(discounts(&evening, &promotions), [(3, 250), (2, 450), (1, 400)]);
    let tenth_and_fifth = [percent(1, 1_000), percent(2, 2_000)];
    assert_eq!(discounts(&evening, &tenth_and_fifth), [(1, 250), (2, 450)]);
}

#[test]
fn priority_then_key_then_offer_decide_who_is_first() {
    let evening = cart("EUR", EVENING);
    let order = |promotions: &[Promotion]| -> Vec<u128> {
        discounts(&evening, promotions).into_iter().map(|(offer, _)| offer).collect()
    };
    let a = percent(1, 1_000);
    let b = percent(2, 1_000);
    assert_eq!(order(&[b.clone(), a.clone()]), [1, 2]);
    assert_eq!(order(&[a.clone(), b.clone().priority(1)]), [2, 1]);
    assert_eq!(order(&[Promotion { key: "z".to_owned(), ..a.clone() }, b.clone()]), [2, 1]);
    assert_eq!(order(&[Promotion { key: a.key.clone(), ..b }, a]), [1, 2]);
}

#[test]
fn shares_are_rounded_once_for_all_lines_or_once_for_each() {
    // Three at 0.05, 10 %: together 0.015, each 0.005.
    let small = cart("EUR", &[(TICKET, 5, 1), (POPCORN, 5, 1), (POSTER, 5, 1)]);
    assert_eq!(totals(&small, &[percent(1, 1_000)]), [4, 4, 5]);
    assert_eq!(totals(&small, &[percent(1, 1_000).per_line()]), [4, 4, 4]);
}

#[test]
fn currencies_keep_their_own_digits() {
    for (code, unit, expected) in [("JPY", 999, 874), ("EUR", 999, 874), ("KWD", 1_125, 984)] {
        let one = cart(code, &[(TICKET, unit, 1)]);
        assert_eq!(totals(&one, &[percent(1, 1_250)]), [expected], "{code}");
        assert_eq!(totals(&one, &[amount(1, 100, code)]), [unit - 100], "{code}");
    }
    let yen = cart("JPY", &[(TICKET, 1_000, 1), (POPCORN, 1_000, 1), (POSTER, 1_000, 1)]);
    assert_eq!(totals(&yen, &[amount(1, 100, "JPY")]), [966, 967, 967]);
    // 0.001 of three dinars goes somewhere, whole.
    let dinars = cart("KWD", &[(TICKET, 1_000, 1), (POPCORN, 1_000, 2)]);
    assert_eq!(totals(&dinars, &[amount(1, 1, "KWD")]), [1_000, 1_999]);
}

#[test]
fn free_units_are_the_cheapest_and_each_only_once() {
    let shows = cart("EUR", &[(TICKET, 1_200, 2), (TICKET, 800, 1), (TICKET, 0, 1)]);
    assert_eq!(totals(&shows, &[free(1, TICKET, 1)]), [2_400, 0, 0]);
    assert_eq!(totals(&shows, &[free(1, TICKET, 2)]), [1_200, 0, 0]);
    assert_eq!(totals(&shows, &[free(1, TICKET, 1), free(2, TICKET, 1)]), [1_200, 0, 0]);
    assert_eq!(discounts(&shows, &[percent(1, 5_000), free(2, TICKET, 2)]), [(1, 1_600), (2, 1_000)]);
    let same = cart("EUR", &[(TICKET, 800, 1), (POPCORN, 100, 1), (TICKET, 800, 1)]);
    assert_eq!(totals(&same, &[free(1, TICKET, 1)]), [0, 100, 800]);
    // What is off each piece is off those only that are paid for.
    assert_eq!(totals(&shows, &[free(1, TICKET, 2), amount(2, 300, "EUR").per_line()]), [900, 0, 0]);
    // A third of 1.00 each, to the last cent.
    let three = cart("EUR", &[(TICKET, 100, 3)]);
    let free_after_two_off =
        [amount(1, 200, "EUR"), free(2, TICKET, 1), free(3, TICKET, 1), free(4, TICKET, 1)];
    assert_eq!(discounts(&three, &free_after_two_off), [(1, 200), (2, 33), (3, 34), (4, 33)]);
}

#[test]
fn what_does_not_fit_is_told() {
    let evening = cart("EUR", EVENING);
    let twice = [percent(1, 1_000), percent(1, 2_000).priority(1)];
    assert_eq!(discounts(&evening, &twice), [(1, 500)]);
    for (what, promotions, expected) in [
        ("twice the same", twice.to_vec(), Reason::SameOfferTwice),
        ("dollars", vec![amount(1, 100, "USD")], Reason::OtherCurrency),
        ("no poster", vec![percent(1, 1_000).on(&[POSTER])], Reason::NoSuchProductInCart),
        ("no product", vec![percent(1, 1_000).on(&[])], Reason::NoSuchProductInCart),
        ("no free poster", vec![free(1, POSTER, 1)], Reason::NoSuchProductInCart),
        ("0 %", vec![percent(1, 0)], Reason::NothingToTakeOff),
        ("rounds to nothing", vec![percent(1, 1).on(&[POPCORN])], Reason::NothingToTakeOff),
    ] {
        assert_eq!(rejections(&evening, &promotions), [(1, expected)], "{what}");
    }
    let all_then_more = [percent(1, 10_000), percent(2, 0), amount(3, 100, "EUR")];
    let expected = [(2, Reason::NothingToTakeOff), (3, Reason::NothingLeft)];
    assert_eq!(rejections(&evening, &all_then_more), expected);
    assert_eq!(rejections(&cart("EUR", &[]), &[percent(1, 1_000)]), [(1, Reason::NothingToTakeOff)]);
}

#[test]
fn carts_that_cannot_be_priced_are_refused() {
    let line = |key: u32, unit_minor, quantity| LineItem { key, product: product(1), unit_minor, quantity };
    let fault = |lines: Vec<LineItem<u32>>| PricedCart::new(Currency::EUR, lines).err();
    for (lines, expected) in [
        (vec![line(1, 0, 1), line(2, -1, 1)], CartFault::NegativePrice { line: 1 }),
        (vec![line(1, 1, 0)], CartFault::NoQuantity { line: 0 }),
        (vec![line(1, 1, i64::MIN)], CartFault::NoQuantity { line: 0 }),
        (vec![line(2, 1, 1), line(1, 1, 1), line(2, 5, 1)], CartFault::SameLineTwice { line: 2 }),
        (vec![line(1, i64::MAX, 2)], CartFault::TooDear),
        (vec![line(1, i64::MAX, 1), line(2, 1, 1)], CartFault::TooDear),
    ] {
        assert_eq!(fault(lines), Some(expected));
    }
    assert_eq!(fault(vec![line(1, i64::MAX, 1), line(2, 0, i64::MAX)]), None);
}

#[test]
fn lines_and_codes_are_told_as_they_came() {
    let line = |key: &'static str, product_number| LineItem {
        key,
        product: product(product_number),
        unit_minor: 100,
        quantity: 1,
    };
    let lines = vec![line("b", POPCORN), line("a", TICKET)];
    let cart = PricedCart::new(currency("EUR"), lines).expect("a cart that can be priced");
    let promotion = Promotion { code: Some("SUMMER26".to_owned()), ..percent(7, 1_000).on(&[POPCORN]) };
    let priced = price(&cart, &[promotion]);
    let totals: Vec<_> = priced.lines.iter().map(|line| (line.key, line.total_minor)).collect();
    assert_eq!(totals, [("a", 100), ("b", 90)]);
    assert_eq!(priced.discounts[0].code.as_deref(), Some("SUMMER26"));
    assert_eq!((priced.subtotal_minor, priced.discount_minor, priced.total_minor), (200, 10, 190));
}

#[test]
fn benefits_of_offers_are_reductions() {
    let euro = Money::new(100, Currency::EUR);
    for (benefit, expected) in [
        (Benefit::PercentageOff(1_250), Reduction::PercentageOff(1_250)),
        (Benefit::AmountOff(euro), Reduction::AmountOff(euro)),
        (Benefit::FreeProduct(product(1)), Reduction::FreeProduct { product: product(1), quantity: 1 }),
    ] {
        assert_eq!(Reduction::from(benefit), expected);
    }
}
