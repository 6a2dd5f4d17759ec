//! Two carts of one customer, after signing in, become one.

use encircle::db::Db;
use encircle::kernel::viewer::Viewer;
use entities::ids::{CartId, DeviceId, ProductId};
use entities::values::Channel;
use entities::{cart, cart_code, device};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::recount::recount;
use super::{CART, MINUTE, Shop, add, customer_id, done, refused, text};
use crate::entities::{insert, samples};
use crate::harness::client::Client;
use crate::harness::databases::on_both;

/// A shop whose second customer, a device, has a cart and turns out to be the first, who has one too.
async fn signed_in(db: Db) -> (Shop, [ProductId; 2]) {
    let shop = Shop::open(db, 2).await;
    let seats = shop.product("seats", "TICKET", "10", Some(10)).await;
    let popcorn = shop.product("popcorn", "PHYSICAL", "4.50", None).await;
    add(&shop.customer(1), seats, 2).await;
    shop.move_clock(MINUTE);
    add(&shop.customer(2), seats, 1).await;
    add(&shop.customer(2), popcorn, 3).await;
    let [account, device] = [1, 2].map(|number| customer_id(number).to_string());
    let input = json!({ "survivorId": account, "mergedId": device, "reason": "signed in" });
    done(&shop.staff(), "customerMerge", "customer { id }", input).await;
    (shop, [seats, popcorn])
}

fn by_sku(changes: &Value) -> Vec<Value> {
    let mut changes = changes.as_array().expect("a list").clone();
    changes.sort_by_key(|change| text(&change["product"]["sku"]));
    changes
}

#[tokio::test(flavor = "multi_thread")]
async fn two_carts_become_one_as_the_customer_says_and_what_changed_is_told() {
    for (strategy, seats_left, total, changes) in [
        (
            "MERGE",
            7,
            "43.50",
            json!([
                { "product": { "sku": "seats" }, "quantityBefore": 2, "quantityOther": 1, "quantity": 3 },
                { "product": { "sku": "popcorn" }, "quantityBefore": 0, "quantityOther": 3, "quantity": 3 },
            ]),
        ),
        (
            "KEEP_MINE",
            9,
            "23.50",
            json!([{ "product": { "sku": "seats" }, "quantityBefore": 1, "quantityOther": 2, "quantity": 1 }]),
        ),
        (
            "KEEP_THEIRS",
            8,
            "20.00",
            json!([
                { "product": { "sku": "seats" }, "quantityBefore": 2, "quantityOther": 1, "quantity": 2 },
                { "product": { "sku": "popcorn" }, "quantityBefore": 0, "quantityOther": 3, "quantity": 0 },
            ]),
        ),
    ] {
        on_both(async |db| {
            let (shop, [seats, _]) = signed_in(db).await;
            let ada = shop.customer(1);
            let before = ada.good(&format!("{{ me {{ {CART} }} }}"), json!({})).await["me"]["cart"].take();
            assert_eq!(before["total"]["amount"], json!("23.50"), "the cart at hand, until they are merged");
            assert_eq!(before["warnings"][0]["code"], json!("OTHER_CART"));
            let by_id =
                format!("{{ node(id: {}) {{ ... on {} }} }}", before["id"], CART.replacen("cart", "Cart", 1));
            let by_id = ada.good(&by_id, json!({})).await["node"].take();
            assert_eq!(by_id, before, "by whichever way it is read");
            let selection =
                format!("{CART} changes {{ product {{ sku }} quantityBefore quantityOther quantity }}");
            let version = before["version"].as_i64().expect("a version");
            let stale = json!({ "strategy": strategy, "version": version + 1 });
            let refusal = ("STALE".to_owned(), "input.version".to_owned());
            assert_eq!(refused(&ada, "cartMerge", stale).await, refusal);
            let read = json!({ "strategy": strategy, "version": version });
            let merged = done(&ada, "cartMerge", &selection, read).await;
            assert_eq!(merged["cart"]["total"]["amount"], json!(total), "{strategy}");
            assert_eq!(merged["cart"]["warnings"], json!([]), "{strategy}");
            assert_eq!(by_sku(&merged["changes"]), by_sku(&changes), "{strategy}");
            assert_eq!(shop.taken(seats).await, 10 - seats_left, "{strategy}");
            let carts = cart::Entity::find().all(shop.db.connection()).await.expect("carts");
            assert_eq!(carts.len(), 1, "{strategy}");
            recount(&shop.db).await;
            let again =
                done(&ada, "cartMerge", "changes { quantity }", json!({ "strategy": strategy })).await;
            assert_eq!(again["changes"], json!([]));
        })
        .await;
    }
}

/// A device on which its customer's row was begun, once everybody on it has signed in to customer 1.
fn on_device(shop: &Shop, number: u128) -> Client<'_> {
    let (device, customer) = (samples::id::<DeviceId>(number), customer_id(1));
    Client::of(&shop.app, Viewer::Device { device, customer, channel: Channel::Web })
}

/// Somebody puts seats into a cart on the phone (2) and popcorn on the laptop (3), and signs in to an account (1) that has
/// no cart of its own on both; what the phone had is the account's by then.
async fn signed_in_on_two_devices(db: Db) -> (Shop, ProductId) {
    let shop = Shop::open(db, 3).await;
    let rows = [2, 3].map(|number| device::Model {
        id: samples::id(number),
        customer_id: customer_id(number),
        token_hash: None,
        ..samples::devices()[0].clone()
    });
    insert::<device::Entity>(&shop.db, rows).await;
    let seats = shop.product("seats", "TICKET", "10", Some(10)).await;
    let popcorn = shop.product("popcorn", "PHYSICAL", "4.50", None).await;
    for (number, product) in [(2, seats), (3, popcorn)] {
        shop.move_clock(MINUTE);
        add(&shop.customer(number), product, 2).await;
        let [account, device] = [1, number].map(|number| customer_id(number).to_string());
        let input = json!({ "survivorId": account, "mergedId": device, "reason": "signed in" });
        done(&shop.staff(), "customerMerge", "customer { id }", input).await;
    }
    (shop, seats)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_device_s_own_cart_is_the_one_that_was_begun_on_it() {
    for (number, strategy, kept, seats_left) in [
        (3, "KEEP_MINE", "popcorn", 10),
        (3, "KEEP_THEIRS", "seats", 8),
        (2, "KEEP_MINE", "seats", 8),
        (2, "KEEP_THEIRS", "popcorn", 10),
    ] {
        on_both(async |db| {
            let (shop, seats) = signed_in_on_two_devices(db).await;
            let device = on_device(&shop, number);
            let merged = done(&device, "cartMerge", CART, json!({ "strategy": strategy })).await;
            let lines = merged["cart"]["lines"].as_array().expect("lines");
            let skus: Vec<String> = lines.iter().map(|line| text(&line["product"]["sku"])).collect();
            assert_eq!(skus, [kept], "{strategy} on {number}");
            assert_eq!(shop.taken(seats).await, 10 - seats_left, "{strategy} on {number}");
            recount(&shop.db).await;
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kept_cart_s_codes_stay_and_those_that_are_dropped_are_told() {
    for (strategy, codes, dropped) in [
        ("MERGE", 10, json!(["J"])),
        ("KEEP_THEIRS", 1, json!(["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"])),
    ] {
        on_both(async |db| {
            let (shop, _) = signed_in(db).await;
            // The carts of both rows, one begun before anybody signed in.
            let of = async |number: u128, codes: Value| {
                let id: CartId = cart_id(&shop, number).await;
                let rows = codes.as_array().expect("codes").iter().map(|code| cart_code::Model {
                    cart_id: id,
                    customer_id: customer_id(number),
                    code: text(code),
                });
                insert::<cart_code::Entity>(&shop.db, rows.collect::<Vec<_>>()).await;
            };
            of(1, json!(["ZEBRA"])).await;
            of(2, json!(["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"])).await;
            let selection = "cart { codes } droppedCodes";
            let merged =
                done(&shop.customer(1), "cartMerge", selection, json!({ "strategy": strategy })).await;
            let kept = merged["cart"]["codes"].as_array().expect("codes");
            assert_eq!(kept.len(), codes, "{strategy}");
            assert!(kept.contains(&json!("ZEBRA")), "{strategy}: {kept:?}");
            assert_eq!(merged["droppedCodes"], dropped, "{strategy}");
        })
        .await;
    }
}

async fn cart_id(shop: &Shop, number: u128) -> CartId {
    let carts = cart::Entity::find().all(shop.db.connection()).await.expect("carts");
    carts.iter().find(|cart| cart.customer_id == customer_id(number)).expect("a cart").id
}
