//! What holds of every decision, whatever the offers, the customer and the time.

use std::collections::{BTreeSet, HashMap};

use encircle::domain::offers::bucket;
use encircle::domain::offers::calendar::Calendar;
use encircle::domain::offers::decide::{Responses, Stage};
use encircle::domain::offers::schedule::Schedule;
use encircle::domain::offers::vocabulary::vocabulary;
use encircle::rules::{Expect, Rule};
use entities::ids::{CustomerId, Id};
use entities::offer::Model;
use entities::timestamp::Timestamp;
use entities::values::{Channel, ConsentPurpose, ConsentStatus, OfferStatus};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::ground::{Ground, HOUR, NOON, SEGMENTS, attributes, offer, offer_id};

const RULES: &[&str] = &[
    "true",
    "false",
    "'film_buff' in segments",
    "!('family' in segments)",
    "'lapsing' in segments && attributes.visits_90d >= 2",
    "attributes.visits_90d >= 2",
    "attributes.visits_90d < 2.5 && attributes.spend_365d > 10",
    "attributes.favorite_genre == 'drama'",
    "(attributes.favorite_genre != 'drama' || channel == 'WEB')",
    "traits.plan > 3",
    "traits.tags.exists(t, t in segments)",
    "traits.plan == 'gold' && attributes.visits_90d >= 1",
    "consents.MARKETING == 'GRANTED' && 'film_buff' in segments",
    "segments.size() >= 2",
    "cart.subtotal > 3",
];

prop_compose! {
    fn offers(number: u128)(
        rule in prop::sample::select(RULES),
        second in prop::option::of(prop::sample::select(RULES)),
        rank in prop::option::of(prop::sample::select(vec!["1", "attributes.visits_90d", "attributes.spend_365d / 0", "2.5"])),
        priority in -2_i32..3,
        live in prop::bool::weighted(0.9),
        channels in prop::sample::select(vec![json!([]), json!(["WEB"]), json!(["KIOSK", "SMART_TV"])]),
        consent in prop::option::weighted(0.3, prop::sample::select(vec![ConsentPurpose::Marketing, ConsentPurpose::Analytics])),
        starts in prop::option::weighted(0.2, -3_i64..3),
        hours in prop::option::weighted(0.2, (0_i32..1_440, 0_i32..1_440)),
        weekdays in prop::sample::select(vec![json!([]), json!([1, 2, 3, 4]), json!([5])]),
        limits in (prop::option::of(0_i64..3), prop::option::of(0_i64..3), prop::option::weighted(0.2, 0_i64..3)),
        showing in (prop::option::weighted(0.3, 1_i64..3), prop::bool::weighted(0.3)),
        holdout in prop::sample::select(vec![0, 0, 3_000]),
        weights in prop::collection::vec(0_u32..3, 0..3),
    ) -> Model {
        let rule = second.map_or(rule.to_owned(), |second| format!("{rule} && {second}"));
        let variant = |(at, weight): (usize, &u32)| json!({ "key": at.to_string(), "weight": weight });
        let variants: Vec<Value> = weights.iter().enumerate().map(variant).collect();
        Model {
            eligibility: rule,
            rank: rank.map(str::to_owned),
            priority,
            status: if live { OfferStatus::Live } else { OfferStatus::Paused },
            channels,
            consent,
            starts_at: starts.map(|hours| Timestamp(NOON.millis() + hours * HOUR)),
            from_minute: hours.map(|(from, _)| from),
            until_minute: hours.map(|(_, until)| until),
            weekdays,
            limit_per_customer: limits.0,
            limit_per_period: limits.1,
            limit_period: limits.1.map(|_| "PT5H".to_owned()),
            limit_total: limits.2,
            limit_shown: showing.0,
            limit_shown_period: showing.0.map(|_| "PT6H".to_owned()),
            dismissal_period: showing.1.then(|| "PT4H".to_owned()),
            holdout_basis_points: holdout,
            allocations: json!([{ "from": 0, "variants": variants }]),
            ..offer(number)
        }
    }
}

prop_compose! {
    fn grounds()(
        offers in (1..12_u128).prop_flat_map(|count| (1..=count).map(offers).collect::<Vec<_>>()),
        fallback in prop::option::of(1..12_u128),
        visits in prop::sample::select(vec![json!(0), json!(2), json!(2.5), json!(7), Value::Null, json!("x")]),
        genre in prop::sample::select(vec![json!("drama"), json!("comedy"), Value::Null, json!(3)]),
        segments in prop::sample::subsequence(SEGMENTS.to_vec(), 0..=3),
        consents in prop::collection::hash_map(
            prop::sample::select(vec![ConsentPurpose::Marketing, ConsentPurpose::Analytics]),
            prop::sample::select(vec![ConsentStatus::Granted, ConsentStatus::Denied, ConsentStatus::Revoked]),
            0..3,
        ),
        redeemed in prop::collection::vec((1..12_u128, 0_i64..10), 0..12),
        shown in prop::collection::vec((1..12_u128, 0_i64..10), 0..12),
        dismissed in prop::collection::vec((1..12_u128, 0_i64..10), 0..4),
        taken in prop::collection::vec((1..12_u128, 0_i64..3), 0..6),
        channel in prop::sample::select(vec![Channel::Web, Channel::Kiosk, Channel::Email]),
        hours in 0_i64..48,
        customer in any::<u128>(),
        limit in 1_usize..4,
        universal_holdout in prop::sample::select(vec![0_u32, 0, 5_000]),
    ) -> Ground {
        let mut used: HashMap<_, Vec<Timestamp>> = HashMap::new();
        for (number, hours) in redeemed {
            used.entry(offer_id(number)).or_default().push(Timestamp(NOON.millis() - hours * HOUR));
        }
        let mut responses = Responses::new();
        for (number, hours) in shown {
            responses.entry(offer_id(number)).or_default().shown.push(Timestamp(NOON.millis() - hours * HOUR));
        }
        for (number, hours) in dismissed {
            let at = Timestamp(NOON.millis() - hours * HOUR);
            responses.entry(offer_id(number)).or_default().dismissed.push(at);
        }
        Ground {
            offers,
            responses,
            fallback: fallback.map(offer_id),
            customer: CustomerId::from_uuid(Uuid::from_u128(customer)),
            attributes: json!({ "visits_90d": visits, "spend_365d": 50, "favorite_genre": genre }),
            traits: json!({ "plan": "gold", "tags": ["film_buff", 3] }),
            segments,
            consents,
            redeemed: used,
            taken: taken.into_iter().map(|(number, count)| (offer_id(number), (count, 0))).collect(),
            now: Timestamp(NOON.millis() + hours * HOUR),
            channel,
            limit,
            universal_holdout,
            ..Ground::default()
        }
    }
}

/// What stops an offer, found out the long way: every rule alone, nothing indexed.
fn stopped(ground: &Ground, row: &Model) -> Option<Stage> {
    let calendar = Calendar::at(ground.zone, ground.now);
    let channels = row.channels.as_array().expect("a list");
    let channel = json!(entities::values::TextEnum::text(ground.channel));
    let rule = Rule::compile(&row.eligibility, &vocabulary(&attributes(), SEGMENTS), Expect::Condition);
    let redeemed = ground.redeemed.get(&row.id).map_or(&[][..], Vec::as_slice);
    let recent = redeemed.iter().filter(|at| at.millis() + 5 * HOUR > ground.now.millis()).count() as i64;
    let answered = ground.responses.get(&row.id).cloned().unwrap_or_default();
    let within = |times: &[Timestamp], hours: i64| {
        times.iter().filter(|at| at.millis() + hours * HOUR > ground.now.millis()).count() as i64
    };
    let taken = ground.taken.get(&row.id).map_or(0, |taken| taken.0);
    let granted = |purpose| ground.consents.get(&purpose) == Some(&ConsentStatus::Granted);
    let weights: Vec<u64> = row.allocations[0]["variants"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|variant| variant["weight"].as_u64().expect("a weight"))
        .collect();
    let held = |name: String, share: u32| bucket::bucket(&name, ground.customer) < share;
    let stages = [
        (Stage::Channel, !channels.is_empty() && !channels.contains(&channel)),
        (Stage::Schedule, !Schedule::of(row).expect("a schedule").is_open(&calendar)),
        (Stage::Consent, row.consent.is_some_and(|purpose| !granted(purpose))),
        (Stage::Eligibility, !rule.expect("a rule").judge(&ground.facts()).holds),
        (Stage::CustomerCap, row.limit_per_customer.is_some_and(|most| redeemed.len() as i64 >= most)),
        (Stage::PeriodCap, row.limit_per_period.is_some_and(|most| recent >= most)),
        (Stage::Dismissed, row.dismissal_period.is_some() && within(&answered.dismissed, 4) > 0),
        (Stage::ShownCap, row.limit_shown.is_some_and(|most| within(&answered.shown, 6) >= most)),
        (Stage::Budget, row.limit_total.is_some_and(|most| taken >= most)),
        (Stage::UniversalHoldout, held("holdout:*".to_owned(), ground.universal_holdout)),
        (Stage::Holdout, held(format!("holdout:{}", row.key), row.holdout_basis_points as u32)),
        (Stage::Experiment, !weights.is_empty() && weights.iter().sum::<u64>() == 0),
    ];
    stages.into_iter().find(|(_, stops)| *stops).map(|(stage, _)| stage)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn index_and_shortcuts_decide_as_every_rule_alone_does(ground in grounds()) {
        let (definitions, decided) = (ground.definitions(), ground.decide());
        let rows: HashMap<_, _> = ground.offers.iter().map(|row| (row.id, row)).collect();
        let won: BTreeSet<usize> = decided.winners.iter().map(|winner| winner.offer).collect();
        let is_fallback = decided.winners.first().is_some_and(|winner| winner.is_fallback);
        for verdict in &decided.verdicts {
            let row = rows[&definitions.offers()[verdict.offer].id];
            let expected = stopped(&ground, row);
            prop_assert_eq!(verdict.stopped.is_none(), won.contains(&verdict.offer));
            match verdict.stopped {
                Some(Stage::Outranked) => prop_assert_eq!(expected, None, "{}", row.eligibility),
                None if is_fallback => {
                    // Only holdouts and experiments do not stop a fallback.
                    prop_assert!(expected.is_none_or(|stage| stage > Stage::Budget), "{:?}", expected);
                }
                stage => prop_assert_eq!(stage, expected, "{} {:?}", row.eligibility, ground),
            }
        }
        // Nobody that could be shown was passed over.
        let candidates: BTreeSet<_> =
            decided.verdicts.iter().map(|verdict| definitions.offers()[verdict.offer].id).collect();
        for row in ground.offers.iter().filter(|row| row.status == OfferStatus::Live) {
            let stage = stopped(&ground, row);
            prop_assert!(candidates.contains(&row.id) || stage == Some(Stage::Channel), "{} {:?}", row.key, stage);
        }
    }

    #[test]
    fn nobody_is_shown_what_they_may_not_have(ground in grounds()) {
        let (definitions, decided) = (ground.definitions(), ground.decide());
        prop_assert!(decided.winners.len() <= ground.limit);
        for winner in &decided.winners {
            let id = definitions.offers()[winner.offer].id;
            let row = ground.offers.iter().find(|row| row.id == id).expect("it is one of them");
            prop_assert_eq!(row.status, OfferStatus::Live);
            let stage = stopped(&ground, row);
            prop_assert!(stage.is_none_or(|stage| winner.is_fallback && stage > Stage::Budget), "{:?}", stage);
        }
        let scores: Vec<f64> = decided.winners.iter().map(|winner| winner.score).collect();
        prop_assert!(scores.is_sorted_by(|a, b| a >= b), "{:?}", scores);
        prop_assert!(decided.valid_until > ground.now || decided.verdicts.is_empty());
    }

    #[test]
    fn every_verdict_that_stops_has_a_reason(ground in grounds()) {
        if ground.definitions().placement(super::ground::PLACEMENT).is_some() {
            for told in ground.told() {
                let mut words = told.split(' ').skip(1);
                let (place, reason) = (words.next().expect("a place"), words.next());
                prop_assert!(reason.is_some() || !matches!(place, "-" | "+"), "{}", told);
            }
        }
    }

    #[test]
    fn nothing_changes_before_a_decision_ceases_to_be_valid(ground in grounds(), share in 0.0_f64..1.0) {
        let decided = ground.decide();
        let length = decided.valid_until.millis() - ground.now.millis();
        if length > 0 {
            let later = Timestamp(ground.now.millis() + ((length - 1) as f64 * share) as i64);
            let then = Ground { now: later, ..ground }.decide();
            prop_assert_eq!(then.winners, decided.winners);
            prop_assert_eq!(then.verdicts, decided.verdicts);
        }
    }

    #[test]
    fn a_variant_is_the_same_in_every_channel_and_at_every_time(ground in grounds(), hours in 0_i64..9_000) {
        let variants = |ground: &Ground| -> HashMap<_, _> {
            let definitions = ground.definitions();
            let of = |winner: &encircle::domain::offers::decide::Winner| {
                (definitions.offers()[winner.offer].key.clone(), winner.variant.as_ref().map(|variant| variant.key.clone()))
            };
            ground.decide().winners.iter().filter(|winner| !winner.is_fallback).map(of).collect()
        };
        let here = variants(&ground);
        let now = Timestamp(ground.now.millis() + hours * HOUR);
        for channel in [Channel::Web, Channel::Kiosk, Channel::Email] {
            let there = variants(&Ground { channel, now, limit: 99, ..ground.clone() });
            for (key, variant) in &here {
                if let Some(other) = there.get(key) {
                    prop_assert_eq!(other, variant, "{}", key);
                }
            }
        }
    }
}
