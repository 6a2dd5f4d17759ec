//! Why something does not go is told: of a code that takes nothing off, of a checkout that is refused.

use serde_json::{Value, json};

use super::{CART, MINUTE, Shop, add, change, checkout, customer_id, done, text};
use crate::harness::databases::on_both;

const WARNED: &str = "cart { warnings { code enteredCode codeReason available retryAt } }";

/// The reason of each code that takes nothing off.
fn reasons(cart: &Value) -> Vec<(String, String)> {
    let warnings = cart["warnings"].as_array().expect("warnings").iter();
    let of_codes = warnings.filter(|warning| warning["code"] == json!("CODE_NOT_APPLIED"));
    of_codes.map(|warning| (text(&warning["enteredCode"]), text(&warning["codeReason"]))).collect()
}

async fn enter(shop: &Shop, codes: &[&str]) -> Vec<(String, String)> {
    let entered = json!({ "codes": codes });
    reasons(&done(&shop.customer(1), "cartCodesUpdate", WARNED, entered).await["cart"])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_takes_nothing_off_says_why() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "10", None).await;
        let film = shop.product("film", "DIGITAL", "5", None).await;
        let tenth = json!({ "percentageOff": "10" });
        let dollar = json!({ "amountOff": { "amount": "1", "currencyCode": "USD" } });
        for (key, parts) in [
            ("later", json!({ "benefit": tenth, "schedule": { "startsAt": "2026-01-02T12:00:00Z" } })),
            ("rich", json!({ "benefit": tenth, "eligibility": "cart.subtotal >= 100" })),
            ("hidden", json!({ "benefit": tenth, "experiment": { "holdout": "100" } })),
            ("once", json!({ "benefit": tenth, "limits": { "perCustomer": 1 } })),
            ("small", json!({ "benefit": tenth, "limits": { "amount": { "amount": "0.50", "currencyCode": "EUR" } } })),
            ("dollar", json!({ "benefit": dollar })),
            ("film", json!({ "benefit": tenth, "benefitProductIds": [film.to_string()] })),
            ("alone", json!({ "benefit": tenth, "stacking": "EXCLUSIVE" })),
        ] {
            let mut parts = parts;
            parts["codes"] = json!({ "shared": format!("{}26", key.to_uppercase()) });
            shop.offer(key, parts).await;
        }
        add(&shop.customer(1), popcorn, 1).await;
        assert_eq!(enter(&shop, &["once26"]).await, []);
        done(&shop.customer(1), "cartCheckout", "purchase { id }", checkout("1")).await;
        add(&shop.customer(1), popcorn, 1).await;
        let expected = [
            ("DOLLAR26", "OTHER_CURRENCY"),
            ("FILM26", "NOTHING_TO_TAKE_OFF"),
            ("HIDDEN26", "NOT_ELIGIBLE"),
            ("LATER26", "NOT_NOW"),
            ("ONCE26", "LIMIT_REACHED"),
            ("RICH26", "NOT_ELIGIBLE"),
            ("SMALL26", "USED_UP"),
            ("TYPO26", "UNKNOWN"),
        ];
        let owned = |(code, reason): (&str, &str)| (code.to_owned(), reason.to_owned());
        let codes = expected.map(|(code, _)| code);
        assert_eq!(enter(&shop, &codes).await, expected.map(owned));
        // Of two that do not go together one applies.
        let staff = shop.staff();
        let parts = json!({ "benefit": { "percentageOff": "5" }, "codes": { "shared": "SECOND26" } });
        shop.offer("second", parts).await;
        assert_eq!(enter(&shop, &["ALONE26", "SECOND26"]).await, [owned(("SECOND26", "NOT_TOGETHER"))]);
        let asked = "query($id: ID!) { customer(by: { id: $id }) { cart { codes } } }";
        let answer = staff.good(asked, json!({ "id": customer_id(1).to_string() })).await;
        assert_eq!(answer["customer"]["cart"]["codes"], json!(["ALONE26", "SECOND26"]));
    })
    .await;
}

/// What is refused, and of what.
async fn refused_of(shop: &Shop, number: u128) -> (Value, Value, Value) {
    let input = checkout(&format!("of-{number}"));
    let query = "mutation($input: CartCheckoutInput!) { cartCheckout(input: $input) { userErrors { code about available } } }";
    let mut payload = shop.customer(number).good(query, json!({ "input": input })).await;
    let error = payload["cartCheckout"]["userErrors"][0].take();
    (error["code"].clone(), error["about"].clone(), error["available"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_that_is_refused_names_the_product_and_how_many_there_are() {
    on_both(async |db| {
        let shop = Shop::open(db, 2).await;
        let seats = shop.product("seats", "TICKET", "10", Some(3)).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "4.50", None).await;
        add(&shop.customer(1), popcorn, 1).await;
        add(&shop.customer(1), seats, 2).await;
        shop.move_clock(16 * MINUTE);
        shop.sweep().await;
        add(&shop.customer(2), seats, 2).await;
        let cart = shop.customer(1).good(&format!("{{ me {{ {WARNED} }} }}"), json!({})).await;
        let warning = &cart["me"]["cart"]["warnings"][0];
        assert_eq!((&warning["code"], &warning["available"]), (&json!("OUT_OF_STOCK"), &json!(1)));
        let expected = (json!("OUT_OF_STOCK"), json!(seats.to_string()), json!(1));
        assert_eq!(refused_of(&shop, 1).await, expected);
        let more = json!({ "lines": [{ "productId": seats.to_string(), "quantity": 3 }] });
        let query = "mutation($input: CartLinesAddInput!) { cartLinesAdd(input: $input) { userErrors { code field about available } } }";
        let payload = shop.customer(1).good(query, json!({ "input": more })).await;
        let expected = json!([{
            "code": "OUT_OF_STOCK", "field": ["input", "lines", "0", "quantity"],
            "about": seats.to_string(), "available": 1,
        }]);
        assert_eq!(payload["cartLinesAdd"]["userErrors"], expected);
    })
    .await;
}

/// What was held as long as it may is told to be holdable again when that time comes, by the clock alone.
#[tokio::test(flavor = "multi_thread")]
async fn when_something_may_be_held_again_is_told_by_the_clock() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let seats = shop.product("seats", "TICKET", "10", Some(3)).await;
        let ada = shop.customer(1);
        let line = text(&add(&ada, seats, 1).await["lines"][0]["id"]);
        // Changed again and again, until it has been held as long as may be.
        for quantity in [1, 2].into_iter().cycle().take(9) {
            shop.move_clock(14 * MINUTE);
            let lines = json!({ "lines": [{ "id": line, "quantity": quantity }] });
            change(&ada, "cartLinesUpdate", CART, lines).await;
        }
        shop.sweep().await;
        let asked = format!("{{ me {{ {WARNED} }} }}");
        let warning = ada.good(&asked, json!({})).await["me"]["cart"]["warnings"][0].take();
        assert_eq!(warning["code"], json!("HOLD_LIMIT_REACHED"), "{warning}");
        let _watching = shop.app.watching().start();
        let mut phone = super::watching::Watcher::own(&shop, 1).await;
        assert_eq!(phone.cart().await["warnings"][0]["code"], json!("HOLD_LIMIT_REACHED"));
        shop.move_clock(121 * MINUTE);
        assert_eq!(phone.cart().await["warnings"][0]["code"], json!("HOLD_EXPIRED"));
    })
    .await;
}
