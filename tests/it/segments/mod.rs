//! Segments: judged when read, their lists kept beside that.

mod defining;
mod keeping;
mod preview;
mod random;
mod reading;

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use encircle::app::App;
use encircle::db::Db;
use encircle::kernel::clock::Clock;
use entities::timestamp::Timestamp;
use serde_json::{Value, json};

use crate::harness::client::{Client, application};

const NOON: Timestamp = Timestamp(1_767_268_800_000);
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// The application at noon of New Year's Day 2026, and what is done with it as staff.
struct Desk {
    app: App,
}

impl Desk {
    async fn open(db: Db) -> Self {
        Self { app: application(db, NOON).await }
    }

    fn staff(&self) -> Client<'_> {
        Client::staff(&self.app)
    }

    fn move_clock(&self, millis: i64) {
        let Clock::Fixed(now) = &self.app.clock else { panic!("the clock stands still") };
        now.fetch_add(millis, Ordering::Relaxed);
    }

    /// Sends a mutation and gives its payload.
    async fn change(&self, name: &str, selection: &str, input: Value) -> Value {
        let ty = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
        let query = format!(
            "mutation($input: {ty}!) {{ {name}(input: $input) {{ {selection} userErrors {{ code field message }} }} }}"
        );
        self.staff().good(&query, json!({ "input": input })).await[name].take()
    }

    /// The same for one that is done.
    async fn done(&self, name: &str, selection: &str, input: Value) -> Value {
        let payload = self.change(name, selection, input).await;
        assert_eq!(payload["userErrors"], json!([]), "{name}");
        payload
    }

    /// The one error of a mutation: its field and its message.
    async fn refused(&self, name: &str, input: Value) -> (Value, String) {
        let payload = self.change(name, "__typename", input).await;
        let errors = payload["userErrors"].as_array().expect("errors");
        assert_eq!(errors.len(), 1, "{payload}");
        (errors[0]["field"].clone(), text(&errors[0]["message"]))
    }

    async fn attribute(&self, key: &str, aggregate: &str, window: Option<&str>) {
        let input = json!({ "key": key, "behavior": "Visit", "aggregate": aggregate, "window": window, "replace": true });
        self.done("attributeDefine", "definition { id }", input).await;
    }

    async fn segment(&self, key: &str, rule: &str) -> String {
        let created = self.done("segmentCreate", "segment { id }", json!({ "key": key, "rule": rule })).await;
        text(&created["segment"]["id"])
    }

    async fn customer(&self, email: &str) -> String {
        let input = json!({ "identities": [{ "type": "EMAIL", "value": email }] });
        text(&self.done("customerIdentify", "customer { id }", input).await["customer"]["id"])
    }

    async fn traits(&self, customer: &str, traits: Value) {
        let input = json!({ "customerId": customer, "traits": traits });
        self.done("customerUpdate", "customer { id }", input).await;
    }

    async fn visit(&self, customer: &str) {
        let now = String::from_utf8(self.app.clock.now().rfc3339().to_vec()).expect("a time");
        let behavior = json!({
            "name": "Visit", "customer": { "id": customer }, "occurredAt": now, "channel": "WEB",
        });
        self.done("behaviorsRecord", "__typename", json!({ "behaviors": [behavior] })).await;
    }

    async fn merge(&self, survivor: &str, merged: &str) {
        let input = json!({ "survivorId": survivor, "mergedId": merged, "reason": "the same card" });
        self.done("customerMerge", "customer { id }", input).await;
    }

    async fn consent(&self, customer: &str, purpose: &str, status: &str, expires_at: Option<String>) {
        let consent =
            json!({ "purpose": purpose, "status": status, "source": "test", "expiresAt": expires_at });
        self.done(
            "consentsUpdate",
            "customer { id }",
            json!({ "customerId": customer, "consents": [consent] }),
        )
        .await;
    }

    /// The keys of the segments a customer belongs to now.
    async fn segments_of(&self, customer: &str) -> Vec<String> {
        let query = "query($id: ID!) { customer(by: { id: $id }) { segments { key } } }";
        let data = self.staff().good(query, json!({ "id": customer })).await;
        list(&data["customer"]["segments"], "key")
    }

    /// Who is on the list of a segment; the size is theirs.
    async fn members(&self, key: &str) -> BTreeSet<String> {
        let query = "query($key: String!) { segment(by: { key: $key }) {
            size members(first: 100) { totalCount nodes { customer { id } } } } }";
        let data = self.staff().good(query, json!({ "key": key })).await;
        let segment = &data["segment"];
        let members: BTreeSet<String> = segment["members"]["nodes"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|node| text(&node["customer"]["id"]))
            .collect();
        assert_eq!(segment["size"], members.len());
        assert_eq!(segment["members"]["totalCount"], members.len());
        members
    }

    /// What a server does beside answering, once.
    async fn keep(&self) {
        self.app.upkeep().once().await.expect("all is kept");
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text, not {value}")).to_owned()
}

fn list(values: &Value, name: &str) -> Vec<String> {
    let values = values.as_array().unwrap_or_else(|| panic!("a list, not {values}"));
    values.iter().map(|value| text(&value[name])).collect()
}

fn set<const N: usize>(texts: [&String; N]) -> BTreeSet<String> {
    texts.into_iter().cloned().collect()
}
