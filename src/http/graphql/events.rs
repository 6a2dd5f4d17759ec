//! Answers as server-sent events, one connection an operation: GraphQL over SSE in its distinct mode.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::sse::{Event as Sent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::graph::engine::Prepared;
use crate::graph::events::{Authenticate, End, Event};
use crate::http::errors::HttpError;
use crate::http::graphql::outgoing::SEND_TIME;
use crate::http::sockets::Seat;
use crate::http::state::HttpState;

/// How often a silent stream shows that it lives, to the client and to proxies between.
const SIGN_OF_LIFE: Duration = Duration::from_secs(12);

/// The events of a subscription, until the client leaves or does not read, or the server ends.
pub(super) fn subscribe(
    state: &HttpState,
    headers: &HeaderMap,
    prepared: Prepared,
) -> Result<Response, HttpError> {
    let seat = state.sockets.take(headers.get(header::AUTHORIZATION));
    let seat = seat.ok_or_else(HttpError::too_many_streams)?;
    let events = Arc::clone(&state.graph).subscribe(prepared, authenticate(state, headers));
    let (sender, told) = mpsc::channel(1);
    // By a task of its own: a connection that is stuck does not ask its stream for more, nor hear that it is to end.
    tokio::spawn(feed(state.clone(), events, sender, seat));
    let told = stream::unfold(told, async |mut told| told.recv().await.map(|sent| (sent, told)));
    Ok(respond(told))
}

/// Tells the events for as long as somebody hears. Then its place among the streams of its token is free. At a drain
/// the stream breaks off: a client that is told that it is complete would not connect again.
async fn feed(state: HttpState, events: BoxStream<'static, Event>, sender: mpsc::Sender<Sent>, _seat: Seat) {
    tokio::select! {
        () = tell_all(&state, events, &sender) => {}
        () = sender.closed() => {}
        () = state.readiness.drained() => {}
    }
}

async fn tell_all(state: &HttpState, mut events: BoxStream<'static, Event>, sender: &mpsc::Sender<Sent>) {
    while let Some(event) = events.next().await {
        let sent = match event {
            Ok(answer) => next(&answer),
            Err(End::TokenOver) => next(&HttpError::token_over().json()),
            Err(End::Failed(error)) => next(&HttpError::failed(&error, &state.request_ids).json()),
        };
        if !tell(sender, sent).await {
            return;
        }
    }
    tell(sender, complete()).await;
}

/// False when nobody hears any more, or nobody reads.
async fn tell(sender: &mpsc::Sender<Sent>, sent: Sent) -> bool {
    matches!(timeout(SEND_TIME, sender.send(sent)).await, Ok(Ok(())))
}

/// One answer, and the end.
pub(super) fn once(answer: &Bytes) -> Response {
    respond(stream::iter([next(answer), complete()]))
}

fn respond(told: impl Stream<Item = Sent> + Send + 'static) -> Response {
    let told = told.map(Ok::<_, Infallible>);
    let mut response = Sse::new(told).keep_alive(KeepAlive::new().interval(SIGN_OF_LIFE)).into_response();
    // Proxies that gather answers would keep events to themselves.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// There is nothing more to come.
fn complete() -> Sent {
    Sent::default().event("complete")
}

/// In JSON a line break stands between values only, where a space does as well; in a text it is escaped.
fn next(answer: &[u8]) -> Sent {
    let line: Vec<u8> =
        answer.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }).collect();
    Sent::default().event("next").data(String::from_utf8_lossy(&line))
}

/// Finds out anew who shows these credentials.
pub(super) fn authenticate(state: &HttpState, headers: &HeaderMap) -> Authenticate {
    let mut credentials = HeaderMap::new();
    for value in headers.get_all(header::AUTHORIZATION) {
        credentials.append(header::AUTHORIZATION, value.clone());
    }
    let state = state.clone();
    Box::new(move || {
        let (state, credentials) = (state.clone(), credentials.clone());
        Box::pin(async move { state.tokens.still(&credentials).await })
    })
}
