//! What SDKs are answered: `{"success":true}`, or why not. They retry what is answered with 429 or 5xx, and give
//! up what is answered with another 4xx.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::http::ingest::event::Wrong;

/// How many refused events an answer and a log line tell of.
const MAX_TOLD: usize = 20;

/// An event that did not go in.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refused {
    /// Its place in the batch.
    pub index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    pub reason: String,
    #[serde(skip)]
    pub is_too_large: bool,
}

impl Refused {
    pub fn unreadable(index: usize, wrong: Wrong) -> Self {
        let Wrong { message_id, reason, is_too_large } = wrong;
        Self { index, message_id, reason, is_too_large }
    }
}

/// A request that is refused as a whole.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    message: String,
    refused: Vec<Refused>,
    /// Boxed, because an answer is mostly the error that is not returned.
    header: Option<Box<(HeaderName, HeaderValue)>>,
}

#[derive(Serialize)]
struct Body<'a> {
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "<[Refused]>::is_empty")]
    refused: &'a [Refused],
}

impl Answer {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), refused: Vec::new(), header: None }
    }

    fn with(self, name: HeaderName, value: &'static str) -> Self {
        Self { header: Some(Box::new((name, HeaderValue::from_static(value)))), ..self }
    }

    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub fn too_large(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, message)
    }

    pub fn unknown_key() -> Self {
        let message = "The write key is not known here. Send it as the user of Basic authentication, with an \
            empty password, or as `writeKey` in the body.";
        // Not `Basic`: a browser would ask its user for a password.
        Self::new(StatusCode::UNAUTHORIZED, message)
            .with(header::WWW_AUTHENTICATE, "WriteKey realm=\"encircle\"")
    }

    pub fn unknown_encoding() -> Self {
        let message = "The body's encoding is not understood. Send it as it is, or with `gzip` or `br`.";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message).with(header::ACCEPT_ENCODING, "gzip, br")
    }

    pub fn too_slow() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time; send it faster.")
            .with(header::CONNECTION, "close")
    }

    pub fn unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "More arrives than can be written; send it again.")
            .with(header::RETRY_AFTER, "2")
    }

    /// `Retry-After` only: `X-RateLimit-Reset` is seconds from now to one SDK and a time of day to another.
    pub fn too_many(seconds: u64) -> Self {
        let message =
            format!("More events arrive than this write key may bring; send it again in {seconds} s.");
        let answer = Self::new(StatusCode::TOO_MANY_REQUESTS, message);
        Self { header: Some(Box::new((header::RETRY_AFTER, HeaderValue::from(seconds)))), ..answer }
    }

    pub fn internal() -> Self {
        let message = "Something went wrong on our side; send it again.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    }

    /// Every event was wrong.
    pub fn nothing_usable(mut refused: Vec<Refused>) -> Self {
        refused.sort_unstable_by_key(|refused| refused.index);
        let is_too_large = refused.iter().all(|refused| refused.is_too_large);
        let status = if is_too_large { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::BAD_REQUEST };
        let message = refused.first().map(|refused| refused.reason.clone()).unwrap_or_default();
        refused.truncate(MAX_TOLD);
        Self { status, message, refused, header: None }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let body = Body { success: false, message: Some(&self.message), refused: &self.refused };
        let mut response = (self.status, axum::Json(body)).into_response();
        if let Some((name, value)) = self.header.map(|header| *header) {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

/// All went in but these.
pub fn accepted(refused: &[Refused]) -> Response {
    let told = &refused[..refused.len().min(MAX_TOLD)];
    axum::Json(Body { success: true, message: None, refused: told }).into_response()
}

pub async fn nothing_kept() -> Response {
    accepted(&[])
}

pub async fn wrong_method() -> Response {
    Answer::new(StatusCode::METHOD_NOT_ALLOWED, "Events are sent by POST.")
        .with(header::ALLOW, "POST")
        .into_response()
}

/// Tells the operator what was refused. The texts are a stranger's: they are quoted.
pub fn log(source: &str, refused: &[Refused]) {
    if let Some(first) = refused.first() {
        let (count, reason) = (refused.len(), first.reason.as_str());
        tracing::warn!(source, count, message_id = ?first.message_id, reason = ?reason, "events are refused");
    }
}
