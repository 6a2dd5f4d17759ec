//! What limits a cart: what it may cost, how much it may hold, how long it is kept; and who may repeat a request.

use encircle::kernel::viewer::{Scopes, Viewer};
use entities::values::Channel;
use entities::{cart, product};
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

pub(super) async fn merge(shop: &Shop, survivor: u128, merged: u128) {
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
async fn a_cart_holds_fifty_of_one_thing_unless_somebody_who_takes_money_puts_in_more() {
    on_both(async |db| {
        let shop = Shop::open(db, 3).await;
        let seats = shop.product("seats", "TICKET", "10", Some(120)).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "4", None).await;
        let (ada, till) = (shop.customer(1), shop.till());
        let more = |number: i32| json!({ "lines": [{ "productId": seats.to_string(), "quantity": number }] });
        let over = ("LIMIT_REACHED".to_owned(), "input.lines.0.quantity".to_owned());
        assert_eq!(refused(&ada, "cartLinesAdd", more(51)).await, over);
        let cart = add(&ada, seats, 50).await;
        let refusal = change(&ada, "cartLinesAdd", CART, more(1)).await;
        assert_eq!((wrong(&refusal), shop.taken(seats).await), (Some(over.clone()), 50));
        assert!(refusal["userErrors"][0]["message"].as_str().is_some_and(|text| text.contains("50")));
        let to = |number: i32| json!({ "lines": [{ "id": cart["lines"][0]["id"], "quantity": number }] });
        assert_eq!(refused(&ada, "cartLinesUpdate", to(51)).await, over);
        // The token of a screen lies where anybody may find it.
        let screen = shop.at(Channel::SmartTv).await;
        let mut of_another = more(51);
        of_another["customerId"] = json!(customer_id(2).to_string());
        assert_eq!(refused(&screen, "cartLinesAdd", of_another).await, over);
        // A party of sixty comes to the till; what is there may stay, and become less.
        let mut party = more(10);
        party["customerId"] = json!(customer_id(1).to_string());
        done(&till, "cartLinesAdd", "cart { id }", party).await;
        assert_eq!(refused(&ada, "cartLinesUpdate", to(61)).await, over);
        done(&ada, "cartLinesUpdate", "cart { id }", to(55)).await;
        assert_eq!(refused(&ada, "cartLinesUpdate", to(56)).await, over);
        // Of what there is no end of nobody takes anything away.
        add(&ada, popcorn, 500).await;
        // Nor are there more by two carts that become one.
        for number in [2, 3] {
            add(&shop.customer(number), seats, 30).await;
        }
        merge(&shop, 2, 3).await;
        let united = change(&shop.customer(2), "cartMerge", CART, json!({ "strategy": "MERGE" })).await;
        assert_eq!(wrong(&united), Some(("LIMIT_REACHED".to_owned(), "input.strategy".to_owned())));
        done(&shop.customer(2), "cartMerge", CART, json!({ "strategy": "KEEP_MINE" })).await;
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_asks_for_nothing_or_for_too_much_is_refused_before_anything_is_locked() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let seats = shop.product("seats", "TICKET", "10", Some(5)).await;
        let ada = shop.customer(1);
        let cart = add(&ada, seats, 1).await;
        let id = &cart["lines"][0]["id"];
        let lines = |count: usize, line: Value| json!({ "lines": vec![line; count] });
        let product = json!({ "productId": seats.to_string() });
        let ids = |count: usize| json!({ "lineIds": vec![id; count] });
        let words = |count: usize| json!({ "codes": vec!["WORD"; count] });
        let refund = |lines: Value| {
            json!({ "purchaseId": format!("pur_{}", "0".repeat(26)), "idempotencyKey": "k", "lines": lines })
        };
        let piece = |number: i32| json!({ "lineId": format!("pli_{}", "0".repeat(26)), "quantity": number });
        for (name, input, code, field) in [
            ("cartLinesAdd", lines(0, product.clone()), "INVALID", "input.lines"),
            ("cartLinesAdd", lines(201, product), "INVALID", "input.lines"),
            ("cartLinesUpdate", lines(0, json!(null)), "INVALID", "input.lines"),
            ("cartLinesUpdate", lines(201, json!({ "id": id, "quantity": 1 })), "INVALID", "input.lines"),
            ("cartLinesUpdate", lines(2, json!({ "id": id, "quantity": 1 })), "INVALID", "input.lines.1"),
            ("cartLinesUpdate", lines(1, json!({ "id": id, "quantity": -1 })), "INVALID", "input.lines.0.quantity"),
            ("cartLinesRemove", ids(0), "INVALID", "input.lineIds"),
            ("cartLinesRemove", ids(201), "INVALID", "input.lineIds"),
            ("cartLinesRemove", ids(2), "INVALID", "input.lineIds.1"),
            ("cartCodesUpdate", words(11), "LIMIT_REACHED", "input.codes"),
            ("purchaseRefund", refund(json!([])), "INVALID", "input.lines"),
            ("purchaseRefund", refund(json!(vec![piece(1); 1_001])), "INVALID", "input.lines"),
            ("purchaseRefund", refund(json!([piece(1), piece(0)])), "INVALID", "input.lines.1.quantity"),
        ] {
            let client = if name == "purchaseRefund" { shop.staff() } else { ada };
            let before = shop.db.statements();
            assert_eq!(refused(&client, name, input).await, (code.to_owned(), field.to_owned()), "{name}");
            assert_eq!(shop.db.statements(), before, "{name}");
        }
        assert_eq!(cart_of(&ada).await["version"], cart["version"], "nothing was done");
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
