//! Attributes: what behaviors add up to, by every way in, at every moment.

use encircle::app::App;
use encircle::domain::behaviors::record::{BehaviorRecord, Outcome};
use encircle::domain::customers::identity::IdentityKey;
use encircle::domain::customers::import::CustomerRef;
use encircle::kernel::ids::Ids;
use entities::timestamp::Timestamp;
use entities::values::{Channel, IdentityKind};
use serde_json::{Value, json};

use crate::harness::client::Client;

mod command;
mod defining;
mod exactness;
mod oracle;
mod scenarios;

/// 2026-03-01T12:00:00Z.
const NOON: Timestamp = Timestamp(1_772_366_400_000);
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// An anonymous somebody.
fn somebody(name: &str) -> CustomerRef {
    let key = IdentityKey::try_new(IdentityKind::AnonymousId, name).expect("an identity");
    CustomerRef::Identified(vec![key])
}

/// What somebody did, at a time.
fn did(app: &App, who: &str, name: &str, at: Timestamp, properties: Value) -> BehaviorRecord {
    behavior(&app.ids, who, name, at, properties)
}

pub fn behavior(ids: &Ids, who: &str, name: &str, at: Timestamp, properties: Value) -> BehaviorRecord {
    let Value::Object(properties) = properties else { panic!("properties are an object") };
    let id = ids.next(at);
    BehaviorRecord {
        id,
        customer: somebody(who),
        name: name.to_owned(),
        channel: Channel::Web,
        touchpoint_id: None,
        device_id: None,
        properties: properties.into(),
        occurred_at: at,
        received_at: at,
        source: "test".to_owned(),
        message_id: id.to_string(),
    }
}

async fn record(app: &App, records: Vec<BehaviorRecord>) {
    let report = app.services.ingest.record(records).await.expect("it is recorded");
    assert!(report.outcomes.iter().all(|outcome| matches!(outcome, Outcome::Recorded(_))), "{report:?}");
}

/// Defines an attribute as staff; the payload.
async fn define(app: &App, input: Value) -> Value {
    let query = "mutation($input: AttributeDefineInput!) { attributeDefine(input: $input) {
        definition { id key status progress } userErrors { code field message } } }";
    Client::staff(app).good(query, json!({ "input": input })).await["attributeDefine"].take()
}

async fn defined(app: &App, input: Value) {
    let payload = define(app, input).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
}

/// A definition that may take the place of another.
fn replacing(mut input: Value) -> Value {
    input["replace"] = json!(true);
    input
}

/// The attributes of somebody, as the graph gives them.
async fn attributes(app: &App, who: &str) -> Vec<Value> {
    let query = "query($who: String!) {
        customer(by: { identity: { type: ANONYMOUS_ID, value: $who } }) {
            attributes { key value changesAt byChannel { channel value } } } }";
    let data = Client::staff(app).good(query, json!({ "who": who })).await;
    data["customer"]["attributes"].as_array().cloned().unwrap_or_default()
}

/// The value of one attribute, and when it changes.
async fn attribute(app: &App, who: &str, key: &str) -> (Value, Value) {
    let all = attributes(app, who).await;
    let one = all.iter().find(|attribute| attribute["key"] == key).unwrap_or_else(|| panic!("no `{key}`"));
    (one["value"].clone(), one["changesAt"].clone())
}
