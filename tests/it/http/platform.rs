//! Health, request ids, other origins, unknown paths.

use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::HeaderValue;
use encircle::http::state::HttpSettings;
use encircle::kernel::error::Error;

use super::harness::{Server, operation, request};

async fn status(server: &Server, path: &str) -> (u16, serde_json::Value) {
    let answered = server.send(request("GET", path, &[], Body::empty())).await;
    (answered.status.as_u16(), answered.json())
}

#[tokio::test]
async fn ready_until_draining_and_only_with_a_database() {
    let server = Server::new();
    assert_eq!(status(&server, "/healthz").await.0, 200);
    assert_eq!(status(&server, "/readyz").await.0, 200);
    server.readiness.drain();
    let (code, body) = status(&server, "/readyz").await;
    assert_eq!((code, body["reason"].as_str()), (503, Some("draining")));
    assert_eq!(status(&server, "/healthz").await.0, 200);
    assert_eq!(server.ask("{hello}").await.status, 200, "what still comes is still answered");

    let away = || async { Err(Error::Unavailable("no database".into())) };
    let (code, body) = status(&Server::with(HttpSettings::default(), away), "/readyz").await;
    assert_eq!((code, body["reason"].as_str()), (503, Some("database")));
}

#[tokio::test]
async fn a_database_that_hangs_is_not_ready() {
    let hangs = || async { std::future::pending::<Result<(), Error>>().await };
    assert_eq!(status(&Server::with(HttpSettings::default(), hangs), "/readyz").await.0, 503);
}

#[tokio::test]
async fn every_answer_has_a_request_id_fit_for_a_log() {
    let server = Server::new();
    for (sent, kept) in
        [("abc-123", true), ("a b", false), ("x\"y", false), ("", false), (&*"a".repeat(65), false)]
    {
        let answered = server.post(operation("{hello}"), &[("x-request-id", sent)]).await;
        let id = answered.header("x-request-id").to_owned();
        assert_eq!(id == sent, kept, "{sent}");
        assert!(kept || id.len() == 32, "{id}");
    }
    let panicked = server.ask("{panic}").await;
    assert_eq!(panicked.header("x-request-id").len(), 32);
}

#[tokio::test]
async fn other_origins_are_let_in_by_name_only() {
    let preflight = |origin| {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "content-type"),
        ];
        request("OPTIONS", "/graphql", &headers, Body::empty())
    };
    let closed = Server::new();
    let answered = closed.send(preflight("https://shop.example")).await;
    assert_eq!((answered.status.as_u16(), answered.header("access-control-allow-origin")), (405, ""));

    let settings = HttpSettings {
        allowed_origins: vec![HeaderValue::from_static("https://shop.example")],
        ..HttpSettings::default()
    };
    let open = Server::with(settings, || async { Ok(()) });
    let answered = open.send(preflight("https://shop.example")).await;
    assert_eq!(answered.header("access-control-allow-origin"), "https://shop.example");
    assert!(answered.header("access-control-allow-headers").contains("content-type"));
    assert_eq!(open.send(preflight("https://evil.example")).await.header("access-control-allow-origin"), "");
    let answered = open.post(operation("{hello}"), &[("origin", "https://shop.example")]).await;
    assert_eq!(answered.header("access-control-allow-origin"), "https://shop.example");
    assert_eq!(answered.header("access-control-allow-credentials"), "");
}

#[tokio::test]
async fn unknown_paths_are_told_so_in_json() {
    let (code, body) = status(&Server::new(), "/nowhere").await;
    assert_eq!((code, body["errors"][0]["extensions"]["code"].as_str()), (404, Some("NOT_FOUND")));
}

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_request_is_one_line_of_the_log_without_what_was_asked() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::INFO)
        .with_writer(move || writer.clone())
        .finish();
    let _default = tracing::subscriber::set_default(subscriber);
    let server = Server::new();
    let uri = "query=query%20Greet($n:String!)%7Bhello(name:$n)%7D&operationName=Greet&variables=%7B%22n%22:%22secret%22%7D";
    let headers = [("x-request-id", "id-1"), ("authorization", "Bearer customer-token")];
    assert_eq!(server.get(uri, &headers).await.status, 200);

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 1, "{text}");
    let (fields, span) = (&lines[0]["fields"], &lines[0]["span"]);
    assert_eq!(fields["status"], 200);
    assert!(fields["ms"].is_u64());
    assert_eq!(
        [&span["id"], &span["method"], &span["path"], &span["operation"]],
        ["id-1", "GET", "/graphql", "Greet"]
    );
    assert!(!text.contains("secret") && !text.contains("customer-token"), "{text}");
}
