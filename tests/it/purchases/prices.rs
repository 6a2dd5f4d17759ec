//! Prices that are changed while somebody checks out: what is bought costs what it costs at that moment.

use std::time::Duration;

use encircle::db::Db;
use entities::ids::ProductId;
use entities::{customer, product, purchase_line};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::{Value, json};

use super::races::at_once;
use super::recount::recount;
use super::{BOUGHT, Shop, add, change, checkout, customer_id, done, wrong};
use crate::harness::client::Client;
use crate::harness::databases::on_both;

/// Changes a price in a transaction that keeps the customer from checking out until the cart was priced.
async fn change_price_meanwhile(db: Db, product: ProductId, minor: i64) {
    db.write(async |transaction| {
        customer::Entity::find_by_id(customer_id(1)).lock(LockType::Update).one(transaction).await?;
        product::Entity::update_many()
            .col_expr(product::Column::PriceMinor, Expr::value(minor))
            .filter(product::Column::Id.eq(product))
            .exec(transaction)
            .await?;
        tokio::time::sleep(Duration::from_millis(400)).await;
        Ok(())
    })
    .await
    .expect("it is written");
}

async fn bought_meanwhile(shop: &Shop, product: ProductId, minor: i64, input: Value) -> Value {
    let (db, app) = (shop.db.clone(), std::sync::Arc::clone(&shop.app));
    let changing = tokio::spawn(change_price_meanwhile(db, product, minor));
    tokio::time::sleep(Duration::from_millis(100)).await;
    let bought = change(&Client::customer(&app, customer_id(1)), "cartCheckout", BOUGHT, input).await;
    changing.await.expect("no panic");
    bought
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_that_changes_before_it_is_taken_is_priced_anew() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "10", None).await;
        let seats = shop.product("seats", "TICKET", "10", Some(9)).await;
        for (product, key) in [(popcorn, "a"), (seats, "b")] {
            add(&shop.customer(1), product, 1).await;
            let mut told = checkout(key);
            told["total"] = json!({ "amount": "10", "currencyCode": "EUR" });
            let refused = bought_meanwhile(&shop, product, 1_500, told).await;
            assert_eq!(
                wrong(&refused),
                Some(("PRICE_CHANGED".to_owned(), "input.total".to_owned())),
                "{refused}"
            );
            let bought = bought_meanwhile(&shop, product, 2_000, checkout(key)).await;
            assert_eq!(bought["purchase"]["total"]["amount"], json!("20.00"), "{bought}");
        }
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_prices_do_nobody_pays_another_than_they_were_told() {
    const CUSTOMERS: u128 = 16;
    on_both(async |db| {
        let shop = Shop::open(db, CUSTOMERS).await;
        let seats = shop.product("seats", "TICKET", "10", Some(500)).await;
        for number in 1..=CUSTOMERS {
            add(&shop.customer(number), seats, 1).await;
        }
        let changing = (0..1).map(|_| {
            let app = std::sync::Arc::clone(&shop.app);
            async move {
                for euros in 11..30 {
                    let price = json!([{ "amount": euros.to_string(), "currencyCode": "EUR" }]);
                    let input = json!({ "sku": "seats", "prices": price });
                    done(&Client::staff(&app), "productUpsert", "product { id }", input).await;
                }
            }
        });
        let buying = (1..=CUSTOMERS).map(|number| {
            let app = std::sync::Arc::clone(&shop.app);
            async move {
                let client = Client::customer(&app, customer_id(number));
                for attempt in 0..200 {
                    let query = "{ me { cart { total { amount currencyCode } } } }";
                    let told = client.good(query, json!({})).await["me"]["cart"]["total"].take();
                    let mut input = checkout(&format!("k{attempt}"));
                    input["total"] = told.clone();
                    let query = format!(
                        "mutation($input: CartCheckoutInput!) {{ cartCheckout(input: $input) {{ {BOUGHT} userErrors {{ code }} }} }}"
                    );
                    let answer = client.answer(&query, json!({ "input": input })).await;
                    let bought = &answer["data"]["cartCheckout"];
                    if bought["purchase"].is_object() {
                        assert_eq!(bought["purchase"]["total"]["amount"], told["amount"]);
                        return;
                    }
                    let code = &bought["userErrors"][0]["code"];
                    let is_busy = answer["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE";
                    assert!(is_busy || *code == "PRICE_CHANGED" || *code == "STALE", "{answer}");
                }
                panic!("customer {number} cannot buy");
            }
        });
        tokio::join!(at_once(changing), at_once(buying));
        let lines = purchase_line::Entity::find().all(shop.db.connection()).await.expect("lines");
        assert_eq!(lines.len(), CUSTOMERS as usize);
        recount(&shop.db).await;
    })
    .await;
}
