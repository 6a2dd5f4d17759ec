//! What a caller says about the encodings of its answer.

use axum::extract::Request;
use axum::http::{HeaderValue, header};

/// Drops an `Accept-Encoding` that speaks of the plain form, by name or by `*`: it may exclude that form, and
/// the compression then calls the answer unacceptable after the operation was executed. RFC 9110 lets a server
/// disregard the header.
pub(super) fn accept_plain(mut request: Request) -> Request {
    let speaks_of_it = |value: &HeaderValue| {
        value.to_str().is_ok_and(|text| text.contains('*') || text.to_ascii_lowercase().contains("identity"))
    };
    if request.headers().get_all(header::ACCEPT_ENCODING).iter().any(speaks_of_it) {
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
    request
}
