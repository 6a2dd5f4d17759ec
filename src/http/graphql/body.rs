//! Reading the body of a request: only JSON, never more than the limit, never slower than allowed. The limit
//! holds twice: for what is sent and for what comes out of it.

use std::convert::Infallible;
use std::error::Error;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::FutureExt;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tower::{Layer, ServiceExt, service_fn};
use tower_http::decompression::{DecompressionBody, RequestDecompressionLayer};

use crate::http::errors::HttpError;
use crate::http::state::RequestLimits;

/// Refuses what says that it is too long, before any of it is read.
pub(super) fn check_length(headers: &HeaderMap, limits: &RequestLimits) -> Result<(), HttpError> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    match announced.is_some_and(|length: u64| length > limits.body_bytes as u64) {
        true => Err(too_large(limits.body_bytes)),
        false => Ok(()),
    }
}

/// Gives `answer` the request with its body decompressed, if that is compressed in a way we know.
pub(super) async fn decompress<F>(
    request: Request<Body>,
    limits: &RequestLimits,
    answer: impl Fn(Request<Body>) -> F + Send,
) -> Response
where
    F: Future<Output = Response> + Send,
{
    let sent = request.map(|body| Limited::new(body, limits.body_bytes));
    let plain = service_fn(|request: Request<DecompressionBody<Limited<Body>>>| {
        answer(request.map(Body::new)).map(Ok::<_, Infallible>)
    });
    let service =
        RequestDecompressionLayer::new().gzip(true).br(true).pass_through_unaccepted(true).layer(plain);
    let Ok(response) = service.oneshot(sent).await;
    response.map(Body::new)
}

/// Refuses a body that is not JSON in UTF-8. Forms and text are what a page of another origin can post
/// without asking first; they must never reach an operation.
pub(super) fn check_type(headers: &HeaderMap) -> Result<(), HttpError> {
    let refused = |message: &'static str| {
        Err(HttpError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "BAD_USER_INPUT", message)
            .with_header(header::ACCEPT, HeaderValue::from_static("application/json")))
    };
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(Ok(text)), None) = (types.next().map(HeaderValue::to_str), types.next()) else {
        return refused("Send the header `Content-Type: application/json`, once.");
    };
    let mut parts = text.split(';').map(str::trim);
    if !parts.next().is_some_and(|media| media.eq_ignore_ascii_case("application/json")) {
        return refused(
            "The body of a GraphQL request is JSON; send it with `Content-Type: application/json`.",
        );
    }
    for parameter in parts {
        if let Some((name, value)) = parameter.split_once('=')
            && name.trim().eq_ignore_ascii_case("charset")
            && !["utf-8", "utf8"].contains(&value.trim().trim_matches('"').to_ascii_lowercase().as_str())
        {
            return refused("JSON is UTF-8; send it with `charset=utf-8` or without a charset.");
        }
    }
    Ok(())
}

/// The whole body, decompressed.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    limits: &RequestLimits,
) -> Result<Bytes, HttpError> {
    // What could be decompressed has lost its header on the way here.
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        let message = "The body's encoding is not understood. Send it as it is, or with `gzip` or `br`.";
        return Err(HttpError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "BAD_USER_INPUT", message)
            .with_header(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip, br")));
    }
    let body = Limited::new(body, limits.body_bytes).collect();
    match tokio::time::timeout(limits.body_time, body).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if is_length_limit(error.as_ref()) => Err(too_large(limits.body_bytes)),
        Ok(Err(error)) => {
            tracing::debug!(%error, "a body could not be read");
            Err(HttpError::malformed(
                "The body could not be read to its end; it is cut off or wrongly compressed.",
            ))
        }
        Err(_) => {
            let message = format!("The body did not arrive within {:?}; send it faster.", limits.body_time);
            Err(HttpError::new(StatusCode::REQUEST_TIMEOUT, "REQUEST_TIMEOUT", message)
                .with_header(header::CONNECTION, HeaderValue::from_static("close")))
        }
    }
}

/// Whether a body was broken off because it is too long.
pub(crate) fn is_length_limit(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<LengthLimitError>() {
            return true;
        }
        // An I/O error may carry the body's error without naming it as its source.
        let carried = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = match carried {
            Some(carried) => Some(carried),
            None => error.source(),
        };
    }
    false
}

fn too_large(limit: usize) -> HttpError {
    let message =
        format!("The body has more than {limit} bytes, as sent or decompressed; send less at a time.");
    HttpError::new(StatusCode::PAYLOAD_TOO_LARGE, "LIMIT_EXCEEDED", message)
}
