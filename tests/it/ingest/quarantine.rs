//! Behaviors that do not look as they must: kept apart, seen by staff with the reason, recorded once that is mended.

use encircle::app::App;
use serde_json::{Value, json};

use crate::harness::client::{Client, application};
use crate::harness::databases::on_both;
use entities::timestamp::Timestamp;

const NOON: Timestamp = Timestamp(1_772_366_400_000);

/// Says which properties `Seat Chosen` must have.
async fn define(app: &App, required: Value) {
    let query = "mutation($schema: JSONObject!) {
        behaviorDefine(input: { name: \"Seat Chosen\", schema: $schema }) { userErrors { message } } }";
    let schema = json!({ "schema": { "type": "object", "required": required } });
    let data = Client::staff(app).good(query, schema).await;
    assert_eq!(data["behaviorDefine"]["userErrors"], json!([]));
}

/// Records one behavior as staff; what became of it.
async fn record(app: &App, message: &str, properties: Value) -> Value {
    let query =
        "mutation($message: String!, $properties: JSONObject!) { behaviorsRecord(input: { behaviors: [{
        name: \"Seat Chosen\", messageId: $message, properties: $properties,
        customer: { identity: { type: ANONYMOUS_ID, value: \"ada\" } } }] }) { results { status reason } } }";
    let variables = json!({ "message": message, "properties": properties });
    Client::staff(app).good(query, variables).await["behaviorsRecord"]["results"][0].take()
}

async fn quarantined(app: &App) -> Vec<Value> {
    let query = "{ quarantinedBehaviors { nodes { id messageId reason } } }";
    let mut data = Client::staff(app).good(query, json!({})).await;
    let nodes = data["quarantinedBehaviors"]["nodes"].take();
    nodes.as_array().cloned().expect("a list")
}

async fn replay(app: &App) -> Vec<Value> {
    let ids: Vec<Value> = quarantined(app).await.iter().map(|row| row["id"].clone()).collect();
    let query = "mutation($ids: [ID!]!) { behaviorsReplay(input: { ids: $ids }) { results { status } } }";
    let mut data = Client::staff(app).good(query, json!({ "ids": ids })).await;
    let results = data["behaviorsReplay"]["results"].take();
    results.as_array().expect("a list").iter().map(|result| result["status"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_its_schema_waits_and_is_recorded_once_that_is_mended() {
    on_both(async |db| {
        let app = application(db, NOON).await;
        define(&app, json!(["seat"])).await;
        let result = record(&app, "m-1", json!({ "row": 7 })).await;
        assert_eq!(result["status"], "QUARANTINED");
        assert_eq!(record(&app, "m-2", json!({ "seat": "7A" })).await["status"], "RECORDED");
        // Sent again, it waits once; something else under its id is refused rather than lost.
        let again = record(&app, "m-1", json!({ "row": 7 })).await;
        assert_eq!(again["status"], "QUARANTINED");
        assert!(again["reason"].as_str().is_some_and(|reason| reason.contains("already")), "{again}");
        let other = record(&app, "m-1", json!({ "row": 8 })).await;
        assert_eq!(other["status"], "REFUSED");
        assert!(other["reason"].as_str().is_some_and(|reason| reason.contains("other content")), "{other}");
        let waiting = quarantined(&app).await;
        assert_eq!(waiting.len(), 1);
        assert!(waiting[0]["reason"].as_str().is_some_and(|reason| reason.contains("seat")), "{waiting:?}");
        assert_eq!(replay(&app).await, ["QUARANTINED"], "nothing is mended yet");
        assert_eq!(quarantined(&app).await.len(), 1);
        define(&app, json!(["row"])).await;
        assert_eq!(replay(&app).await, ["RECORDED"]);
        assert!(quarantined(&app).await.is_empty());
        assert_eq!(record(&app, "m-1", json!({ "row": 7 })).await["status"], "KNOWN");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_told_to_and_erased_with_who_did_it_whatever_others_call_themselves() {
    on_both(async |db| {
        let app = application(db, NOON).await;
        define(&app, json!(["seat"])).await;
        record(&app, "m-1", json!({ "row": 7 })).await;
        let identified = |ty: &str, value: &str| {
            json!({ "input": { "identities": [{ "type": ty, "value": value }] } })
        };
        let identify =
            "mutation($input: CustomerIdentifyInput!) { customerIdentify(input: $input) { customer { id } } }";
        let staff = Client::staff(&app);
        // Its number, its channel and its name of a property are nobody's identity.
        for (ty, value) in [("LOYALTY_CARD", "7"), ("LOYALTY_CARD", "WEB"), ("USER_ID", "row")] {
            let stranger = staff.good(identify, identified(ty, value)).await;
            assert_eq!(waiting_of(&app, &stranger["customerIdentify"]["customer"]["id"]).await, 0, "{value}");
        }
        let ada = staff.good(identify, identified("ANONYMOUS_ID", "ada")).await;
        let ada = &ada["customerIdentify"]["customer"]["id"];
        assert_eq!(waiting_of(&app, ada).await, 1);
        let erase = "mutation($id: ID!) { customerErase(input: { customerId: $id }) { userErrors { message } } }";
        staff.good(erase, json!({ "id": ada })).await;
        assert!(quarantined(&app).await.is_empty());
    })
    .await;
}

/// How many behaviors in quarantine a customer's export has.
async fn waiting_of(app: &App, customer: &Value) -> usize {
    let query = "mutation($id: ID!) { customerExport(input: { customerId: $id }) { data } }";
    let data = Client::staff(app).good(query, json!({ "id": customer })).await;
    data["customerExport"]["data"]["quarantined_behaviors"].as_array().expect("a list").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_when_replayed_is_not_lost() {
    on_both(async |db| {
        let app = application(db, NOON).await;
        define(&app, json!(["seat"])).await;
        record(&app, "m-1", json!({ "row": 7 })).await;
        // The sender mended it by itself, under the same id.
        assert_eq!(record(&app, "m-1", json!({ "seat": "7A" })).await["status"], "RECORDED");
        define(&app, json!([])).await;
        assert_eq!(replay(&app).await, ["REFUSED"]);
        let waiting = quarantined(&app).await;
        assert!(
            waiting[0]["reason"].as_str().is_some_and(|reason| reason.contains("other content")),
            "{waiting:?}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_message_twice_in_one_call_waits_once_and_decimals_are_known_again() {
    on_both(async |db| {
        let app = application(db, NOON).await;
        define(&app, json!(["seat"])).await;
        let query = "mutation($behaviors: [BehaviorInput!]!) {
            behaviorsRecord(input: { behaviors: $behaviors }) { results { status } } }";
        let of = |properties: Value, who: &str| {
            let customer = json!({ "identity": { "type": "ANONYMOUS_ID", "value": who } });
            json!({ "name": "Seat Chosen", "messageId": "m-1", "properties": properties, "customer": customer })
        };
        let price = json!({ "price": 0.1 + 0.2, "far": 1.5e300, "whole": 1.5e16 });
        for round in ["together", "later"] {
            let behaviors = [
                of(price.clone(), "ada"),
                of(price.clone(), "ada"),
                of(json!({ "price": 7 }), "ada"),
                of(price.clone(), "bob"),
            ];
            let data = Client::staff(&app).good(query, json!({ "behaviors": behaviors })).await;
            let statuses = ["QUARANTINED", "QUARANTINED", "REFUSED", "REFUSED"];
            let expected = statuses.map(|status| json!({ "status": status }));
            assert_eq!(data["behaviorsRecord"]["results"], json!(expected), "{round}");
            assert_eq!(quarantined(&app).await.len(), 1);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_replayed_ones_is_told_by_id_in_the_order_asked() {
    on_both(async |db| {
        let app = application(db, NOON).await;
        define(&app, json!(["seat"])).await;
        for (message, row) in [("m-1", 1), ("m-2", 2), ("m-3", 3)] {
            let properties = if row == 2 { json!({ "line": row }) } else { json!({ "row": row }) };
            record(&app, message, properties).await;
        }
        define(&app, json!(["row"])).await;
        let by_message = quarantined(&app).await;
        let id = |message: &str| {
            let found = by_message.iter().find(|row| row["messageId"] == message);
            found.expect("it waits")["id"].as_str().expect("an id").to_owned()
        };
        let nobody = entities::ids::QuarantinedBehaviorId(uuid::Uuid::from_u128(7)).to_string();
        let ids = [id("m-3"), id("m-2"), nobody, id("m-1"), id("m-3")];
        let query = "mutation($ids: [ID!]!) { behaviorsReplay(input: { ids: $ids }) {
            results { id status reason behavior { messageId } } } }";
        let data = Client::staff(&app).good(query, json!({ "ids": ids })).await;
        let results = data["behaviorsReplay"]["results"].as_array().expect("a list");
        let expected = [
            ("RECORDED", json!({ "messageId": "m-3" })),
            ("QUARANTINED", Value::Null),
            ("REFUSED", Value::Null),
            ("RECORDED", json!({ "messageId": "m-1" })),
            ("RECORDED", json!({ "messageId": "m-3" })),
        ];
        assert_eq!(results.len(), expected.len());
        for ((result, id), (status, behavior)) in results.iter().zip(&ids).zip(expected) {
            assert_eq!((&result["id"], &result["status"]), (&json!(id), &json!(status)), "{data}");
            assert_eq!((&result["behavior"], result["reason"].is_null()), (&behavior, status == "RECORDED"));
        }
        assert!(results[2]["reason"].as_str().is_some_and(|reason| reason.contains("not in quarantine")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrived_is_shown_as_the_rest_of_the_graph_shows_it() {
    on_both(async |db| {
        let app = application(db, NOON).await;
        define(&app, json!(["seat"])).await;
        record(&app, "m-1", json!({ "row": 7 })).await;
        let data =
            Client::staff(&app).good("{ quarantinedBehaviors { nodes { arrival } } }", json!({})).await;
        let arrival = &data["quarantinedBehaviors"]["nodes"][0]["arrival"];
        assert_eq!(arrival["occurredAt"], "2026-03-01T12:00:00.000Z");
        assert_eq!((&arrival["channel"], &arrival["properties"]), (&json!("OTHER"), &json!({ "row": 7 })));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_refers_to_elsewhere_is_told_where_to_put_it() {
    on_both(async |db| {
        let app = application(db, NOON).await;
        let query = "mutation($schema: JSONObject!) {
            behaviorDefine(input: { name: \"Seat Chosen\", schema: $schema }) { userErrors { field message } } }";
        for elsewhere in ["https://schemas.example/seat.json", "file:///etc/seat.json"] {
            let schema = json!({ "schema": { "$ref": elsewhere } });
            let data = Client::staff(&app).good(query, schema).await;
            let error = &data["behaviorDefine"]["userErrors"][0];
            let message = error["message"].as_str().expect("a message");
            assert_eq!(error["field"], json!(["input", "schema"]));
            assert!(message.contains("`$defs`") && !message.contains("resolve-"), "{message}");
        }
    })
    .await;
}
