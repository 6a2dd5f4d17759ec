//! Purchases that were made elsewhere: what they give, whose they are, and that each is there once.

use encircle::domain::customers::import::CustomerRef;
use encircle::domain::purchases::import::{LineRecord, Outcome, PurchaseRecord, record};
use encircle::kernel::ids::Ids;
use encircle::kernel::money::Currency;
use encircle::kernel::viewer::Viewer;
use entities::ids::ProductId;
use entities::values::{Channel, PurchaseStatus};
use entities::{behavior, customer, entitlement, purchase, touchpoint};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::recount::recount;
use super::{NOON, PURCHASE, Shop, customer_id, done, refused};
use crate::entities::{insert, samples};
use crate::harness::client::Client;
use crate::harness::databases::on_both;

pub(super) fn sale(external_id: &str, customer: u128) -> Value {
    json!({
        "externalId": external_id, "customerId": customer_id(customer).to_string(), "currencyCode": "EUR",
        "placedAt": "2026-01-01T10:00:00Z", "lines": [{ "sku": "film", "quantity": 2, "unitPrice": "10" }],
    })
}

pub(super) fn with(mut input: Value, key: &str, value: impl Into<Value>) -> Value {
    input[key] = value.into();
    input
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paid_elsewhere_gives_what_it_gives_here() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        shop.product("film", "DIGITAL", "10", None).await;
        let till = shop.till();
        let attribute =
            json!({ "key": "spend", "behavior": "Order Completed", "property": "total", "aggregate": "SUM" });
        done(&shop.staff(), "attributeDefine", "definition { id }", attribute).await;
        let segment = json!({ "key": "buyers", "rule": "attributes.spend > 15" });
        let segment =
            done(&shop.staff(), "segmentCreate", "segment { id }", segment).await["segment"]["id"].clone();
        shop.app.upkeep().once().await.expect("history is counted");
        for _ in 0..2 {
            done(&till, "purchaseImport", "known", sale("r-1", 1)).await;
        }
        shop.app.upkeep().once().await.expect("members are kept");
        let told = "{ me { attributes { key value } entitlements { nodes { product { sku } grantedAt } } } }";
        let me = shop.customer(1).good(told, json!({})).await["me"].take();
        assert_eq!(me["attributes"], json!([{ "key": "spend", "value": 20 }]));
        let film = json!({ "product": { "sku": "film" }, "grantedAt": "2026-01-01T10:00:00.000Z" });
        assert_eq!(me["entitlements"]["nodes"], json!([film]));
        let size = format!("{{ segment(by: {{ id: {segment} }}) {{ size }} }}");
        assert_eq!(shop.staff().good(&size, json!({})).await["segment"]["size"], json!(1));
        // One that waits elsewhere gives nothing yet, and is not called off here.
        done(&till, "purchaseImport", "known", with(sale("r-2", 1), "status", "PENDING")).await;
        shop.move_clock(86_400_000);
        shop.app.upkeep().once().await.expect("it is swept");
        let rows = purchase::Entity::find().all(shop.db.connection()).await.expect("purchases");
        assert_eq!(rows.iter().filter(|row| row.status == PurchaseStatus::Pending).count(), 1);
        let rows = entitlement::Entity::find().all(shop.db.connection()).await.expect("entitlements");
        assert_eq!(rows.len(), 1);
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refunded_elsewhere_says_how_much() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        shop.product("film", "DIGITAL", "10", None).await;
        let till = shop.till();
        let partly = |id: &str| with(sale(id, 1), "status", "PARTIALLY_REFUNDED");
        let wrong = ("INVALID".to_owned(), "input.refunded".to_owned());
        for input in [
            partly("p-0"),
            with(partly("p-0"), "refunded", "0"),
            with(partly("p-0"), "refunded", "20"),
            with(sale("p-0", 1), "refunded", "5"),
            with(with(sale("p-0", 1), "status", "REFUNDED"), "refunded", "19"),
        ] {
            assert_eq!(refused(&till, "purchaseImport", input).await, wrong);
        }
        let imported = done(&till, "purchaseImport", PURCHASE, with(partly("p-1"), "refunded", "13")).await;
        assert_eq!(imported["purchase"]["refunded"]["amount"], json!("13.00"));
        recount(&shop.db).await;
        // The rest is given back here: what is left, piece by piece, and no more.
        let id = &imported["purchase"]["id"];
        let line = json!([{ "lineId": imported["purchase"]["lines"][0]["id"], "quantity": 1 }]);
        let one = json!({ "purchaseId": id, "idempotencyKey": "a", "lines": line });
        let back = done(&till, "purchaseRefund", PURCHASE, one).await;
        assert_eq!(
            back["purchase"]["refunded"]["amount"],
            json!("13.00"),
            "that piece was paid back already"
        );
        let rest = json!({ "purchaseId": id, "idempotencyKey": "b" });
        let back = done(&till, "purchaseRefund", PURCHASE, rest).await;
        assert_eq!(back["purchase"]["refunded"]["amount"], json!("20.00"));
        let all = done(&till, "purchaseImport", PURCHASE, with(sale("p-2", 1), "status", "REFUNDED")).await;
        assert_eq!(all["purchase"]["refunded"]["amount"], json!("20.00"));
        assert_eq!(all["purchase"]["lines"][0]["refundedQuantity"], json!(2));
        let rows = behavior::Entity::find().all(shop.db.connection()).await.expect("behaviors");
        assert_eq!(rows.iter().filter(|row| row.name == "Order Refunded").count(), 4);
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_it_is_must_be_there_and_is_known_after_a_merge() {
    on_both(async |db| {
        let shop = Shop::open(db, 3).await;
        shop.product("film", "DIGITAL", "10", None).await;
        let (till, staff) = (shop.till(), shop.staff());
        done(&staff, "customerErase", "customer { id }", json!({ "customerId": customer_id(3).to_string() }))
            .await;
        let nobody = ("NOT_FOUND".to_owned(), "input.customerId".to_owned());
        for number in [3, 99] {
            assert_eq!(refused(&till, "purchaseImport", sale("x", number)).await, nobody);
        }
        done(&till, "purchaseImport", "known", sale("r-1", 2)).await;
        let [survivor, merged] = [1, 2].map(|number| customer_id(number).to_string());
        let input = json!({ "survivorId": survivor, "mergedId": merged, "reason": "same" });
        done(&staff, "customerMerge", "customer { id }", input).await;
        for number in [1, 2] {
            let again = done(&till, "purchaseImport", "known", sale("r-1", number)).await;
            assert_eq!(again["known"], json!(true), "{number}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_bounded_and_sources_are_each_tills_own() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let [first] = samples::touchpoints();
        let channel = Channel::PointOfSale;
        let other =
            touchpoint::Model { id: samples::id(77), key: "till-77".to_owned(), channel, ..first.clone() };
        insert::<touchpoint::Entity>(&shop.db, [other.clone()]).await;
        shop.product("film", "DIGITAL", "10", None).await;
        let till = shop.till();
        let number = ("INVALID".to_owned(), "input.number".to_owned());
        for wrong in [String::new(), "n".repeat(256)] {
            assert_eq!(refused(&till, "purchaseImport", with(sale("x", 1), "number", wrong)).await, number);
        }
        let long = "x".repeat(250);
        assert_eq!(
            refused(&till, "purchaseImport", sale(&long, 1)).await,
            number,
            "with the source before it"
        );
        done(&till, "purchaseImport", "known", with(sale(&long, 1), "number", "n")).await;
        // Another till cannot take its ids, nor its numbers.
        let second = Client::of(&shop.app, Viewer::Touchpoint(other.id));
        let source = ("INVALID".to_owned(), "input.source".to_owned());
        let taken = with(sale("y", 1), "source", first.key.clone());
        assert_eq!(refused(&second, "purchaseImport", taken).await, source);
        let taken = with(sale("y", 1), "number", "n");
        assert_eq!(refused(&second, "purchaseImport", taken).await.0, "CONFLICT");
        let own = with(sale("y", 1), "source", "till-77");
        assert_eq!(done(&second, "purchaseImport", "known", own).await["known"], json!(false));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_that_is_sent_again_after_its_customer_was_erased_is_known_and_not_shown() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        shop.product("film", "DIGITAL", "10", None).await;
        let (till, staff) = (shop.till(), shop.staff());
        let identity = json!({ "type": "LOYALTY_CARD", "value": "4711" });
        let mut by_card = with(sale("r-1", 1), "identity", identity);
        by_card.as_object_mut().expect("an object").remove("customerId");
        let selection = "known purchase { id customer { id } }";
        let first = done(&staff, "purchaseImport", selection, by_card.clone()).await;
        done(&till, "purchaseImport", "known", sale("r-2", 1)).await;
        let made = first["purchase"]["customer"]["id"].clone();
        for customer in [made, json!(customer_id(1).to_string())] {
            done(&staff, "customerErase", "customer { id }", json!({ "customerId": customer })).await;
        }
        let count = async || {
            let purchases = purchase::Entity::find().all(shop.db.connection()).await.expect("purchases");
            let customers = customer::Entity::find().all(shop.db.connection()).await.expect("customers");
            (purchases.len(), customers.len())
        };
        let before = count().await;
        let known = json!({ "known": true, "purchase": null, "userErrors": [] });
        assert_eq!(done(&staff, "purchaseImport", selection, by_card.clone()).await, known);
        assert_eq!(done(&till, "purchaseImport", selection, sale("r-2", 1)).await, known);
        assert_eq!(count().await, before, "nobody is made, and nothing is recorded");
        // What is left says neither which system's it was nor under which id.
        for row in purchase::Entity::find().all(shop.db.connection()).await.expect("purchases") {
            assert!(row.source == "erased" && !row.external_id.contains("r-"), "{row:?}");
        }
        // Another id is another purchase, of whoever has the card now.
        let other = done(&staff, "purchaseImport", selection, with(by_card, "externalId", "r-3")).await;
        assert!(other["purchase"]["id"].is_string() && other["known"] == json!(false));
        let own = with(sale("r-4", 1), "source", "erased");
        let source = ("INVALID".to_owned(), "input.source".to_owned());
        assert_eq!(refused(&staff, "purchaseImport", own).await, source);
    })
    .await;
}

fn records(ids: &Ids, from: usize, count: usize, film: ProductId) -> Vec<PurchaseRecord> {
    let line = || LineRecord { product_id: film, quantity: 1, unit_minor: 1_000, total_minor: 1_000 };
    let one = |number: usize| PurchaseRecord {
        id: ids.next(NOON),
        number: format!("n{number}"),
        customer: CustomerRef::Known(customer_id(number as u128 % 7 + 1)),
        status: PurchaseStatus::Paid,
        channel: Channel::PointOfSale,
        touchpoint_id: None,
        currency: Currency::EUR,
        total_minor: 3_000,
        discount_minor: 0,
        refunded_minor: 0,
        placed_at: NOON,
        source: "shop".to_owned(),
        external_id: format!("x{number}"),
        lines: vec![line(), line(), line()],
        redemptions: Vec::new(),
    };
    (from..from + count).map(one).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_purchases_cost_as_many_statements_as_two() {
    on_both(async |db| {
        let shop = Shop::open(db, 7).await;
        let film = shop.product("film", "DIGITAL", "10", None).await;
        let ids = &shop.app.ids;
        let cost = async |from, count| {
            let before = shop.db.statements();
            let records = records(ids, from, count, film);
            let report = record(&shop.db, ids, NOON, Some(&shop.app.services.ingest), &records).await;
            let outcomes = report.expect("they are recorded").outcomes;
            assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Recorded));
            shop.db.statements() - before
        };
        let few = cost(0, 2).await;
        assert_eq!(cost(2, 1_000).await, few);
        let given = entitlement::Entity::find().all(shop.db.connection()).await.expect("entitlements");
        assert_eq!(given.len(), 3 * 1_002);
        recount(&shop.db).await;
    })
    .await;
}
