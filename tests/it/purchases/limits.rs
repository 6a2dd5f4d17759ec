//! What limits a cart: what it may cost, how many codes may be tried, how long it is kept; and who may repeat a request.

use encircle::kernel::viewer::{Scopes, Viewer};
use entities::{cart, code_entry, product};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::recount::recount;
use super::{
    BOUGHT, CART, MINUTE, PURCHASE, Shop, add, change, checkout, customer_id, done, paid, refused, wrong,
};
use crate::harness::client::Client;
use crate::harness::databases::on_both;

const DAY: i64 = 24 * 60 * MINUTE;

async fn cart_of(client: &Client<'_>) -> Value {
    client.good(&format!("{{ me {{ {CART} }} }}"), json!({})).await["me"]["cart"].take()
}

async fn merge(shop: &Shop, survivor: u128, merged: u128) {
    let [survivor, merged] = [survivor, merged].map(|number| customer_id(number).to_string());
    let input = json!({ "survivorId": survivor, "mergedId": merged, "reason": "signed in" });
    done(&shop.staff(), "customerMerge", "customer { id }", input).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_that_is_too_dear_is_one_carts_fault() {
    on_both(async |db| {
        let shop = Shop::open(db, 2).await;
        let dear = shop.product("dear", "PHYSICAL", "10000000000000", None).await;
        let seats = shop.product("seats", "TICKET", "10", None).await;
        let price = json!([{ "amount": "90071992547409.92", "currencyCode": "EUR" }]);
        let input = json!({ "sku": "dearer", "kind": "PHYSICAL", "prices": price });
        let over = ("INVALID".to_owned(), "input.prices.0.amount".to_owned());
        assert_eq!(refused(&shop.staff(), "productUpsert", input).await, over);
        let (ada, bob) = (shop.customer(1), shop.customer(2));
        let cart = add(&ada, dear, 9).await;
        let more = json!({ "lines": [{ "productId": dear.to_string() }] });
        let kept = change(&ada, "cartLinesAdd", CART, more).await;
        assert_eq!(wrong(&kept), Some(("LIMIT_REACHED".to_owned(), "input.lines".to_owned())));
        assert_eq!(kept["cart"], cart);
        add(&bob, seats, 1).await;
        // It became dearer than any amount while it lay in the cart.
        product::Entity::update_many()
            .col_expr(product::Column::PriceMinor, Expr::value(i64::MAX / 2))
            .filter(product::Column::Id.eq(dear))
            .exec(shop.db.connection())
            .await
            .expect("it is written");
        let query = "{ customers { nodes { cart { total { amount } warnings { code } } } } }";
        let nodes = shop.staff().good(query, json!({})).await["customers"]["nodes"].take();
        let carts: Vec<String> = nodes
            .as_array()
            .expect("nodes")
            .iter()
            .map(|node| node["cart"]["warnings"].to_string())
            .collect();
        assert!(carts.iter().any(|warnings| warnings.contains("TOO_DEAR")), "{carts:?}");
        assert!(carts.contains(&"[]".to_owned()), "the other is as it was: {carts:?}");
        assert_eq!(refused(&ada, "cartCheckout", checkout("k")).await.0, "LIMIT_REACHED");
        done(&bob, "cartCheckout", BOUGHT, checkout("k")).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_carts_do_not_become_one_that_is_too_large() {
    on_both(async |db| {
        let shop = Shop::open(db, 4).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "1", None).await;
        let dear = shop.product("dear", "PHYSICAL", "50000000000000", None).await;
        for (numbers, product, quantity) in [([1, 2], popcorn, 6_000), ([3, 4], dear, 1)] {
            for number in numbers {
                add(&shop.customer(number), product, quantity).await;
            }
            merge(&shop, numbers[0], numbers[1]).await;
            let ada = shop.customer(numbers[0]);
            let before = cart_of(&ada).await;
            let merged = change(&ada, "cartMerge", CART, json!({ "strategy": "MERGE" })).await;
            assert_eq!(wrong(&merged), Some(("LIMIT_REACHED".to_owned(), "input.strategy".to_owned())));
            assert_eq!(merged["cart"], before);
            done(&ada, "cartMerge", "cart { id }", json!({ "strategy": "KEEP_MINE" })).await;
        }
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_not_guessed() {
    on_both(async |db| {
        let shop = Shop::open(db, 2).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "10", None).await;
        let (ada, device) = (shop.customer(1), shop.customer(2));
        add(&ada, popcorn, 1).await;
        let codes = |from: usize, count: usize| {
            let codes: Vec<String> = (from..from + count).map(|number| format!("GUESS{number}")).collect();
            json!({ "codes": codes })
        };
        done(&ada, "cartCodesUpdate", "cart { id }", codes(0, 10)).await;
        // The same again are no new ones.
        done(&ada, "cartCodesUpdate", "cart { id }", codes(0, 10)).await;
        // Nor does it help to guess on a device before signing in.
        done(&device, "cartCodesUpdate", "cart { id }", codes(10, 9)).await;
        merge(&shop, 1, 2).await;
        shop.move_clock(MINUTE);
        done(&ada, "cartMerge", "cart { id }", json!({ "strategy": "KEEP_THEIRS" })).await;
        done(&ada, "cartCodesUpdate", "cart { id }", codes(20, 1)).await;
        let query = "mutation($input: CartCodesUpdateInput!) { cartCodesUpdate(input: $input) {
            cart { codes } userErrors { code field retryAt } } }";
        let refused = ada.good(query, json!({ "input": codes(21, 1) })).await["cartCodesUpdate"].take();
        let error =
            json!({ "code": "RATE_LIMITED", "field": ["input", "codes"], "retryAt": "2026-01-01T12:15:00.000Z" });
        assert_eq!(refused["userErrors"], json!([error]));
        assert_eq!(refused["cart"]["codes"], json!(["GUESS20"]), "what was there stays");
        let mut named = codes(22, 1);
        named["customerId"] = json!(customer_id(1).to_string());
        done(&shop.staff(), "cartCodesUpdate", "cart { id }", named).await;
        shop.move_clock(15 * MINUTE);
        done(&ada, "cartCodesUpdate", "cart { id }", codes(23, 1)).await;
        shop.move_clock(16 * MINUTE);
        shop.app.upkeep().once().await.expect("it is swept");
        let left = code_entry::Entity::find().all(shop.db.connection()).await.expect("entries");
        assert_eq!(left, []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_that_nobody_comes_back_to_is_swept_away() {
    on_both(async |db| {
        let shop = Shop::open(db, 2).await;
        let seats = shop.product("seats", "TICKET", "10", Some(5)).await;
        let (ada, bob) = (shop.customer(1), shop.customer(2));
        add(&ada, seats, 1).await;
        done(&ada, "cartCodesUpdate", "cart { id }", json!({ "codes": ["ANY"] })).await;
        shop.move_clock(60 * DAY);
        add(&bob, seats, 1).await;
        shop.move_clock(31 * DAY);
        shop.app.upkeep().once().await.expect("it is swept");
        let carts = cart::Entity::find().all(shop.db.connection()).await.expect("carts");
        assert_eq!(carts.iter().map(|cart| cart.customer_id).collect::<Vec<_>>(), [customer_id(2)]);
        assert_eq!((cart_of(&ada).await, shop.taken(seats).await), (json!(null), 0));
        add(&ada, seats, 1).await;
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_each_tokens_own_and_a_customers_over_signing_in() {
    on_both(async |db| {
        let shop = Shop::open(db, 3).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "4.50", None).await;
        let token = |byte: u8| {
            let viewer = Viewer::staff(Scopes::all()).known_by(&[byte; 32]);
            Client::of(&shop.app, viewer)
        };
        let mut bought = Vec::new();
        for (client, number) in [(token(1), 1), (token(2), 2)] {
            add(&shop.customer(number), popcorn, 1).await;
            let mut input = checkout("k");
            input["customerId"] = json!(customer_id(number).to_string());
            let done = done(&client, "cartCheckout", BOUGHT, input).await;
            assert_eq!(done["replayed"], json!(false));
            bought.push(done["purchase"]["id"].clone());
        }
        assert_ne!(bought[0], bought[1]);
        // Begun on a device, sent again after signing in there.
        add(&shop.customer(3), popcorn, 1).await;
        let first = done(&shop.customer(3), "cartCheckout", BOUGHT, checkout("d")).await;
        merge(&shop, 1, 3).await;
        add(&shop.customer(1), popcorn, 1).await;
        let again = done(&shop.customer(1), "cartCheckout", BOUGHT, checkout("d")).await;
        assert_eq!((&again["purchase"]["id"], &again["replayed"]), (&first["purchase"]["id"], &json!(true)));
        let other = json!({ "idempotencyKey": "d", "paymentReference": "another" });
        assert_eq!(refused(&shop.customer(1), "cartCheckout", other).await.0, "KEY_REUSED");
        // What staff did for the customer by the same key is nothing of the customer's.
        let own = done(&shop.customer(1), "cartCheckout", BOUGHT, checkout("k")).await;
        assert_eq!(own["replayed"], json!(false));
        let refunded = paid(&shop, &own).await;
        let line = json!([{ "quantity": 1, "lineId": refunded["lines"][0]["id"] }]);
        let back = json!({ "purchaseId": refunded["id"], "idempotencyKey": "r", "lines": line });
        for _ in 0..2 {
            done(&shop.staff(), "purchaseRefund", PURCHASE, back.clone()).await;
        }
        recount(&shop.db).await;
    })
    .await;
}
