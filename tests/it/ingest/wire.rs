//! What SDKs send is understood, and sending it again changes nothing.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{NOON, SERVER, SHOP, gzipped, open};
use crate::harness::databases::on_both;

/// What the SDKs were seen to send: the story of one customer, each its own way.
const RECORDED: [(&str, &str); 5] = [
    ("segment-node", include_str!("fixtures/segment-node.json")),
    ("rudderstack-node", include_str!("fixtures/rudderstack-node.json")),
    ("segment-python", include_str!("fixtures/segment-python.json")),
    ("analytics.js", include_str!("fixtures/analytics-js.json")),
    ("analytics.js, batching", include_str!("fixtures/analytics-js-batching.json")),
];

#[tokio::test]
async fn what_sdks_send_twice_counts_once() {
    for (sdk, recorded) in RECORDED {
        on_both(async |db| {
            let doors = open(db).await;
            let requests: Vec<Value> = serde_json::from_str(recorded).expect("a fixture");
            for request in requests.iter().chain(&requests) {
                // Recorded with another key.
                let mut headers = vec![("authorization", "Basic a2V5LW9mLXRoZS1zZXJ2ZXI6")];
                for name in ["content-type", "content-encoding"] {
                    headers.extend(request["headers"][name].as_str().map(|value| (name, value)));
                }
                let body = request["body"].to_string().into_bytes();
                let is_gzip = request["headers"]["content-encoding"] == "gzip";
                let body = if is_gzip { gzipped(&body) } else { body };
                let answered = doors.send(request["path"].as_str().expect("a path"), &headers, body).await;
                assert_eq!(answered.status, StatusCode::OK, "{sdk}: {answered:?}");
                assert_eq!(answered.json, json!({ "success": true }), "{sdk}");
            }
            let customer = doors.customer("USER_ID", "ada-user").await;
            assert_eq!(customer["firstName"], "Grace");
            assert_eq!(customer["email"], "ada@example.com");
            assert_eq!(customer["traits"], json!({ "favoriteGenre": "drama" }));
            assert_eq!(doors.customer("ANONYMOUS_ID", "ada-browser").await["id"], customer["id"]);
            assert_eq!(
                doors.did("USER_ID", "ada-user").await,
                ["Group Joined", "Page Viewed", "Screen Viewed", "Ticket Bought", "Trailer Watched"],
                "{sdk}"
            );
        })
        .await;
    }
}

#[test]
fn the_fixtures_are_of_the_wires_that_differ() {
    let first = |at: usize| {
        let mut requests: Vec<Value> = serde_json::from_str(RECORDED[at].1).expect("a fixture");
        requests.remove(0)
    };
    let headers = |at: usize| first(at)["headers"].clone();
    assert_eq!(headers(0)["content-encoding"], Value::Null);
    assert_eq!(headers(1)["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(headers(2)["content-encoding"], "gzip");
    assert_eq!((&headers(3)["content-type"], &first(3)["path"]), (&json!("text/plain"), &json!("/v1/p")));
    assert_eq!(first(4)["path"], "/v1/b");
}

#[tokio::test]
async fn each_kind_of_event_becomes_what_it_means() {
    on_both(async |db| {
        let doors = open(db).await;
        let context = json!({
            "library": { "name": "analytics.js" },
            "page": { "path": "/" },
            "traits": { "email": "hidden@example.com" },
        });
        doors
            .taken(
                SHOP,
                "page",
                json!({ "anonymousId": "a-1", "messageId": "1", "name": "Home", "category": "Start",
                    "properties": { "url": "/" }, "context": context }),
            )
            .await;
        doors
            .taken(
                SHOP,
                "track",
                json!({ "anonymousId": "a-1", "messageId": "2", "event": "Liked", "properties": null,
                    "context": { "library": { "name": "analytics-ios" }, "device": { "type": "ios" } } }),
            )
            .await;
        doors
            .taken(
                SHOP,
                "group",
                json!({ "anonymousId": "a-1", "messageId": "3", "groupId": 7, "traits": { "plan": "gold" } }),
            )
            .await;
        let customer = doors.customer("ANONYMOUS_ID", "a-1").await;
        let mut nodes = customer["behaviors"]["nodes"].as_array().expect("behaviors").clone();
        nodes.sort_by_key(|node| node["messageId"].to_string());
        let brief = |at: usize| (&nodes[at]["name"], &nodes[at]["channel"], &nodes[at]["properties"]);
        let page = json!({ "url": "/", "name": "Home", "category": "Start",
            "$context": { "library": { "name": "analytics.js" }, "page": { "path": "/" } } });
        assert_eq!(brief(0), (&json!("Page Viewed"), &json!("WEB"), &page));
        assert_eq!((brief(1).0, brief(1).1), (&json!("Liked"), &json!("MOBILE_APP")));
        let group = json!({ "groupId": "7", "traits": { "plan": "gold" } });
        assert_eq!(brief(2), (&json!("Group Joined"), &json!("OTHER"), &group));
    })
    .await;
}

#[tokio::test]
async fn clocks_that_are_wrong_are_set_right() {
    on_both(async |db| {
        let doors = open(db).await;
        // Its clock is an hour fast, and the event was done a minute before it was sent.
        doors
            .taken(
                SHOP,
                "batch",
                json!({ "sentAt": "2026-01-01T13:00:00Z", "batch": [
                    { "type": "track", "event": "A", "anonymousId": "a-1", "messageId": "1",
                      "timestamp": "2026-01-01T12:59:00.000Z" }] }),
            )
            .await;
        doors
            .taken(
                SHOP,
                "track",
                json!({ "event": "B", "anonymousId": "a-2", "timestamp": "2030-01-01T00:00:00Z" }),
            )
            .await;
        doors
            .taken(
                SHOP,
                "track",
                json!({ "event": "C", "anonymousId": "a-3", "originalTimestamp": "2025-06-01T02:00:00+02:00" }),
            )
            .await;
        assert_eq!(NOON.rfc3339(), *b"2026-01-01T12:00:00.000Z");
        for (id, at) in [
            ("a-1", "2026-01-01T11:59:00.000Z"),
            ("a-2", "2026-01-01T12:00:00.000Z"),
            ("a-3", "2025-06-01T00:00:00.000Z"),
        ] {
            let customer = doors.customer("ANONYMOUS_ID", id).await;
            assert_eq!(customer["behaviors"]["nodes"][0]["occurredAt"], at, "{id}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_message_counts_once_and_its_id_is_used_once() {
    on_both(async |db| {
        let doors = open(db).await;
        let bare = json!({ "event": "Liked", "anonymousId": "a-1", "properties": { "film": 1 },
            "timestamp": "2026-01-01T11:00:00Z" });
        doors.taken(SHOP, "track", bare.clone()).await;
        doors.taken(SHOP, "track", bare.clone()).await;
        assert_eq!(doors.did("ANONYMOUS_ID", "a-1").await, ["Liked"]);
        let mut named = bare;
        named["messageId"] = json!("m-1");
        doors.taken(SHOP, "track", named.clone()).await;
        named["properties"] = json!({ "film": 2 });
        doors.refused(SHOP, "track", named.clone(), "with other content").await;
        // Another source's messages are others.
        doors.taken(SERVER, "track", named).await;
        assert_eq!(doors.did("ANONYMOUS_ID", "a-1").await, ["Liked", "Liked", "Liked"]);
    })
    .await;
}
