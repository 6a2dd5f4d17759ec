//! What SDKs in web pages need beside what others do: the doors by their first letters, and leave to call from
//! another origin.

use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use serde_json::json;
use tower::ServiceExt;

use super::{Doors, SHOP, open};
use crate::harness::databases::on_both;

const PAGE: &str = "https://shop.example";

async fn preflight(doors: &Doors, path: &str) -> Response<Body> {
    let request = Request::options(path)
        .header("origin", PAGE)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type,x-retry-count");
    let request = request.body(Body::empty()).expect("a request");
    doors.router.clone().oneshot(request).await.expect("an answer")
}

#[tokio::test]
async fn a_page_of_any_origin_may_send_and_read_the_answer() {
    on_both(async |db| {
        let doors = open(db).await;
        for path in ["/v1/t", "/v1/track", "/v1/b", "/v1/m"] {
            let answered = preflight(&doors, path).await;
            assert_eq!(answered.status(), StatusCode::OK, "{path}");
            let header =
                |name: &str| answered.headers().get(name).map_or("", |value| value.to_str().unwrap_or(""));
            assert_eq!(header("access-control-allow-origin"), "*");
            assert_eq!(header("access-control-allow-methods"), "POST");
            assert_eq!(header("access-control-allow-headers"), "authorization,content-type,x-retry-count");
            assert_eq!(header("access-control-allow-credentials"), "");
        }
        let event =
            |key: &str| json!({ "event": "Liked", "anonymousId": "b-1", "writeKey": key }).to_string();
        for (key, status) in [(SHOP, StatusCode::OK), ("key-of-somebody-else", StatusCode::UNAUTHORIZED)] {
            let headers = [("origin", PAGE), ("content-type", "text/plain")];
            let answered = doors.send("/v1/t", &headers, event(key)).await;
            assert_eq!(answered.status, status);
            assert_eq!(answered.headers["access-control-allow-origin"], "*");
            let exposed = answered.headers["access-control-expose-headers"].to_str().expect("a text");
            assert!(exposed.contains("retry-after"), "{exposed}");
            assert!(!answered.headers.contains_key("access-control-allow-credentials"));
        }
        assert_eq!(doors.did("ANONYMOUS_ID", "b-1").await, ["Liked"]);
    })
    .await;
}

#[tokio::test]
async fn the_graph_stays_closed_to_pages_that_no_setting_names() {
    on_both(async |db| {
        let answered = preflight(&open(db).await, "/graphql").await;
        assert!(!answered.headers().contains_key("access-control-allow-origin"));
    })
    .await;
}

#[tokio::test]
async fn a_letter_is_the_door_it_begins() {
    on_both(async |db| {
        let doors = open(db).await;
        for (letter, event) in [
            ("t", json!({ "event": "Liked" })),
            ("p", json!({})),
            ("s", json!({})),
            ("g", json!({ "groupId": "film-club" })),
            ("i", json!({ "userId": "u-1", "traits": { "firstName": "Ada" } })),
            ("a", json!({ "userId": "u-1", "previousId": "b-2" })),
        ] {
            let mut event = event;
            event["anonymousId"] = json!("b-1");
            doors.taken(SHOP, letter, event).await;
        }
        let batch = json!({ "batch": [{ "type": "track", "event": "Shared", "anonymousId": "b-2" }] });
        doors.taken(SHOP, "b", batch).await;
        let customer = doors.customer("USER_ID", "u-1").await;
        assert_eq!(customer["firstName"], "Ada");
        let did = ["Group Joined", "Liked", "Page Viewed", "Screen Viewed", "Shared"];
        assert_eq!(doors.did("USER_ID", "u-1").await, did);
        // Counts of the SDK itself come without a key, and are not kept.
        let counts =
            json!({ "series": [{ "type": "Counter", "metric": "analytics_js.invoke", "value": 1 }] });
        let answered = doors.send("/v1/m", &[("content-type", "text/plain")], counts.to_string()).await;
        assert_eq!((answered.status, answered.json), (StatusCode::OK, json!({ "success": true })));
    })
    .await;
}
