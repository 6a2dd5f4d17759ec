//! Answers as server-sent events at `/graphql`.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use encircle::http::serve::{ServeSettings, serve};
use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::timeout;
use tower::ServiceExt;

use super::harness::{Answered, CUSTOMER_TOKEN, STAFF_TOKEN, Server, operation, request};

const EVENTS: (&str, &str) = ("accept", "text/event-stream");

async fn ask(query: &str, accept: &str) -> Answered {
    Server::new().post(operation(query), &[("accept", accept)]).await
}

fn text(answered: &Answered) -> &str {
    std::str::from_utf8(&answered.body).expect("text")
}

#[tokio::test]
async fn a_subscription_is_told_event_by_event() {
    let answered = ask("subscription { ticks }", "text/event-stream").await;
    assert_eq!(answered.status, 200);
    assert_eq!(answered.header("content-type"), "text/event-stream");
    assert_eq!((answered.header("cache-control"), answered.header("x-accel-buffering")), ("no-cache", "no"));
    let expected = "event: next\ndata: {\"data\":{\"ticks\":1}}\n\n\
                    event: next\ndata: {\"data\":{\"ticks\":2}}\n\n\
                    event: next\ndata: {\"data\":{\"ticks\":3}}\n\n\
                    event: complete\n\n";
    assert_eq!(text(&answered), expected);
    let by_get = Server::new().get("query=subscription%7Bticks%7D", &[EVENTS]).await;
    assert_eq!(text(&by_get), expected);
}

#[tokio::test]
async fn a_token_that_is_over_ends_the_stream() {
    let answered = ask("subscription SignedOut { ticks }", "text/event-stream").await;
    let events: Vec<&str> = text(&answered).trim_end().split("\n\n").collect();
    assert_eq!(events.len(), 5);
    assert!(events[3].contains("UNAUTHENTICATED"), "{}", events[3]);
    assert_eq!(events[4], "event: complete");
}

#[tokio::test]
async fn one_answer_is_an_event_where_nothing_else_is_accepted() {
    let answered = ask("{ hello }", "text/event-stream").await;
    assert_eq!(answered.header("content-type"), "text/event-stream");
    assert_eq!(
        text(&answered),
        "event: next\ndata: {\"data\":{\"hello\":\"hello \"}}\n\nevent: complete\n\n"
    );
    let both = ask("{ hello }", "application/json, text/event-stream").await;
    assert_eq!(both.json()["data"]["hello"], "hello ");
    let streamed = ask("subscription { ticks }", "application/json, text/event-stream").await;
    assert_eq!(streamed.header("content-type"), "text/event-stream");
}

#[tokio::test]
async fn what_is_refused_before_it_begins_is_an_ordinary_answer() {
    let table = [
        ("subscription { nothing }", "text/event-stream", 400, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { ticks again: ticks }", "text/event-stream", 400, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { ticks }", "application/graphql-response+json", 400, "BAD_USER_INPUT"),
    ];
    for (query, accept, status, code) in table {
        let answered = ask(query, accept).await;
        assert_eq!(
            (answered.status.as_u16(), &*answered.code()),
            (status, code),
            "{query}: {}",
            answered.message()
        );
    }
    let answered = ask("subscription { ticks }", "application/json").await;
    assert!(answered.message().contains("text/event-stream"), "{}", answered.message());
}

#[tokio::test]
async fn an_event_that_fails_is_told_without_what_is_inside() {
    let answered = ask("subscription Failing { ticks }", "text/event-stream").await;
    let events: Vec<_> = text(&answered).split("\n\n").collect();
    assert!(events[3].contains("INTERNAL_SERVER_ERROR") && !events[3].contains("secret"), "{}", events[3]);
    assert_eq!(events[4], "event: complete");
}

#[tokio::test]
async fn a_stream_ends_with_the_server() {
    let server = Server::new();
    let headers = [("content-type", "application/json"), EVENTS];
    let endless = operation("subscription Endless { ticks }");
    let response = server.router.clone().oneshot(request("POST", "/graphql", &headers, Body::from(endless)));
    let mut body = response.await.expect("an answer").into_body().into_data_stream();
    for _ in 1..=3 {
        assert!(body.next().await.is_some());
    }
    server.readiness.drain();
    let mut rest = Vec::new();
    while let Some(bytes) = body.next().await {
        rest.extend(bytes.expect("it comes whole"));
    }
    assert_eq!(String::from_utf8_lossy(&rest), "", "it is not complete: clients connect again");
}

/// Begins a subscription, and reads nothing of it.
async fn begun(server: &Server, query: &str, token: &str) -> Result<BodyDataStream, u16> {
    let authorization = format!("Bearer {token}");
    let headers = [("content-type", "application/json"), EVENTS, ("authorization", &*authorization)];
    let request = request("POST", "/graphql", &headers, Body::from(operation(query)));
    let response = server.router.clone().oneshot(request).await.expect("an answer");
    match response.status().as_u16() {
        200 => Ok(response.into_body().into_data_stream()),
        status => Err(status),
    }
}

/// Waits until there is room for one more stream.
async fn room(server: &Server, query: &str) {
    let again = async {
        while begun(server, query, CUSTOMER_TOKEN).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(15), again).await.expect("there is room");
}

#[tokio::test]
async fn streams_share_the_places_of_their_token() {
    let (server, query) = (Server::new(), "subscription Endless { ticks }");
    let mut streams = Vec::new();
    for _ in 0..10 {
        streams.push(begun(&server, query, CUSTOMER_TOKEN).await.expect("it begins"));
    }
    let authorization = format!("Bearer {CUSTOMER_TOKEN}");
    let refused = server.post(operation(query), &[EVENTS, ("authorization", &authorization)]).await;
    assert_eq!((refused.status.as_u16(), &*refused.code()), (429, "TOO_MANY_CONNECTIONS"));
    assert_eq!(refused.header("retry-after"), "5");
    let others = begun(&server, query, STAFF_TOKEN).await;
    assert!(others.is_ok(), "another has places of its own");
    // Its place is free as soon as one has left.
    drop(streams.pop());
    room(&server, query).await;
}

#[tokio::test]
async fn a_stream_that_is_not_read_ends_and_gives_its_place_back() {
    let (server, query) = (Server::new(), "subscription Flood { ticks }");
    let mut streams = Vec::new();
    for _ in 0..10 {
        streams.push(begun(&server, query, CUSTOMER_TOKEN).await.expect("it begins"));
    }
    assert_eq!(begun(&server, query, CUSTOMER_TOKEN).await.err(), Some(429));
    room(&server, query).await;
    // What waited is still there; then it breaks off, and clients connect again.
    let rest: Vec<_> = streams.remove(0).collect().await;
    let rest: Vec<u8> = rest.into_iter().flat_map(|bytes| bytes.expect("it comes whole")).collect();
    assert!(rest.ends_with(b"\n\n") && !String::from_utf8_lossy(&rest).contains("event: complete"));
}

#[tokio::test]
async fn a_client_that_does_not_read_does_not_hold_the_server() {
    let server = Server::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let settings = ServeSettings { write_time: Duration::from_millis(300), ..ServeSettings::default() };
    let (readiness, router) = (Arc::clone(&server.readiness), server.router.clone());
    let (stop, stopped) = oneshot::channel();
    let ended = tokio::spawn(async move {
        let stopped = async { stopped.await.unwrap_or_default() };
        serve(listener, router, &readiness, &settings, stopped).await;
    });
    let body = operation("subscription Flood { ticks }");
    let text = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\naccept: text/event-stream\r\n\
         authorization: Bearer {CUSTOMER_TOKEN}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stuck = Vec::new();
    for _ in 0..10 {
        let mut stream = TcpStream::connect(address).await.expect("it connects");
        stream.write_all(text.as_bytes()).await.expect("it is sent");
        stream.readable().await.expect("an answer begins");
        stuck.push(stream);
    }
    room(&server, "subscription Endless { ticks }").await;
    // Those that came last may still be stuck: the end waits for them no longer than for a write.
    stop.send(()).expect("it runs");
    timeout(Duration::from_secs(5), ended).await.expect("it ends").expect("in order");
    drop(stuck);
}
