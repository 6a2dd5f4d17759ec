//! A world in which everything is there twice: spread over a customer and those merged into it, and owned by
//! somebody alone.

use encircle::db::Db;
use entities::timestamp::Timestamp;
use entities::{behavior, customer, customer_identity, device, purchase};
use serde_json::json;

use crate::api::world::{self, NAMES, NOON, customer_id};
use crate::entities::{insert, samples};

/// The survivor, the two merged into it, and somebody who owns the same alone.
pub const SURVIVOR: u128 = 1;
pub const MERGED: [u128; 2] = [2, 3];
pub const ALONE: u128 = 4;
/// The numbers of a next world in the same database begin so much later.
pub const NEXT: u128 = 10_000;

/// Who did something, and when: times are few, so that members have things at the same time.
pub type History = Vec<(u128, i64)>;

/// Writes the history twice: over the members, and for the customer who owns it alone. The ids of both sort
/// alike.
pub async fn write(db: &Db, base: u128, history: &History) {
    let customers = [SURVIVOR, ALONE].into_iter().chain(MERGED).map(|number| customer::Model {
        merged_into: MERGED.contains(&number).then(|| customer_id(base + SURVIVOR)),
        ..samples::customer(base + number)
    });
    // The survivor is written first: the others refer to it.
    insert::<customer::Entity>(db, customers).await;
    let copies: Vec<(u128, u128, Timestamp)> = history
        .iter()
        .zip(1..)
        .flat_map(|(&(member, time), at)| {
            let time = Timestamp(NOON.millis() + time);
            [(base + at * 2, base + member, time), (base + at * 2 + 1, base + ALONE, time)]
        })
        .collect();
    insert::<device::Entity>(db, copies.iter().map(|&(id, owner, time)| a_device(id, owner, time))).await;
    insert::<behavior::Entity>(db, copies.iter().map(|&(id, owner, time)| a_behavior(id, owner, time))).await;
    insert::<purchase::Entity>(db, copies.iter().map(|&(id, owner, time)| a_purchase(id, owner, time))).await;
    let identities = copies.iter().map(|&(id, owner, time)| an_identity(id, owner, time));
    insert::<customer_identity::Entity>(db, identities).await;
}

/// What both copies of a thing are called.
fn label(id: u128) -> String {
    format!("thing {}", id % NEXT / 2)
}

fn a_behavior(id: u128, owner: u128, time: Timestamp) -> behavior::Model {
    behavior::Model {
        id: samples::id(id),
        customer_id: customer_id(owner),
        name: NAMES[id as usize / 2 % 2].to_owned(),
        device_id: None,
        properties: json!(label(id)),
        occurred_at: time,
        message_id: id.to_string(),
        ..world::behaviors(1).next().expect("a behavior")
    }
}

fn a_purchase(id: u128, owner: u128, time: Timestamp) -> purchase::Model {
    purchase::Model {
        number: format!("{} of {owner}", label(id)),
        touchpoint_id: None,
        ..samples::purchase(id, owner, time)
    }
}

fn a_device(id: u128, owner: u128, time: Timestamp) -> device::Model {
    device::Model {
        id: samples::id(id),
        customer_id: customer_id(owner),
        model: Some(label(id)),
        last_seen_at: time,
        token_hash: None,
        ..samples::devices()[0].clone()
    }
}

fn an_identity(id: u128, owner: u128, time: Timestamp) -> customer_identity::Model {
    customer_identity::Model {
        id: samples::id(id),
        customer_id: customer_id(owner),
        value: format!("{} of {owner}", label(id)),
        created_at: time,
        ..samples::identities()[0].clone()
    }
}
