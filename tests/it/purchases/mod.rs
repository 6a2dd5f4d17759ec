//! Selling: products and their stock, carts, holds, checkouts, refunds; each alone, and all at once.

mod buying;
mod carts;
mod elsewhere;
mod entitlements;
mod guessing;
mod holding;
mod importing;
mod limits;
mod locks;
mod lost;
mod merging;
mod overtaken;
mod payments;
mod playback;
mod prices;
mod products;
mod races;
mod reasons;
mod receipts;
mod recount;
mod refunds;
mod statements;
mod story;
mod tokens;
mod versions;
mod waiting;
mod watching;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use encircle::app::App;
use encircle::db::Db;
use encircle::kernel::clock::Clock;
use entities::ids::{CustomerId, OfferId, ProductId};
use entities::timestamp::Timestamp;
use entities::values::{Channel, TextEnum};
use entities::{customer, offer_budget, product, touchpoint};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::entities::{insert, samples};
use crate::harness::client::{Client, application};

pub const NOON: Timestamp = Timestamp(1_767_268_800_000);
pub const MINUTE: i64 = 60_000;

/// What is asked of a cart.
pub const CART: &str = "cart { id version total { amount currencyCode } subtotal { amount } codes holdsExpireAt \
    lines { id quantity held unitPrice { amount } total { amount } product { sku } } \
    discounts { name amount { amount } offer { key } } warnings { code enteredCode lineId } }";

/// A cinema at noon of New Year's Day 2026, with so many customers and a till.
pub struct Shop {
    pub app: Arc<App>,
    pub db: Db,
}

impl Shop {
    pub async fn open(db: Db, customers: u128) -> Self {
        insert::<touchpoint::Entity>(&db, [touchpoint_of(Channel::PointOfSale)]).await;
        insert::<customer::Entity>(&db, (1..=customers).map(samples::customer)).await;
        Self { app: Arc::new(application(db.clone(), NOON).await), db }
    }

    pub fn staff(&self) -> Client<'_> {
        Client::staff(&self.app)
    }

    pub fn till(&self) -> Client<'_> {
        Client::touchpoint(&self.app, samples::touchpoints()[0].id)
    }

    /// Another touchpoint, of this channel.
    pub async fn at(&self, channel: Channel) -> Client<'_> {
        let number = 100 + Channel::ALL.iter().position(|one| *one == channel).expect("a channel") as u128;
        let row = touchpoint::Model {
            id: samples::id(number),
            key: format!("other-{number}"),
            ..touchpoint_of(channel)
        };
        insert::<touchpoint::Entity>(&self.db, [row.clone()]).await;
        Client::touchpoint(&self.app, row.id)
    }

    pub fn customer(&self, number: u128) -> Client<'_> {
        Client::customer(&self.app, customer_id(number))
    }

    pub fn move_clock(&self, millis: i64) {
        let Clock::Fixed(now) = &self.app.clock else { panic!("the clock stands still") };
        now.fetch_add(millis, Ordering::Relaxed);
    }

    /// Writes a product that costs so many euros; its id.
    pub async fn product(&self, sku: &str, kind: &str, price: &str, stock: Option<i32>) -> ProductId {
        let price = json!({ "amount": price, "currencyCode": "EUR" });
        let mut input = json!({ "sku": sku, "kind": kind, "prices": [price] });
        if let Some(stock) = stock {
            input["stockTotal"] = json!(stock);
        }
        let done = done(&self.staff(), "productUpsert", "product { id }", input).await;
        text(&done["product"]["id"]).parse().expect("an id")
    }

    /// Writes and publishes an offer; its id.
    pub async fn offer(&self, key: &str, parts: Value) -> OfferId {
        let mut input = parts;
        input["key"] = json!(key);
        let id = text(&done(&self.staff(), "offerCreate", "offer { id }", input).await["offer"]["id"]);
        done(&self.staff(), "offerPublish", "offer { status }", json!({ "id": id })).await;
        id.parse().expect("an id")
    }

    /// How many of a product are sold or held.
    pub async fn taken(&self, product: ProductId) -> i64 {
        let row = product::Entity::find_by_id(product).one(self.db.connection()).await;
        row.expect("it is read").expect("it is there").stock_taken
    }

    /// What of an offer's budget is taken: times, minor units.
    pub async fn budget(&self, offer: OfferId) -> (i64, i64) {
        let row = offer_budget::Entity::find_by_id(offer).one(self.db.connection()).await;
        row.expect("it is read").map_or((0, 0), |row| (row.taken, row.taken_minor))
    }

    /// Gives back what of the holds ran out.
    pub async fn sweep(&self) {
        while encircle::domain::purchases::holds::sweep(&self.db, self.app.clock.now())
            .await
            .expect("a sweep")
        {}
    }
}

fn touchpoint_of(channel: Channel) -> touchpoint::Model {
    let [first] = samples::touchpoints();
    touchpoint::Model { channel, ..first }
}

pub fn customer_id(number: u128) -> CustomerId {
    samples::id(number)
}

/// The payload of a mutation.
pub async fn change(client: &Client<'_>, name: &str, selection: &str, input: Value) -> Value {
    let ty = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    let query = format!(
        "mutation($input: {ty}!) {{ {name}(input: $input) {{ {selection} userErrors {{ code field message }} }} }}"
    );
    client.good(&query, json!({ "input": input })).await[name].take()
}

/// The same of one that is done.
pub async fn done(client: &Client<'_>, name: &str, selection: &str, input: Value) -> Value {
    let payload = change(client, name, selection, input).await;
    assert_eq!(payload["userErrors"], json!([]), "{name}");
    payload
}

/// The code and the field, with dots, of the one thing that is wrong.
pub async fn refused(client: &Client<'_>, name: &str, input: Value) -> (String, String) {
    let payload = change(client, name, "__typename", input.clone()).await;
    wrong(&payload).unwrap_or_else(|| panic!("{name} with {input}: {payload}"))
}

/// The same of a payload; none if it was done.
pub fn wrong(payload: &Value) -> Option<(String, String)> {
    let [error] = payload["userErrors"].as_array()?.as_slice() else { return None };
    let field: Vec<String> = error["field"].as_array().into_iter().flatten().map(text).collect();
    Some((text(&error["code"]), field.join(".")))
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text, not {value}")).to_owned()
}

/// Puts so many of a product into the cart of who asks.
pub async fn add(client: &Client<'_>, product: ProductId, quantity: i32) -> Value {
    let lines = json!([{ "productId": product.to_string(), "quantity": quantity }]);
    done(client, "cartLinesAdd", CART, json!({ "lines": lines })).await["cart"].take()
}

/// What becomes of a customer's purchase when the brand's server says that it is paid.
pub async fn paid(shop: &Shop, bought: &Value) -> Value {
    let pay = json!({ "purchaseId": bought["purchase"]["id"], "paymentReference": "card-1" });
    done(&shop.staff(), "purchasePay", PURCHASE, pay).await["purchase"].take()
}

/// Checks the cart of who asks out, with the word that it is paid.
pub fn checkout(key: &str) -> Value {
    json!({ "idempotencyKey": key, "paymentReference": format!("pay-{key}") })
}

/// What is asked of a purchase.
pub const PURCHASE: &str = "purchase { id number status total { amount } refunded { amount } \
    lines { id quantity refundedQuantity total { amount } } redemptions { status amount { amount } } }";

/// What is asked of a checkout.
pub const BOUGHT: &str = "purchase { id number status total { amount } refunded { amount } \
    lines { id quantity refundedQuantity total { amount } } redemptions { status amount { amount } } } \
    replayed cart { id }";
