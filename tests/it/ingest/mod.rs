//! Behaviors that arrive through the doors for SDKs.

mod browsers;
mod claims;
mod deadlock;
mod limits;
mod people;
mod quarantine;
mod rate;
mod recording;
mod wire;

use std::io::Write;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use encircle::app::{App, server};
use encircle::config::write_keys::WriteKeySettings;
use encircle::config::{AppSettings, Settings};
use encircle::db::Db;
use encircle::http::auth::Tokens;
use encircle::http::console::ConsoleConfig;
use encircle::kernel::clock::Clock;
use encircle::kernel::ids::Ids;
use entities::timestamp::Timestamp;
use entities::touchpoint;
use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::api::world::touchpoints;
use crate::entities::insert;
use crate::harness::client::{Client, application};

/// 2026-01-01T12:00:00Z.
const NOON: Timestamp = Timestamp(1_767_268_800_000);
/// A browser's key.
const SHOP: &str = "key-of-the-web-shop";
/// The key of a server of the brand.
const SERVER: &str = "key-of-the-server";
/// The key of a touchpoint that many people use.
const KIOSK: &str = "key-of-the-kiosk";

/// The doors, and the graph over the same database.
struct Doors {
    router: Router,
    app: App,
}

#[derive(Debug)]
struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    json: Value,
}

async fn open(db: Db) -> Doors {
    insert::<touchpoint::Entity>(&db, touchpoints()).await;
    assert!(touchpoints()[0].shared);
    let key = |name: &str, key: &str| WriteKeySettings {
        name: name.to_owned(),
        key: key.to_owned(),
        touchpoint: None,
        channel: None,
        trusted: false,
        events_per_second: None,
        burst: None,
    };
    let kiosk = WriteKeySettings { touchpoint: Some(touchpoints()[0].key.clone()), ..key("kiosk", KIOSK) };
    let write_keys =
        vec![key("shop", SHOP), WriteKeySettings { trusted: true, ..key("server", SERVER) }, kiosk];
    let settings = AppSettings { write_keys, ..AppSettings::default() };
    let app = App::open(db.clone(), Clock::fixed(NOON), Ids::seeded(3), &settings).await.expect("it opens");
    let console = ConsoleConfig {
        endpoint: "/graphql".into(),
        subscription_endpoint: None,
        tabs: Vec::new(),
        notice: None,
    };
    let (router, _) = server(app, Tokens::default(), &console, &Settings::default()).expect("the parts fit");
    Doors { router, app: application(db, NOON).await }
}

impl Doors {
    async fn send(&self, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answered {
        let mut request = Request::post(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = self
            .router
            .clone()
            .oneshot(request.body(body.into()).expect("a request"))
            .await
            .expect("an answer");
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        let json = serde_json::from_slice(&body).unwrap_or_else(|_| panic!("no JSON: {body:?}"));
        Answered { status: parts.status, headers: parts.headers, json }
    }

    /// Sends an event with the key in the body.
    async fn event(&self, key: &str, kind: &str, mut event: Value) -> Answered {
        event["writeKey"] = json!(key);
        self.send(&format!("/v1/{kind}"), &[], event.to_string()).await
    }

    /// The same for one that must be taken whole.
    async fn taken(&self, key: &str, kind: &str, event: Value) {
        let answered = self.event(key, kind, event.clone()).await;
        assert_eq!((answered.status, answered.json), (StatusCode::OK, json!({ "success": true })), "{event}");
    }

    /// The same for one that must be refused with words like these.
    async fn refused(&self, key: &str, kind: &str, event: Value, words: &str) {
        let answered = self.event(key, kind, event.clone()).await;
        assert_eq!(answered.status, StatusCode::BAD_REQUEST, "{event}");
        let message = answered.json["message"].as_str().expect("a message");
        assert!(message.contains(words), "{message}");
        assert_eq!(answered.json["success"], false);
    }

    /// The customer with an identity, null when there is none.
    async fn customer(&self, kind: &str, value: &str) -> Value {
        let query = "query($type: IdentityType!, $value: String!) {
            customer(by: { identity: { type: $type, value: $value } }) {
              id firstName email birthDate traits identities { type value verified }
              behaviors(first: 50) {
                totalCount nodes { name channel occurredAt messageId properties touchpoint { key } }
              }
            } }";
        let variables = json!({ "type": kind, "value": value });
        Client::staff(&self.app).good(query, variables).await["customer"].take()
    }

    /// The names of what a customer did, sorted.
    async fn did(&self, kind: &str, value: &str) -> Vec<String> {
        let customer = self.customer(kind, value).await;
        let nodes = customer["behaviors"]["nodes"].as_array().cloned().unwrap_or_default();
        let mut names: Vec<_> =
            nodes.iter().map(|node| node["name"].as_str().expect("a name").to_owned()).collect();
        names.sort_unstable();
        names
    }
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory is written");
    encoder.finish().expect("memory is written")
}
