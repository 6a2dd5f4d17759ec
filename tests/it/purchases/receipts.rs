//! What carts and purchases show of what was taken off: by which offer and code, off which line, and for ever.

use entities::ids::OfferId;
use serde_json::{Value, json};

use super::importing::{sale, with};
use super::{Shop, add, change, checkout, customer_id, done, paid, text, wrong};
use crate::harness::client::Client;
use crate::harness::databases::on_both;

/// What a receipt shows.
const RECEIPT: &str = "subtotal { amount } totalDiscount { amount } total { amount } \
    discounts { name code amount { amount } offer { key } } \
    lines { id product { sku } quantity total { amount } discounts { name code amount { amount } offer { key } } }";

/// A cart of three seats and popcorn, with what is taken off by itself and by code.
async fn filled(shop: &Shop) -> [OfferId; 2] {
    let seats = shop.product("seats", "TICKET", "3.33", Some(9)).await;
    let popcorn = shop.product("popcorn", "PHYSICAL", "4.50", None).await;
    let tenth = json!({ "name": "A tenth off", "benefit": { "percentageOff": "10" }, "priority": 2 });
    let one = json!({ "amountOff": { "amount": "1", "currencyCode": "EUR" } });
    let one = json!({ "name": "A euro off", "benefit": one, "codes": { "shared": "EURO26" } });
    let offers = [shop.offer("tenth", tenth).await, shop.offer("one", one).await];
    let ada = shop.customer(1);
    add(&ada, seats, 3).await;
    shop.move_clock(1);
    add(&ada, popcorn, 1).await;
    done(&ada, "cartCodesUpdate", "cart { id }", json!({ "codes": ["euro-26"] })).await;
    offers
}

fn minor(money: &Value) -> i64 {
    text(&money["amount"]).replace('.', "").parse().expect("an amount")
}

/// What the lines bear is what each offer takes off, and all of them together what is taken off in all.
fn adds_up(receipt: &Value) {
    let discounts = receipt["discounts"].as_array().expect("discounts");
    let lines = receipt["lines"].as_array().expect("lines");
    for discount in discounts {
        let parts = lines.iter().flat_map(|line| line["discounts"].as_array().expect("discounts"));
        let borne = parts.filter(|part| part["name"] == discount["name"]);
        assert_eq!(borne.map(|part| minor(&part["amount"])).sum::<i64>(), minor(&discount["amount"]));
    }
    let off: i64 = discounts.iter().map(|discount| minor(&discount["amount"])).sum();
    assert_eq!(minor(&receipt["totalDiscount"]), off);
    assert_eq!(minor(&receipt["subtotal"]) - off, minor(&receipt["total"]));
    assert_eq!(lines.iter().map(|line| minor(&line["total"])).sum::<i64>(), minor(&receipt["total"]));
}

/// The discounts of something, in the order of their names: those of a purchase are of one instant.
fn discounts(of: &Value) -> Vec<Value> {
    let mut all = of["discounts"].as_array().expect("discounts").clone();
    all.sort_by_key(|discount| text(&discount["name"]));
    all
}

async fn receipt(client: &Client<'_>, id: &Value) -> Value {
    let query = format!("{{ purchase(by: {{ id: {id} }}) {{ {RECEIPT} }} }}");
    client.good(&query, json!({})).await["purchase"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_and_its_purchase_say_which_line_bears_what_of_which_offer() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        filled(&shop).await;
        let ada = shop.customer(1);
        let mut cart = ada.good(&format!("{{ me {{ cart {{ {RECEIPT} }} }} }}"), json!({})).await["me"]["cart"].take();
        adds_up(&cart);
        // 10 % of 14.49 is 1.45, then 1.00 of what is left.
        let money = |amount: &str| json!({ "amount": amount });
        let off = |name: &str, code: Value, amount: &str, key: &str| {
            json!({ "name": name, "code": code, "amount": money(amount), "offer": { "key": key } })
        };
        assert_eq!((&cart["subtotal"], &cart["totalDiscount"], &cart["total"]), (&money("14.49"), &money("2.45"), &money("12.04")));
        let all = [off("A tenth off", json!(null), "1.45", "tenth"), off("A euro off", json!("EURO26"), "1.00", "one")];
        assert_eq!(cart["discounts"], json!(all), "in the order in which they apply");
        let of_seats = [off("A tenth off", json!(null), "1.00", "tenth"), off("A euro off", json!("EURO26"), "0.69", "one")];
        assert_eq!(cart["lines"][0]["discounts"], json!(of_seats));
        let bought = done(&ada, "cartCheckout", &format!("purchase {{ id {RECEIPT} }}"), checkout("k")).await["purchase"].take();
        adds_up(&bought);
        assert_eq!(discounts(&bought), discounts(&cart));
        for part in ["subtotal", "totalDiscount", "total"] {
            assert_eq!(bought[part], cart[part], "{part}");
        }
        assert_eq!(bought["lines"].as_array().map(Vec::len), cart["lines"].as_array().map(Vec::len));
        for (line, of_cart) in bought["lines"].as_array().expect("lines").iter().zip(cart["lines"].as_array_mut().expect("lines")) {
            assert_eq!((&line["product"], discounts(line)), (&of_cart["product"], discounts(of_cart)));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_keeps_its_discounts_when_it_is_called_off_or_refunded() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        filled(&shop).await;
        let (ada, till) = (shop.customer(1), shop.till());
        let selection = format!("purchase {{ id {RECEIPT} }}");
        let bought = done(&ada, "cartCheckout", &selection, checkout("1")).await["purchase"].take();
        let before = receipt(&ada, &bought["id"]).await;
        done(&ada, "purchaseCancel", "purchase { id }", json!({ "purchaseId": bought["id"] })).await;
        assert_eq!(receipt(&ada, &bought["id"]).await, before);
        assert_eq!(discounts(&before).len(), 2);
        // The code is there again, and is used again.
        let seat = shop.product("seat", "TICKET", "3.33", Some(9)).await;
        add(&ada, seat, 3).await;
        done(&ada, "cartCodesUpdate", "cart { id }", json!({ "codes": ["EURO26"] })).await;
        let bought = done(&ada, "cartCheckout", &selection, checkout("2")).await;
        let bought = paid(&shop, &bought).await;
        let before = receipt(&ada, &bought["id"]).await;
        let given_back = async || {
            let query = format!(
                "{{ purchase(by: {{ id: {} }}) {{ refunded {{ amount }} lines {{ refundedQuantity refunded {{ amount }} }} }} }}",
                bought["id"]
            );
            ada.good(&query, json!({})).await["purchase"].take()
        };
        let line = |quantity: i64, amount: &str| json!([{ "refundedQuantity": quantity, "refunded": { "amount": amount } }]);
        assert_eq!(given_back().await["lines"], line(0, "0.00"));
        let one = json!([{ "lineId": bought["lines"][0]["id"], "quantity": 1 }]);
        let one = json!({ "purchaseId": bought["id"], "idempotencyKey": "r1", "lines": one });
        done(&till, "purchaseRefund", "purchase { id }", one).await;
        // 9.99, less 1.00, less 1.00: a third of 7.99.
        assert_eq!(given_back().await["lines"], line(1, "2.66"));
        done(&till, "purchaseRefund", "purchase { id }", json!({ "purchaseId": bought["id"], "idempotencyKey": "r2" })).await;
        assert_eq!(given_back().await, json!({ "refunded": { "amount": "7.99" }, "lines": line(3, "7.99") }));
        assert_eq!(receipt(&ada, &bought["id"]).await, before, "what was given back is another thing");
        assert_eq!(discounts(&before).len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_receipt_names_offers_that_are_over() {
    on_both(async |db| {
        let shop = Shop::open(db, 2).await;
        let offers = filled(&shop).await;
        let ada = shop.customer(1);
        let bought = done(&ada, "cartCheckout", "purchase { id }", checkout("k")).await["purchase"].take();
        for offer in offers {
            done(&shop.staff(), "offerEnd", "offer { id }", json!({ "id": offer.to_string() })).await;
        }
        let old = receipt(&ada, &bought["id"]).await;
        for list in [discounts(&old), discounts(&old["lines"][0])] {
            let told: Vec<_> = list.iter().map(|discount| (&discount["name"], &discount["offer"])).collect();
            assert_eq!(told, [(&json!("A euro off"), &json!(null)), (&json!("A tenth off"), &json!(null))]);
        }
        assert!(receipt(&shop.staff(), &bought["id"]).await["discounts"][0]["offer"].is_object());
        assert_eq!(receipt(&shop.customer(2), &bought["id"]).await, json!(null), "it is not theirs");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_off_elsewhere_is_told_also_when_nobody_says_by_what() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        shop.product("film", "DIGITAL", "10", None).await;
        shop.offer("half", json!({ "name": "Half", "benefit": { "percentageOff": "50" } })).await;
        let till = shop.till();
        let input = with(with(sale("d", 1), "total", "15"), "discount", "5");
        let selection = format!("purchase {{ id {RECEIPT} }}");
        let purchase = done(&till, "purchaseImport", &selection, input).await["purchase"].take();
        let amounts = ["subtotal", "totalDiscount", "total"].map(|part| text(&purchase[part]["amount"]));
        assert_eq!(amounts, ["20.00", "5.00", "15.00"]);
        assert_eq!((&purchase["discounts"], &purchase["lines"][0]["discounts"]), (&json!([]), &json!([])));
        let mut input = with(with(sale("e", 1), "total", "15"), "discount", "5");
        input["redemptions"] = json!([{ "offerKey": "half", "amount": "3" }]);
        let purchase = done(&till, "purchaseImport", &selection, input).await["purchase"].take();
        let half = json!([{ "name": "Half", "code": null, "amount": { "amount": "3.00" }, "offer": { "key": "half" } }]);
        assert_eq!((&purchase["totalDiscount"]["amount"], &purchase["discounts"]), (&json!("5.00"), &half));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lines_bear_is_read_at_once_however_many_there_are() {
    on_both(async |db| {
        let shop = Shop::open(db, 2).await;
        shop.offer("tenth", json!({ "benefit": { "percentageOff": "10" } })).await;
        shop.offer("fifth", json!({ "benefit": { "percentageOff": "20" } })).await;
        let mut products = Vec::new();
        for number in 0..40 {
            products.push(shop.product(&format!("p{number}"), "PHYSICAL", "9.99", None).await.to_string());
        }
        let mut costs = Vec::new();
        for (customer, lines) in [(1, 1), (2, 40)] {
            let ada = shop.customer(customer);
            let added: Vec<Value> = products[..lines].iter().map(|id| json!({ "productId": id })).collect();
            done(&ada, "cartLinesAdd", "cart { id }", json!({ "lines": added })).await;
            let bought = done(&ada, "cartCheckout", "purchase { id }", checkout("k")).await;
            let before = shop.db.statements();
            let told = receipt(&ada, &bought["purchase"]["id"]).await;
            costs.push(shop.db.statements() - before);
            adds_up(&told);
            assert_eq!(told["lines"].as_array().map(Vec::len), Some(lines));
        }
        assert_eq!(costs[0], costs[1]);
        let payload = change(
            &shop.customer(1),
            "cartLinesAdd",
            "cart { totalDiscount { amount } }",
            json!({
                "lines": [{ "productId": products[0] }], "customerId": customer_id(1).to_string(),
            }),
        )
        .await;
        assert_eq!((wrong(&payload), &payload["cart"]["totalDiscount"]["amount"]), (None, &json!("2.80")));
    })
    .await;
}
