//! Refunds: by line and quantity, each piece once, with all that it took.

use entities::idempotency_key;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::recount::recount;
use super::{BOUGHT, CART, PURCHASE, Shop, add, checkout, done, paid, refused, text};
use crate::harness::databases::on_both;

fn refund(purchase: &Value, key: &str, lines: Option<Value>) -> Value {
    let mut input = json!({ "purchaseId": purchase["id"], "idempotencyKey": key });
    if let Some(lines) = lines {
        input["lines"] = lines;
    }
    input
}

#[tokio::test(flavor = "multi_thread")]
async fn pieces_are_refunded_one_by_one_and_add_up_to_what_was_paid() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let seats = shop.product("seats", "TICKET", "3.33", Some(5)).await;
        let limits = json!({ "total": 9, "amount": { "amount": "50", "currencyCode": "EUR" } });
        let one = json!({ "amountOff": { "amount": "1", "currencyCode": "EUR" } });
        let offer = shop.offer("one", json!({ "benefit": one, "limits": limits })).await;
        let (ada, till) = (shop.customer(1), shop.till());
        add(&ada, seats, 3).await;
        let bought = paid(&shop, &done(&ada, "cartCheckout", BOUGHT, checkout("k")).await).await;
        assert_eq!(bought["total"]["amount"], json!("8.99"));
        let line = &bought["lines"][0]["id"];
        let piece = |number: i64| json!([{ "lineId": line, "quantity": number }]);
        let first = done(&till, "purchaseRefund", PURCHASE, refund(&bought, "r1", Some(piece(1)))).await;
        assert_eq!(first["purchase"]["status"], json!("PARTIALLY_REFUNDED"));
        assert_eq!(first["purchase"]["refunded"]["amount"], json!("2.99"));
        assert_eq!((shop.taken(seats).await, shop.budget(offer).await), (2, (1, 67)));
        // The same request again does nothing again.
        let again = done(&till, "purchaseRefund", PURCHASE, refund(&bought, "r1", Some(piece(1)))).await;
        assert_eq!(again["purchase"], first["purchase"]);
        assert_eq!(
            refused(&till, "purchaseRefund", refund(&bought, "r1", Some(piece(2)))).await.0,
            "KEY_REUSED"
        );
        let more = refused(&till, "purchaseRefund", refund(&bought, "r2", Some(piece(3)))).await;
        assert_eq!(more, ("CONFLICT".to_owned(), "input.lines.0.quantity".to_owned()));
        for none in [0, -1] {
            let invalid = refused(&till, "purchaseRefund", refund(&bought, "r2", Some(piece(none)))).await;
            assert_eq!(invalid, ("INVALID".to_owned(), "input.lines.0.quantity".to_owned()));
        }
        recount(&shop.db).await;
        let rest =
            done(&till, "purchaseRefund", PURCHASE, refund(&bought, "r3", None)).await["purchase"].take();
        assert_eq!((&rest["status"], &rest["refunded"]["amount"]), (&json!("REFUNDED"), &json!("8.99")));
        assert_eq!(rest["redemptions"][0]["status"], json!("ROLLED_BACK"));
        assert_eq!((shop.taken(seats).await, shop.budget(offer).await), (0, (0, 0)));
        assert_eq!(refused(&till, "purchaseRefund", refund(&bought, "r4", None)).await.0, "CONFLICT");
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_frees_the_code_and_the_cap_and_takes_the_film_away() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let film = shop.product("film", "DIGITAL", "10", None).await;
        let half = json!({
            "benefit": { "percentageOff": "50" }, "codes": { "singleUse": true }, "limits": { "perCustomer": 1 },
        });
        let offer = shop.offer("half", half).await;
        let made = done(&shop.staff(), "codesGenerate", "csv", json!({ "offerId": offer.to_string(), "count": 2 })).await;
        let codes: Vec<String> = text(&made["csv"]).lines().skip(1).map(str::to_owned).collect();
        let (ada, staff) = (shop.customer(1), shop.staff());
        let fill = async |code: &str| {
            add(&ada, film, 1).await;
            let cart = done(&ada, "cartCodesUpdate", CART, json!({ "codes": [code] })).await;
            text(&cart["cart"]["total"]["amount"])
        };
        assert_eq!(fill(&codes[0]).await, "5.00");
        let bought = paid(&shop, &done(&ada, "cartCheckout", BOUGHT, checkout("1")).await).await;
        assert_eq!(fill(&codes[1]).await, "10.00", "the customer has used it as often as it may");
        let entitled = "{ me { entitlements { nodes { revokedAt } } } }";
        let nodes = |data: Value| data["me"]["entitlements"]["nodes"].clone();
        assert_eq!(nodes(ada.good(entitled, json!({})).await), json!([{ "revokedAt": null }]));
        done(&staff, "purchaseRefund", PURCHASE, refund(&bought, "r", None)).await;
        let revoked = json!([{ "revokedAt": "2026-01-01T12:00:00.000Z" }]);
        assert_eq!(nodes(ada.good(entitled, json!({})).await), revoked);
        let cart = done(&ada, "cartCodesUpdate", CART, json!({ "codes": [codes[0]] })).await;
        assert_eq!(cart["cart"]["total"]["amount"], json!("5.00"), "by the code that is free again");
        done(&ada, "cartCheckout", BOUGHT, checkout("2")).await;
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_till_refunded_it_refunds_once_also_when_its_customer_is_erased() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "4", None).await;
        let (ada, till) = (shop.customer(1), shop.till());
        add(&ada, popcorn, 3).await;
        let bought = paid(&shop, &done(&ada, "cartCheckout", BOUGHT, checkout("k")).await).await;
        let one = json!([{ "lineId": bought["lines"][0]["id"], "quantity": 1 }]);
        let input = refund(&bought, "r", Some(one));
        done(&till, "purchaseRefund", PURCHASE, input.clone()).await;
        let person = json!({ "customerId": super::customer_id(1).to_string() });
        done(&shop.staff(), "customerErase", "customer { id }", person).await;
        let again = done(&till, "purchaseRefund", PURCHASE, input).await;
        assert_eq!(again["purchase"]["refunded"]["amount"], json!("4.00"));
        let keys = idempotency_key::Entity::find().all(shop.db.connection()).await.expect("keys");
        let operations: Vec<&str> = keys.iter().map(|key| key.operation.as_str()).collect();
        assert_eq!(operations, ["purchaseRefund"], "what the customer sent itself is forgotten");
        recount(&shop.db).await;
    })
    .await;
}
