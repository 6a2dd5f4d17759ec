//! The connection to the database is lost at the moment of a commit: whether it went through or not, a checkout is done
//! once, and a refund that is asked for again too.

use std::sync::Arc;

use encircle::db::Db;
use serde_json::{Value, json};

use super::recount::{count, recount};
use super::{BOUGHT, NOON, PURCHASE, Shop, add, change, checkout, customer_id, done, wrong};
use crate::harness::client::{Client, application};
use crate::harness::databases::on_both;
use crate::harness::proxy::{Lost, Proxy};

const BOTH: [Lost; 2] = [Lost::BeforeCommit, Lost::AfterCommit];

/// The same shop, by a connection that can be lost.
async fn behind(db: Db) -> Shop {
    Shop { app: Arc::new(application(db.clone(), NOON).await), db }
}

async fn purchases(shop: &Shop) -> i64 {
    count(&shop.db, "SELECT count(*) FROM purchases").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_is_done_once_whatever_became_of_its_commit() {
    on_both(async |db| {
        let shop = Shop::open(db.clone(), 1).await;
        let Some(proxy) = Proxy::to(&db).await else { return };
        let seats = shop.product("seats", "TICKET", "10", Some(5)).await;
        let lossy = behind(proxy.connect().await).await;
        let ada = lossy.customer(1);
        for (before, lost) in (0..).zip(BOTH) {
            add(&ada, seats, 1).await;
            proxy.lose(lost);
            let bought = done(&ada, "cartCheckout", BOUGHT, checkout(&format!("{lost:?}"))).await;
            assert!(proxy.has_lost());
            assert_eq!((purchases(&shop).await, shop.taken(seats).await), (before + 1, before + 1));
            assert_eq!(bought["replayed"], json!(false), "its sender asked once");
            let again = done(&ada, "cartCheckout", BOUGHT, checkout(&format!("{lost:?}"))).await;
            assert_eq!((&again["purchase"], &again["replayed"]), (&bought["purchase"], &json!(true)));
        }
        assert_eq!(purchases(&shop).await, 2);
        recount(&shop.db).await;
        lossy.db.close().await.expect("the connections close");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_asked_for_again_is_done_once_whatever_became_of_its_commit() {
    on_both(async |db| {
        let shop = Shop::open(db.clone(), 1).await;
        let Some(proxy) = Proxy::to(&db).await else { return };
        let seats = shop.product("seats", "TICKET", "10", Some(5)).await;
        add(&shop.customer(1), seats, 3).await;
        let lossy = behind(proxy.connect().await).await;
        let mut input = checkout("bought");
        input["customerId"] = json!(customer_id(1).to_string());
        let bought = done(&lossy.till(), "cartCheckout", BOUGHT, input).await["purchase"].take();
        for (left, lost) in [2, 1].into_iter().zip(BOTH) {
            let lines = json!([{ "lineId": bought["lines"][0]["id"], "quantity": 1 }]);
            let input = json!({
                "purchaseId": bought["id"], "idempotencyKey": format!("{lost:?}"), "lines": lines
            });
            proxy.lose(lost);
            refused_by_the_database(&lossy.till(), &input).await;
            assert!(proxy.has_lost());
            let back = asked_again(&lossy.till(), &input).await;
            assert_eq!(back["lines"][0]["refundedQuantity"], json!(3 - left), "{lost:?}");
            assert_eq!(shop.taken(seats).await, left, "{lost:?}");
        }
        recount(&shop.db).await;
        lossy.db.close().await.expect("the connections close");
    })
    .await;
}

/// The purchase, as soon as the transaction that nobody heard of has let go of the key.
async fn asked_again(till: &Client<'_>, input: &Value) -> Value {
    loop {
        let mut payload = change(till, "purchaseRefund", PURCHASE, input.clone()).await;
        match wrong(&payload) {
            None => return payload["purchase"].take(),
            Some((code, _)) => assert_eq!(code, "IN_FLIGHT"),
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// Nobody knows whether it was done: its sender is told to ask again.
async fn refused_by_the_database(till: &Client<'_>, input: &Value) {
    let refund =
        "mutation($input: PurchaseRefundInput!) { purchaseRefund(input: $input) { purchase { id } } }";
    till.fails_with(refund, json!({ "input": input }), "SERVICE_UNAVAILABLE").await;
}
