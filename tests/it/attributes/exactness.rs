//! The law of attributes: whatever happened, in whatever order it arrived and whoever was merged with whom,
//! a value read is the value counted from the behaviors themselves, row by row.

use std::collections::BTreeSet;

use encircle::app::App;
use encircle::domain::attributes::backfill;
use encircle::domain::attributes::definition::Definition;
use encircle::domain::attributes::read;
use encircle::domain::attributes::value::AttributeValue;
use encircle::kernel::viewer::CustomerScope;
use entities::timestamp::Timestamp;
use entities::{behavior, customer};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{DAY, NOON, define, did, oracle, record};
use crate::harness::client::{Client, application};
use crate::harness::databases::on_both;

const HISTORIES: u64 = 6;
const PEOPLE: u32 = 8;

fn definitions(random: &mut ChaCha12Rng) -> Vec<Value> {
    let mut definitions = Vec::new();
    for (number, aggregate) in [
        "COUNT",
        "SUM",
        "MIN",
        "MAX",
        "AVERAGE",
        "FIRST",
        "LAST",
        "MOST_FREQUENT",
        "DISTINCT_COUNT",
        "DAYS_SINCE_LAST",
    ]
    .iter()
    .enumerate()
    {
        let windows = [None, Some("P1D"), Some("P7D"), Some("P30D"), Some("PT36H"), Some("PT1H")];
        let zones = ["UTC", "Europe/Vienna", "America/Los_Angeles", "Pacific/Kiritimati"];
        let behavior = ["Viewed", "Bought"][random.random_range(0..2)];
        let property = ["price", "genre"][usize::from(matches!(number, 5 | 7 | 8))];
        let filter =
            [None, Some("properties.price > 3"), Some("channel == 'WEB'")][random.random_range(0..3)];
        let window = windows[random.random_range(0..windows.len())];
        let zone = zones[random.random_range(0..zones.len())];
        definitions.push(json!({
            "key": format!("a{number}"),
            "behavior": behavior,
            "aggregate": aggregate,
            "property": property,
            "where": filter,
            "window": window,
            "timeZone": zone,
        }));
    }
    definitions
}

/// Some behaviors of anybody, some of them late by weeks.
async fn happen(app: &App, random: &mut ChaCha12Rng, count: usize) {
    let records = (0..count).map(|_| {
        let who = format!("p{}", random.random_range(0..PEOPLE));
        let back = match random.random_range(0..3) {
            0 => random.random_range(0..DAY * 2),
            1 => random.random_range(0..DAY * 40),
            // At the edge of days.
            _ => (NOON.millis() % DAY) + DAY * random.random_range(0..10) + random.random_range(-2..2),
        };
        let price = match random.random_range(0..4) {
            0 => json!(random.random_range(0..10)),
            1 => json!(f64::from(random.random_range(0..1000)) / 100.0),
            2 => json!("2.5"),
            _ => Value::Null,
        };
        let genre = match random.random_range(0..3) {
            0 => json!(["drama", "comedy"]),
            1 => json!("drama"),
            _ => Value::from(["horror", "noir", "crime"][random.random_range(0..3)]),
        };
        let name = ["Viewed", "Bought", "Other"][random.random_range(0..3)];
        let time = Timestamp(NOON.millis() - back);
        did(app, &who, name, time, json!({ "price": price, "genre": genre }))
    });
    let records = records.collect();
    record(app, records).await;
}

/// Merges two of the people, or parts one again.
async fn join(app: &App, random: &mut ChaCha12Rng) {
    let rows = customer::Entity::find().all(app.db.connection()).await.expect("rows");
    let pick = |random: &mut ChaCha12Rng| rows[random.random_range(0..rows.len())].id.to_string();
    let (name, input) = match random.next_u32() % 4 {
        0 => ("customerUnmerge", json!({ "customerId": pick(random) })),
        _ => (
            "customerMerge",
            json!({ "survivorId": pick(random), "mergedId": pick(random), "reason": "test" }),
        ),
    };
    let ty = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    let query = format!("mutation($input: {ty}!) {{ {name}(input: $input) {{ userErrors {{ code }} }} }}");
    // Some are refused: with itself, or one that is not merged.
    Client::staff(app).good(&query, json!({ "input": input })).await;
}

/// Every attribute of everybody is what the behaviors of all members say.
async fn everything_is_exact(app: &App, now: Timestamp) {
    let rows = customer::Entity::find().all(app.db.connection()).await.expect("rows");
    let behaviors = behavior::Entity::find().all(app.db.connection()).await.expect("rows");
    let definitions = app.services.ingest.attributes.current().all().to_vec();
    let people: Vec<_> = rows.iter().filter(|row| row.merged_into.is_none()).map(|row| row.id).collect();
    let found =
        read::read(&app.db, CustomerScope::Everybody, &definitions, &people, now).await.expect("a read");
    for person in people {
        let members: BTreeSet<_> = rows
            .iter()
            .filter(|row| row.id == person || row.merged_into == Some(person))
            .map(|row| row.id)
            .collect();
        let own: Vec<_> = behaviors.iter().filter(|row| members.contains(&row.customer_id)).collect();
        for attribute in &found[&person] {
            let value = attribute.value.as_ref().expect("all history is counted");
            is_exact(&attribute.definition, value, &own, now);
        }
    }
}

/// A value is what the oracle says, and is another from `changesAt` on, not before.
fn is_exact(definition: &Definition, found: &AttributeValue, behaviors: &[&behavior::Model], now: Timestamp) {
    let holds = |at: Timestamp| oracle::is_same(&oracle::value(definition, behaviors, at), &found.value);
    assert!(holds(now), "{found:?}, not {} of {definition:?}", oracle::value(definition, behaviors, now));
    match found.changes_at {
        Some(at) => {
            assert!(!holds(at), "{found:?} does not change at {at}: {definition:?}");
            assert!(holds(Timestamp(at.millis() - 1)), "{found:?} changes before {at}: {definition:?}");
        }
        None => {
            let later = [DAY / 24, DAY, 8 * DAY, 60 * DAY].map(|later| Timestamp(now.millis() + later));
            assert!(later.into_iter().all(holds), "{found:?} changes: {definition:?}");
        }
    }
    let channels = behaviors.iter().map(|row| row.channel).collect::<BTreeSet<_>>();
    for channel in channels {
        let own: Vec<_> = behaviors.iter().copied().filter(|row| row.channel == channel).collect();
        let told = found.by_channel.iter().find(|(of, _)| *of == channel).map(|(_, value)| value);
        let expected = oracle::value(definition, &own, now);
        match told {
            Some(told) => {
                assert!(oracle::is_same(told, &expected), "{told}, not {expected} of {definition:?}");
            }
            None => assert!([json!(0), json!(0.0), Value::Null].contains(&expected), "{expected}"),
        }
    }
}

async fn a_history(app: &App, seed: u64) {
    let (db, mut random) = (&app.db, ChaCha12Rng::seed_from_u64(seed));
    let definitions = definitions(&mut random);
    happen(app, &mut random, 60).await;
    for (number, definition) in definitions.into_iter().enumerate() {
        let definition = json!({ "key": format!("s{seed}{}", definition["key"].as_str().expect("a key")),
            "behavior": definition["behavior"], "aggregate": definition["aggregate"],
            "property": definition["property"], "where": definition["where"],
            "window": definition["window"], "timeZone": definition["timeZone"] });
        let payload = define(app, definition).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        happen(app, &mut random, 10).await;
        if number % 3 == 0 {
            join(app, &mut random).await;
        }
        if number % 4 == 0 {
            let attributes = &app.services.ingest.attributes;
            backfill::step(db, attributes, NOON).await.expect("a step");
        }
    }
    backfill::run(db, &app.services.ingest.attributes, || NOON, |_| {}).await.expect("it ends");
    happen(app, &mut random, 60).await;
    for later in [0, 1, DAY / 3, DAY, 9 * DAY] {
        everything_is_exact(app, Timestamp(NOON.millis() + later)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_history_gives_what_its_behaviors_say() {
    on_both(async |db| {
        let app = application(db, NOON).await;
        for seed in 0..HISTORIES {
            a_history(&app, seed).await;
        }
    })
    .await;
}
