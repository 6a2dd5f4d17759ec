//! What is sold, and what takes something off it.

use encircle::db::bulk::insert_all;
use encircle::kernel::ids::Ids;
use encircle::kernel::viewer::DEVICE_TOKEN_PREFIX;
use entities::ids::CustomerId;
use entities::timestamp::Timestamp;
use entities::values::Channel;
use entities::{customer, device, touchpoint};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::Size;
use crate::client::Client;
use crate::databases::Database;
use crate::replicas::TILL_ID;

pub const SEATS: usize = 50;
pub const BUDGET: usize = 100;
pub const CAP: usize = 3;
pub const CODES: usize = 100;

const NOW: Timestamp = Timestamp(1_772_366_400_000);

pub struct Shop {
    pub customers: Vec<CustomerId>,
    /// The token of each second customer's device; the others buy at the till.
    pub tokens: Vec<Option<String>>,
    /// Others, who buy once.
    pub latecomers: Vec<CustomerId>,
    pub seats: String,
    pub popcorn: String,
    /// Without end at first, so that it is not held.
    pub encore: String,
    pub premiere: String,
    pub codes: Vec<String>,
}

impl Shop {
    pub fn open(database: &Database, staff: &Client<'_>, size: Size) -> Self {
        let mut customers = fill(database, size.customers + SEATS);
        let latecomers = customers.split_off(size.customers);
        let tokens = register(database, &customers);
        let product = |sku: &str, kind: &str, stock: Option<usize>| {
            let price = json!([{ "amount": "10", "currencyCode": "EUR" }]);
            let input = json!({ "sku": sku, "kind": kind, "prices": price, "stockTotal": stock });
            id(&staff.done(0, "productUpsert", "product { id }", &input)["product"])
        };
        let offer = |key: &str, percent: &str, parts: Value| {
            let mut input = parts;
            input["key"] = json!(key);
            input["benefit"] = json!({ "percentageOff": percent });
            let id = id(&staff.done(0, "offerCreate", "offer { id }", &input)["offer"]);
            staff.done(0, "offerPublish", "offer { id }", &json!({ "id": id }));
            id
        };
        let coded = offer("coded", "20", json!({ "codes": { "singleUse": true } }));
        let codes = staff.done(0, "codesGenerate", "csv", &json!({ "offerId": coded, "count": CODES }));
        let codes = codes["csv"].as_str().expect("a file").lines().skip(1).map(str::to_owned).collect();
        offer("budgeted", "10", json!({ "limits": { "total": BUDGET } }));
        offer("capped", "5", json!({ "limits": { "perCustomer": CAP } }));
        Self {
            customers,
            tokens,
            latecomers,
            encore: product("encore", "TICKET", None),
            premiere: product("premiere", "TICKET", Some(SEATS)),
            seats: product("seats", "TICKET", Some(SEATS)),
            popcorn: product("popcorn", "PHYSICAL", None),
            codes,
        }
    }
}

fn id(of: &Value) -> String {
    of["id"].as_str().expect("an id").to_owned()
}

/// The till, and so many customers.
fn fill(database: &Database, count: usize) -> Vec<CustomerId> {
    let ids = Ids::seeded(1);
    let customers: Vec<CustomerId> = (0..count).map(|_| ids.next(NOW)).collect();
    let rows: Vec<customer::Model> = customers.iter().map(|id| customer::Model::bare(*id, NOW)).collect();
    database.with(async |db| {
        db.write(async |transaction| {
            insert_all(transaction, vec![till()]).await?;
            insert_all(transaction, rows.clone()).await
        })
        .await
        .expect("the tables are filled");
    });
    customers
}

/// Gives each second customer a device, and its token.
fn register(database: &Database, customers: &[CustomerId]) -> Vec<Option<String>> {
    let token =
        |number: usize| (number % 2 == 1).then(|| format!("{DEVICE_TOKEN_PREFIX}of_the_races_{number}"));
    let tokens: Vec<Option<String>> = (0..customers.len()).map(token).collect();
    let ids = Ids::seeded(2);
    let device = |(customer, token): (&CustomerId, &Option<String>)| {
        Some(device::Model {
            id: ids.next(NOW),
            customer_id: *customer,
            channel: Channel::MobileApp,
            platform: "ios".to_owned(),
            model: None,
            token_hash: Some(Sha256::digest(token.as_ref()?.as_bytes()).to_vec()),
            created_at: NOW,
            last_seen_at: NOW,
        })
    };
    let rows: Vec<device::Model> = customers.iter().zip(&tokens).filter_map(device).collect();
    database.with(async |db| {
        db.write(async |transaction| insert_all(transaction, rows.clone()).await)
            .await
            .expect("the devices are written");
    });
    tokens
}

fn till() -> touchpoint::Model {
    touchpoint::Model {
        id: TILL_ID.parse().expect("an id"),
        key: "till".to_owned(),
        name: "Till".to_owned(),
        channel: Channel::PointOfSale,
        placements: json!([]),
        time_zone: "UTC".to_owned(),
        currency: "EUR".to_owned(),
        shared: true,
        created_at: NOW,
    }
}
