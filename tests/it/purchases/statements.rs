//! What a cart costs the database is a property of what is asked: two hundred lines and a hundred live promotions cost
//! as many statements as two lines and one promotion.

use serde_json::{Value, json};

use super::{BOUGHT, CART, Shop, checkout, customer_id, done};
use crate::harness::databases::on_both;

/// Statements of reading a cart, adding to it, putting codes in, and checking it out.
async fn costs(shop: &Shop, customer: u128, products: &[String]) -> [u64; 4] {
    let client = shop.customer(customer);
    let lines: Vec<Value> = products.iter().map(|id| json!({ "productId": id, "quantity": 2 })).collect();
    let before = shop.db.statements();
    done(&client, "cartLinesAdd", CART, json!({ "lines": lines })).await;
    let added = shop.db.statements();
    done(&client, "cartCodesUpdate", CART, json!({ "codes": ["NOTHING"] })).await;
    let entered = shop.db.statements();
    let query = format!("{{ me {{ {CART} }} }}");
    let cart = client.good(&query, json!({})).await["me"]["cart"].take();
    assert_eq!(cart["lines"].as_array().map(Vec::len), Some(products.len()));
    let read = shop.db.statements();
    done(&client, "cartCheckout", BOUGHT, checkout("k")).await;
    let bought = shop.db.statements();
    [added - before, entered - added, read - entered, bought - read]
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_lines_and_a_hundred_promotions_cost_what_two_and_one_cost() {
    on_both(async |db| {
        let shop = Shop::open(db, 4).await;
        let mut products = Vec::new();
        for number in 0..200 {
            let stock = (number % 2 == 0).then_some(1_000);
            products.push(shop.product(&format!("p{number}"), "TICKET", "10", stock).await.to_string());
        }
        let promotion = json!({ "benefit": { "percentageOff": "1" }, "limits": { "total": 1000, "perCustomer": 9 } });
        shop.offer("p0", promotion.clone()).await;
        // One of which there is an end, and one without.
        let few = costs(&shop, 1, &products[..2]).await;
        for number in 1..100 {
            shop.offer(&format!("p{number}"), promotion.clone()).await;
        }
        let many = costs(&shop, 2, &products).await;
        eprintln!("added, entered, read, bought: {few:?}, with many {many:?}");
        assert!(few.iter().all(|statements| *statements > 0));
        assert_eq!(few, many);
        let redemptions = super::recount::count(&shop.db, "SELECT count(*) FROM redemptions").await;
        assert_eq!(redemptions, 101, "all of them applied");
        super::recount::recount(&shop.db).await;
        assert!(shop.staff().good(&format!("{{ node(id: \"{}\") {{ id }} }}", customer_id(1)), json!({})).await["node"].is_object());
    })
    .await;
}
