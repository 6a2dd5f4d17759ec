//! What a customer may use of what it paid for: by the server's clock, until it expires or is refunded.

use serde_json::{Value, json};

use super::{BOUGHT, PURCHASE, Shop, add, checkout, customer_id, done};
use crate::harness::databases::on_both;

const DAY: i64 = 86_400_000;

/// The films that a customer may use, those that it may not, and all, latest first; each with its total.
async fn films(shop: &Shop) -> Value {
    let list = "totalCount nodes { active product { sku } }";
    let query = format!(
        "{{ me {{ playable: entitlements(filter: {{ active: true }}) {{ {list} }}
            over: entitlements(filter: {{ active: false }}) {{ {list} }}
            all: entitlements {{ {list} }} page: entitlements(first: 1, filter: {{ active: true }}) {{ {list} }} }} }}"
    );
    shop.customer(1).good(&query, json!({})).await["me"].take()
}

fn told(films: &[(&str, bool)]) -> Value {
    let nodes = films.iter().map(|(sku, active)| json!({ "active": active, "product": { "sku": sku } }));
    json!({ "totalCount": films.len(), "nodes": nodes.collect::<Vec<_>>() })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_used_now_is_told_apart_from_what_expired_or_was_taken_away() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let (ada, till) = (shop.customer(1), shop.till());
        let mut purchases = Vec::new();
        for sku in ["refunded", "rented", "kept"] {
            let film = shop.product(sku, "DIGITAL", "5", None).await;
            if sku == "rented" {
                done(
                    &shop.staff(),
                    "productUpsert",
                    "product { id }",
                    json!({ "sku": sku, "accessDays": 2 }),
                )
                .await;
            }
            add(&ada, film, 2).await;
            let mut input = checkout(sku);
            input["customerId"] = json!(customer_id(1).to_string());
            purchases.push(done(&till, "cartCheckout", BOUGHT, input).await["purchase"].take());
            shop.move_clock(1_000);
        }
        let all = [("kept", true), ("rented", true), ("refunded", true)];
        let at_first = films(&shop).await;
        assert_eq!((&at_first["playable"], &at_first["over"]), (&told(&all), &told(&[])));
        // Of two in one line, one is given back: the line still gives it.
        let refund = async |key: &str, lines: Value| {
            let input = json!({ "purchaseId": purchases[0]["id"], "idempotencyKey": key, "lines": lines });
            done(&till, "purchaseRefund", PURCHASE, input).await;
        };
        refund("1", json!([{ "lineId": purchases[0]["lines"][0]["id"], "quantity": 1 }])).await;
        assert_eq!(films(&shop).await["playable"], told(&all));
        refund("2", Value::Null).await;
        let since = films(&shop).await;
        assert_eq!(since["playable"], told(&[("kept", true), ("rented", true)]));
        assert_eq!(since["over"], told(&[("refunded", false)]));
        shop.move_clock(2 * DAY);
        let later = films(&shop).await;
        assert_eq!(later["playable"], told(&[("kept", true)]));
        assert_eq!(later["over"], told(&[("rented", false), ("refunded", false)]));
        assert_eq!(later["all"], told(&[("kept", true), ("rented", false), ("refunded", false)]));
        assert_eq!(later["page"], told(&[("kept", true)]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_found_by_its_id_says_whether_it_may_be_used() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let film = shop.product("film", "DIGITAL", "5", None).await;
        done(&shop.staff(), "productUpsert", "product { id }", json!({ "sku": "film", "accessDays": 1 }))
            .await;
        let ada = shop.customer(1);
        add(&ada, film, 1).await;
        let mut input = checkout("k");
        input["customerId"] = json!(customer_id(1).to_string());
        done(&shop.till(), "cartCheckout", BOUGHT, input).await;
        let id = ada.good("{ me { entitlements { nodes { id } } } }", json!({})).await["me"]["entitlements"]
            ["nodes"][0]["id"]
            .take();
        let query = format!("{{ node(id: {id}) {{ ... on Entitlement {{ active }} }} }}");
        assert_eq!(ada.good(&query, json!({})).await["node"], json!({ "active": true }));
        shop.move_clock(DAY - 1);
        assert_eq!(ada.good(&query, json!({})).await["node"], json!({ "active": true }));
        shop.move_clock(1);
        assert_eq!(ada.good(&query, json!({})).await["node"], json!({ "active": false }));
    })
    .await;
}
