//! Reading what SDKs send: JSON, whatever its type is said to be, for some call it a form. The limit holds
//! twice: for what is sent, and for what comes out when it is decompressed.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};

use crate::http::graphql::body::is_length_limit;
use crate::http::ingest::answers::Answer;

/// Bytes of a request.
pub const MAX_BODY: usize = 500 * 1024;
/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(15);

/// Bounds what is sent, before it is decompressed.
pub async fn bound_sent(request: Request, next: Next) -> Response {
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let length = announced.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > MAX_BODY as u64) {
        return too_large().into_response();
    }
    next.run(request.map(|body| Body::new(Limited::new(body, MAX_BODY)))).await
}

/// The whole body, decompressed.
pub async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Answer> {
    // What could be decompressed has lost its header on the way here.
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(Answer::unknown_encoding());
    }
    match tokio::time::timeout(PATIENCE, Limited::new(body, MAX_BODY).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if is_length_limit(error.as_ref()) => Err(too_large()),
        Ok(Err(error)) => {
            tracing::debug!(%error, "a body could not be read");
            Err(Answer::malformed("The body is cut off or wrongly compressed."))
        }
        Err(_) => Err(Answer::too_slow()),
    }
}

fn too_large() -> Answer {
    Answer::too_large(format!(
        "The body has more than {MAX_BODY} bytes, as sent or decompressed; send fewer events at a time."
    ))
}
