//! Whose word on a payment counts, and what who sends it again is told.

use serde_json::{Value, json};

use super::recount::recount;
use super::{BOUGHT, PURCHASE, Shop, add, change, checkout, customer_id, done, text, wrong};
use crate::harness::databases::on_both;

const REFERENCES: &str = "purchase { id status paymentReference claimedPaymentReference }";

fn pay(bought: &Value, reference: &str) -> Value {
    json!({ "purchaseId": bought["purchase"]["id"], "paymentReference": reference })
}

fn references(status: &str, confirmed: Option<&str>, claimed: Option<&str>, of: &Value) -> Value {
    json!({
        "id": of["purchase"]["id"], "status": status, "paymentReference": confirmed, "claimedPaymentReference": claimed,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_customer_says_of_a_payment_is_a_claim_until_who_took_the_money_says_so() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "4", None).await;
        let (ada, till) = (shop.customer(1), shop.till());
        add(&ada, popcorn, 1).await;
        let bought = done(&ada, "cartCheckout", REFERENCES, checkout("k")).await;
        assert_eq!(bought["purchase"], references("PENDING", None, Some("pay-k"), &bought));
        let paid = done(&till, "purchasePay", REFERENCES, pay(&bought, "terminal-7")).await;
        assert_eq!(paid["purchase"], references("PAID", Some("terminal-7"), Some("pay-k"), &bought));
        // What a till says is no claim.
        add(&ada, popcorn, 1).await;
        let mut input = checkout("t");
        input["customerId"] = json!(customer_id(1).to_string());
        let sold = done(&till, "cartCheckout", REFERENCES, input).await;
        assert_eq!(sold["purchase"], references("PAID", Some("pay-t"), None, &sold));
        add(&ada, popcorn, 1).await;
        let silent = done(&ada, "cartCheckout", REFERENCES, json!({ "idempotencyKey": "s" })).await;
        assert_eq!(silent["purchase"], references("PENDING", None, None, &silent));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_pays_what_is_paid_is_told_by_what_and_told_the_truth() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "4", None).await;
        let gift = shop.product("gift", "PHYSICAL", "0", None).await;
        let (ada, till) = (shop.customer(1), shop.till());
        let bought = async |product, key: &str| {
            add(&ada, product, 1).await;
            done(&ada, "cartCheckout", REFERENCES, checkout(key)).await
        };
        // Nothing is to be paid for a gift, and the claim of its customer pays nothing.
        let free = bought(gift, "free").await;
        assert_eq!(free["purchase"], references("PAID", None, Some("pay-free"), &free));
        let card = bought(popcorn, "card").await;
        done(&till, "purchasePay", REFERENCES, pay(&card, "first")).await;
        let refunded = bought(popcorn, "refunded").await;
        done(&till, "purchasePay", REFERENCES, pay(&refunded, "first")).await;
        let refund = json!({ "purchaseId": refunded["purchase"]["id"], "idempotencyKey": "r" });
        done(&till, "purchaseRefund", REFERENCES, refund).await;
        for (purchase, reference, names) in [
            (&free, "pay-free", false),
            (&card, "pay-card", true),
            (&card, "second", true),
            (&refunded, "second", true),
        ] {
            let told = change(&till, "purchasePay", REFERENCES, pay(purchase, reference)).await;
            assert_eq!(wrong(&told), Some(("CONFLICT".to_owned(), "input.purchaseId".to_owned())));
            let message = text(&told["userErrors"][0]["message"]);
            let is_named = told["purchase"]["paymentReference"].is_string();
            assert_eq!((message.contains("`paymentReference`"), is_named), (names, names), "{message}");
            assert!(message.contains("Send the money of this"), "{message}");
        }
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_a_payment_again_is_answered_as_when_it_was_done() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "4", None).await;
        let (ada, till) = (shop.customer(1), shop.till());
        add(&ada, popcorn, 2).await;
        let bought = done(&ada, "cartCheckout", BOUGHT, json!({ "idempotencyKey": "k" })).await;
        let line = json!([{ "lineId": bought["purchase"]["lines"][0]["id"], "quantity": 1 }]);
        let refund = |key: &str, lines: Value| {
            json!({ "purchaseId": bought["purchase"]["id"], "idempotencyKey": key, "lines": lines })
        };
        for (status, refunded) in
            [("PAID", None), ("PARTIALLY_REFUNDED", Some(refund("1", line))), ("REFUNDED", Some(refund("2", Value::Null)))]
        {
            if let Some(refund) = refunded {
                done(&till, "purchaseRefund", PURCHASE, refund).await;
            }
            for _ in 0..2 {
                let paid = done(&till, "purchasePay", PURCHASE, pay(&bought, "terminal-7")).await;
                assert_eq!(paid["purchase"]["status"], json!(status));
            }
        }
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_pays_for_somebody_who_was_erased_is_told_to_send_only_other_money_back() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "4", None).await;
        let (ada, till) = (shop.customer(1), shop.till());
        add(&ada, popcorn, 1).await;
        let bought = done(&ada, "cartCheckout", BOUGHT, checkout("k")).await;
        done(&till, "purchasePay", REFERENCES, pay(&bought, "card")).await;
        let person = json!({ "customerId": customer_id(1).to_string() });
        done(&shop.staff(), "customerErase", "customer { id }", person).await;
        let told = change(&till, "purchasePay", REFERENCES, pay(&bought, "card")).await;
        assert_eq!(wrong(&told), Some(("CONFLICT".to_owned(), "input.purchaseId".to_owned())));
        assert_eq!(told["purchase"], references("PAID", None, None, &bought), "both are forgotten");
        assert!(text(&told["userErrors"][0]["message"]).contains("if it is another one"), "{told}");
    })
    .await;
}
