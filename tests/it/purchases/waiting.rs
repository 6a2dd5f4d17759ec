//! Purchases that wait to be paid: they are paid in time, or called off once, by whichever replica is first.

use entities::values::{PurchaseStatus, RedemptionStatus};
use entities::{behavior, purchase, redemption};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::races::at_once;
use super::recount::recount;
use super::{BOUGHT, CART, MINUTE, PURCHASE, Shop, add, change, customer_id, done, refused, text, wrong};
use crate::harness::client::Client;
use crate::harness::databases::on_both;

async fn sweep(shop: &Shop) {
    while encircle::domain::purchases::expiry::sweep(&shop.db, shop.app.clock.now()).await.expect("a sweep") {
    }
}

fn pay(bought: &Value, reference: &str) -> Value {
    json!({ "purchaseId": bought["purchase"]["id"], "paymentReference": reference })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_paid_in_time_is_called_off_with_all_that_it_took() {
    on_both(async |db| {
        let shop = Shop::open(db, 2).await;
        let seats = shop.product("seats", "TICKET", "10", Some(5)).await;
        let half = json!({
            "benefit": { "percentageOff": "50" }, "codes": { "singleUse": true },
            "limits": { "total": 5, "perCustomer": 1 },
        });
        let offer = shop.offer("half", half).await;
        let made = json!({ "offerId": offer.to_string(), "count": 1 });
        let made = done(&shop.staff(), "codesGenerate", "csv", made).await;
        let code = text(&made["csv"]).lines().nth(1).expect("a code").to_owned();
        let (ada, bob) = (shop.customer(1), shop.customer(2));
        add(&ada, seats, 2).await;
        done(&ada, "cartCodesUpdate", CART, json!({ "codes": [code] })).await;
        let selection = "purchase { id status expiresAt }";
        let bought = done(&ada, "cartCheckout", selection, json!({ "idempotencyKey": "k" })).await;
        assert_eq!(bought["purchase"]["expiresAt"], json!("2026-01-01T12:30:00.000Z"));
        add(&bob, seats, 1).await;
        let bobs = done(&bob, "cartCheckout", selection, json!({ "idempotencyKey": "k" })).await;
        let paid = done(&shop.till(), "purchasePay", selection, pay(&bobs, "card")).await;
        assert_eq!(paid["purchase"]["expiresAt"], json!(null));
        shop.move_clock(29 * MINUTE);
        sweep(&shop).await;
        assert_eq!((shop.taken(seats).await, shop.budget(offer).await.0), (3, 1));
        shop.move_clock(MINUTE);
        shop.app.upkeep().once().await.expect("it is swept");
        sweep(&shop).await;
        let query = "{ me { purchases { nodes { status expiresAt } } } }";
        let nodes = ada.good(query, json!({})).await["me"]["purchases"]["nodes"].take();
        assert_eq!(nodes, json!([{ "status": "CANCELED", "expiresAt": null }]));
        assert_eq!((shop.taken(seats).await, shop.budget(offer).await.0), (1, 0));
        assert_eq!(refused(&shop.till(), "purchasePay", pay(&bought, "card")).await.0, "CONFLICT");
        // The code, and the customer's one time, are there again.
        add(&ada, seats, 1).await;
        let cart = done(&ada, "cartCodesUpdate", CART, json!({ "codes": [code] })).await;
        assert_eq!(cart["cart"]["total"]["amount"], json!("5.00"));
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sweeps_and_payments_at_the_same_instant_leave_each_purchase_paid_or_called_off() {
    const CUSTOMERS: u128 = 24;
    on_both(async |db| {
        let shop = Shop::open(db, CUSTOMERS).await;
        let seats = shop.product("seats", "TICKET", "10", Some(100)).await;
        let tenth = json!({ "benefit": { "percentageOff": "10" }, "limits": { "total": 100 } });
        let offer = shop.offer("tenth", tenth).await;
        let mut purchases = Vec::new();
        for number in 1..=CUSTOMERS {
            let customer = shop.customer(number);
            add(&customer, seats, 2).await;
            purchases.push(done(&customer, "cartCheckout", BOUGHT, json!({ "idempotencyKey": "k" })).await);
        }
        shop.move_clock(31 * MINUTE);
        let sweeps = (0..3).map(|_| {
            let (db, now) = (shop.db.clone(), shop.app.clock.now());
            async move {
                while encircle::domain::purchases::expiry::sweep(&db, now).await.is_ok_and(|more| more) {}
            }
        });
        let payments = purchases.iter().cloned().map(|bought| {
            let app = std::sync::Arc::clone(&shop.app);
            async move {
                let paid = change(&Client::staff(&app), "purchasePay", PURCHASE, pay(&bought, "card")).await;
                match wrong(&paid) {
                    None => true,
                    Some((code, _)) if code == "CONFLICT" => false,
                    Some(other) => panic!("{other:?}"),
                }
            }
        });
        let (_, paid) = tokio::join!(at_once(sweeps), at_once(payments));
        sweep(&shop).await;
        let rows = purchase::Entity::find().all(shop.db.connection()).await.expect("purchases");
        let with = |status| rows.iter().filter(|row| row.status == status).count();
        let paid = paid.into_iter().filter(|paid| *paid).count();
        assert_eq!((with(PurchaseStatus::Paid), with(PurchaseStatus::Canceled)), (paid, rows.len() - paid));
        assert_eq!(shop.taken(seats).await, 2 * paid as i64);
        assert_eq!(shop.budget(offer).await.0, paid as i64);
        let used = redemption::Entity::find().all(shop.db.connection()).await.expect("redemptions");
        assert_eq!(used.iter().filter(|row| row.status == RedemptionStatus::Redeemed).count(), paid);
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_has_a_name_and_gives_nothing_to_who_was_erased() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let film = shop.product("film", "DIGITAL", "5", Some(3)).await;
        let ada = shop.customer(1);
        add(&ada, film, 1).await;
        let reference = ("INVALID".to_owned(), "input.paymentReference".to_owned());
        let empty = json!({ "idempotencyKey": "k", "paymentReference": "" });
        assert_eq!(refused(&ada, "cartCheckout", empty).await, reference);
        let bought = done(&ada, "cartCheckout", BOUGHT, json!({ "idempotencyKey": "k" })).await;
        for wrong in [String::new(), "r".repeat(256)] {
            assert_eq!(refused(&shop.till(), "purchasePay", pay(&bought, &wrong)).await, reference);
        }
        let person = json!({ "customerId": customer_id(1).to_string() });
        done(&shop.staff(), "customerErase", "customer { id }", person).await;
        let told = change(&shop.till(), "purchasePay", "purchase { id status }", pay(&bought, "card")).await;
        assert_eq!(wrong(&told), Some(("CONFLICT".to_owned(), "input.purchaseId".to_owned())));
        assert_eq!(told["purchase"], json!({ "id": bought["purchase"]["id"], "status": "PENDING" }));
        let message = text(&told["userErrors"][0]["message"]);
        assert!(message.contains("Send the money of this payment back"), "{message}");
        assert!(!message.contains("cus_"), "{message}");
        let given = entities::entitlement::Entity::find().all(shop.db.connection()).await;
        assert_eq!(given.expect("entitlements"), []);
        // Nobody pays for it any more: what it took is there again all the same.
        shop.move_clock(31 * MINUTE);
        sweep(&shop).await;
        assert_eq!(shop.taken(film).await, 0);
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_few_purchases_of_a_customer_wait_at_the_same_time() {
    on_both(async |db| {
        let shop = Shop::open(db, 3).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "10", None).await;
        let tenth = json!({ "benefit": { "percentageOff": "10" }, "limits": { "total": 100 } });
        let offer = shop.offer("tenth", tenth).await;
        let (ada, device) = (shop.customer(1), shop.customer(2));
        let mut waiting = Vec::new();
        for (client, keys) in [(&ada, ["1", "2", "3"].as_slice()), (&device, &["4", "5"])] {
            for key in keys {
                add(client, popcorn, 1).await;
                waiting.push(done(client, "cartCheckout", BOUGHT, json!({ "idempotencyKey": key })).await);
                shop.move_clock(MINUTE);
            }
        }
        let [survivor, merged] = [1, 2].map(|number| customer_id(number).to_string());
        let merge = json!({ "survivorId": survivor, "mergedId": merged, "reason": "signed in" });
        done(&shop.staff(), "customerMerge", "customer { id }", merge).await;
        add(&ada, popcorn, 1).await;
        let query = "mutation($input: CartCheckoutInput!) { cartCheckout(input: $input) { purchase { id }
            userErrors { code field retryAt } } }";
        let error = json!({ "code": "LIMIT_REACHED", "field": null, "retryAt": "2026-01-01T12:30:00.000Z" });
        let mut input = json!({ "idempotencyKey": "6" });
        let full = ada.good(query, json!({ "input": input })).await["cartCheckout"].take();
        assert_eq!(full, json!({ "purchase": null, "userErrors": [error] }));
        // A till that sells without payment is not another customer.
        input["customerId"] = json!(survivor);
        let full = shop.till().good(query, json!({ "input": input })).await["cartCheckout"].take();
        assert_eq!(full["userErrors"], json!([error]));
        assert_eq!(shop.budget(offer).await.0, 5);
        // What is paid at once may be bought, and once one is called off, another may wait.
        let paid = json!({ "idempotencyKey": "7", "customerId": survivor, "paymentReference": "card" });
        done(&shop.till(), "cartCheckout", BOUGHT, paid).await;
        add(&ada, popcorn, 1).await;
        let one = json!({ "purchaseId": waiting[0]["purchase"]["id"] });
        done(&ada, "purchaseCancel", PURCHASE, one).await;
        done(&ada, "cartCheckout", BOUGHT, json!({ "idempotencyKey": "6" })).await;
        add(&ada, popcorn, 1).await;
        assert_eq!(refused(&ada, "cartCheckout", json!({ "idempotencyKey": "8" })).await.0, "LIMIT_REACHED");
        // Others are not kept from buying, and all is there again when the time is over.
        add(&shop.customer(3), popcorn, 1).await;
        done(&shop.customer(3), "cartCheckout", BOUGHT, json!({ "idempotencyKey": "1" })).await;
        shop.move_clock(31 * MINUTE);
        sweep(&shop).await;
        assert_eq!(shop.budget(offer).await.0, 1);
        done(&ada, "cartCheckout", BOUGHT, json!({ "idempotencyKey": "8" })).await;
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_took_money_for_nothing_is_told_what_became_of_the_purchase() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "10", None).await;
        let (ada, till) = (shop.customer(1), shop.till());
        let mut bought = Vec::new();
        for key in ["1", "2"] {
            add(&ada, popcorn, 1).await;
            bought.push(done(&ada, "cartCheckout", BOUGHT, json!({ "idempotencyKey": key })).await);
        }
        done(&till, "purchasePay", PURCHASE, pay(&bought[0], "first")).await;
        done(&ada, "purchaseCancel", PURCHASE, json!({ "purchaseId": bought[1]["purchase"]["id"] })).await;
        let conflict = Some(("CONFLICT".to_owned(), "input.purchaseId".to_owned()));
        for (purchase, status, word) in
            [(&bought[0], "PAID", "another payment"), (&bought[1], "CANCELED", "called off")]
        {
            let told = change(&till, "purchasePay", PURCHASE, pay(purchase, "second")).await;
            assert_eq!(wrong(&told), conflict);
            assert_eq!(told["purchase"]["id"], purchase["purchase"]["id"]);
            assert_eq!(told["purchase"]["status"], json!(status));
            assert!(text(&told["userErrors"][0]["message"]).contains(word), "{told}");
        }
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paid_later_tells_of_its_code() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "4", None).await;
        let half = json!({ "benefit": { "percentageOff": "50" }, "codes": { "shared": "HALF26" } });
        shop.offer("half", half).await;
        let ada = shop.customer(1);
        for number in 0..2 {
            add(&ada, popcorn, 1).await;
            done(&ada, "cartCodesUpdate", "cart { id }", json!({ "codes": ["HALF26"] })).await;
            if number == 0 {
                let bought = done(&ada, "cartCheckout", BOUGHT, json!({ "idempotencyKey": "later" })).await;
                done(&shop.till(), "purchasePay", PURCHASE, pay(&bought, "card")).await;
                continue;
            }
            let mut input = super::checkout("at once");
            input["customerId"] = json!(customer_id(1).to_string());
            done(&shop.till(), "cartCheckout", BOUGHT, input).await;
        }
        let rows = behavior::Entity::find().all(shop.db.connection()).await.expect("behaviors");
        let orders = rows.iter().filter(|row| row.name == "Order Completed");
        let codes: Vec<&Value> = orders.map(|row| &row.properties["coupon"]).collect();
        assert_eq!(codes.len(), 2);
        assert_eq!(codes[0], codes[1], "paid later or at once, it is the same");
        assert!(codes[0].is_string());
    })
    .await;
}
