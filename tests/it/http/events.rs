//! Answers as server-sent events at `/graphql`.

use axum::body::Body;
use futures_util::StreamExt;
use tower::ServiceExt;

use super::harness::{Answered, Server, operation, request};

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
    assert_eq!(String::from_utf8_lossy(&rest), "event: complete\n\n");
}
