//! Answers as server-sent events, one connection an operation: GraphQL over SSE in its distinct mode.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::sse::{Event as Sent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt};

use crate::graph::engine::Prepared;
use crate::graph::events::{Authenticate, End, Event};
use crate::http::errors::HttpError;
use crate::http::state::HttpState;

/// How often a silent stream shows that it lives, to the client and to proxies between.
const SIGN_OF_LIFE: Duration = Duration::from_secs(12);

/// The events of a subscription, until the client leaves or the server ends.
pub(super) fn subscribe(state: &HttpState, headers: &HeaderMap, prepared: Prepared) -> Response {
    let events = Arc::clone(&state.graph).subscribe(prepared, authenticate(state, headers));
    let (ids, readiness) = (state.request_ids.clone(), Arc::clone(&state.readiness));
    let told = events.map(move |event: Event| match event {
        Ok(answer) => next(&answer),
        Err(End::TokenOver) => next(&HttpError::token_over().json()),
        Err(End::Failed(error)) => next(&HttpError::failed(&error, &ids).json()),
    });
    respond(told.take_until(async move { readiness.drained().await }))
}

/// One answer, and the end.
pub(super) fn once(answer: &Bytes) -> Response {
    respond(stream::iter([next(answer)]))
}

fn respond(told: impl Stream<Item = Sent> + Send + 'static) -> Response {
    let complete = Sent::default().event("complete");
    let all = told.chain(stream::iter([complete])).map(Ok::<_, Infallible>);
    let mut response = Sse::new(all).keep_alive(KeepAlive::new().interval(SIGN_OF_LIFE)).into_response();
    // Proxies that gather answers would keep events to themselves.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
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
