//! Products are written by their codes, and their stock is never less than what is sold or held.

use std::cell::Cell;

use entities::ids::ProductId;
use serde_json::json;

use super::recount::recount;
use super::{Shop, add, change, customer_id, done, refused, wrong};
use crate::harness::databases::on_both;

const PRODUCT: &str = "product { sku name kind price { amount currencyCode } prices { amount currencyCode } accessDays \
    stock { total available } partOf { sku } }";

#[tokio::test(flavor = "multi_thread")]
async fn a_product_is_written_once_and_changed_by_its_code() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let staff = shop.staff();
        let prices = json!([
            { "amount": "12.50", "currencyCode": "EUR" },
            { "amount": "1800", "currencyCode": "JPY" },
            { "amount": "4.125", "currencyCode": "KWD" },
        ]);
        let input = json!({ "sku": "metropolis", "kind": "DIGITAL", "prices": prices, "accessDays": 2 });
        let made = done(&staff, "productUpsert", PRODUCT, input).await;
        let expected = json!({
            "sku": "metropolis", "name": "metropolis", "kind": "DIGITAL", "accessDays": 2, "stock": null,
            "price": { "amount": "12.50", "currencyCode": "EUR" }, "prices": prices, "partOf": null,
        });
        assert_eq!(made["product"], expected);
        let input = json!({ "sku": "metropolis", "name": "Metropolis", "accessDays": null,
            "prices": [{ "amount": "13", "currencyCode": "EUR" }] });
        let changed = done(&staff, "productUpsert", PRODUCT, input).await;
        let price = json!({ "amount": "13.00", "currencyCode": "EUR" });
        let expected = json!({
            "sku": "metropolis", "name": "Metropolis", "kind": "DIGITAL", "accessDays": null, "stock": null,
            "price": price, "prices": [price], "partOf": null,
        });
        assert_eq!(changed["product"], expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_products_are_refused_where_they_are_wrong() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let staff = shop.staff();
        let euro = json!([{ "amount": "1", "currencyCode": "EUR" }]);
        for (input, code, field) in [
            (json!({ "sku": "", "kind": "TICKET", "prices": euro }), "INVALID", "input.sku"),
            (json!({ "sku": "a", "prices": euro }), "INVALID", "input.kind"),
            (json!({ "sku": "a", "kind": "TICKET" }), "INVALID", "input.prices"),
            (
                json!({ "sku": "a", "kind": "TICKET", "prices": [{ "amount": "0.5", "currencyCode": "JPY" }] }),
                "INVALID",
                "input.prices.0.amount",
            ),
            (
                json!({ "sku": "a", "kind": "TICKET", "prices": [{ "amount": "-1", "currencyCode": "EUR" }] }),
                "INVALID",
                "input.prices.0.amount",
            ),
            (
                json!({ "sku": "a", "kind": "TICKET", "prices": euro, "partOfId": customer_id(1).to_string() }),
                "INVALID",
                "input.partOfId",
            ),
            (json!({ "sku": "a", "kind": "DIGITAL", "prices": euro, "accessDays": 0 }), "INVALID", "input.accessDays"),
        ] {
            assert_eq!(refused(&staff, "productUpsert", input).await, (code.to_owned(), field.to_owned()));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stock_is_adjusted_down_to_what_is_held_and_no_further() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let staff = shop.staff();
        let seats = shop.product("seats", "TICKET", "10", Some(5)).await;
        add(&shop.customer(1), seats, 3).await;
        let keys = Cell::new(0);
        let adjust = |adjustment| {
            keys.set(keys.get() + 1);
            let key = format!("k{}", keys.get());
            json!({ "productId": seats.to_string(), "adjustment": adjustment, "idempotencyKey": key })
        };
        let stock = async |adjustment| {
            let done =
                done(&staff, "stockAdjust", "product { stock { total available } }", adjust(adjustment))
                    .await;
            done["product"]["stock"].clone()
        };
        assert_eq!(stock(json!({ "by": -2 })).await, json!({ "total": 3, "available": 0 }));
        let less = refused(&staff, "stockAdjust", adjust(json!({ "by": -1 }))).await;
        assert_eq!(less, ("CONFLICT".to_owned(), "input.by".to_owned()));
        let less = refused(&staff, "stockAdjust", adjust(json!({ "total": 2 }))).await;
        assert_eq!(less, ("CONFLICT".to_owned(), "input.total".to_owned()));
        assert_eq!(stock(json!({ "total": 7 })).await, json!({ "total": 7, "available": 4 }));
        assert_eq!(stock(json!({ "endless": true })).await, json!(null));
        assert_eq!(stock(json!({ "total": 7 })).await, json!({ "total": 7, "available": 4 }));
        let upserted = json!({ "sku": "seats", "stockTotal": 9 });
        assert_eq!(refused(&staff, "productUpsert", upserted).await.0, "CONFLICT");
        // Without the scope nothing is done.
        let query =
            "mutation($input: StockAdjustInput!) { stockAdjust(input: $input) { userErrors { code } } }";
        let input = json!({ "input": adjust(json!({ "total": 1 })) });
        shop.customer(1).fails_with(query, input.clone(), "FORBIDDEN").await;
        shop.till().fails_with(query, input, "FORBIDDEN").await;
        assert_eq!(
            change(&staff, "stockAdjust", "product { id }", adjust(json!({ "by": 1 }))).await["userErrors"],
            json!([])
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_that_is_sent_again_is_not_added_again() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let staff = shop.staff();
        let seats = shop.product("seats", "TICKET", "10", Some(5)).await;
        let stalls = shop.product("stalls", "TICKET", "10", Some(5)).await;
        let by = |product: ProductId, more: i32, key: &str| {
            json!({ "productId": product.to_string(), "adjustment": { "by": more }, "idempotencyKey": key })
        };
        let total = "product { stock { total } }";
        for _ in 0..2 {
            let adjusted = done(&staff, "stockAdjust", total, by(seats, 3, "a")).await;
            assert_eq!(adjusted["product"]["stock"]["total"], json!(8));
        }
        // Many at once, who have not heard of each other.
        let at_once = (0..6).map(|_| change(&staff, "stockAdjust", "product { id }", by(seats, 1, "b")));
        for sent in futures_util::future::join_all(at_once).await {
            assert!(wrong(&sent).is_none_or(|(code, _)| code == "IN_FLIGHT"), "{sent}");
        }
        let again = done(&staff, "stockAdjust", total, by(seats, 1, "b")).await;
        assert_eq!(again["product"]["stock"]["total"], json!(9));
        for other in [by(seats, 4, "a"), by(stalls, 3, "a")] {
            let reused = ("KEY_REUSED".to_owned(), "input.idempotencyKey".to_owned());
            assert_eq!(refused(&staff, "stockAdjust", other).await, reused);
        }
        // What was refused has not used the key up.
        assert_eq!(refused(&staff, "stockAdjust", by(seats, -10, "c")).await.0, "CONFLICT");
        done(&staff, "stockAdjust", total, by(seats, -9, "c2")).await;
        let without = json!({ "productId": seats.to_string(), "adjustment": { "by": 1 } });
        let missing = ("INVALID".to_owned(), "input.idempotencyKey".to_owned());
        assert_eq!(refused(&staff, "stockAdjust", without).await, missing);
        // A total is the same however often it is sent.
        let all = json!({ "productId": seats.to_string(), "adjustment": { "total": 4 } });
        for _ in 0..2 {
            let adjusted = done(&staff, "stockAdjust", total, all.clone()).await;
            assert_eq!(adjusted["product"]["stock"]["total"], json!(4));
        }
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_gives_back_what_was_taken_of_a_product_that_had_an_end() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let seats = shop.product("seats", "TICKET", "10", Some(5)).await;
        let ada = shop.customer(1);
        add(&ada, seats, 1).await;
        let adjust = |adjustment| json!({ "productId": seats.to_string(), "adjustment": adjustment });
        done(&shop.staff(), "stockAdjust", "product { id }", adjust(json!({ "endless": true }))).await;
        let cart = add(&ada, seats, 500).await;
        assert_eq!(cart["lines"][0]["quantity"], json!(501));
        let gone = json!({ "lineIds": [cart["lines"][0]["id"]] });
        done(&ada, "cartLinesRemove", "cart { id }", gone).await;
        assert_eq!(shop.taken(seats).await, 0);
        done(&shop.staff(), "stockAdjust", "product { id }", adjust(json!({ "total": 5 }))).await;
        assert_eq!(add(&ada, seats, 5).await["lines"][0]["held"], json!(5));
        recount(&shop.db).await;
    })
    .await;
}
