//! Offers as those write them who make them: drafts that go live and end, their codes, and where they are shown.

mod budgets;
mod codes;
mod deciding;
mod experience;
mod ground;
mod keeping;
mod laws;
mod life;
mod placements;
mod refusals;
mod removal;
mod replaying;
mod replicas;
mod responses;
mod simulate_command;
mod simulating;
mod watching;
mod writing;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use encircle::app::App;
use encircle::db::{Db, catalogue};
use encircle::kernel::clock::Clock;
use entities::offer;
use entities::timestamp::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::harness::client::{Client, application};

const NOON: Timestamp = Timestamp(1_767_268_800_000);
const DAY: i64 = 86_400_000;

/// The application at noon of New Year's Day 2026, and what is done with it as staff.
struct Desk {
    app: Arc<App>,
}

impl Desk {
    async fn open(db: Db) -> Self {
        Self { app: Arc::new(application(db, NOON).await) }
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
        self.staff().good(&mutation(name, selection), json!({ "input": input })).await[name].take()
    }

    /// The same for one that is done.
    async fn done(&self, name: &str, selection: &str, input: Value) -> Value {
        let payload = self.change(name, selection, input).await;
        assert_eq!(payload["userErrors"], json!([]), "{name}");
        payload
    }

    /// All that is wrong with a mutation: code, field with dots, message.
    async fn wrong(&self, name: &str, input: Value) -> Vec<(String, String, String)> {
        let payload = self.change(name, "__typename", input).await;
        let errors = payload["userErrors"].as_array().expect("errors");
        errors
            .iter()
            .map(|error| (text(&error["code"]), dotted(&error["field"]), text(&error["message"])))
            .collect()
    }

    /// The one thing that is wrong.
    async fn refused(&self, name: &str, input: Value) -> (String, String, String) {
        let wrong = self.wrong(name, input.clone()).await;
        let [one] = wrong.as_slice() else { panic!("{name} with {input}: {wrong:?}") };
        one.clone()
    }

    /// Writes an offer with a key and what is said of it; its id.
    async fn offer(&self, key: &str, parts: Value) -> String {
        let mut input = parts;
        input["key"] = json!(key);
        text(&self.done("offerCreate", "offer { id }", input).await["offer"]["id"])
    }

    /// Takes an offer a step further: `offerPublish` …; its status and version then.
    async fn step(&self, name: &str, id: &str) -> (String, i64) {
        let done = self.done(name, "offer { status version }", json!({ "id": id })).await;
        let offer = &done["offer"];
        (text(&offer["status"]), offer["version"].as_i64().expect("a version"))
    }

    async fn attribute(&self, key: &str) {
        let input = json!({ "key": key, "behavior": "Visit", "aggregate": "COUNT", "window": "P90D" });
        self.done("attributeDefine", "definition { id }", input).await;
    }

    async fn segment(&self, key: &str) {
        self.done("segmentCreate", "segment { id }", json!({ "key": key, "rule": "true" })).await;
    }

    /// The offer as the table has it.
    async fn row(&self, key: &str) -> offer::Model {
        let row =
            offer::Entity::find().filter(offer::Column::Key.eq(key)).one(self.app.db.connection()).await;
        row.expect("it is read").expect("it is there")
    }

    /// How often that changed which replicas keep in memory.
    async fn changes(&self) -> i64 {
        catalogue::version(self.app.db.connection()).await.expect("it is read")
    }
}

fn mutation(name: &str, selection: &str) -> String {
    let ty = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    format!(
        "mutation($input: {ty}!) {{ {name}(input: $input) {{ {selection} userErrors {{ code field message }} }} }}"
    )
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text, not {value}")).to_owned()
}

/// A path with dots; empty for the whole.
fn dotted(field: &Value) -> String {
    let names = field.as_array().map(Vec::as_slice).unwrap_or_default();
    names.iter().map(text).collect::<Vec<_>>().join(".")
}
