//! Which pages of other origins may call from a browser: those in the settings, else none.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::CorsLayer;

use crate::http::request_id::REQUEST_ID;

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
            .max_age(Duration::from_secs(3600)),
    )
}
