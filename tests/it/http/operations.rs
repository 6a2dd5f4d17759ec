//! Operations that take too long, panic, or answer much.

use std::time::Duration;

use encircle::http::state::RequestLimits;
use serde_json::json;

use super::harness::{Server, operation};

#[tokio::test]
async fn a_slow_operation_is_stopped() {
    let server =
        Server::with_limits(RequestLimits { time: Duration::from_millis(50), ..RequestLimits::default() });
    let answered = server.ask("{sleep(ms:60000)}").await;
    assert_eq!((answered.status.as_u16(), &*answered.code()), (504, "REQUEST_TIMEOUT"));
    assert_eq!(server.ask("{sleep(ms:1)}").await.json(), json!({ "data": { "sleep": true } }));
}

#[tokio::test]
async fn a_panic_ends_one_request_and_tells_nothing() {
    let server = Server::new();
    let answered = server.ask("{panic}").await;
    assert_eq!((answered.status.as_u16(), &*answered.code()), (500, "INTERNAL_SERVER_ERROR"));
    assert!(!String::from_utf8_lossy(&answered.body).contains("secret"));
    let error_id = answered.json()["errors"][0]["extensions"]["errorId"].clone();
    assert_eq!(error_id.as_str().map(str::len), Some(32));
    assert_eq!(server.ask("{hello}").await.status, 200);
}

#[tokio::test]
async fn a_subscription_is_refused_without_a_stream() {
    let answered = Server::new().ask("subscription{anything}").await;
    assert!(answered.status == 400 || answered.status == 200);
    assert!(answered.json().get("data").is_none());
}

#[tokio::test]
async fn only_large_answers_are_compressed() {
    let server = Server::new();
    for (length, accept, encoding) in [
        (10, "gzip", ""),
        (5_000, "gzip", "gzip"),
        (5_000, "br, gzip", "br"),
        (5_000, "zstd", "zstd"),
        (5_000, "identity", ""),
    ] {
        let query = format!("{{long(length:{length})}}");
        let answered = server.post(operation(&query), &[("accept-encoding", accept)]).await;
        assert_eq!(answered.header("content-encoding"), encoding, "{length} {accept}");
        assert_eq!(answered.body.len() < 500, length < 100 || !encoding.is_empty());
        let vary: Vec<_> =
            answered.headers.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect();
        assert!(vary.contains(&"Accept, Authorization"), "{vary:?}");
        assert_eq!(vary.contains(&"accept-encoding"), length > 100, "{vary:?}");
    }
}
