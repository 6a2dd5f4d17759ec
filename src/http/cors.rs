//! Which pages of other origins may call from a browser: the graph those in the settings, else none; the doors
//! for SDKs any.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowHeaders, Any, CorsLayer};

use crate::http::request_id::REQUEST_ID;

/// How long a browser remembers what it was allowed.
const MAX_AGE: Duration = Duration::from_secs(3600);

pub(super) fn layer(allowed_origins: &[HeaderValue]) -> Option<CorsLayer> {
    if allowed_origins.is_empty() {
        return None;
    }
    Some(
        CorsLayer::new()
            .allow_origin(allowed_origins.to_vec())
            .allow_methods([Method::GET, Method::POST])
            .allow_headers([
                header::ACCEPT,
                header::AUTHORIZATION,
                header::CONTENT_TYPE,
                REQUEST_ID,
                HeaderName::from_static("apollo-require-preflight"),
                HeaderName::from_static("encircle-explain"),
                HeaderName::from_static("graphql-preflight"),
                HeaderName::from_static("traceparent"),
                HeaderName::from_static("x-apollo-operation-name"),
            ])
            .expose_headers([REQUEST_ID, header::RETRY_AFTER])
            .max_age(MAX_AGE),
    )
}

/// For doors whose key is public, and which show nothing: any page may send, with whatever headers its SDK adds. No
/// cookies are taken, so that nobody's browser speaks for its owner.
pub(super) fn any_origin() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([REQUEST_ID, header::RETRY_AFTER])
        .max_age(MAX_AGE)
}
