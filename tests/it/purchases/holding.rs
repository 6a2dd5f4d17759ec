//! How long a customer may hold something without a break, whatever they do meanwhile; and what is swept of holds.

use entities::{hold, product};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::recount::recount;
use super::{BOUGHT, CART, MINUTE, Shop, add, change, checkout, customer_id, done, wrong};
use crate::harness::client::Client;
use crate::harness::databases::on_both;

/// Takes everything out of the cart of who asks.
async fn empty(client: &Client<'_>) {
    let cart = client.good("{ me { cart { lines { id } } } }", json!({})).await["me"]["cart"].take();
    let ids: Vec<&Value> = cart["lines"].as_array().expect("lines").iter().map(|line| &line["id"]).collect();
    done(client, "cartLinesRemove", "cart { id }", json!({ "lineIds": ids })).await;
}

fn held(cart: &Value) -> i64 {
    cart["lines"].as_array().expect("lines").iter().filter_map(|line| line["held"].as_i64()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn taking_it_out_and_putting_it_back_is_holding_it_on() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let seats = shop.product("seats", "TICKET", "10", Some(3)).await;
        let ada = shop.customer(1);
        for _ in 0..8 {
            let cart = add(&ada, seats, 2).await;
            assert_eq!(held(&cart), 2, "for two hours it may be held");
            shop.move_clock(14 * MINUTE);
            empty(&ada).await;
        }
        // It is 13:52; at 14:00 they end, whatever is done.
        let cart = add(&ada, seats, 2).await;
        assert_eq!(cart["holdsExpireAt"], json!("2026-01-01T14:00:00.000Z"));
        shop.move_clock(9 * MINUTE);
        shop.sweep().await;
        assert_eq!(shop.taken(seats).await, 0);
        empty(&ada).await;
        let cart = add(&ada, seats, 2).await;
        assert_eq!((held(&cart), shop.taken(seats).await), (0, 0), "others get their chance");
        let query = "{ me { cart { warnings { code retryAt } } } }";
        let warnings = ada.good(query, json!({})).await["me"]["cart"]["warnings"].take();
        // The hold ended at 14:00, a break is a quarter of an hour.
        let told = json!([{ "code": "HOLD_LIMIT_REACHED", "retryAt": "2026-01-01T14:15:00.000Z" }]);
        assert_eq!(warnings, told, "{cart}");
        // After a break that counts it is another time.
        empty(&ada).await;
        shop.move_clock(15 * MINUTE);
        assert_eq!(held(&add(&ada, seats, 2).await), 2);
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_that_runs_out_and_is_taken_up_again_soon_is_the_same() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let seats = shop.product("seats", "TICKET", "10", Some(3)).await;
        let ada = shop.customer(1);
        for _ in 0..5 {
            add(&ada, seats, 1).await;
            shop.move_clock(25 * MINUTE);
            shop.sweep().await;
            assert_eq!(shop.taken(seats).await, 0);
            empty(&ada).await;
        }
        assert_eq!(held(&add(&ada, seats, 1).await), 0, "125 minutes, with breaks of ten");
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_with_another_cart_does_not_begin_anew() {
    on_both(async |db| {
        let shop = Shop::open(db, 2).await;
        let seats = shop.product("seats", "TICKET", "10", Some(9)).await;
        let (account, device) = (shop.customer(1), shop.customer(2));
        add(&device, seats, 1).await;
        shop.move_clock(10 * MINUTE);
        add(&account, seats, 2).await;
        let [survivor, merged] = [1, 2].map(|number| customer_id(number).to_string());
        let input = json!({ "survivorId": survivor, "mergedId": merged, "reason": "signed in" });
        done(&shop.staff(), "customerMerge", "customer { id }", input).await;
        let cart = done(&account, "cartMerge", CART, json!({ "strategy": "MERGE" })).await["cart"].take();
        assert_eq!(held(&cart), 3);
        let rows = hold::Entity::find().all(shop.db.connection()).await.expect("holds");
        assert_eq!(rows.iter().map(|row| row.held_at).collect::<Vec<_>>(), [super::NOON]);
        // What the device held counts for the account too when it is let go and taken again.
        empty(&account).await;
        shop.move_clock(10 * MINUTE);
        add(&account, seats, 3).await;
        let rows = hold::Entity::find().all(shop.db.connection()).await.expect("holds");
        assert_eq!(rows.iter().map(|row| row.held_at).collect::<Vec<_>>(), [super::NOON]);
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn buying_without_paying_and_calling_off_is_holding_it_on() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let seats = shop.product("seats", "TICKET", "10", Some(3)).await;
        let ada = shop.customer(1);
        let mut key = 0;
        let mut buy = async || {
            key += 1;
            add(&ada, seats, 3).await;
            change(&ada, "cartCheckout", BOUGHT, json!({ "idempotencyKey": format!("k{key}") })).await
        };
        for _ in 0..5 {
            let bought = buy().await;
            assert_eq!(wrong(&bought), None);
            shop.move_clock(25 * MINUTE);
            let input = json!({ "purchaseId": bought["purchase"]["id"] });
            done(&ada, "purchaseCancel", "purchase { status }", input).await;
        }
        let refused = buy().await;
        assert_eq!(wrong(&refused), Some(("LIMIT_REACHED".to_owned(), String::new())));
        assert_eq!(shop.taken(seats).await, 0);
        // Whoever pays at once may buy them; and after a break everybody.
        let mut paid = checkout("paid");
        paid["customerId"] = json!(customer_id(1).to_string());
        let bought = change(&shop.till(), "cartCheckout", BOUGHT, paid).await;
        assert_eq!(bought["purchase"]["status"], json!("PAID"), "{bought}");
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_that_cannot_be_given_back_does_not_stop_the_others() {
    on_both(async |db| {
        let shop = Shop::open(db, 2).await;
        let wrong = shop.product("wrong", "TICKET", "10", Some(5)).await;
        let seats = shop.product("seats", "TICKET", "10", Some(5)).await;
        add(&shop.customer(1), wrong, 2).await;
        add(&shop.customer(2), seats, 2).await;
        // Somebody has written to the table past all this.
        product::Entity::update_many()
            .col_expr(product::Column::StockTaken, Expr::value(0_i64))
            .filter(product::Column::Id.eq(wrong))
            .exec(shop.db.connection())
            .await
            .expect("it is written");
        shop.move_clock(16 * MINUTE);
        shop.sweep().await;
        assert_eq!(shop.taken(seats).await, 0);
        let left = hold::Entity::find().all(shop.db.connection()).await.expect("holds");
        assert_eq!(left.iter().map(|row| row.product_id).collect::<Vec<_>>(), [wrong]);
    })
    .await;
}
