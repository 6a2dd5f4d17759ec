//! How many events a write key may bring.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use encircle::db::Db;
use encircle::domain::customers::caller::Trust;
use encircle::domain::ingest::arrival::Sender;
use encircle::domain::ingest::queue::IngestQueue;
use encircle::domain::ingest::service::Ingest;
use encircle::http::ingest::auth::{WriteKey, WriteKeys};
use encircle::http::ingest::rate::{EventRate, RateLimit, Ticks};
use encircle::http::ingest::{IngestState, routes};
use encircle::kernel::clock::Clock;
use encircle::kernel::ids::Ids;
use governor::clock::FakeRelativeClock;
use serde_json::{Value, json};

use super::{Doors, NOON, SERVER, SHOP};
use crate::harness::client::application;
use crate::harness::databases::on_both;

/// Doors where the shop's key brings ten events a second and thirty at once, by this clock.
async fn limited(db: Db, clock: &FakeRelativeClock) -> Doors {
    let number = |number| NonZeroU32::new(number).expect("it is not zero");
    let rate = EventRate { per_second: number(10), burst: number(30) };
    let key = |name: &str, limit| WriteKey {
        sender: Arc::new(Sender { name: name.to_owned(), trust: Trust::Untrusted, is_shared: false }),
        touchpoint_id: None,
        channel: None,
        limit,
    };
    let limit = RateLimit::with_ticks(rate, Ticks::Given(clock.clone()));
    let keys = WriteKeys::new([(SHOP, key("shop", Some(limit))), (SERVER, key("server", None))]);
    let (at, ids) = (Clock::fixed(NOON), Ids::seeded(3));
    let ingest = Ingest::open(&db, at.clone(), ids.clone()).await.expect("it opens");
    let router = routes(IngestState::new(keys, IngestQueue::start(ingest), at, ids));
    Doors { router, app: application(db, NOON).await }
}

fn batch(first: usize, events: usize) -> Value {
    let event = |id: usize| json!({ "type": "track", "event": "Liked", "anonymousId": "b-1", "messageId": id.to_string() });
    json!({ "batch": (first..first + events).map(event).collect::<Vec<_>>() })
}

#[tokio::test]
async fn who_brings_too_much_is_told_when_to_come_back() {
    on_both(async |db| {
        let clock = FakeRelativeClock::default();
        let doors = limited(db, &clock).await;
        doors.taken(SHOP, "batch", batch(0, 20)).await;
        // Ten are left, and twenty-five come: what is missing takes a second and a half.
        let answered = doors.event(SHOP, "batch", batch(20, 25)).await;
        assert_eq!(answered.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(answered.headers["retry-after"], "2");
        assert_eq!(answered.headers["content-type"], "application/json");
        assert_eq!(answered.json["success"], false);
        assert!(answered.json["message"].as_str().is_some_and(|message| message.contains("2 s")));
        // Another key has its own count; nothing of the batch went in, and what was left is left.
        doors.taken(SERVER, "batch", batch(0, 40)).await;
        doors.taken(SHOP, "batch", batch(20, 10)).await;
        assert_eq!(doors.event(SHOP, "track", batch(30, 1)["batch"][0].clone()).await.status, 429);
        clock.advance(Duration::from_secs(2));
        doors.taken(SHOP, "batch", batch(30, 15)).await;
        let customer = doors.customer("ANONYMOUS_ID", "b-1").await;
        assert_eq!(customer["behaviors"]["totalCount"], 40 + 45);
    })
    .await;
}

#[tokio::test]
async fn a_batch_that_no_waiting_lets_in_is_too_large() {
    on_both(async |db| {
        let doors = limited(db, &FakeRelativeClock::default()).await;
        let answered = doors.event(SHOP, "batch", batch(0, 31)).await;
        assert_eq!(answered.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(answered.json["message"].as_str().is_some_and(|message| message.contains("30 at once")));
    })
    .await;
}
