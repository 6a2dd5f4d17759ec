//! The order of the decision, case by case, with the reasons that are told.

use entities::offer::Model;
use entities::timestamp::Timestamp;
use entities::values::{Channel, ConsentPurpose, ConsentStatus};
use serde_json::json;

use super::ground::{DAY, Ground, HOUR, NOON, offer, offer_id};

struct Case {
    name: &'static str,
    ground: Ground,
    told: &'static [&'static str],
}

/// One offer, changed, before a customer as they are by default.
fn one(name: &'static str, change: impl FnOnce(&mut Model), told: &'static [&'static str]) -> Case {
    with(name, change, |_| {}, told)
}

/// The same before another customer, or elsewhere.
fn with(
    name: &'static str,
    change: impl FnOnce(&mut Model),
    ground: impl FnOnce(&mut Ground),
    told: &'static [&'static str],
) -> Case {
    let mut row = offer(1);
    change(&mut row);
    all(name, vec![row], ground, told)
}

fn all(
    name: &'static str,
    offers: Vec<Model>,
    change: impl FnOnce(&mut Ground),
    told: &'static [&'static str],
) -> Case {
    let mut ground = Ground { offers, ..Ground::default() };
    change(&mut ground);
    Case { name, ground, told }
}

fn rule(source: &'static str) -> impl FnOnce(&mut Model) {
    move |row| row.eligibility = source.to_owned()
}

fn ranked(number: u128, rank: Option<&str>, priority: i32) -> Model {
    Model { rank: rank.map(str::to_owned), priority, ..offer(number) }
}

const SHOWN: &[&str] = &["o1 1"];

fn channels_and_schedules() -> Vec<Case> {
    vec![
        one("nothing said is for everybody", |_| {}, SHOWN),
        one("its channel is among them", |row| row.channels = json!(["KIOSK", "WEB"]), SHOWN),
        one(
            "another channel",
            |row| row.channels = json!(["KIOSK"]),
            &["o1 - CHANNEL: It is not shown on WEB"],
        ),
        one("begun", |row| row.starts_at = Some(NOON), SHOWN),
        one(
            "not begun",
            |row| row.starts_at = Some(Timestamp(NOON.millis() + 1)),
            &["o1 - SCHEDULE: It counts from 2026-01-01T12:00:00.001Z on"],
        ),
        one("not over", |row| row.ends_at = Some(Timestamp(NOON.millis() + 1)), SHOWN),
        one("over", |row| row.ends_at = Some(NOON), &["o1 - SCHEDULE: It is over"]),
        one("its last day", |row| row.ends_on = Some("2026-01-01".into()), SHOWN),
        one(
            "the day after its last day",
            |row| row.ends_on = Some("2025-12-31".into()),
            &["o1 - SCHEDULE: It is over"],
        ),
        one(
            "before its first day",
            |row| row.starts_on = Some("2026-01-02".into()),
            &["o1 - SCHEDULE: It counts from 2026-01-01T23:00:00.000Z on"],
        ),
        with(
            "its first day has begun further east",
            |row| row.starts_on = Some("2026-01-02".into()),
            |ground| ground.zone = chrono_tz::Pacific::Kiritimati,
            SHOWN,
        ),
        one("a Thursday", |row| row.weekdays = json!([4]), SHOWN),
        one(
            "not a Thursday",
            |row| row.weekdays = json!([5, 6]),
            &["o1 - SCHEDULE: It counts from 2026-01-01T23:00:00.000Z on"],
        ),
        one(
            "within its hours",
            |row| (row.from_minute, row.until_minute) = (Some(13 * 60), Some(14 * 60)),
            SHOWN,
        ),
        one(
            "before its hours",
            |row| (row.from_minute, row.until_minute) = (Some(17 * 60), Some(19 * 60)),
            &["o1 - SCHEDULE: It counts from 2026-01-01T16:00:00.000Z on"],
        ),
        with(
            "within its hours further east",
            |row| (row.from_minute, row.until_minute) = (Some(17 * 60), Some(19 * 60)),
            |ground| ground.zone = chrono_tz::Asia::Karachi,
            SHOWN,
        ),
        with(
            "the night of yesterday",
            |row| {
                (row.from_minute, row.until_minute) = (Some(22 * 60), Some(2 * 60));
                row.weekdays = json!([4]);
            },
            |ground| ground.now = Timestamp(NOON.millis() + 12 * HOUR),
            SHOWN,
        ),
    ]
}

fn consents() -> Vec<Case> {
    let marketing = |row: &mut Model| row.consent = Some(ConsentPurpose::Marketing);
    let said =
        |status| move |ground: &mut Ground| ground.consents = [(ConsentPurpose::Marketing, status)].into();
    const DENIED: &[&str] = &["o1 - CONSENT: MARKETING has not been allowed"];
    vec![
        one("consent never asked for", marketing, DENIED),
        with("consent denied", marketing, said(ConsentStatus::Denied), DENIED),
        with("consent taken back", marketing, said(ConsentStatus::Revoked), DENIED),
        with("consent granted", marketing, said(ConsentStatus::Granted), SHOWN),
        with(
            "consent for something else",
            marketing,
            |ground| ground.consents = [(ConsentPurpose::Analytics, ConsentStatus::Granted)].into(),
            DENIED,
        ),
    ]
}

fn eligibility() -> Vec<Case> {
    vec![
        one("in the segment", rule("'film_buff' in segments"), SHOWN),
        one(
            "not in the segment",
            rule("'family' in segments"),
            &["o1 - SEGMENT: `'family' in segments` does not hold"],
        ),
        one("not in the excluded segment", rule("!('family' in segments)"), SHOWN),
        one(
            "in the excluded segment",
            rule("!('film_buff' in segments)"),
            &["o1 - SEGMENT: `!('film_buff' in segments)` does not hold"],
        ),
        one("enough visits", rule("attributes.visits_90d >= 1"), SHOWN),
        one("visits missing", rule("attributes.visits_90d >= 3"), &["o1 - ATTRIBUTE: 2 more visits_90d"]),
        one(
            "visits missing for more than",
            rule("attributes.visits_90d > 3"),
            &["o1 - ATTRIBUTE: 3 more visits_90d"],
        ),
        one("too many visits", rule("attributes.visits_90d < 1"), &["o1 - ATTRIBUTE: 1 fewer visits_90d"]),
        one("money missing", rule("attributes.spend_365d >= 100"), &["o1 - ATTRIBUTE: 0.25 more spend_365d"]),
        one("its genre", rule("attributes.favorite_genre == 'drama'"), SHOWN),
        one(
            "another genre",
            rule("attributes.favorite_genre == 'comedy'"),
            &["o1 - ATTRIBUTE: `attributes.favorite_genre == 'comedy'` does not hold"],
        ),
        with(
            "nothing known",
            rule("attributes.visits_90d >= 3"),
            |ground| ground.attributes = json!({}),
            &["o1 - ATTRIBUTE: `attributes.visits_90d >= 3` does not hold"],
        ),
        one("a trait", rule("traits.plan == 'gold'"), SHOWN),
        one(
            "another trait",
            rule("traits.plan == 'free'"),
            &["o1 - RULE: `traits.plan == 'free'` does not hold"],
        ),
        one("a loop", rule("traits.tags.exists(t, t == 'b')"), SHOWN),
        one(
            "a consent in the rule",
            rule("consents.ANALYTICS == 'GRANTED'"),
            &["o1 - CONSENT: `consents.ANALYTICS == 'GRANTED'` does not hold"],
        ),
        one("the channel in the rule", rule("channel == 'WEB' && placement == 'home-hero'"), SHOWN),
        one("the time in the rule", rule("now > createdAt"), SHOWN),
        one("no cart yet", rule("cart.subtotal >= 10"), &["o1 - RULE: `cart.subtotal >= 10` does not hold"]),
        one(
            "every part that does not hold is told",
            rule("attributes.visits_90d >= 2 && traits.plan == 'gold' && 'family' in segments && false"),
            &[
                "o1 - ATTRIBUTE: 1 more visits_90d SEGMENT: `'family' in segments` does not hold RULE: `false` does not hold",
            ],
        ),
        one(
            "either of two, one a segment",
            rule("('family' in segments || attributes.visits_90d > 5)"),
            &["o1 - SEGMENT: `('family' in segments || attributes.visits_90d > 5)` does not hold"],
        ),
        one(
            "a rule that fails",
            rule("traits.plan > 3"),
            &["o1 - RULE_FAILED: `traits.plan > 3` failed: `>` does not take a text and a whole number"],
        ),
    ]
}

fn limits() -> Vec<Case> {
    let redeemed = |hours: &'static [i64]| {
        move |ground: &mut Ground| {
            let at = |hours: &i64| Timestamp(NOON.millis() - hours * HOUR);
            ground.redeemed.insert(offer_id(1), hours.iter().map(at).collect());
        }
    };
    let taken =
        |count, minor| move |ground: &mut Ground| ground.taken = [(offer_id(1), (count, minor))].into();
    let shown = |hours: &'static [i64]| {
        move |ground: &mut Ground| {
            let at = |hours: &i64| Timestamp(NOON.millis() - hours * HOUR);
            ground.responses.entry(offer_id(1)).or_default().shown = hours.iter().map(at).collect();
        }
    };
    let dismissed = |hours: i64| {
        move |ground: &mut Ground| {
            let at = Timestamp(NOON.millis() - hours * HOUR);
            ground.responses.entry(offer_id(1)).or_default().dismissed = vec![at];
        }
    };
    let twice_a_day =
        |row: &mut Model| (row.limit_shown, row.limit_shown_period) = (Some(2), Some("PT24H".into()));
    let weekly = |row: &mut Model| (row.limit_per_period, row.limit_period) = (Some(2), Some("P7D".into()));
    let hourly = |row: &mut Model| (row.limit_per_period, row.limit_period) = (Some(1), Some("PT24H".into()));
    vec![
        with("one left", |row| row.limit_per_customer = Some(2), redeemed(&[900]), SHOWN),
        with(
            "none left",
            |row| row.limit_per_customer = Some(2),
            redeemed(&[900, 1]),
            &["o1 - CAP_REACHED: Redeemed 2 times; 2 is the most"],
        ),
        with(
            "never to be redeemed",
            |row| row.limit_per_customer = Some(0),
            |_| {},
            &["o1 - CAP_REACHED: Redeemed 0 times; 0 is the most"],
        ),
        with("one left this week", weekly, redeemed(&[10, 24 * 7 + 1]), SHOWN),
        with(
            "none left this week",
            weekly,
            redeemed(&[10, 30, 24 * 8]),
            &[
                "o1 - CAP_REACHED: Redeemed 2 times in P7D; 2 is the most, again from 2026-01-06T23:00:00.000Z on",
            ],
        ),
        with(
            "none left for some hours",
            hourly,
            redeemed(&[23]),
            &[
                "o1 - CAP_REACHED: Redeemed 1 times in PT24H; 1 is the most, again from 2026-01-01T13:00:00.000Z on",
            ],
        ),
        with("a day ago to the second", hourly, redeemed(&[24]), SHOWN),
        with("one showing left", twice_a_day, shown(&[1, 25]), SHOWN),
        with(
            "shown often enough",
            twice_a_day,
            shown(&[1, 23]),
            &[
                "o1 - CAP_REACHED: Shown 2 times in PT24H; 2 is the most, again from 2026-01-01T13:00:00.000Z on",
            ],
        ),
        with(
            "sent away yesterday",
            |row| row.dismissal_period = Some("P3D".into()),
            dismissed(24),
            &["o1 - DISMISSED: Dismissed; it comes back on 2026-01-02T23:00:00.000Z"],
        ),
        with("sent away long ago", |row| row.dismissal_period = Some("P3D".into()), dismissed(73), SHOWN),
        with("sent away, and nobody minds", |_| {}, dismissed(1), SHOWN),
        with("some of the budget left", |row| row.limit_total = Some(10), taken(9, 0), SHOWN),
        with(
            "all of the budget taken",
            |row| row.limit_total = Some(10),
            taken(10, 0),
            &["o1 - BUDGET_SPENT: All of it is taken"],
        ),
        with("some of the money left", |row| row.limit_minor = Some(500), taken(99, 499), SHOWN),
        with(
            "all of the money taken",
            |row| row.limit_minor = Some(500),
            taken(1, 500),
            &["o1 - BUDGET_SPENT: All of it is taken"],
        ),
        with("nothing taken yet", |row| row.limit_total = Some(1), |_| {}, SHOWN),
    ]
}

fn experiments() -> Vec<Case> {
    let split = |weights: [u32; 2]| {
        move |row: &mut Model| {
            let variants =
                json!([{ "key": "a", "weight": weights[0] }, { "key": "b", "weight": weights[1] }]);
            row.allocations = json!([{ "from": 0, "variants": variants }]);
        }
    };
    vec![
        one(
            "held out of the offer",
            |row| row.holdout_basis_points = 10_000,
            &["o1 - HOLDOUT: The customer is held out of this offer"],
        ),
        with(
            "held out of all offers",
            |_| {},
            |ground| ground.universal_holdout = 10_000,
            &["o1 - HOLDOUT: The customer is held out of all offers"],
        ),
        one("a variant", split([1, 0]), SHOWN),
        one("no weight", split([0, 0]), &["o1 - EXPERIMENT: No variant has any weight"]),
        one("no variants any more", |row| row.allocations = json!([{ "from": 0, "variants": [] }]), SHOWN),
    ]
}

/// What stops an offer: a name, how the offer is made so, and what is told.
type Stop = (&'static str, fn(&mut Model), &'static [&'static str]);

/// What stops first is told, whatever else would.
fn order() -> Vec<Case> {
    let mut cases = Vec::new();
    let stops: [Stop; 8] = [
        ("channel first", |row| row.channels = json!(["KIOSK"]), &["o1 - CHANNEL: It is not shown on WEB"]),
        ("then schedule", |row| row.ends_at = Some(NOON), &["o1 - SCHEDULE: It is over"]),
        (
            "then consent",
            |row| row.consent = Some(ConsentPurpose::Marketing),
            &["o1 - CONSENT: MARKETING has not been allowed"],
        ),
        ("then eligibility", |row| row.eligibility = "false".into(), &["o1 - RULE: `false` does not hold"]),
        (
            "then the customer's cap",
            |row| row.limit_per_customer = Some(1),
            &["o1 - CAP_REACHED: Redeemed 1 times; 1 is the most"],
        ),
        (
            "then the period's cap",
            |row| (row.limit_per_period, row.limit_period) = (Some(1), Some("PT2H".into())),
            &[
                "o1 - CAP_REACHED: Redeemed 1 times in PT2H; 1 is the most, again from 2026-01-01T13:00:00.000Z on",
            ],
        ),
        ("then the budget", |row| row.limit_total = Some(1), &["o1 - BUDGET_SPENT: All of it is taken"]),
        (
            "then the holdout",
            |row| row.holdout_basis_points = 10_000,
            &["o1 - HOLDOUT: The customer is held out of this offer"],
        ),
    ];
    for (at, (name, _, told)) in stops.iter().enumerate() {
        let mut row = offer(1);
        row.allocations = json!([{ "from": 0, "variants": [{ "key": "a", "weight": 0 }] }]);
        stops[at..].iter().for_each(|(_, stop, _)| stop(&mut row));
        let used = |ground: &mut Ground| {
            ground.redeemed.insert(offer_id(1), vec![Timestamp(NOON.millis() - HOUR)]);
            ground.taken.insert(offer_id(1), (1, 0));
        };
        cases.push(all(name, vec![row], used, told));
    }
    cases
}

fn ranks() -> Vec<Case> {
    vec![
        all(
            "the higher rank wins",
            vec![ranked(1, Some("1"), 0), ranked(2, Some("1.5"), 0)],
            |_| {},
            &["o1 2", "o2 1"],
        ),
        all(
            "rank before priority",
            vec![ranked(1, Some("2"), 0), ranked(2, Some("1"), 99)],
            |_| {},
            &["o1 1", "o2 2"],
        ),
        all(
            "priority breaks ties",
            vec![ranked(1, None, 1), ranked(2, Some("0"), 2)],
            |_| {},
            &["o1 2", "o2 1"],
        ),
        all(
            "the older wins the last tie",
            vec![ranked(2, None, 1), ranked(1, None, 1)],
            |_| {},
            &["o1 1", "o2 2"],
        ),
        all(
            "rank reads attributes",
            vec![
                ranked(1, Some("attributes.visits_90d * 10"), 0),
                ranked(2, Some("attributes.spend_365d / 10"), 0),
            ],
            |_| {},
            &["o1 1", "o2 2"],
        ),
        all(
            "a rank that fails counts as 0",
            vec![ranked(1, Some("attributes.visits_90d / 0"), 5), ranked(2, Some("1"), 0)],
            |_| {},
            &["o1 2 RULE_FAILED: `rank` counts as 0: division by zero", "o2 1"],
        ),
        all(
            "a negative rank is below none",
            vec![ranked(1, Some("0 - 1"), 9), ranked(2, None, 0)],
            |_| {},
            &["o1 2", "o2 1"],
        ),
        all(
            "others come first",
            vec![ranked(1, None, 1), ranked(2, None, 2), ranked(3, None, 3)],
            |ground| ground.limit = 2,
            &["o1 + OUTRANKED: Others come first", "o2 2", "o3 1"],
        ),
        all(
            "who is stopped outranks nobody",
            vec![ranked(1, None, 1), Model { eligibility: "false".into(), ..ranked(2, Some("9"), 9) }],
            |ground| ground.limit = 1,
            &["o1 1", "o2 - RULE: `false` does not hold"],
        ),
    ]
}

fn fallbacks() -> Vec<Case> {
    let elsewhere = |number| Model { placements: json!([]), ..offer(number) };
    let stopped = || Model { eligibility: "false".into(), ..offer(1) };
    let fallback = |ground: &mut Ground| ground.fallback = Some(offer_id(2));
    const NONE: &str = "o1 - RULE: `false` does not hold";
    vec![
        all(
            "the fallback where nothing else is",
            vec![stopped(), elsewhere(2)],
            fallback,
            &[NONE, "o2 1 FALLBACK: It is shown because nothing else is"],
        ),
        all("no fallback beside others", vec![offer(1), elsewhere(2)], fallback, SHOWN),
        all(
            "a fallback that is over",
            vec![stopped(), Model { ends_at: Some(NOON), ..elsewhere(2) }],
            fallback,
            &[NONE],
        ),
        all(
            "a fallback that is not live",
            vec![stopped(), Model { status: entities::values::OfferStatus::Paused, ..elsewhere(2) }],
            fallback,
            &[NONE],
        ),
        all(
            "a fallback for others",
            vec![stopped(), Model { eligibility: "'family' in segments".into(), ..elsewhere(2) }],
            fallback,
            &[NONE],
        ),
        all(
            "the fallback for those who are held out",
            vec![offer(1), elsewhere(2)],
            |ground| (ground.universal_holdout, ground.fallback) = (10_000, Some(offer_id(2))),
            &[
                "o1 - HOLDOUT: The customer is held out of all offers",
                "o2 1 FALLBACK: It is shown because nothing else is",
            ],
        ),
        all(
            "what is paused is not there at all",
            vec![offer(1), Model { status: entities::values::OfferStatus::Paused, ..offer(2) }],
            |_| {},
            SHOWN,
        ),
    ]
}

#[test]
fn each_case_is_decided_as_the_table_says() {
    let groups = [
        channels_and_schedules(),
        consents(),
        eligibility(),
        limits(),
        experiments(),
        order(),
        ranks(),
        fallbacks(),
    ];
    let cases: Vec<Case> = groups.into_iter().flatten().collect();
    assert!(cases.len() >= 60, "{} cases", cases.len());
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let told = case.ground.told();
            (told != case.told)
                .then(|| format!("{}:\n  {told:?}\n  instead of\n  {:?}", case.name, case.told))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_decision_is_good_until_time_alone_may_change_it() {
    let until = |change: &dyn Fn(&mut Model), ground: &dyn Fn(&mut Ground)| {
        let mut row = offer(1);
        change(&mut row);
        let mut there = Ground { offers: vec![row], ..Ground::default() };
        ground(&mut there);
        (there.decide().valid_until.millis() - NOON.millis()) as f64 / HOUR as f64
    };
    let nothing = |_: &mut Ground| {};
    assert_eq!(until(&|_| {}, &nothing), 24.0);
    assert_eq!(until(&|row| row.ends_at = Some(Timestamp(NOON.millis() + 2 * HOUR)), &nothing), 2.0);
    assert_eq!(until(&|row| row.ends_at = Some(Timestamp(NOON.millis() + 9 * DAY)), &nothing), 24.0);
    assert_eq!(
        until(&|row| row.starts_on = Some("2026-01-02".into()), &nothing),
        11.0,
        "also of one not shown"
    );
    assert_eq!(until(&|row| row.until_minute = Some(14 * 60), &nothing), 1.0);
    assert_eq!(until(&|row| row.eligibility = "now > createdAt".into(), &nothing), 1.0 / 60.0);
    let changes = |ground: &mut Ground| ground.changes_at = Some(Timestamp(NOON.millis() + 3 * HOUR));
    assert_eq!(until(&|_| {}, &changes), 3.0);
    let redeemed = |ground: &mut Ground| {
        let at = |hours: i64| Timestamp(NOON.millis() - hours * HOUR);
        ground.redeemed.insert(offer_id(1), vec![at(20), at(10), at(19)]);
    };
    let capped = |most| {
        move |row: &mut Model| (row.limit_per_period, row.limit_period) = (Some(most), Some("PT24H".into()))
    };
    assert_eq!(until(&capped(3), &redeemed), 4.0, "one of three leaves");
    assert_eq!(until(&capped(2), &redeemed), 5.0, "two of three have to leave");
    assert_eq!(until(&capped(4), &redeemed), 24.0);
    let other = |ground: &mut Ground| ground.channel = Channel::Kiosk;
    let web_only = |row: &mut Model| {
        row.channels = json!(["WEB"]);
        row.ends_at = Some(Timestamp(NOON.millis() + HOUR));
    };
    assert_eq!(until(&web_only, &other), 24.0, "what another channel shows does not matter");
}
