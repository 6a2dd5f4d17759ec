//! What a token may do with money: that of a till all, that of a kiosk what a kiosk is for, that of a screen nothing, for
//! anybody may find it there.

use entities::values::Channel;
use serde_json::{Value, json};

use super::importing::sale;
use super::recount::recount;
use super::{BOUGHT, PURCHASE, Shop, add, checkout, customer_id, done};
use crate::harness::client::Client;
use crate::harness::databases::on_both;

/// Checks out what a customer has, by a touchpoint that says that it is paid; the purchase.
async fn bought(client: &Client<'_>, customer: u128, key: &str) -> Value {
    let mut input = checkout(key);
    input["customerId"] = json!(customer_id(customer).to_string());
    done(client, "cartCheckout", BOUGHT, input).await["purchase"].take()
}

/// Checks that a mutation is refused to who asks, and that the reason says who may.
async fn forbidden(client: &Client<'_>, name: &str, input: Value) {
    let ty = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    let query = format!("mutation($input: {ty}!) {{ {name}(input: $input) {{ __typename }} }}");
    let answer = client.fails_with(&query, json!({ "input": input }), "FORBIDDEN").await;
    let message = answer["errors"][0]["message"].as_str().expect("a message");
    assert!(message.contains("purchases:write"), "{name}: {message}");
}

fn pay(purchase: &Value) -> Value {
    json!({ "purchaseId": purchase["id"], "paymentReference": "card" })
}

fn back(purchase: &Value) -> Value {
    json!({ "purchaseId": purchase["id"], "idempotencyKey": "back" })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_till_takes_money_gives_it_back_and_tells_of_other_sales() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let film = shop.product("film", "DIGITAL", "10", None).await;
        for (at, channel) in [Channel::PointOfSale, Channel::CallCenter].into_iter().enumerate() {
            let till = shop.at(channel).await;
            add(&shop.customer(1), film, 1).await;
            let sold = bought(&till, 1, &format!("k{at}")).await;
            assert_eq!(sold["status"], json!("PAID"), "{channel:?}");
            let refunded = done(&till, "purchaseRefund", PURCHASE, back(&sold)).await;
            assert_eq!(refunded["purchase"]["status"], json!("REFUNDED"));
            done(&till, "purchaseImport", "known", sale("r-1", 1)).await;
        }
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kiosk_takes_money_and_gives_none_back() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let film = shop.product("film", "DIGITAL", "10", None).await;
        let (ada, kiosk) = (shop.customer(1), shop.at(Channel::Kiosk).await);
        add(&ada, film, 1).await;
        let sold = bought(&kiosk, 1, "k").await;
        assert_eq!(sold["status"], json!("PAID"));
        // Begun on the phone, finished at the kiosk.
        add(&ada, film, 1).await;
        let waiting = done(&ada, "cartCheckout", BOUGHT, checkout("phone")).await["purchase"].take();
        let paid = done(&kiosk, "purchasePay", PURCHASE, pay(&waiting)).await;
        assert_eq!(paid["purchase"]["status"], json!("PAID"));
        add(&ada, film, 1).await;
        let given_up = done(&ada, "cartCheckout", BOUGHT, checkout("2")).await["purchase"].take();
        let called_off =
            done(&kiosk, "purchaseCancel", PURCHASE, json!({ "purchaseId": given_up["id"] })).await;
        assert_eq!(called_off["purchase"]["status"], json!("CANCELED"));
        forbidden(&kiosk, "purchaseRefund", back(&sold)).await;
        forbidden(&kiosk, "purchaseImport", sale("r-1", 1)).await;
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_that_says_it_is_paid_is_not_believed() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let film = shop.product("film", "DIGITAL", "10", None).await;
        let screens = [Channel::SmartTv, Channel::Web, Channel::MobileApp, Channel::Email];
        for (at, channel) in screens.into_iter().enumerate() {
            let screen = shop.at(channel).await;
            let lines = json!([{ "productId": film.to_string() }]);
            let input = json!({ "customerId": customer_id(1).to_string(), "lines": lines });
            done(&screen, "cartLinesAdd", "cart { id }", input).await;
            let waiting = bought(&screen, 1, &format!("k{at}")).await;
            assert_eq!(waiting["status"], json!("PENDING"), "{channel:?}");
            forbidden(&screen, "purchasePay", pay(&waiting)).await;
            forbidden(&screen, "purchaseCancel", json!({ "purchaseId": waiting["id"] })).await;
            forbidden(&screen, "purchaseRefund", back(&waiting)).await;
            forbidden(&screen, "purchaseImport", sale("r-1", 1)).await;
            let paid = done(&shop.till(), "purchasePay", PURCHASE, pay(&waiting)).await;
            assert_eq!(paid["purchase"]["status"], json!("PAID"));
        }
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_touchpoint_that_is_not_known_any_more_does_nothing_with_money() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let film = shop.product("film", "DIGITAL", "10", None).await;
        let ada = shop.customer(1);
        add(&ada, film, 1).await;
        let waiting = done(&ada, "cartCheckout", BOUGHT, checkout("k")).await["purchase"].take();
        let gone = Client::touchpoint(&shop.app, crate::entities::samples::id(999));
        forbidden(&gone, "purchasePay", pay(&waiting)).await;
        forbidden(&gone, "purchaseImport", sale("r-1", 1)).await;
        recount(&shop.db).await;
    })
    .await;
}
