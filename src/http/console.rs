//! `/graphiql`: the web console, from inside the binary. `build.rs` says how it got there.

use std::{borrow::Cow, collections::BTreeMap, fmt::Write};

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use bytes::Bytes;
use rust_embed::{Embed, EmbeddedFile};
use serde::Serialize;
use serde_json::{Map, Value};

/// The console's files, each larger text also as `name.br`.
#[derive(Embed)]
#[folder = "$OUT_DIR/graphiql"]
struct Files;

/// Nothing from anywhere else, and no other page may frame this one. The editor writes its styles inline.
const BUNDLED_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The same for a build without npm, whose page has an inline import map and takes everything from a CDN.
const CDN_POLICY: &str = "default-src 'self' https://esm.sh; \
    script-src 'self' 'unsafe-inline' data: https://esm.sh; style-src 'self' 'unsafe-inline' https://esm.sh; \
    img-src 'self' data:; font-src 'self' data: https://esm.sh; worker-src 'self' blob: https://esm.sh; \
    object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What the page asks for at its start.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsoleConfig {
    /// Path or address of the GraphQL endpoint.
    pub endpoint: String,
    /// Path or address for subscriptions over WebSocket.
    pub subscription_endpoint: Option<String>,
    /// What the page opens with at the first visit.
    pub tabs: Vec<ConsoleTab>,
    /// A line at the foot of the page.
    pub notice: Option<String>,
}

/// One operation, ready to run.
#[derive(Debug, Clone, Serialize)]
pub struct ConsoleTab {
    pub name: String,
    pub query: String,
    pub variables: Option<Map<String, Value>>,
    pub headers: Option<BTreeMap<String, String>>,
}

/// Whether the page works without the internet.
pub fn is_bundled() -> bool {
    env!("ENCIRCLE_CONSOLE_SOURCE") == "bundled"
}

/// The console's routes.
///
/// # Errors
/// When the configuration cannot be written as JSON.
pub fn routes<S>(config: &ConsoleConfig) -> serde_json::Result<Router<S>>
where
    S: Clone + Send + Sync + 'static,
{
    let config = Bytes::from(serde_json::to_vec(config)?);
    Ok(Router::new()
        .route("/graphiql", get(async |headers: HeaderMap| page(&headers)))
        .route("/graphiql/", get(async || Redirect::permanent("/graphiql")))
        .route("/graphiql/config.json", get(async move || settings(config)))
        .route(
            "/graphiql/{*path}",
            get(async |Path(path): Path<String>, headers: HeaderMap| file(&path, &headers)),
        ))
}

fn page(request: &HeaderMap) -> Response {
    let policy = if is_bundled() { BUNDLED_POLICY } else { CDN_POLICY };
    let mut response = file("index.html", request);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}

/// Never stored: the tabs may carry tokens.
fn settings(config: Bytes) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, config).into_response()
}

fn file(path: &str, request: &HeaderMap) -> Response {
    let Some(plain) = Files::get(path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let content_type = content_type(&plain);
    let compressed = accepts_brotli(request).then(|| Files::get(&format!("{path}.br"))).flatten();
    let is_compressed = compressed.is_some();
    let body = compressed.unwrap_or(plain);
    let tag = entity_tag(&body);
    let headers = [
        (header::CACHE_CONTROL, cache_control(path).to_owned()),
        (header::ETAG, tag.clone()),
        (header::VARY, "accept-encoding".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    if already_has(request, &tag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    let bytes = match body.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    let mut response = (headers, [(header::CONTENT_TYPE, content_type)], bytes).into_response();
    if is_compressed {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    response
}

fn content_type(file: &EmbeddedFile) -> String {
    let kind = file.metadata.mimetype();
    if kind.starts_with("text/") { format!("{kind}; charset=utf-8") } else { kind.to_owned() }
}

/// Everything below `assets/` has a hash of its content in its name.
fn cache_control(path: &str) -> &'static str {
    if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" }
}

fn entity_tag(file: &EmbeddedFile) -> String {
    let mut tag = String::from('"');
    for byte in file.metadata.sha256_hash() {
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    tag
}

fn already_has(request: &HeaderMap, tag: &str) -> bool {
    listed(request, header::IF_NONE_MATCH).any(|known| known.trim_start_matches("W/") == tag || known == "*")
}

fn accepts_brotli(request: &HeaderMap) -> bool {
    listed(request, header::ACCEPT_ENCODING).any(|offer| {
        let (coding, weight) = offer.split_once(';').unwrap_or((offer, ""));
        let refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0));
        coding.trim().eq_ignore_ascii_case("br") && !refused
    })
}

/// The members of a header that is a comma-separated list.
fn listed(request: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = &str> {
    let values = request.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

#[cfg(test)]
#[path = "console_tests.rs"]
mod tests;
