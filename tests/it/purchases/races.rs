//! All at once: seats, budgets, caps, codes, keys and refunds, on as many threads as there are. Nothing is sold or used
//! more often than there is of it, and a recount gives what was counted.

use std::future::Future;

use entities::ids::ProductId;
use serde_json::{Value, json};

use super::recount::{count, recount};
use super::{
    BOUGHT, CART, MINUTE, PURCHASE, Shop, add, change, checkout, customer_id, done, paid, text, wrong,
};
use crate::harness::client::Client;
use crate::harness::databases::on_both;

/// Runs them all at once, and gives what each gave, in their order.
pub(super) async fn at_once<T: Send + 'static>(
    tasks: impl Iterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let tasks: Vec<_> = tasks.map(tokio::spawn).collect();
    let mut done = Vec::with_capacity(tasks.len());
    for task in tasks {
        done.push(task.await.expect("no panic"));
    }
    done
}

/// Sends a mutation as a customer until it is not told to come back: a database that is busy says so.
async fn send(
    shop_app: std::sync::Arc<encircle::app::App>,
    number: u128,
    name: &'static str,
    input: Value,
) -> Value {
    let ty = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    let selection = if name == "cartCheckout" { BOUGHT } else { CART };
    let query = format!(
        "mutation($input: {ty}!) {{ {name}(input: $input) {{ {selection} userErrors {{ code field message }} }} }}"
    );
    let client = Client::customer(&shop_app, customer_id(number));
    loop {
        let mut answer = client.answer(&query, json!({ "input": input })).await;
        if answer.get("errors").is_none() {
            return answer["data"][name].take();
        }
        assert_eq!(answer["errors"][0]["extensions"]["code"], "SERVICE_UNAVAILABLE", "{answer}");
    }
}

fn one(product: ProductId) -> Value {
    json!({ "lines": [{ "productId": product.to_string() }] })
}

fn code(payload: &Value) -> Option<String> {
    wrong(payload).map(|(code, _)| code)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_seats_are_sold_once() {
    const SEATS: i32 = 20;
    const CUSTOMERS: u128 = 60;
    on_both(async |db| {
        let shop = Shop::open(db, CUSTOMERS).await;
        let seats = shop.product("seats", "TICKET", "10", Some(SEATS)).await;
        let bought = at_once((1..=CUSTOMERS).map(|number| {
            let app = std::sync::Arc::clone(&shop.app);
            async move {
                let added = send(app.clone(), number, "cartLinesAdd", one(seats)).await;
                if let Some(code) = code(&added) {
                    assert_eq!(code, "OUT_OF_STOCK");
                    return false;
                }
                let bought = send(app, number, "cartCheckout", checkout("k")).await;
                assert_eq!(code(&bought), None, "{bought}");
                true
            }
        }))
        .await;
        assert_eq!(bought.iter().filter(|bought| **bought).count(), SEATS as usize);
        assert_eq!(shop.taken(seats).await, i64::from(SEATS));
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_is_spent_to_the_last_and_no_further() {
    const BUDGET: i32 = 10;
    const CUSTOMERS: u128 = 40;
    on_both(async |db| {
        let shop = Shop::open(db, CUSTOMERS).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "10", None).await;
        let limits = json!({ "total": BUDGET, "amount": { "amount": "100", "currencyCode": "EUR" } });
        let tenth =
            shop.offer("tenth", json!({ "benefit": { "percentageOff": "10" }, "limits": limits })).await;
        for number in 1..=CUSTOMERS {
            add(&shop.customer(number), popcorn, 1).await;
        }
        let told = json!({ "amount": "9", "currencyCode": "EUR" });
        let outcomes = at_once((1..=CUSTOMERS).map(|number| {
            let (app, mut input) = (std::sync::Arc::clone(&shop.app), checkout("k"));
            input["total"] = told.clone();
            async move { code(&send(app, number, "cartCheckout", input).await) }
        }))
        .await;
        let sold = outcomes.iter().filter(|outcome| outcome.is_none()).count();
        assert_eq!(sold, BUDGET as usize, "{outcomes:?}");
        let is_told = |code: &String| ["OFFER_EXHAUSTED", "PRICE_CHANGED"].contains(&code.as_str());
        assert!(outcomes.iter().flatten().all(is_told), "{outcomes:?}");
        assert_eq!(shop.budget(tenth).await, (i64::from(BUDGET), 1_000));
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customers_cap_holds_on_all_devices_and_over_a_merge() {
    on_both(async |db| {
        let shop = Shop::open(db, 3).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "10", None).await;
        let offer = json!({ "benefit": { "percentageOff": "10" }, "limits": { "perCustomer": 3 } });
        let offer = shop.offer("thrice", offer).await;
        let merged = json!({
            "survivorId": customer_id(1).to_string(), "mergedId": customer_id(2).to_string(), "reason": "signed in",
        });
        let buying = |number: u128, device: usize| {
            let app = std::sync::Arc::clone(&shop.app);
            async move {
                for time in 0..4 {
                    send(app.clone(), number, "cartLinesAdd", one(popcorn)).await;
                    send(app.clone(), number, "cartCheckout", checkout(&format!("{device}-{time}"))).await;
                }
            }
        };
        let devices = (0..6).map(|device| buying(device as u128 % 2 + 1, device));
        let (_, _) = tokio::join!(at_once(devices), async {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            change(&shop.staff(), "customerMerge", "customer { id }", merged).await;
        });
        let family = "SELECT count(*) FROM redemptions r WHERE r.status IN ('HELD', 'REDEEMED')";
        // Before the merge they were two, each with its own cap.
        let redeemed = count(&shop.db, family).await;
        assert!((3..=6).contains(&redeemed), "{redeemed}");
        let one_alone = "SELECT count(*) FROM redemptions GROUP BY customer_id ORDER BY 1 DESC LIMIT 1";
        assert!(count(&shop.db, one_alone).await <= 3);
        assert_eq!(shop.budget(offer).await.0, redeemed);
        // One customer alone, on six devices.
        let alone = (0..6).map(|device| buying(3, device));
        at_once(alone).await;
        assert_eq!(count(&shop.db, family).await - redeemed, 3);
        recount(&shop.db).await;
    })
    .await;
}

/// What both had used before they were one counts for the one: of three times there is one left.
#[tokio::test(flavor = "multi_thread")]
async fn what_both_used_before_a_merge_counts_for_all_devices_after_it() {
    on_both(async |db| {
        let shop = Shop::open(db, 2).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "10", None).await;
        let offer = json!({ "benefit": { "percentageOff": "10" }, "limits": { "perCustomer": 3 } });
        let offer = shop.offer("thrice", offer).await;
        for (number, key) in [(1, "a"), (2, "b")] {
            add(&shop.customer(number), popcorn, 1).await;
            done(&shop.customer(number), "cartCheckout", "purchase { id }", checkout(key)).await;
        }
        assert_eq!(shop.budget(offer).await.0, 2);
        let [ada, device] = [1, 2].map(|number| customer_id(number).to_string());
        let merged = json!({ "survivorId": ada, "mergedId": device, "reason": "signed in" });
        done(&shop.staff(), "customerMerge", "customer { id }", merged).await;
        let buying = (0..6).map(|device| {
            let app = std::sync::Arc::clone(&shop.app);
            async move {
                send(app.clone(), 1, "cartLinesAdd", one(popcorn)).await;
                send(app.clone(), 1, "cartCheckout", checkout(&format!("device-{device}"))).await;
            }
        });
        at_once(buying).await;
        assert_eq!(shop.budget(offer).await.0, 3);
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_use_code_is_used_by_one_of_many() {
    const CUSTOMERS: u128 = 20;
    on_both(async |db| {
        let shop = Shop::open(db, CUSTOMERS).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "10", None).await;
        let five = json!({ "amountOff": { "amount": "5", "currencyCode": "EUR" } });
        let offer = shop.offer("five", json!({ "benefit": five, "codes": { "singleUse": true } })).await;
        let input = json!({ "offerId": offer.to_string(), "count": 1 });
        let made = done(&shop.staff(), "codesGenerate", "csv", input).await;
        let entered = text(&made["csv"]).lines().nth(1).expect("a code").to_owned();
        for number in 1..=CUSTOMERS {
            add(&shop.customer(number), popcorn, 1).await;
            done(&shop.customer(number), "cartCodesUpdate", CART, json!({ "codes": [entered] })).await;
        }
        let outcomes = at_once((1..=CUSTOMERS).map(|number| {
            let app = std::sync::Arc::clone(&shop.app);
            async move {
                let bought = send(app, number, "cartCheckout", checkout("k")).await;
                match code(&bought) {
                    Some(code) => code,
                    None => text(&bought["purchase"]["total"]["amount"]),
                }
            }
        }))
        .await;
        let with = |outcome: &str| outcomes.iter().filter(|found| *found == outcome).count();
        assert_eq!(with("5.00"), 1, "{outcomes:?}");
        assert_eq!(with("CODE_USED") + with("10.00"), CUSTOMERS as usize - 1, "{outcomes:?}");
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_sent_many_times_at_once_is_one_purchase() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let seats = shop.product("seats", "TICKET", "10", Some(50)).await;
        let ada = shop.customer(1);
        for round in 0..4 {
            add(&ada, seats, 2).await;
            let key = format!("k{round}");
            let answers = at_once((0..16).map(|_| {
                let (app, input) = (std::sync::Arc::clone(&shop.app), checkout(&key));
                async move {
                    loop {
                        let bought = send(app.clone(), 1, "cartCheckout", input.clone()).await;
                        match code(&bought).as_deref() {
                            None => return text(&bought["purchase"]["id"]),
                            // To be sent again with the same key.
                            Some("IN_FLIGHT") => {}
                            Some(other) => panic!("{other}: {bought}"),
                        }
                    }
                }
            }))
            .await;
            assert!(answers.iter().all(|id| *id == answers[0]), "{answers:?}");
        }
        assert_eq!(count(&shop.db, "SELECT count(*) FROM purchases").await, 4);
        assert_eq!(shop.taken(seats).await, 8);
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_a_sweep_and_a_checkout_in_the_same_instant_lose_and_double_nothing() {
    const CUSTOMERS: u128 = 12;
    on_both(async |db| {
        let shop = Shop::open(db, CUSTOMERS).await;
        let seats = shop.product("seats", "TICKET", "10", Some(9)).await;
        let stalls = shop.product("stalls", "TICKET", "8", Some(400)).await;
        for round in 0..6 {
            for number in 1..=CUSTOMERS {
                let input = json!({ "lines": [
                    { "productId": seats.to_string() }, { "productId": stalls.to_string(), "quantity": 2 },
                ] });
                change(&shop.customer(number), "cartLinesAdd", "cart { id }", input).await;
            }
            // At this moment all holds have run out, and nobody has looked.
            shop.move_clock(16 * MINUTE);
            let sweeps = (0..3).map(|_| {
                let (db, now) = (shop.db.clone(), shop.app.clock.now());
                async move {
                    while encircle::domain::purchases::holds::sweep(&db, now).await.is_ok_and(|more| more) {}
                }
            });
            let buying = (1..=CUSTOMERS).map(|number| {
                let app = std::sync::Arc::clone(&shop.app);
                async move {
                    let outcome = match (number as usize + round) % 3 {
                        0 => send(app, number, "cartLinesAdd", one(seats)).await,
                        _ => send(app, number, "cartCheckout", checkout(&format!("k{round}"))).await,
                    };
                    let code = code(&outcome);
                    let expected = [None, Some("OUT_OF_STOCK"), Some("NOT_FOUND")];
                    assert!(expected.contains(&code.as_deref()), "{outcome}");
                }
            });
            tokio::join!(at_once(sweeps), at_once(buying));
            recount(&shop.db).await;
        }
        assert!(count(&shop.db, "SELECT count(*) FROM purchases").await > 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pieces_are_refunded_once_by_however_many_tills() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let seats = shop.product("seats", "TICKET", "10", Some(9)).await;
        shop.offer("tenth", json!({ "benefit": { "percentageOff": "10" }, "limits": { "total": 5 } })).await;
        let ada = shop.customer(1);
        add(&ada, seats, 5).await;
        let bought = paid(&shop, &done(&ada, "cartCheckout", BOUGHT, checkout("k")).await).await;
        let outcomes = at_once((0..12).map(|till| {
            let (app, purchase) = (std::sync::Arc::clone(&shop.app), bought.clone());
            async move {
                let lines = json!([{ "lineId": purchase["lines"][0]["id"], "quantity": 1 }]);
                let input =
                    json!({ "purchaseId": purchase["id"], "idempotencyKey": format!("r{till}"), "lines": lines });
                let refunded = change(&Client::staff(&app), "purchaseRefund", PURCHASE, input).await;
                code(&refunded)
            }
        }))
        .await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_none()).count(), 5, "{outcomes:?}");
        assert!(outcomes.iter().flatten().all(|code| code == "CONFLICT"), "{outcomes:?}");
        assert_eq!(shop.taken(seats).await, 0);
        let refunded = "SELECT refunded_minor FROM purchases WHERE status = 'REFUNDED'";
        assert_eq!(count(&shop.db, refunded).await, 4_500);
        recount(&shop.db).await;
    })
    .await;
}
