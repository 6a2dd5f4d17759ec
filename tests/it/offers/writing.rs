//! An offer says what it was told, all of it.

use serde_json::{Value, json};

use super::{Desk, text};
use crate::entities::{insert, samples};
use crate::harness::databases::on_both;

const EVERYTHING: &str =
    "offer { key name status placements channels any: content kiosk: content(channel: KIOSK)
    eligibility rank priority consent codeKind code version
    benefit { __typename ... on PercentageOff { percent } ... on AmountOff { amount { amount currencyCode } }
        ... on FreeProduct { product { sku } } }
    schedule { startsAt endsAt startsOn endsOn weekdays from until }
    limits { total amount { amount currencyCode } perCustomer perPeriod period }
    experiment { name holdout variants { key weight content kiosk: content(channel: KIOSK) } } }";

fn full() -> Value {
    json!({
        "key": "popcorn-combo",
        "name": "Popcorn for two",
        "placements": ["home.hero", "cart", "home.hero"],
        "channels": ["KIOSK", "WEB", "KIOSK"],
        "content": [
            { "content": { "title": "Popcorn", "seats": [1, 2.5, null] } },
            { "channel": "KIOSK", "content": { "title": "Popcorn, now" } },
        ],
        "eligibility": "\"film_buff\" in segments && attributes.visits >= 3 && channel != 'EMAIL' && cart.subtotal == null",
        "rank": "attributes.visits * 2",
        "priority": -5,
        "benefit": { "percentageOff": "12.5" },
        "consent": "MARKETING",
        "schedule": {
            "startsAt": "2026-01-01T13:00:00+01:00", "endsAt": "2026-02-01T00:00:00Z",
            "startsOn": "2026-01-02", "endsOn": "2026-01-30", "weekdays": ["SUNDAY", "FRIDAY", "SUNDAY"],
            "from": "22:30", "until": "02:05",
        },
        "limits": {
            "total": 1000, "amount": { "amount": "2500", "currencyCode": "EUR" },
            "perCustomer": 3, "perPeriod": 1, "period": "P7D",
        },
        "codes": { "shared": "Summer-26" },
        "experiment": {
            "name": "popcorn-size", "holdout": "5",
            "variants": [
                { "key": "large", "weight": 3, "content": [{ "content": { "title": "Large" } }] },
                { "key": "small" },
            ],
        },
    })
}

fn told() -> Value {
    json!({
        "key": "popcorn-combo", "name": "Popcorn for two", "status": "DRAFT",
        "placements": ["home.hero", "cart"], "channels": ["KIOSK", "WEB"],
        "any": { "title": "Popcorn", "seats": [1, 2.5, null] }, "kiosk": { "title": "Popcorn, now" },
        "eligibility": full()["eligibility"], "rank": "attributes.visits * 2", "priority": -5,
        "consent": "MARKETING", "codeKind": "SHARED", "code": "SUMMER26", "version": 1,
        "benefit": { "__typename": "PercentageOff", "percent": "12.50" },
        "schedule": {
            "startsAt": "2026-01-01T12:00:00.000Z", "endsAt": "2026-02-01T00:00:00.000Z",
            "startsOn": "2026-01-02", "endsOn": "2026-01-30", "weekdays": ["FRIDAY", "SUNDAY"],
            "from": "22:30", "until": "02:05",
        },
        "limits": {
            "total": 1000, "amount": { "amount": "2500.00", "currencyCode": "EUR" },
            "perCustomer": 3, "perPeriod": 1, "period": "P7D",
        },
        "experiment": {
            "name": "popcorn-size", "holdout": "5.00",
            "variants": [
                { "key": "large", "weight": 3, "content": { "title": "Large" }, "kiosk": { "title": "Large" } },
                { "key": "small", "weight": 1, "content": null, "kiosk": null },
            ],
        },
    })
}

/// What an offer says of which nothing was said.
fn bare(key: &str) -> Value {
    json!({
        "key": key, "name": key, "status": "DRAFT", "placements": [], "channels": [], "any": {}, "kiosk": {},
        "eligibility": "true", "rank": null, "priority": 0, "consent": null, "codeKind": null, "code": null,
        "version": 1, "benefit": null, "experiment": null,
        "schedule": {
            "startsAt": null, "endsAt": null, "startsOn": null, "endsOn": null, "weekdays": [],
            "from": null, "until": null,
        },
        "limits": { "total": null, "amount": null, "perCustomer": null, "perPeriod": null, "period": null },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_says_what_it_was_told() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        desk.attribute("visits").await;
        desk.segment("film_buff").await;
        assert_eq!(desk.done("offerCreate", EVERYTHING, full()).await["offer"], told());
        let created = desk.done("offerCreate", EVERYTHING, json!({ "key": "news" })).await;
        assert_eq!(created["offer"], bare("news"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_stays_and_null_takes_it_away() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        desk.attribute("visits").await;
        desk.segment("film_buff").await;
        let created = desk.done("offerCreate", "offer { id }", full()).await;
        let id = text(&created["offer"]["id"]);
        let with = |version: i64, parts: Value| {
            let mut input = parts;
            input["id"] = json!(id);
            input["version"] = json!(version);
            input
        };
        let same = desk.done("offerUpdate", EVERYTHING, with(1, json!({}))).await;
        let mut expected = told();
        expected["version"] = json!(2);
        assert_eq!(same["offer"], expected, "nothing is said, nothing is another");
        let renamed = desk.done("offerUpdate", EVERYTHING, with(2, json!({ "name": "Nachos" }))).await;
        expected["version"] = json!(3);
        expected["name"] = json!("Nachos");
        assert_eq!(renamed["offer"], expected);
        let nothing = json!({
            "name": "popcorn-combo", "placements": [], "channels": [], "content": [], "eligibility": "true",
            "rank": null, "priority": 0, "benefit": null, "consent": null, "schedule": null, "limits": null,
            "codes": null, "experiment": null,
        });
        let cleared = desk.done("offerUpdate", EVERYTHING, with(3, nothing)).await;
        let mut expected = bare("popcorn-combo");
        expected["version"] = json!(4);
        assert_eq!(cleared["offer"], expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_benefit_is_one_thing_at_a_time() {
    on_both(async |db| {
        insert::<entities::product::Entity>(&db, samples::products()).await;
        let desk = Desk::open(db).await;
        let product = &samples::products()[0];
        let id = desk.offer("popcorn", json!({ "benefit": { "percentageOff": "100" } })).await;
        for (version, said, benefit) in [
            (
                1,
                json!({ "amountOff": { "amount": "500", "currencyCode": "JPY" } }),
                json!({ "__typename": "AmountOff", "amount": { "amount": "500", "currencyCode": "JPY" } }),
            ),
            (
                2,
                json!({ "freeProduct": product.id.to_string() }),
                json!({ "__typename": "FreeProduct", "product": { "sku": product.sku } }),
            ),
            (
                3,
                json!({ "percentageOff": "0.01" }),
                json!({ "__typename": "PercentageOff", "percent": "0.01" }),
            ),
        ] {
            let input = json!({ "id": id, "version": version, "benefit": said });
            let updated = desk.done("offerUpdate", EVERYTHING, input).await;
            assert_eq!(updated["offer"]["benefit"], benefit);
            let row = desk.row("popcorn").await;
            let set = [
                row.benefit_basis_points.is_some(),
                row.benefit_minor.is_some(),
                row.benefit_product_id.is_some(),
            ];
            assert_eq!(set.iter().filter(|set| **set).count(), 1, "{row:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_weights_are_for_those_who_come_after_them() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        let variants = |large: i64, title: &str| {
            let content = json!([{ "content": { "title": title } }]);
            json!({ "experiment": { "variants": [{ "key": "large", "weight": large, "content": content }, { "key": "small" }] } })
        };
        let id = desk.offer("popcorn", variants(1, "Large")).await;
        let update = async |version: i64, parts: Value| {
            let mut input = parts;
            input["id"] = json!(id);
            input["version"] = json!(version);
            desk.wrong("offerUpdate", input).await
        };
        // A draft was shown to nobody: it begins anew.
        assert_eq!(update(1, variants(2, "Large")).await, []);
        assert_eq!(desk.row("popcorn").await.allocations.as_array().map(Vec::len), Some(1));
        desk.step("offerPublish", &id).await;
        desk.move_clock(1_000);
        assert_eq!(update(3, variants(9, "Larger")).await, []);
        let row = desk.row("popcorn").await;
        // In a minute, when all replicas know of it.
        let shown = |weight: i64| json!([
            { "key": "large", "weight": weight, "content": { "default": { "title": "Larger" } } },
            { "key": "small", "weight": 1 },
        ]);
        let (first, second) = (row.created_at.millis(), row.created_at.millis() + 61_000);
        let expected = json!([{ "from": first, "variants": shown(2) }, { "from": second, "variants": shown(9) }]);
        assert_eq!((row.experiment.as_deref(), row.allocations), (Some("popcorn"), expected));
        // Another name would have everybody see another variant.
        let mut renamed = variants(9, "Larger");
        renamed["experiment"]["name"] = json!("another");
        let wrong = update(4, renamed).await;
        assert_eq!((wrong[0].0.as_str(), wrong[0].1.as_str()), ("CONFLICT", "input.experiment.name"));
        let nothing = json!({ "experiment": { "holdout": "10", "variants": [] } });
        assert_eq!(update(4, nothing).await, []);
        assert_eq!(desk.row("popcorn").await.allocations.as_array().map(Vec::len), Some(3));
    })
    .await;
}
