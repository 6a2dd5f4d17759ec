//! Changing customers through the graph: who may, what becomes of it, and what is refused.

mod consents;
mod devices;
mod identify;
mod merging;
mod privacy;
mod races;
mod tokens;
mod updates;

use encircle::app::App;
use encircle::db::Db;
use entities::ids::CustomerId;
use entities::timestamp::Timestamp;
use entities::touchpoint;
use serde_json::{Value, json};

use crate::api::world::{kiosk, touchpoints};
use crate::entities::insert;
use crate::harness::client::{Client, application};

const NOON: Timestamp = Timestamp(1_767_268_800_000);

/// The application over an empty database with two touchpoints: the first is used by many, the second is not.
async fn start(db: Db) -> App {
    insert::<touchpoint::Entity>(&db, touchpoints()).await;
    assert!(touchpoints()[0].shared && touchpoints()[0].id == kiosk() && !touchpoints()[1].shared);
    application(db, NOON).await
}

/// Sends a mutation and gives its payload.
async fn change(client: Client<'_>, name: &str, selection: &str, input: Value) -> Value {
    let ty = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    let query = format!(
        "mutation($input: {ty}!) {{ {name}(input: $input) {{ {selection} userErrors {{ code field message }} }} }}"
    );
    client.good(&query, json!({ "input": input })).await[name].take()
}

/// The same for one that is done.
async fn done(client: Client<'_>, name: &str, selection: &str, input: Value) -> Value {
    let payload = change(client, name, selection, input).await;
    assert_eq!(payload["userErrors"], json!([]), "{name}");
    payload
}

/// The same for one that is refused with one error; the error.
async fn refused(client: Client<'_>, name: &str, input: Value, code: &str) -> Value {
    let mut payload = change(client, name, "customer { id }", input).await;
    assert_eq!(payload["customer"], Value::Null);
    let errors = payload["userErrors"].as_array_mut().expect("errors");
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0]["code"], code, "{}", errors[0]);
    errors[0].take()
}

/// Identifies somebody as staff; the customer's id.
async fn identified(app: &App, identities: &[(&str, &str)]) -> String {
    let identities: Vec<Value> =
        identities.iter().map(|(ty, value)| json!({ "type": ty, "value": value })).collect();
    let input = json!({ "identities": identities });
    let payload = done(Client::staff(app), "customerIdentify", "customer { id }", input).await;
    payload["customer"]["id"].as_str().expect("an id").to_owned()
}

/// Registers a device; its customer and its token.
async fn registered(app: &App, anonymous_id: Option<&str>) -> (String, String) {
    let input = json!({ "channel": "WEB", "platform": "firefox", "anonymousId": anonymous_id });
    let payload = done(Client::anonymous(app), "deviceRegister", "token customer { id }", input).await;
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    (text(&payload["customer"]["id"]), text(&payload["token"]))
}

fn id(text: &str) -> CustomerId {
    text.parse().expect("an id of a customer")
}
