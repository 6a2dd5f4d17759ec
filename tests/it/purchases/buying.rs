//! Checking out: all or nothing, once a key, at the price that was told, within every limit.

use entities::behavior;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::recount::recount;
use super::{
    BOUGHT, CART, PURCHASE, Shop, add, change, checkout, customer_id, done, paid, refused, text, wrong,
};
use crate::harness::databases::on_both;

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_becomes_a_purchase_with_its_redemptions_and_what_the_customer_did() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let seats = shop.product("seats", "TICKET", "10", Some(5)).await;
        let limits = json!({ "total": 10, "amount": { "amount": "50", "currencyCode": "EUR" } });
        let tenth =
            shop.offer("tenth", json!({ "benefit": { "percentageOff": "10" }, "limits": limits })).await;
        let ada = shop.customer(1);
        let attribute =
            json!({ "key": "spend", "behavior": "Order Completed", "property": "total", "aggregate": "SUM" });
        done(&shop.staff(), "attributeDefine", "definition { id }", attribute).await;
        shop.app.upkeep().once().await.expect("history is counted");
        add(&ada, seats, 3).await;
        let bought = done(&ada, "cartCheckout", BOUGHT, checkout("k1")).await;
        assert_eq!(bought["purchase"]["status"], json!("PENDING"), "a customer's own word is not taken");
        let purchase = paid(&shop, &bought).await;
        assert_eq!((&purchase["status"], &purchase["total"]["amount"]), (&json!("PAID"), &json!("27.00")));
        assert_eq!(
            purchase["redemptions"],
            json!([{ "status": "REDEEMED", "amount": { "amount": "3.00" } }])
        );
        assert_eq!((&bought["cart"], &bought["replayed"]), (&json!(null), &json!(false)));
        assert_eq!((shop.taken(seats).await, shop.budget(tenth).await), (3, (1, 300)));
        let told = ada
            .good("{ me { cart { id } attributes { key value } purchases { totalCount } } }", json!({}))
            .await;
        assert_eq!(told["me"]["attributes"], json!([{ "key": "spend", "value": 27 }]));
        assert_eq!((&told["me"]["cart"], &told["me"]["purchases"]["totalCount"]), (&json!(null), &json!(1)));
        let behaviors = behavior::Entity::find().all(shop.db.connection()).await.expect("behaviors");
        assert_eq!(behaviors.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["Order Completed"]);
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_is_answered_the_same_and_another_request_with_it_is_refused() {
    on_both(async |db| {
        let shop = Shop::open(db, 2).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "4.50", None).await;
        let (ada, bob) = (shop.customer(1), shop.customer(2));
        add(&ada, popcorn, 1).await;
        let first = done(&ada, "cartCheckout", BOUGHT, checkout("k1")).await;
        add(&ada, popcorn, 2).await;
        let again = done(&ada, "cartCheckout", BOUGHT, checkout("k1")).await;
        assert_eq!((&again["purchase"], &again["replayed"]), (&first["purchase"], &json!(true)));
        assert!(again["cart"].is_object(), "what was added since is still there");
        let other = json!({ "idempotencyKey": "k1", "paymentReference": "another" });
        let reused = ("KEY_REUSED".to_owned(), "input.idempotencyKey".to_owned());
        assert_eq!(refused(&ada, "cartCheckout", other).await, reused);
        // Keys are each sender's own.
        add(&bob, popcorn, 1).await;
        let bobs = done(&bob, "cartCheckout", BOUGHT, checkout("k1")).await;
        assert_ne!(bobs["purchase"]["id"], first["purchase"]["id"]);
        assert_eq!(refused(&bob, "cartCheckout", checkout("k2")).await, ("NOT_FOUND".to_owned(), String::new()));
        assert_eq!(refused(&bob, "cartCheckout", checkout("")).await.1, "input.idempotencyKey");
        // A request that was refused took no key.
        add(&bob, popcorn, 1).await;
        let told = |amount: &str| {
            json!({ "idempotencyKey": "k2", "paymentReference": "p", "total": { "amount": amount, "currencyCode": "EUR" } })
        };
        let changed = ("PRICE_CHANGED".to_owned(), "input.total".to_owned());
        assert_eq!(refused(&bob, "cartCheckout", told("4.00")).await, changed);
        done(&bob, "cartCheckout", BOUGHT, told("4.50")).await;
        let stale = json!({ "idempotencyKey": "k3", "version": 9 });
        assert_eq!(refused(&ada, "cartCheckout", stale).await, ("STALE".to_owned(), "input.version".to_owned()));
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_kept_and_who_is_over_them_is_told_which() {
    on_both(async |db| {
        let shop = Shop::open(db, 3).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "10", None).await;
        let once = json!({ "benefit": { "percentageOff": "10" }, "limits": { "perCustomer": 1 } });
        shop.offer("once", once).await;
        let ada = shop.customer(1);
        add(&ada, popcorn, 1).await;
        let first = done(&ada, "cartCheckout", BOUGHT, checkout("1")).await;
        assert_eq!(first["purchase"]["total"]["amount"], json!("9.00"));
        let cart = add(&ada, popcorn, 1).await;
        assert_eq!(cart["total"]["amount"], json!("10.00"), "it is used up");
        // A budget of which less is left than the discount takes is not taken at all.
        let small = json!({
            "benefit": { "percentageOff": "30" }, "priority": 5, "stacking": "EXCLUSIVE",
            "limits": { "amount": { "amount": "5", "currencyCode": "EUR" } },
        });
        let small = shop.offer("small", small).await;
        let (bob, cy) = (shop.customer(2), shop.customer(3));
        assert_eq!(add(&bob, popcorn, 1).await["total"]["amount"], json!("7.00"));
        done(&bob, "cartCheckout", BOUGHT, checkout("1")).await;
        assert_eq!(shop.budget(small).await, (1, 300));
        let cart = add(&cy, popcorn, 1).await;
        assert_eq!(
            cart["discounts"][0]["offer"]["key"],
            json!("once"),
            "3.00 are more than the 2.00 that are left"
        );
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_works_once_works_once() {
    on_both(async |db| {
        let shop = Shop::open(db, 2).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "10", None).await;
        let five = json!({ "amountOff": { "amount": "5", "currencyCode": "EUR" } });
        let offer = shop.offer("five", json!({ "benefit": five, "codes": { "singleUse": true } })).await;
        let made =
            done(&shop.staff(), "codesGenerate", "csv", json!({ "offerId": offer.to_string(), "count": 1 }))
                .await;
        let code = text(&made["csv"]).lines().nth(1).expect("a code").to_owned();
        let codes = json!({ "codes": [code] });
        for number in [1, 2] {
            add(&shop.customer(number), popcorn, 1).await;
            let cart = done(&shop.customer(number), "cartCodesUpdate", CART, codes.clone()).await;
            assert_eq!(cart["cart"]["total"]["amount"], json!("5.00"));
        }
        done(&shop.customer(1), "cartCheckout", BOUGHT, checkout("1")).await;
        let cart =
            shop.customer(2).good(&format!("{{ me {{ {CART} }} }}"), json!({})).await["me"]["cart"].take();
        assert_eq!(cart["total"]["amount"], json!("10.00"));
        assert_eq!(cart["warnings"][0]["code"], json!("CODE_NOT_APPLIED"));
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_paid_waits_and_is_paid_or_called_off() {
    on_both(async |db| {
        let shop = Shop::open(db, 2).await;
        let film = shop.product("film", "DIGITAL", "5", Some(3)).await;
        let tenth = shop
            .offer("tenth", json!({ "benefit": { "percentageOff": "10" }, "limits": { "total": 5 } }))
            .await;
        let (ada, bob, till) = (shop.customer(1), shop.customer(2), shop.till());
        let bought = async |client: &crate::harness::client::Client<'_>| -> Value {
            add(client, film, 1).await;
            let done = done(client, "cartCheckout", BOUGHT, json!({ "idempotencyKey": "k" })).await;
            assert_eq!(done["purchase"]["status"], json!("PENDING"));
            assert_eq!(done["purchase"]["redemptions"][0]["status"], json!("HELD"));
            done["purchase"]["id"].clone()
        };
        let (adas, bobs) = (bought(&ada).await, bought(&bob).await);
        assert_eq!((shop.taken(film).await, shop.budget(tenth).await.0), (2, 2));
        let entitlements =
            "{ me { entitlements { totalCount nodes { product { sku } revokedAt purchase { status } } } } }";
        assert_eq!(ada.good(entitlements, json!({})).await["me"]["entitlements"]["totalCount"], json!(0));
        let pay = json!({ "purchaseId": adas, "paymentReference": "terminal-7" });
        for _ in 0..2 {
            let paid = done(
                &till,
                "purchasePay",
                "purchase { status paymentReference redemptions { status } }",
                pay.clone(),
            )
            .await;
            let expected = json!({
                "status": "PAID", "paymentReference": "terminal-7", "redemptions": [{ "status": "REDEEMED" }],
            });
            assert_eq!(paid["purchase"], expected);
        }
        let other = json!({ "purchaseId": adas, "paymentReference": "terminal-8" });
        assert_eq!(refused(&till, "purchasePay", other).await.0, "CONFLICT");
        let entitled = ada.good(entitlements, json!({})).await["me"]["entitlements"].take();
        let node =
            json!({ "product": { "sku": "film" }, "revokedAt": null, "purchase": { "status": "PAID" } });
        assert_eq!(entitled, json!({ "totalCount": 1, "nodes": [node] }));
        // Who pays is a till; who calls off is the customer, and of its own.
        let cancel = |id: &Value| json!({ "purchaseId": id });
        assert_eq!(refused(&ada, "purchaseCancel", cancel(&bobs)).await.0, "NOT_FOUND");
        assert_eq!(refused(&ada, "purchaseCancel", cancel(&adas)).await.0, "CONFLICT");
        let canceled = done(&bob, "purchaseCancel", PURCHASE, cancel(&bobs)).await;
        assert_eq!(canceled["purchase"]["status"], json!("CANCELED"));
        assert_eq!(canceled["purchase"]["redemptions"][0]["status"], json!("RELEASED"));
        assert_eq!((shop.taken(film).await, shop.budget(tenth).await.0), (1, 1));
        // Whose answer was lost asks again: it is called off, and nothing is given back twice.
        let again = done(&bob, "purchaseCancel", PURCHASE, cancel(&bobs)).await;
        assert_eq!(again["purchase"], canceled["purchase"]);
        assert_eq!((shop.taken(film).await, shop.budget(tenth).await.0), (1, 1));
        let query =
            "mutation($input: PurchasePayInput!) { purchasePay(input: $input) { userErrors { code } } }";
        ada.fails_with(query, json!({ "input": pay }), "FORBIDDEN").await;
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_till_imports_a_purchase_once() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let seats = shop.product("seats", "TICKET", "10", Some(5)).await;
        let input = json!({
            "externalId": "r-77", "customerId": customer_id(1).to_string(), "placedAt": "2026-01-01T10:00:00Z",
            "currencyCode": "EUR", "lines": [{ "sku": "seats", "quantity": 2, "unitPrice": "10" }],
        });
        let selection = "known purchase { number status channel total { amount } lines { quantity } }";
        let first = done(&shop.till(), "purchaseImport", selection, input.clone()).await;
        assert_eq!((&first["known"], &first["purchase"]["total"]["amount"]), (&json!(false), &json!("20.00")));
        let again = done(&shop.till(), "purchaseImport", selection, input.clone()).await;
        assert_eq!((&again["known"], &again["purchase"]), (&json!(true), &first["purchase"]));
        let mut other = input.clone();
        other["total"] = json!("19");
        assert_eq!(refused(&shop.till(), "purchaseImport", other).await.0, "CONFLICT");
        let mut ours = input.clone();
        ours["source"] = json!("cart");
        let path = ("INVALID".to_owned(), "input.source".to_owned());
        assert_eq!(refused(&shop.till(), "purchaseImport", ours).await, path, "it is no purchase made here");
        let mut unknown = input.clone();
        unknown["lines"] = json!([{ "sku": "nothing", "unitPrice": "1" }]);
        let place = ("NOT_FOUND".to_owned(), "input.lines.0.sku".to_owned());
        assert_eq!(refused(&shop.till(), "purchaseImport", unknown).await, place);
        assert_eq!(shop.taken(seats).await, 0, "what has happened has happened");
        let payload = change(&shop.staff(), "purchaseImport", "known", json!({
            "source": "shop", "externalId": "1", "placedAt": "2026-01-01T10:00:00Z", "currencyCode": "EUR", "total": "3",
            "identity": { "type": "EMAIL", "value": "new@example.com" },
        }))
        .await;
        assert_eq!(wrong(&payload), None, "{payload}");
    })
    .await;
}
