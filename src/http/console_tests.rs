//! The console over its routes, as a browser asks for it.

use axum::{body::Body, http::Request};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::*;

async fn get_with(path: &str, name: header::HeaderName, value: &str) -> Response {
    let config = ConsoleConfig {
        endpoint: "/graphql".to_owned(),
        subscription_endpoint: None,
        tabs: Vec::new(),
        notice: Some("Made up".to_owned()),
    };
    let request = Request::get(path).header(name, value).body(Body::empty()).unwrap();
    routes(&config).unwrap().oneshot(request).await.unwrap()
}

async fn get_plain(path: &str) -> Response {
    get_with(path, header::ACCEPT, "*/*").await
}

fn script() -> Option<Cow<'static, str>> {
    Files::iter().find(|path| path.starts_with("assets/index-") && path.ends_with(".js"))
}

#[tokio::test]
async fn the_page_is_html_that_may_load_nothing_foreign_when_bundled() {
    let response = get_plain("/graphiql").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
    assert_eq!(response.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
    let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    let html = response.into_body().collect().await.unwrap().to_bytes();
    let html = std::str::from_utf8(&html).unwrap();
    assert!(html.contains("<title>Encircle</title>"));
    assert_eq!(is_bundled(), !policy.contains("https:"));
    assert_eq!(is_bundled(), !html.contains("https:"));
}

#[tokio::test]
async fn a_trailing_slash_leads_to_the_page() {
    let response = get_plain("/graphiql/").await;
    assert_eq!(response.status(), StatusCode::PERMANENT_REDIRECT);
    assert_eq!(response.headers()[header::LOCATION], "/graphiql");
}

#[tokio::test]
async fn the_configuration_is_never_stored() {
    let response = get_plain("/graphiql/config.json").await;
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let config: Value = serde_json::from_slice(&body).unwrap();
    let expected = serde_json::json!({
        "endpoint": "/graphql", "subscriptionEndpoint": null, "tabs": [], "notice": "Made up",
    });
    assert_eq!(config, expected);
}

#[tokio::test]
async fn scripts_are_sent_compressed_to_whoever_takes_brotli() {
    let Some(script) = script() else { return assert!(!is_bundled()) };
    let path = format!("/graphiql/{script}");
    for (accepted, encoding) in [("gzip, br", Some("br")), ("gzip, br;q=0", None), ("identity", None)] {
        let response = get_with(&path, header::ACCEPT_ENCODING, accepted).await;
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
        let sent = response.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap());
        assert_eq!(sent, encoding, "{accepted}");
    }
}

#[tokio::test]
async fn a_known_entity_tag_is_not_sent_again() {
    let first = get_plain("/graphiql").await;
    let tag = first.headers()[header::ETAG].to_str().unwrap();
    let known = get_with("/graphiql", header::IF_NONE_MATCH, &format!("\"other\", W/{tag}")).await;
    assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(known.headers()[header::ETAG], tag);
    let other = get_with("/graphiql", header::IF_NONE_MATCH, "\"other\"").await;
    assert_eq!(other.status(), StatusCode::OK);
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    for path in ["/graphiql/assets/none.js", "/graphiql/../Cargo.toml", "/graphiql/%2e%2e/Cargo.toml"] {
        assert_eq!(get_plain(path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

/// The page from the CDN is only seen where npm is missing, so nobody would notice it falling behind.
#[test]
fn the_cdn_page_names_the_versions_of_the_bundle() {
    let package: Value = serde_json::from_str(include_str!("../../console/package.json")).unwrap();
    let page = include_str!("../../console/cdn.html");
    for (name, version) in package["dependencies"].as_object().unwrap() {
        // Only subscriptions need it, and they are the bundle's.
        if name == "graphql-ws" {
            continue;
        }
        let pinned = format!("https://esm.sh/{name}@{}", version.as_str().unwrap());
        assert!(page.contains(&pinned), "console/cdn.html does not load {pinned}");
    }
}
