//! Buckets that never change, shares as told, variants that stay.

use entities::ids::{CustomerId, Id};
use entities::timestamp::Timestamp;
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::allocation::{self, Allocation};
use super::bucket::{BUCKETS, NoWeight, UNIVERSAL, bucket, is_held_out, variant_of};
use crate::kernel::ids::Ids;

fn customer(number: u128) -> CustomerId {
    CustomerId::from_uuid(Uuid::from_u128(number))
}

/// Computed by other programs: `printf 'encircle:NAME:cus_…' | sha256sum`.
#[test]
fn buckets_are_what_the_documentation_says() {
    for (name, number, expected) in VECTORS {
        assert_eq!(bucket(name, customer(*number)), *expected, "{name} {number}");
    }
}

const VECTORS: &[(&str, u128, u32)] = &[
    ("summer", 0, 2454),
    ("summer", 1, 2511),
    ("summer", 0x190_a6c0_1234_7abc_8def_0123_4567_89ab, 7315),
    ("summer", 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_ffff, 4588),
    ("holdout:popcorn", 0, 3894),
    ("holdout:popcorn", 1, 6430),
    ("holdout:popcorn", 0x190_a6c0_1234_7abc_8def_0123_4567_89ab, 5841),
    ("holdout:popcorn", 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_ffff, 1167),
    ("holdout:*", 0, 4726),
    ("holdout:*", 1, 9888),
    ("holdout:*", 0x190_a6c0_1234_7abc_8def_0123_4567_89ab, 3927),
    ("holdout:*", 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_ffff, 2009),
    ("", 0, 7710),
    ("", 1, 7735),
    ("", 0x190_a6c0_1234_7abc_8def_0123_4567_89ab, 8120),
    ("", 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_ffff, 8986),
];

#[test]
fn a_holdout_has_the_name_of_its_offer() {
    for number in 0..500 {
        let bucket = bucket("holdout:popcorn", customer(number));
        for share in [0, 1, 2_500, 9_999, BUCKETS] {
            assert_eq!(is_held_out("popcorn", share, customer(number)), bucket < share);
        }
    }
}

/// Five standard deviations: by chance outside once in two million runs, and the seed is fixed anyway.
#[test]
fn holdouts_have_their_share_of_a_hundred_thousand_customers() {
    const CUSTOMERS: u32 = 100_000;
    let ids = Ids::seeded(7);
    let customers: Vec<CustomerId> =
        (0..CUSTOMERS).map(|number| ids.next(Timestamp(1_770_000_000_000 + i64::from(number)))).collect();
    for (key, basis_points) in [(UNIVERSAL, 500), ("popcorn", 1_000), ("combo", 50), ("late-show", 5_000)] {
        let held = customers.iter().filter(|id| is_held_out(key, basis_points, **id)).count() as f64;
        let (n, p) = (f64::from(CUSTOMERS), f64::from(basis_points) / 10_000.0);
        let bound = 5.0 * (n * p * (1.0 - p)).sqrt();
        assert!((held - n * p).abs() <= bound, "{key}: {held} of {}", n * p);
    }
    // Two holdouts know nothing of each other.
    let both = customers.iter().filter(|id| is_held_out("a", 5_000, **id) && is_held_out("b", 5_000, **id));
    assert!((both.count() as f64 - 25_000.0).abs() < 5.0 * 137.0);
}

fn allocations(weights: &[(i64, &[u32])]) -> Vec<Allocation> {
    let variants = |weights: &[u32]| {
        let variant = |(at, weight): (usize, &u32)| json!({ "key": format!("v{at}"), "weight": weight });
        weights.iter().enumerate().map(variant).collect::<Vec<_>>()
    };
    let stored = weights.iter().map(|(from, weights)| json!({ "from": from, "variants": variants(weights) }));
    allocation::allocations(&stored.collect::<Vec<_>>().into())
}

#[test]
fn variants_have_their_weights() {
    let all = allocations(&[(0, &[1, 2, 1])]);
    let mut counts = [0_i32; 3];
    for number in 0..40_000_u128 {
        let variant = variant_of(&all, "x", customer(number << 64 | number), Timestamp(1));
        let variant = variant.expect("some weight").expect("a variant");
        counts[usize::from(variant.key.as_bytes()[1] - b'0')] += 1;
    }
    for (count, expected) in counts.into_iter().zip([10_000, 20_000, 10_000]) {
        assert!((count - expected).abs() < 500, "{counts:?}");
    }
}

#[test]
fn without_any_weight_there_is_no_variant() {
    assert_eq!(variant_of(&allocations(&[(0, &[0, 0])]), "x", customer(1), Timestamp(0)), Err(NoWeight));
    assert_eq!(variant_of(&[], "x", customer(1), Timestamp(0)), Ok(None));
    assert_eq!(variant_of(&allocations(&[(0, &[])]), "x", customer(1), Timestamp(0)), Ok(None));
}

proptest! {
    /// Also a customer who came before the first allocation keeps the first one.
    #[test]
    fn a_variant_stays_when_weights_change(
        number in any::<u128>(),
        created_at in 0_i64..100,
        histories in prop::collection::vec((0_i64..200, prop::collection::vec(0_u32..5, 1..4)), 1..5),
    ) {
        let mut all = Vec::new();
        let mut from = 0;
        let mut before = None;
        for (later, weights) in &histories {
            from += later;
            let next = allocations(&[(from, weights)]);
            if from > created_at && !all.is_empty() {
                before = Some(variant_of(&all, "x", customer(number), Timestamp(created_at)).map(Option::<&_>::cloned));
            }
            all.extend(next);
            if let Some(before) = &before {
                let now = variant_of(&all, "x", customer(number), Timestamp(created_at));
                prop_assert_eq!(now.map(Option::<&_>::cloned), before.clone());
            }
        }
    }
}
