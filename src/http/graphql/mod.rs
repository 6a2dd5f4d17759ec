//! `/graphql` after the GraphQL over HTTP specification: POST with JSON, GET for queries only.

pub mod accept;
pub(super) mod body;
mod events;
mod operations;
mod outgoing;
mod params;
mod protocol;
pub mod service;
pub(super) mod socket;

#[cfg(test)]
mod outgoing_tests;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};

use crate::graph::request::{Operation, OperationKind};
use crate::http::errors::HttpError;
use crate::http::graphql::accept::{MediaType, accepts_events, accepts_html, negotiate};
use crate::http::state::HttpState;
use crate::http::trace;
use crate::kernel::viewer::{Scope, Viewer};

/// Asks for the plan of an execution; heard from viewers that hold [`Scope::Explain`].
const EXPLAIN: HeaderName = HeaderName::from_static("encircle-explain");

/// Which answers are told as events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Events {
    Never,
    OfSubscriptions,
    Always,
}

/// Who asks, and in which form an answer is wanted.
struct Asked<'a> {
    headers: &'a HeaderMap,
    viewer: Viewer,
    explain: bool,
    media: MediaType,
    events: Events,
}

/// The two ways in. What may change something comes in by POST only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Get,
    Post,
}

pub(super) async fn post(State(state): State<HttpState>, request: Request) -> Response {
    let limits = &state.settings.request;
    if let Err(error) = body::check_length(request.headers(), limits) {
        return varying(error.into_response());
    }
    // Most bodies are sent as they are, and pay nothing for those that are not.
    match request.headers().contains_key(header::CONTENT_ENCODING) {
        true => Box::pin(body::decompress(request, limits, |request| post_plain(&state, request))).await,
        false => post_plain(&state, request).await,
    }
}

async fn post_plain(state: &HttpState, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    answer(state, &parts.headers, async || {
        body::check_type(&parts.headers)?;
        let bytes = body::read(&parts.headers, body, &state.settings.request).await?;
        Ok((Door::Post, params::from_body(&bytes, &state.settings.request)?))
    })
    .await
}

pub(super) async fn get(State(state): State<HttpState>, uri: Uri, headers: HeaderMap) -> Response {
    if let Some(console) = state.settings.console_path
        && accepts_html(&headers)
        && !uri.query().unwrap_or_default().split('&').any(|parameter| parameter.starts_with("query="))
    {
        return varying(Redirect::to(console).into_response());
    }
    answer(&state, &headers, async || Ok((Door::Get, params::from_uri(&uri, &state.settings.request)?))).await
}

pub(super) async fn wrong_method() -> HttpError {
    let message = "This endpoint takes POST, and GET for queries.";
    HttpError::new(StatusCode::METHOD_NOT_ALLOWED, "BAD_USER_INPUT", message)
        .with_header(header::ALLOW, HeaderValue::from_static("GET, HEAD, POST"))
}

/// Negotiates, finds out who asks, reads the operation, runs it: in this order, so that a stranger's body is
/// not read and every error has a media type its caller understands.
async fn answer(
    state: &HttpState,
    headers: &HeaderMap,
    read: impl AsyncFnOnce() -> Result<(Door, Operation), HttpError>,
) -> Response {
    let (media, events) = match (negotiate(headers), accepts_events(headers)) {
        (Ok(media), true) => (media, Events::OfSubscriptions),
        (Ok(media), false) => (media, Events::Never),
        // What is refused is refused with its status: a client of events looks at nothing else.
        (Err(_), true) => (MediaType::GraphqlResponse, Events::Always),
        (Err(error), false) => return varying(error.into_response()),
    };
    let viewer = match state.tokens.viewer(headers, &state.request_ids).await {
        Ok(viewer) => viewer,
        Err(error) => return varying(error.answer(media)),
    };
    let answered = match read().await {
        Ok((door, operation)) => {
            let explain =
                viewer.holds(Scope::Explain) && headers.get(EXPLAIN).is_some_and(|value| value == "1");
            let asked = Asked { headers, viewer, explain, media, events };
            run(state, (door, operation), asked).await
        }
        Err(error) => Err(error),
    };
    let mut response = varying(answered.unwrap_or_else(|error| error.answer(media)));
    if viewer != Viewer::Anonymous {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    }
    response
}

async fn run(
    state: &HttpState,
    (door, operation): (Door, Operation),
    Asked { headers, viewer, explain, media, events }: Asked<'_>,
) -> Result<Response, HttpError> {
    let time = state.settings.request.time;
    let execution = async {
        let prepared =
            state.graph.prepare(operation).await.map_err(|errors| HttpError::refused(errors, media))?;
        if let Some(name) = prepared.name() {
            trace::operation(name);
        }
        check_kind(prepared.kind(), door, events)?;
        if prepared.kind() == OperationKind::Subscription {
            return events::subscribe(state, headers, prepared);
        }
        let answer = state.graph.execute(prepared, viewer, explain).await;
        let answer = answer.map_err(|error| HttpError::failed(&error, &state.request_ids))?;
        if events == Events::Always {
            return Ok(events::once(&answer));
        }
        let mut response = Response::new(Body::from(answer));
        response.headers_mut().insert(header::CONTENT_TYPE, media.content_type());
        Ok(response)
    };
    tokio::time::timeout(time, execution).await.map_err(|_| HttpError::took_too_long(time))?
}

fn check_kind(kind: OperationKind, door: Door, events: Events) -> Result<(), HttpError> {
    match (kind, door) {
        (OperationKind::Query, _) | (OperationKind::Mutation, Door::Post) => Ok(()),
        (OperationKind::Mutation, Door::Get) => {
            let message = "A mutation is sent by POST; GET serves queries only.";
            Err(HttpError::new(StatusCode::METHOD_NOT_ALLOWED, "BAD_USER_INPUT", message)
                .with_header(header::ALLOW, HeaderValue::from_static("POST")))
        }
        (OperationKind::Subscription, _) if events != Events::Never => Ok(()),
        (OperationKind::Subscription, _) => Err(HttpError::malformed(
            "A subscription is more than one answer: accept `text/event-stream`, or connect to /graphql/ws.",
        )),
    }
}

/// The answer depends on these headers of the request, for caches between.
fn varying(mut response: Response) -> Response {
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept, Authorization"));
    response
}
