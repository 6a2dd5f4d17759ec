//! What is refused at the doors, and how.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use encircle::db::Db;
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, DbBackend};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{SERVER, SHOP, gzipped, open};
use crate::harness::databases::on_both;

fn event(bytes: usize) -> Value {
    json!({ "type": "track", "event": "Liked", "anonymousId": "b-1", "properties": { "long": "x".repeat(bytes) } })
}

#[tokio::test]
async fn who_shows_no_key_that_is_known_is_refused() {
    on_both(async |db| {
        let doors = open(db).await;
        let with_key = json!({ "event": "Liked", "userId": "u-1", "writeKey": SHOP }).to_string();
        let basic = "Basic a2V5LW9mLXRoZS13ZWItc2hvcDo=";
        for (headers, body, status) in [
            (vec![], r#"{"event":"Liked","userId":"u-1"}"#, 401),
            (vec![], r#"{"event":"Liked","userId":"u-1","writeKey":"key-of-somebody-else"}"#, 401),
            (vec![], r#"{"event":"Liked","userId":"u-1","writeKey":7}"#, 401),
            // A header that is wrong is not made good by the body.
            (vec![("authorization", "Basic d3Jvbmc6")], &with_key, 401),
            (vec![("authorization", "Bearer key-of-the-web-shop")], &with_key, 401),
            (vec![("authorization", basic), ("authorization", basic)], &with_key, 401),
            (vec![("authorization", basic)], r#"{"event":"Liked","userId":"u-1"}"#, 200),
            (vec![], &with_key, 200),
        ] {
            let answered = doors.send("/v1/track", &headers, body.to_owned()).await;
            assert_eq!(answered.status.as_u16(), status, "{headers:?} {body}");
            assert_eq!(answered.json["success"], status == 200);
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_malformed_is_told_and_the_rest_of_a_batch_goes_in() {
    on_both(async |db| {
        let doors = open(db).await;
        for (kind, body, words) in [
            ("track", json!({ "userId": "u-1" }), "`event` is missing"),
            ("track", json!({ "event": "A" }), "names nobody"),
            ("track", json!({ "event": "A", "userId": {} }), "`userId` is not a text"),
            (
                "track",
                json!({ "event": "A", "userId": "u", "properties": [1] }),
                "`properties` is not an object",
            ),
            ("track", json!({ "event": "A", "userId": "u", "timestamp": "noon" }), "`timestamp` is no time"),
            ("track", json!({ "event": "A\u{0}", "userId": "u" }), "NUL"),
            (
                "track",
                json!({ "event": "A", "userId": "u", "messageId": "m".repeat(256) }),
                "`messageId` has",
            ),
            ("group", json!({ "userId": "u" }), "`groupId` is missing"),
            ("batch", json!({}), "`batch`"),
            ("batch", json!({ "batch": [] }), "`batch`"),
            ("batch", json!({ "batch": [{ "type": "buy", "userId": "u" }] }), "`type` is `buy`"),
        ] {
            doors.refused(SHOP, kind, body, words).await;
        }
        for (body, words) in [
            ("{", "The body is not JSON"),
            ("", "The body is empty"),
            ("7", "is not an object; send one with `event`"),
            ("[1]", "is not an object; send one with `event`"),
            (r#"{"batch":7}"#, "`batch`, an array of events"),
        ] {
            let answered = doors.send("/v1/batch", &[], body.to_owned()).await;
            let message = answered.json["message"].as_str().expect("a message");
            assert_eq!(answered.status, StatusCode::BAD_REQUEST);
            assert!(message.contains(words) && !message.contains("struct"), "{body}: {message}");
        }

        let batch = json!({ "batch": [event(1), { "type": "track", "messageId": "m-2" }, 7] });
        let answered = doors.event(SHOP, "batch", batch).await;
        assert_eq!(answered.status, StatusCode::OK);
        assert_eq!(answered.json["success"], true);
        assert_eq!(answered.json["refused"][0]["index"], 1);
        assert_eq!(answered.json["refused"][0]["messageId"], "m-2");
        assert_eq!(answered.json["refused"][1]["index"], 2);
        assert_eq!(doors.did("ANONYMOUS_ID", "b-1").await, ["Liked"]);
    })
    .await;
}

#[tokio::test]
async fn what_is_too_large_is_refused_packed_or_not() {
    on_both(async |db| {
        let doors = open(db).await;
        assert_eq!(doors.event(SHOP, "track", event(33 * 1024)).await.status, StatusCode::PAYLOAD_TOO_LARGE);
        let answered =
            doors.event(SHOP, "batch", json!({ "batch": [event(33 * 1024), event(30 * 1024)] })).await;
        assert_eq!((answered.status, &answered.json["refused"][0]["index"]), (StatusCode::OK, &json!(0)));
        let many: Vec<_> = (0..20).map(|_| event(30 * 1024)).collect();
        let body = json!({ "batch": many, "writeKey": SHOP }).to_string();
        assert_eq!(doors.send("/v1/batch", &[], body.clone()).await.status, StatusCode::PAYLOAD_TOO_LARGE);
        let packed = gzipped(body.as_bytes());
        assert!(packed.len() < 100_000);
        let answered = doors.send("/v1/batch", &[("content-encoding", "gzip")], packed).await;
        assert_eq!(answered.status, StatusCode::PAYLOAD_TOO_LARGE);
        for encoding in ["gzip", "br"] {
            let headers = [("content-encoding", encoding)];
            for body in ["not packed at all", "{}"] {
                let answered = doors.send("/v1/batch", &headers, body.to_owned()).await;
                let message = answered.json["message"].as_str().expect("a message");
                assert_eq!(answered.status, StatusCode::BAD_REQUEST);
                assert!(message.contains("wrongly compressed"), "{encoding} {body}: {message}");
            }
        }
        let answered = doors.send("/v1/batch", &[("content-encoding", "zip")], "{}".to_owned()).await;
        assert_eq!(answered.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        let get = Request::get("/v1/track").body(Body::empty()).expect("a request");
        let answered = doors.router.clone().oneshot(get).await.expect("an answer");
        assert_eq!(answered.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(answered.headers()["allow"], "POST");
    })
    .await;
}

/// Nobody else writes behaviors while this is held.
async fn hold(db: &Db) -> sea_orm::DatabaseTransaction {
    let transaction = db.begin().await.expect("a transaction");
    if transaction.get_database_backend() == DbBackend::Postgres {
        let lock = "LOCK TABLE behaviors IN ACCESS EXCLUSIVE MODE";
        transaction.execute_unprepared(lock).await.expect("the lock");
    }
    transaction
}

/// Events of one request.
const BATCH: u32 = 100;

#[tokio::test]
async fn who_finds_the_queue_full_is_told_to_come_back() {
    on_both(async |db| {
        let doors = open(db.clone()).await;
        let held = hold(&db).await;
        let event = |number: u32| json!({ "type": "track", "event": "Liked", "anonymousId": "b-1", "messageId": number.to_string() });
        let sent = (0..300).map(|batch| {
            let events: Vec<Value> = (0..BATCH).map(|at| event(batch * BATCH + at)).collect();
            let doors = &doors;
            async move { doors.event(SERVER, "batch", json!({ "batch": events })).await }
        });
        let free = async {
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
            held.rollback().await.expect("it is given back");
        };
        let (answers, ()) = futures_util::join!(join_all(sent), free);
        let (taken, refused): (Vec<_>, Vec<_>) =
            answers.iter().partition(|answered| answered.status == StatusCode::OK);
        assert!(!taken.is_empty() && !refused.is_empty());
        for answered in refused {
            assert_eq!(answered.status, StatusCode::SERVICE_UNAVAILABLE, "{answered:?}");
            assert!(answered.headers.contains_key("retry-after"));
        }
        let customer = doors.customer("ANONYMOUS_ID", "b-1").await;
        assert_eq!(customer["behaviors"]["totalCount"], taken.len() * BATCH as usize);
    })
    .await;
}
