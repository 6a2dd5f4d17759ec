//! One span and one log line a request: method, path, status, milliseconds, operation. Never the query
//! string, whose variables may hold anything.

use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderValue, Response};
use tracing::Span;
use tracing::field::Empty;

use crate::http::request_id::REQUEST_ID;

/// The most characters of an operation's name in a log line.
const MAX_NAME: usize = 100;

pub(super) fn span(request: &Request) -> Span {
    let id = request.headers().get(REQUEST_ID).and_then(|value: &HeaderValue| value.to_str().ok());
    tracing::info_span!(
        "request",
        id,
        method = %request.method(),
        path = request.uri().path(),
        operation = Empty,
    )
}

pub(super) fn answered<B>(response: &Response<B>, latency: Duration, _: &Span) {
    let status = response.status().as_u16();
    let ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
    match status {
        500.. => tracing::error!(status, ms, "answered"),
        400.. => tracing::info!(status, ms, "refused"),
        _ => tracing::info!(status, ms, "answered"),
    }
}

/// Adds the operation's name to the request's span.
pub(super) fn operation(name: &str) {
    let end = name.char_indices().nth(MAX_NAME).map_or(name.len(), |(end, _)| end);
    Span::current().record("operation", &name[..end]);
}
