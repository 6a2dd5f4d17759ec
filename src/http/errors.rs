//! The one form of every error this server answers with by itself: GraphQL's `{"errors": […]}`, in JSON,
//! each with `extensions.code`. What the executor answers is written by the executor.

use std::borrow::Cow;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::graph::request::RequestError;
use crate::http::graphql::accept::MediaType;
use crate::http::request_id::RequestIds;
use crate::kernel::error::Error;

/// The most characters of a message: names of the caller's own may be in it.
const MAX_MESSAGE: usize = 400;

/// A request that ends without an execution: a status and one or more errors.
#[derive(Debug)]
pub struct HttpError {
    status: StatusCode,
    errors: Vec<WireError>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

#[derive(Debug, Serialize)]
struct WireError {
    message: Cow<'static, str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<WireLocation>,
    extensions: WireExtensions,
}

#[derive(Debug, Serialize)]
struct WireLocation {
    line: usize,
    column: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct WireExtensions {
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_id: Option<String>,
}

impl HttpError {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        let extensions = WireExtensions { code, error_id: None };
        let error = WireError { message: message.into(), locations: Vec::new(), extensions };
        Self { status, errors: vec![error], headers: Vec::new() }
    }

    /// The request is not a well-formed GraphQL request.
    pub fn malformed(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_USER_INPUT", message)
    }

    /// Our fault: the cause is in the log under the same id.
    pub fn internal(error_id: String) -> Self {
        let message = "Something went wrong on our side. Try again; if it stays, report the errorId.";
        let mut error = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR", message);
        error.errors[0].extensions.error_id = Some(error_id);
        error
    }

    /// An execution that failed as a whole. What a dependency said is for the log, not for strangers.
    pub(super) fn failed(error: &Error, ids: &RequestIds) -> Self {
        if error.is_passing() {
            tracing::warn!(%error, "a dependency is away");
            let message = "The service is away for a moment; try again.";
            return Self::new(StatusCode::SERVICE_UNAVAILABLE, error.code(), message);
        }
        let error_id = ids.next();
        tracing::error!(error_id, %error, "an execution failed");
        Self::internal(error_id)
    }

    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// A well-formed request whose operation was refused. The status is of the specification: 400 for
    /// `application/graphql-response+json`; 200 for `application/json`, whose clients take any other status
    /// for one of a proxy between. A failure of the server has its own status for both.
    pub fn refused(errors: Vec<RequestError>, media: MediaType) -> Self {
        let status = match errors.first().map(|error| error.code) {
            Some("INTERNAL_SERVER_ERROR") | None => StatusCode::INTERNAL_SERVER_ERROR,
            Some("SERVICE_UNAVAILABLE") => StatusCode::SERVICE_UNAVAILABLE,
            Some(_) if media == MediaType::GraphqlResponse => StatusCode::BAD_REQUEST,
            Some(_) => StatusCode::OK,
        };
        let errors = errors.into_iter().map(WireError::from).collect();
        Self { status, errors, headers: Vec::new() }
    }

    /// A token that was good when a stream began is so no more.
    pub(super) fn token_over() -> Self {
        let message = "The token is no longer valid. Ask for a new one.";
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message)
    }

    /// As many live connections as there may be.
    pub(super) fn too_many_streams() -> Self {
        let message = "Too many live connections with this token; end one, or try again later.";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_CONNECTIONS", message)
            .with_header(header::RETRY_AFTER, HeaderValue::from_static("5"))
    }

    /// An operation was stopped. 504 rather than 408, which means that the request came too slowly and makes browsers
    /// repeat it, and rather than 503, which says that nothing was done.
    pub(super) fn took_too_long(time: Duration) -> Self {
        let message =
            format!("The operation took longer than {time:?} and was stopped; ask for less at a time.");
        Self::new(StatusCode::GATEWAY_TIMEOUT, "REQUEST_TIMEOUT", message)
    }

    /// GraphQL's answer: the errors under their key.
    pub(super) fn json(&self) -> Vec<u8> {
        #[derive(Serialize)]
        struct Answer<'a> {
            errors: &'a [WireError],
        }
        serde_json::to_vec(&Answer { errors: &self.errors }).unwrap_or_default()
    }

    /// The errors alone.
    pub(super) fn list(&self) -> Vec<u8> {
        serde_json::to_vec(&self.errors).unwrap_or_default()
    }

    /// The answer in the media type that was negotiated.
    pub fn answer(self, media: MediaType) -> Response {
        let mut response = Response::new(Body::from(self.json()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, media.content_type());
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        headers.extend(self.headers);
        response
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        self.answer(MediaType::Json)
    }
}

impl From<RequestError> for WireError {
    fn from(error: RequestError) -> Self {
        let locations = error
            .locations
            .into_iter()
            .map(|place| WireLocation { line: place.line, column: place.column })
            .collect();
        let extensions = WireExtensions { code: error.code, error_id: None };
        Self { message: shortened(error.message).into(), locations, extensions }
    }
}

fn shortened(mut message: String) -> String {
    if let Some((end, _)) = message.char_indices().nth(MAX_MESSAGE) {
        message.truncate(end);
        message.push('…');
    }
    message
}
