//! `cartChanged`: a customer's devices learn what changes in the cart, at once and once.

use encircle::kernel::viewer::{Scopes, Viewer};
use entities::ids::CustomerId;
use serde_json::{Value, json};

use super::{CART, MINUTE, Shop, add, checkout, customer_id, done};
use crate::entities::samples;
use crate::harness::databases::on_both;
use crate::harness::watching::Subscription;

/// A device that shows the cart.
pub(super) struct Watcher(Subscription);

impl Watcher {
    async fn of(shop: &Shop, viewer: Viewer, named: Option<CustomerId>) -> Self {
        let selection = CART.strip_prefix("cart ").expect("a field and its selection");
        let query = format!("subscription($id: ID) {{ cartChanged(customerId: $id) {selection} }}");
        let variables = json!({ "id": named.map(|id| id.to_string()) });
        Self(Subscription::open(&shop.app, viewer, &query, variables).await)
    }

    pub(super) async fn own(shop: &Shop, number: u128) -> Self {
        Self::of(shop, Viewer::Customer(customer_id(number)), None).await
    }

    pub(super) async fn at_kiosk(shop: &Shop, customer: CustomerId) -> Self {
        Self::of(shop, Viewer::Touchpoint(samples::touchpoints()[0].id), Some(customer)).await
    }

    /// The cart from the next event on.
    pub(super) async fn cart(&mut self) -> Value {
        let mut answer = self.0.answer().await;
        assert_eq!(answer.get("errors"), None, "{answer}");
        answer["data"]["cartChanged"].take()
    }

    /// What of the cart is held, and of what it warns, from the next event on.
    async fn warned(&mut self) -> (Value, Value) {
        let cart = self.cart().await;
        (cart["lines"][0]["held"].clone(), cart["warnings"][0]["code"].clone())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_device_puts_into_the_cart_all_show_once() {
    on_both(async |db| {
        let shop = Shop::open(db, 2).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "4.50", None).await;
        let half = json!({ "benefit": { "percentageOff": "50" }, "codes": { "shared": "HALF26" } });
        let half = shop.offer("half", half).await;
        let _watching = shop.app.watching().start();
        let ada = shop.customer(1);
        let mut devices = [Watcher::own(&shop, 1).await, Watcher::at_kiosk(&shop, customer_id(1)).await];
        let mut of_bob = Watcher::own(&shop, 2).await;
        for device in devices.iter_mut().chain([&mut of_bob]) {
            assert_eq!(device.cart().await, json!(null), "the first event is how things are now");
        }
        let added = add(&ada, popcorn, 2).await;
        for device in &mut devices {
            assert_eq!(device.cart().await, added);
        }
        // What does not change the cart is not told: the next event is of the codes.
        let traits = json!({ "customerId": customer_id(1).to_string(), "traits": { "mood": "good" } });
        done(&shop.staff(), "customerUpdate", "customer { id }", traits).await;
        let coded = done(&ada, "cartCodesUpdate", CART, json!({ "codes": ["HALF26"] })).await["cart"].take();
        assert_eq!(coded["total"]["amount"], json!("4.50"));
        for device in &mut devices {
            assert_eq!(device.cart().await, coded);
        }
        // By another name it is another receipt.
        let query = format!("{{ offer(by: {{ id: \"{half}\" }}) {{ version }} }}");
        let version = shop.staff().good(&query, json!({})).await["offer"]["version"].take();
        let named = json!({ "id": half.to_string(), "version": version, "name": "Half of all" });
        done(&shop.staff(), "offerUpdate", "offer { id }", named).await;
        for device in &mut devices {
            let cart = device.cart().await;
            assert_eq!(
                (&cart["discounts"][0]["name"], &cart["version"]),
                (&json!("Half of all"), &coded["version"])
            );
        }
        done(&shop.staff(), "offerPause", "offer { id }", json!({ "id": half.to_string() })).await;
        for device in &mut devices {
            let cart = device.cart().await;
            assert_eq!((&cart["total"]["amount"], &cart["version"]), (&json!("9.00"), &coded["version"]));
        }
        done(&ada, "cartCheckout", "purchase { id }", checkout("1")).await;
        for device in &mut devices {
            assert_eq!(device.cart().await, json!(null));
        }
        // Nothing of this was told to another customer's device.
        let own = add(&shop.customer(2), popcorn, 1).await;
        assert_eq!(of_bob.cart().await, own);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn prices_stock_and_time_change_the_cart() {
    on_both(async |db| {
        let shop = Shop::open(db, 2).await;
        let seats = shop.product("seats", "TICKET", "10", Some(3)).await;
        let until = json!({ "endsAt": "2026-01-01T12:10:00Z" });
        shop.offer("early", json!({ "benefit": { "percentageOff": "10" }, "schedule": until })).await;
        let _watching = shop.app.watching().start();
        add(&shop.customer(1), seats, 2).await;
        let mut phone = Watcher::own(&shop, 1).await;
        assert_eq!(phone.cart().await["total"]["amount"], json!("18.00"));
        // What others take does not change it, as long as its own are held.
        add(&shop.customer(2), seats, 1).await;
        let price = json!([{ "amount": "12", "currencyCode": "EUR" }]);
        let dearer = json!({ "sku": "seats", "prices": price });
        done(&shop.staff(), "productUpsert", "product { id }", dearer).await;
        assert_eq!(phone.cart().await["total"]["amount"], json!("21.60"));
        shop.move_clock(11 * MINUTE);
        assert_eq!(phone.cart().await["total"]["amount"], json!("24.00"), "the offer is over");
        let line = phone_line(&shop).await;
        let told = json!({ "lines": [{ "id": line, "quantity": 2 }] });
        done(&shop.customer(1), "cartLinesUpdate", "cart { id }", told).await;
        assert_eq!(phone.warned().await, (json!(2), json!(null)), "the price was told");
        shop.move_clock(16 * MINUTE);
        shop.sweep().await;
        assert_eq!(phone.warned().await, (json!(0), json!("HOLD_EXPIRED")));
        let fewer = json!({ "productId": seats.to_string(), "adjustment": { "total": 1 } });
        done(&shop.staff(), "stockAdjust", "product { id }", fewer).await;
        assert_eq!(phone.warned().await, (json!(0), json!("OUT_OF_STOCK")));
    })
    .await;
}

/// The one line of the first customer's cart.
async fn phone_line(shop: &Shop) -> Value {
    let mut me = shop.customer(1).good("{ me { cart { lines { id } } } }", json!({})).await;
    me["me"]["cart"]["lines"][0]["id"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_in_sees_the_cart_of_both() {
    on_both(async |db| {
        let shop = Shop::open(db, 2).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "4.50", None).await;
        let _watching = shop.app.watching().start();
        add(&shop.customer(2), popcorn, 1).await;
        let (mut web, mut device) = (Watcher::own(&shop, 1).await, Watcher::own(&shop, 2).await);
        assert_eq!(web.cart().await, json!(null));
        let before = device.cart().await;
        let [account, anonymous] = [1, 2].map(|number| customer_id(number).to_string());
        let input = json!({ "survivorId": account, "mergedId": anonymous, "reason": "signed in" });
        done(&shop.staff(), "customerMerge", "customer { id }", input).await;
        assert_eq!(web.cart().await, before, "the account has the device's cart by now");
        let added = add(&shop.customer(1), popcorn, 1).await;
        assert_eq!(added["lines"][0]["quantity"], json!(2));
        assert_eq!(web.cart().await, added);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_s_cart_is_not_found() {
    on_both(async |db| {
        let shop = Shop::open(db, 2).await;
        let refusal = async |viewer, number: Option<u128>| {
            Watcher::of(&shop, viewer, number.map(customer_id)).await.0.refusal().await
        };
        let customer = Viewer::Customer(customer_id(1));
        assert_eq!(refusal(customer, Some(2)).await, "NOT_FOUND");
        assert_eq!(refusal(customer, Some(9)).await, "NOT_FOUND");
        assert_eq!(refusal(Viewer::Anonymous, Some(1)).await, "NOT_FOUND");
        assert_eq!(refusal(Viewer::Anonymous, None).await, "FORBIDDEN");
        assert_eq!(refusal(Viewer::staff(Scopes::all()), None).await, "FORBIDDEN");
        assert_eq!(refusal(Viewer::staff(Scopes::default()), Some(9)).await, "NOT_FOUND");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_buy_is_told_to_the_carts_that_it_concerns() {
    on_both(async |db| {
        let shop = Shop::open(db, 2).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "4.50", None).await;
        let limits = json!({ "amount": { "amount": "5", "currencyCode": "EUR" } });
        shop.offer("half", json!({ "benefit": { "percentageOff": "50" }, "limits": limits })).await;
        let _watching = shop.app.watching().start();
        let added = add(&shop.customer(1), popcorn, 2).await;
        assert_eq!(added["total"]["amount"], json!("4.50"));
        let mut phone = Watcher::own(&shop, 1).await;
        assert_eq!(phone.cart().await, added);
        add(&shop.customer(2), popcorn, 1).await;
        let selection = "purchase { id }";
        let bought = done(&shop.customer(2), "cartCheckout", selection, checkout("1")).await;
        // 2.25 of 5 are taken: 4.50 are more than what is left.
        let left_out = phone.cart().await;
        assert_eq!((&left_out["total"]["amount"], &left_out["discounts"]), (&json!("9.00"), &json!([])));
        assert_eq!(left_out["warnings"][0]["code"], json!("OFFER_NOT_APPLIED"));
        let cancel = json!({ "purchaseId": bought["purchase"]["id"] });
        done(&shop.customer(2), "purchaseCancel", selection, cancel).await;
        assert_eq!(phone.cart().await, added, "the budget is there again");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_works_once_goes_from_other_carts_when_it_is_used_and_comes_back() {
    on_both(async |db| {
        let shop = Shop::open(db, 2).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "10", None).await;
        let five = json!({ "amountOff": { "amount": "5", "currencyCode": "EUR" } });
        let offer = shop.offer("five", json!({ "benefit": five, "codes": { "singleUse": true } })).await;
        let wanted = json!({ "offerId": offer.to_string(), "count": 1 });
        let made = done(&shop.staff(), "codesGenerate", "csv", wanted).await;
        let code = made["csv"].as_str().and_then(|csv| csv.lines().nth(1)).expect("a code").to_owned();
        for number in [1, 2] {
            add(&shop.customer(number), popcorn, 1).await;
            let codes = json!({ "codes": [code] });
            done(&shop.customer(number), "cartCodesUpdate", "cart { id }", codes).await;
        }
        let _watching = shop.app.watching().start();
        let mut phone = Watcher::own(&shop, 1).await;
        assert_eq!(phone.cart().await["total"]["amount"], json!("5.00"));
        let bought = done(&shop.customer(2), "cartCheckout", "purchase { id }", checkout("1")).await;
        let cart = phone.cart().await;
        assert_eq!(
            (&cart["total"]["amount"], &cart["warnings"][0]["code"]),
            (&json!("10.00"), &json!("CODE_NOT_APPLIED"))
        );
        let cancel = json!({ "purchaseId": bought["purchase"]["id"] });
        done(&shop.customer(2), "purchaseCancel", "purchase { id }", cancel).await;
        assert_eq!(phone.cart().await["total"]["amount"], json!("5.00"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn seats_that_are_not_held_any_more_are_watched_until_they_are_gone() {
    on_both(async |db| {
        let shop = Shop::open(db, 2).await;
        let seats = shop.product("seats", "TICKET", "10", Some(3)).await;
        let _watching = shop.app.watching().start();
        add(&shop.customer(1), seats, 2).await;
        let mut phone = Watcher::own(&shop, 1).await;
        assert_eq!(phone.warned().await, (json!(2), json!(null)));
        shop.move_clock(16 * MINUTE);
        shop.sweep().await;
        assert_eq!(phone.warned().await, (json!(0), json!("HOLD_EXPIRED")));
        let of_bob = add(&shop.customer(2), seats, 2).await;
        assert_eq!(phone.warned().await, (json!(0), json!("OUT_OF_STOCK")));
        let lines = json!({ "lineIds": [of_bob["lines"][0]["id"]] });
        done(&shop.customer(2), "cartLinesRemove", "cart { id }", lines).await;
        assert_eq!(phone.warned().await, (json!(0), json!("HOLD_EXPIRED")));
    })
    .await;
}
