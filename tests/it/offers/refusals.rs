//! What makes no sense is refused: where it stands, with a code, and all of it at once.

use serde_json::{Value, json};

use super::Desk;
use crate::harness::databases::on_both;

/// What is said of an offer, and what is told of it: code, field, a part of the message.
fn table() -> Vec<(Value, &'static str, &'static str, &'static str)> {
    let invalid =
        |parts: Value, field: &'static str, message: &'static str| (parts, "INVALID", field, message);
    let rule = |rule: &str| json!({ "eligibility": rule });
    let long = "attributes.visits > 1 && ".repeat(400) + "true";
    let variants = |variants: Value| json!({ "experiment": { "variants": variants } });
    let schedule = |schedule: Value| json!({ "schedule": schedule });
    let limits = |limits: Value| json!({ "limits": limits });
    let euros = |amount: &str| json!({ "amount": amount, "currencyCode": "EUR" });
    let mut table = vec![
        invalid(json!({ "key": "" }), "key", "is no key"),
        invalid(json!({ "key": "Popcorn & more" }), "key", "popcorn-combo"),
        invalid(json!({ "key": "x".repeat(65) }), "key", "64 at most"),
        invalid(json!({ "name": "  " }), "name", "1 to 255"),
        invalid(json!({ "name": "x".repeat(256) }), "name", "256"),
        invalid(json!({ "placements": ["home.hero", ""] }), "placements.1", "is no key"),
        invalid(json!({ "placements": vec!["home hero"] }), "placements.0", "`home hero`"),
        invalid(
            json!({ "placements": (0..51).map(|at| format!("p{at}")).collect::<Vec<_>>() }),
            "placements",
            "51",
        ),
        invalid(json!({ "content": [{ "content": { "t": "x".repeat(65_536) } }] }), "content", "65536"),
        invalid(
            json!({ "content": [{ "content": {} }, { "channel": "WEB", "content": {} }, { "content": {} }] }),
            "content.2.channel",
            "default is there twice",
        ),
        // Rules.
        invalid(rule(""), "eligibility", "line 1"),
        invalid(rule(&long), "eligibility", ""),
        invalid(rule(&("(".repeat(500) + "true" + &")".repeat(500))), "eligibility", ""),
        invalid(rule("traits.tags.exists(a, traits.tags.exists(b, a == b))"), "eligibility", "within a loop"),
        invalid(rule("[1, 2].map(x, [x, x]).size() > 0"), "eligibility", "map"),
        invalid(rule("traits.plan.matches('(a+)+$')"), "eligibility", ""),
        invalid(rule("size(traits.tags)"), "eligibility", ""),
        invalid(rule("attributes.visits * 2"), "eligibility", "this is a number"),
        invalid(rule("customer.loyalty > 1"), "eligibility", "line 1, column 1: there is no `customer`"),
        invalid(
            rule("channel == 'WEB' &&\n  attributes.vists >= 3"),
            "eligibility",
            "line 2, column 14: there is no `attributes.vists`; did you mean `attributes.visits`?",
        ),
        invalid(
            rule("channel == 'WEB' && 'film_buf' in segments"),
            "eligibility",
            "line 1, column 21: there is no \"film_buf\" in `segments`; did you mean \"film_buff\"?",
        ),
        invalid(rule("segments.film_buff"), "eligibility", "is a list"),
        invalid(rule("consents.MARKETNG == 'GRANTED'"), "eligibility", "did you mean `consents.MARKETING`?"),
        invalid(rule("channel.kind == 'WEB'"), "eligibility", "is a value"),
        invalid(json!({ "rank": "attributes.visits > 1" }), "rank", "make it a number"),
        invalid(json!({ "rank": "attributes.vists * 2" }), "rank", "column 12"),
        // Benefits.
        invalid(json!({ "benefit": { "percentageOff": "0" } }), "benefit.percentageOff", "more than 0"),
        invalid(json!({ "benefit": { "percentageOff": "100.01" } }), "benefit.percentageOff", "100 percent"),
        invalid(json!({ "benefit": { "percentageOff": "12.345" } }), "benefit.percentageOff", "two digits"),
        invalid(
            json!({ "benefit": { "percentageOff": "99999999999999" } }),
            "benefit.percentageOff",
            "two digits",
        ),
        invalid(json!({ "benefit": { "amountOff": euros("0") } }), "benefit.amountOff", "more than 0"),
        invalid(json!({ "benefit": { "amountOff": euros("-1") } }), "benefit.amountOff", "more than 0"),
        invalid(
            json!({ "benefit": { "amountOff": euros("1.005") } }),
            "benefit.amountOff.amount",
            "2 digits",
        ),
        invalid(json!({ "benefit": { "freeProduct": "off_1" } }), "benefit.freeProduct", "is not an id"),
        (
            json!({ "benefit": { "freeProduct": "prd_00000000000000000000000009" } }),
            "NOT_FOUND",
            "benefit.freeProduct",
            "there is no product",
        ),
        // Schedules.
        invalid(
            schedule(json!({ "startsAt": "2026-02-01T00:00:00Z", "endsAt": "2026-02-01T00:00:00Z" })),
            "schedule.endsAt",
            "before it starts",
        ),
        invalid(
            schedule(json!({ "startsOn": "2026-02-02", "endsOn": "2026-02-01" })),
            "schedule.endsOn",
            "it ends on 2026-02-01, before it starts on 2026-02-02",
        ),
        invalid(schedule(json!({ "from": "10:00", "until": "10:00" })), "schedule.until", "the same time"),
    ];
    for time in ["", "10", "25:00", "24:00", "10:60", "10:5", "1:05", "10:00:00", "+1:00", "ab:cd", "noon"] {
        table.push(invalid(schedule(json!({ "from": time })), "schedule.from", "no time of the day"));
    }
    table.push(invalid(schedule(json!({ "until": "24:01" })), "schedule.until", "no time of the day"));
    for (name, value) in [("total", json!(0)), ("amount", euros("0")), ("perCustomer", json!(-1))] {
        let field = ["limits.total", "limits.amount", "limits.perCustomer"];
        let field = field.into_iter().find(|field| field.ends_with(name)).expect("a field");
        table.push(invalid(limits(json!({ name: value })), field, "more than 0"));
    }
    table.extend([
        invalid(limits(json!({ "perPeriod": 0, "period": "P7D" })), "limits.perPeriod", "more than 0"),
        invalid(limits(json!({ "period": "P7D" })), "limits.perPeriod", "how often"),
        invalid(limits(json!({ "perPeriod": 1 })), "limits.period", "which period"),
        invalid(limits(json!({ "perPeriod": 1, "period": "P1M" })), "limits.period", "months"),
        invalid(limits(json!({ "perPeriod": 1, "period": "weekly" })), "limits.period", "weekly"),
        invalid(limits(json!({ "amount": euros("1.234") })), "limits.amount.amount", "2 digits"),
        invalid(
            json!({
                "benefit": { "amountOff": { "amount": "5", "currencyCode": "USD" } },
                "limits": { "amount": euros("100") },
            }),
            "limits.amount.currencyCode",
            "in USD, not in EUR",
        ),
        // Codes.
        invalid(json!({ "codes": { "shared": "S" } }), "codes.shared", "3 to 64"),
        invalid(json!({ "codes": { "shared": "summer!" } }), "codes.shared", "`SUMMER!`"),
        invalid(json!({ "codes": { "singleUse": false } }), "codes.singleUse", "codes: null"),
        (json!({ "codes": { "shared": "taken-26" } }), "CONFLICT", "codes.shared", "the offer `taken`"),
        (json!({ "key": "taken" }), "CONFLICT", "key", "there is an offer `taken` already"),
        // Experiments.
        invalid(json!({ "experiment": {} }), "experiment", "tries nothing"),
        invalid(json!({ "experiment": { "name": "a b", "holdout": "5" } }), "experiment.name", "is no key"),
        invalid(json!({ "experiment": { "holdout": "100.5" } }), "experiment.holdout", "0 to 100"),
        invalid(json!({ "experiment": { "holdout": "-1" } }), "experiment.holdout", "0 to 100"),
        invalid(json!({ "experiment": { "holdout": "0.001" } }), "experiment.holdout", "two digits"),
        invalid(
            variants(json!([{ "key": "a", "weight": 0 }])),
            "experiment.variants.0.weight",
            "a weight is",
        ),
        invalid(
            variants(json!([{ "key": "a" }, { "key": "b", "weight": -1 }])),
            "experiment.variants.1.weight",
            "1 to",
        ),
        invalid(variants(json!([{ "key": "a" }, { "key": "a" }])), "experiment.variants.1.key", "already"),
        invalid(variants(json!([{ "key": "a b" }])), "experiment.variants.0.key", "is no key"),
        invalid(
            variants((0..21).map(|at| json!({ "key": format!("v{at}") })).collect()),
            "experiment.variants",
            "the most is 20",
        ),
        invalid(
            variants(json!([{ "key": "a", "content": [{ "content": { "t": "x".repeat(65_536) } }] }])),
            "experiment.variants",
            "the most is 65536",
        ),
    ]);
    table
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_is_told_where_it_stands() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        desk.attribute("visits").await;
        desk.segment("film_buff").await;
        desk.offer("taken", json!({ "codes": { "shared": "Taken 26" } })).await;
        let draft = desk.offer("draft", json!({})).await;
        let before = desk.changes().await;
        for (parts, code, field, part) in table() {
            let mut created = parts.clone();
            if created.get("key").is_none() {
                created["key"] = json!("popcorn");
            }
            let (found, place, message) = desk.refused("offerCreate", created).await;
            assert_eq!((found.as_str(), place), (code, format!("input.{field}")), "{parts}: {message}");
            assert!(message.contains(part), "{parts}: {message}");
            if parts.get("key").is_none() {
                let mut updated = parts.clone();
                updated["id"] = json!(draft);
                updated["version"] = json!(1);
                let again = desk.refused("offerUpdate", updated).await;
                assert_eq!(again, (found, format!("input.{field}"), message), "{parts}");
            }
        }
        assert_eq!(desk.changes().await, before, "nothing of it stays");
        assert_eq!(desk.row("draft").await.version, 1);
        let data = desk.staff().good("{ offers { totalCount } }", json!({})).await;
        assert_eq!(data["offers"]["totalCount"], 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_wrong_is_told_at_once() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        let wrong = desk
            .wrong(
                "offerCreate",
                json!({
                    "key": "pop corn", "eligibility": "attributes.visits > 1", "rank": "true",
                    "limits": { "total": 0 }, "experiment": { "variants": [{ "key": "", "weight": 0 }] },
                }),
            )
            .await;
        let fields: Vec<&str> = wrong.iter().map(|(_, field, _)| field.as_str()).collect();
        let expected = [
            "input.key",
            "input.eligibility",
            "input.rank",
            "input.limits.total",
            "input.experiment.variants.0.key",
            "input.experiment.variants.0.weight",
        ];
        assert_eq!(fields, expected, "{wrong:?}");
        assert!(wrong[1].2.contains("none yet"), "{wrong:?}");
    })
    .await;
}
