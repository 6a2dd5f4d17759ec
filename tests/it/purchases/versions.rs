//! Versions of carts, which are those of one cart only, and the currency of one in which there is nothing.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::recount::recount;
use super::{BOUGHT, CART, Shop, add, change, checkout, customer_id, done, refused, wrong};
use crate::harness::client::Client;
use crate::harness::databases::on_both;

async fn cart_of(client: &Client<'_>) -> Value {
    client.good(&format!("{{ me {{ {CART} }} }}"), json!({})).await["me"]["cart"].take()
}

fn stale() -> (String, String) {
    ("STALE".to_owned(), "input.version".to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_read_a_cart_that_was_bought_does_not_write_to_the_next() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let dear = shop.product("dear", "PHYSICAL", "20", None).await;
        let cheap = shop.product("cheap", "PHYSICAL", "5", None).await;
        let (ada, till) = (shop.customer(1), shop.till());
        let read = add(&ada, dear, 1).await["version"].clone();
        done(&ada, "cartCheckout", BOUGHT, checkout("1")).await;
        let next = add(&ada, cheap, 1).await;
        let mut late = checkout("2");
        late["customerId"] = json!(customer_id(1).to_string());
        late["version"] = read.clone();
        assert_eq!(refused(&till, "cartCheckout", late).await, stale());
        let more = json!({ "version": read, "lines": [{ "productId": dear.to_string() }] });
        assert_eq!(refused(&ada, "cartLinesAdd", more).await, stale());
        assert_eq!(cart_of(&ada).await, next, "it is as it was");
        // Nor does one of the carts after it have a version that another had.
        let mut versions = BTreeSet::from([read.as_i64(), next["version"].as_i64()]);
        done(&ada, "cartCheckout", BOUGHT, checkout("2")).await;
        for key in ["3", "4", "5"] {
            versions.insert(add(&ada, cheap, 1).await["version"].as_i64());
            let mut input = checkout(key);
            input["customerId"] = json!(customer_id(1).to_string());
            done(&till, "cartCheckout", BOUGHT, input).await;
        }
        assert_eq!(versions.len(), 5);
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_carts_that_become_one_have_a_version_that_neither_had() {
    on_both(async |db| {
        let shop = Shop::open(db, 6).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "4.50", None).await;
        for (first, strategy) in [(1, "MERGE"), (3, "KEEP_MINE"), (5, "KEEP_THEIRS")] {
            let mut read = Vec::new();
            for number in [first, first + 1] {
                read.push(add(&shop.customer(number), popcorn, 1).await["version"].as_i64());
            }
            let [survivor, merged] = [first, first + 1].map(|number| customer_id(number).to_string());
            let input = json!({ "survivorId": survivor, "mergedId": merged, "reason": "signed in" });
            done(&shop.staff(), "customerMerge", "customer { id }", input).await;
            let ada = shop.customer(first);
            let kept = done(&ada, "cartMerge", CART, json!({ "strategy": strategy })).await["cart"].take();
            assert!(
                kept["version"].as_i64() > read.iter().copied().max().flatten(),
                "{strategy}: {read:?}, {kept}"
            );
            for version in read {
                let input = json!({ "version": version, "idempotencyKey": "k" });
                assert_eq!(refused(&ada, "cartCheckout", input).await, stale(), "{strategy}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_in_which_there_is_nothing_takes_the_currency_of_what_comes_first() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let prices = json!([
            { "amount": "8", "currencyCode": "USD" }, { "amount": "7", "currencyCode": "EUR" },
        ]);
        let input = json!({ "sku": "cup", "kind": "PHYSICAL", "prices": prices });
        let cup = done(&shop.staff(), "productUpsert", "product { id }", input).await["product"]["id"].take();
        let ada = shop.customer(1);
        let lines = |currency: Value| json!({ "currencyCode": currency, "lines": [{ "productId": cup }] });
        let added = async |currency: Value| {
            let cart = done(&ada, "cartLinesAdd", CART, lines(currency)).await["cart"].take();
            (cart["lines"][0]["id"].clone(), cart["total"].clone(), cart["codes"].clone())
        };
        let total = |amount: &str, code: &str| json!({ "amount": amount, "currencyCode": code });
        // Who enters a code first has a cart with nothing in it.
        let coded = done(&ada, "cartCodesUpdate", CART, json!({ "codes": ["FIRST"] })).await["cart"].take();
        assert_eq!(coded["total"]["currencyCode"], json!("EUR"));
        let (line, costs, codes) = added(json!("USD")).await;
        assert_eq!((costs, codes), (total("8.00", "USD"), coded["codes"].clone()));
        // With something in it, it stays in its currency.
        let other = change(&ada, "cartLinesAdd", CART, lines(json!("EUR"))).await;
        assert_eq!(wrong(&other), Some(("CONFLICT".to_owned(), "input.currencyCode".to_owned())));
        assert_eq!(other["cart"]["lines"][0]["quantity"], json!(1));
        assert_eq!(added(json!("USD")).await.1, total("16.00", "USD"));
        assert_eq!(added(json!(null)).await.1, total("24.00", "USD"));
        done(&ada, "cartLinesRemove", CART, json!({ "lineIds": [line] })).await;
        assert_eq!(added(json!("EUR")).await.1, total("7.00", "EUR"));
        let bought = done(&ada, "cartCheckout", BOUGHT, checkout("k")).await;
        assert_eq!(bought["purchase"]["total"]["amount"], json!("7.00"));
        recount(&shop.db).await;
    })
    .await;
}
