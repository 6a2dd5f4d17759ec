//! What is recorded: the same behaviors in every run, of 20,000 people over two years.

use encircle::domain::attributes::define::{NewDefinition, define as define_attribute};
use encircle::domain::behaviors::record::BehaviorRecord;
use encircle::domain::customers::identity::IdentityKey;
use encircle::domain::customers::import::CustomerRef;
use encircle::domain::ingest::service::Ingest;
use encircle::kernel::ids::Ids;
use entities::timestamp::Timestamp;
use entities::values::{Aggregate, Channel, IdentityKind, TextEnum};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use serde_json::{Map, Value, json};

/// Behaviors of one call.
pub const CALL: u64 = 100;
/// 2026-03-01T12:00:00Z.
pub const NOW: Timestamp = Timestamp(1_772_366_400_000);
const PEOPLE: u32 = 20_000;
const NAMES: [&str; 4] = ["Product Viewed", "Product Added", "Order Completed", "Trailer Watched"];

/// Ten attributes, of every kind.
pub async fn define(ingest: &Ingest) {
    let new =
        |key: &str, behavior: usize, aggregate, property: Option<&str>, window: Option<&str>| NewDefinition {
            key: key.to_owned(),
            label: key.to_owned(),
            behavior: NAMES[behavior].to_owned(),
            property: property.map(str::to_owned),
            filter: None,
            aggregate,
            window: window.map(str::to_owned),
            time_zone: "Europe/Vienna".to_owned(),
            replace: false,
        };
    for definition in [
        new("views", 0, Aggregate::Count, None, None),
        new("views_30d", 0, Aggregate::Count, None, Some("P30D")),
        new("favorite_genre", 0, Aggregate::MostFrequent, Some("genre"), Some("P365D")),
        new("days_since_view", 0, Aggregate::DaysSinceLast, None, None),
        new("added_genres", 1, Aggregate::DistinctCount, Some("genre"), None),
        new("last_added", 1, Aggregate::Last, Some("sku"), Some("P90D")),
        new("spend_365d", 2, Aggregate::Sum, Some("total"), Some("P365D")),
        new("dearest", 2, Aggregate::Max, Some("total"), None),
        new("average_order", 2, Aggregate::Average, Some("total"), None),
        new("trailers_24h", 3, Aggregate::Count, None, Some("PT24H")),
    ] {
        define_attribute(&ingest.db, &ingest.ids, &ingest.attributes, NOW, definition)
            .await
            .expect("it is defined");
    }
}

/// The behaviors of one call, the same at every asking.
pub fn call(number: u64) -> Vec<BehaviorRecord> {
    let (mut random, ids) = (ChaCha12Rng::seed_from_u64(number), Ids::seeded(number));
    (0..CALL)
        .map(|at| {
            let occurred_at = Timestamp(NOW.millis() - random.random_range(0..730 * 86_400_000_i64));
            let who = format!("anonymous-{}", random.random_range(0..PEOPLE));
            let key = IdentityKey::try_new(IdentityKind::AnonymousId, &who).expect("an identity");
            BehaviorRecord {
                id: ids.next(occurred_at),
                customer: CustomerRef::Identified(vec![key]),
                name: NAMES[random.random_range(0..NAMES.len())].to_owned(),
                channel: Channel::ALL[random.random_range(0..4)],
                touchpoint_id: None,
                device_id: None,
                properties: properties(&mut random).into(),
                occurred_at,
                received_at: NOW,
                source: "bench".to_owned(),
                message_id: format!("{number}-{at}"),
            }
        })
        .collect()
}

fn properties(random: &mut ChaCha12Rng) -> Map<String, Value> {
    let genre = ["drama", "comedy", "horror", "noir", "family"][random.random_range(0..5)];
    let properties = json!({
        "sku": format!("T-{:04}", random.random_range(0..500)),
        "genre": genre,
        "total": f64::from(random.random_range(500..9_000)) / 100.0,
        "url": "https://cinema.example/films/the-cartographers",
    });
    properties.as_object().cloned().unwrap_or_default()
}
