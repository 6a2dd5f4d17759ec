//! One scenario a promise.

use encircle::domain::attributes::backfill;
use encircle::kernel::clock::Clock;
use entities::attribute_bucket;
use entities::timestamp::Timestamp;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use super::{DAY, HOUR, NOON, attribute, attributes, define, defined, did, record, replacing};
use crate::harness::client::application;
use crate::harness::databases::on_both;

fn at(millis: i64) -> Timestamp {
    Timestamp(NOON.millis() + millis)
}

fn text(time: Timestamp) -> Value {
    json!(time.to_string())
}

/// Moves the clock that stands still.
fn set(clock: &Clock, now: Timestamp) {
    let Clock::Fixed(at) = clock else { panic!("the clock stands still") };
    at.store(now.millis(), std::sync::atomic::Ordering::Relaxed);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_aggregate_says_what_its_name_says() {
    on_both(async |db| {
        let app = application(db, NOON).await;
        for (key, aggregate, property) in [
            ("count", "COUNT", None),
            ("count_priced", "COUNT", Some("price")),
            ("sum", "SUM", Some("price")),
            ("min", "MIN", Some("price")),
            ("max", "MAX", Some("price")),
            ("average", "AVERAGE", Some("price")),
            ("first", "FIRST", Some("genre")),
            ("last", "LAST", Some("genre")),
            ("first_at", "FIRST", None),
            ("favorite", "MOST_FREQUENT", Some("genre")),
            ("genres", "DISTINCT_COUNT", Some("genre")),
            ("days", "DAYS_SINCE_LAST", None),
        ] {
            let input =
                json!({ "key": key, "behavior": "Viewed", "aggregate": aggregate, "property": property });
            defined(&app, input).await;
        }
        let nothing = attributes(&app, "nobody").await;
        assert!(nothing.is_empty(), "who is not there has none");
        let viewed = |days: i64, properties| did(&app, "ada", "Viewed", at(-days * DAY), properties);
        record(
            &app,
            vec![
                viewed(9, json!({ "genre": "drama", "price": 10 })),
                viewed(3, json!({ "genre": ["comedy", "drama"], "price": "2.50" })),
                viewed(5, json!({ "genre": "comedy", "price": 0.1 })),
                viewed(2, json!({ "genre": "horror", "price": "dear" })),
                did(&app, "ada", "Bought", at(0), json!({ "genre": "other", "price": 99 })),
            ],
        )
        .await;
        let value = async |key: &str| attribute(&app, "ada", key).await.0;
        assert_eq!(value("count").await, json!(4));
        assert_eq!(value("count_priced").await, json!(4));
        assert_eq!(value("sum").await, json!(12.6), "decimals add up exactly");
        assert_eq!(value("min").await, json!(0.1));
        assert_eq!(value("max").await, json!(10));
        assert_eq!(value("average").await, json!(4.2), "of numbers only");
        assert_eq!(value("first").await, json!("drama"));
        assert_eq!(value("last").await, json!("horror"));
        assert_eq!(value("first_at").await, text(at(-9 * DAY)));
        assert_eq!(value("favorite").await, json!("comedy"), "of equals the one that occurred last");
        assert_eq!(value("genres").await, json!(3));
        assert_eq!(value("days").await, json!(2));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_of_days_turns_at_midnight_of_its_zone_and_says_so() {
    on_both(async |db| {
        let app = application(db, NOON).await;
        let input = json!({ "key": "visits_3d", "behavior": "Visit", "aggregate": "COUNT", "window": "P3D",
            "timeZone": "Europe/Vienna" });
        defined(&app, input).await;
        // 26 February 23:30 in Vienna, and the 27th, half an hour later.
        let late = Timestamp::parse("2026-02-26T22:30:00Z").expect("a time");
        let after = Timestamp::parse("2026-02-26T23:30:00Z").expect("a time");
        record(
            &app,
            vec![did(&app, "ada", "Visit", late, json!({})), did(&app, "ada", "Visit", after, json!({}))],
        )
        .await;
        let midnight = Timestamp::parse("2026-03-01T23:00:00Z").expect("a time");
        assert_eq!(attribute(&app, "ada", "visits_3d").await, (json!(1), text(midnight)));
        set(&app.clock, Timestamp(midnight.millis() - 1));
        assert_eq!(attribute(&app, "ada", "visits_3d").await.0, json!(1));
        set(&app.clock, midnight);
        assert_eq!(attribute(&app, "ada", "visits_3d").await, (json!(0), Value::Null));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_of_hours_turns_to_the_second() {
    on_both(async |db| {
        let app = application(db, NOON).await;
        let input = json!({ "key": "dearest_2h", "behavior": "Viewed", "aggregate": "MAX", "property": "price",
            "window": "PT2H" });
        defined(&app, input).await;
        record(
            &app,
            vec![
                did(&app, "ada", "Viewed", at(-90 * 60_000), json!({ "price": 9 })),
                did(&app, "ada", "Viewed", at(-HOUR), json!({ "price": 5 })),
                did(&app, "ada", "Viewed", at(-100 * 60_000), json!({ "price": 4 })),
            ],
        )
        .await;
        // What costs 4 leaves first, and changes nothing.
        assert_eq!(attribute(&app, "ada", "dearest_2h").await, (json!(9), text(at(30 * 60_000))));
        set(&app.clock, at(30 * 60_000));
        assert_eq!(attribute(&app, "ada", "dearest_2h").await, (json!(5), text(at(HOUR))));
        set(&app.clock, at(HOUR));
        assert_eq!(attribute(&app, "ada", "dearest_2h").await, (Value::Null, Value::Null));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_the_condition_lets_through_counts() {
    on_both(async |db| {
        let app = application(db, NOON).await;
        let input = json!({ "key": "dear_web", "behavior": "Viewed", "aggregate": "COUNT",
            "where": "properties.price >= 10 && channel == 'WEB'" });
        defined(&app, input).await;
        let viewed = |price: Value| did(&app, "ada", "Viewed", NOON, json!({ "price": price }));
        record(&app, vec![viewed(json!(10)), viewed(json!(9.99)), viewed(Value::Null), viewed(json!(12.5))])
            .await;
        assert_eq!(attribute(&app, "ada", "dear_web").await.0, json!(2));
        let all = attributes(&app, "ada").await;
        assert_eq!(all[0]["byChannel"], json!([{ "channel": "WEB", "value": 2 }]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn history_is_counted_for_a_definition_that_came_later_and_only_once() {
    on_both(async |db| {
        let app = application(db.clone(), NOON).await;
        let viewed = |n: i64| did(&app, "ada", "Viewed", at(-n * HOUR), json!({ "price": n }));
        for chunk in (0..2_500).collect::<Vec<_>>().chunks(500) {
            record(&app, chunk.iter().map(|n| viewed(*n)).collect()).await;
        }
        let payload =
            define(&app, json!({ "key": "views", "behavior": "Viewed", "aggregate": "COUNT" })).await;
        assert_eq!(payload["definition"]["status"], "BACKFILLING");
        let (value, _) = attribute(&app, "ada", "views").await;
        assert_eq!(value, Value::Null, "a number that is not yet right is not told");
        // What arrives meanwhile is counted by who records it, whatever its time.
        let attributes = &app.services.ingest.attributes;
        let first = backfill::step(&db, attributes, NOON).await.expect("a step").expect("progress");
        assert_eq!((first.counted, first.total, first.is_done), (1_000, 2_500, false));
        record(&app, vec![viewed(1), viewed(2_000), viewed(9_000)]).await;
        let mut last = first;
        backfill::run(&db, attributes, || NOON, |progress| last = progress.clone()).await.expect("it ends");
        assert!(last.is_done && last.counted == 2_500, "{last:?}");
        assert_eq!(attribute(&app, "ada", "views").await.0, json!(2_503));
        assert!(backfill::step(&db, attributes, NOON).await.expect("a step").is_none(), "nothing is left");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_has_not_heard_of_another_meaning_answers_what_was_meant_before() {
    on_both(async |db| {
        let (app, other) = (application(db.clone(), NOON).await, application(db.clone(), NOON).await);
        record(&app, vec![did(&app, "ada", "Viewed", NOON, json!({ "price": 7 }))]).await;
        let input = |aggregate: &str| {
            json!({ "key": "views", "behavior": "Viewed", "aggregate": aggregate, "property": "price" })
        };
        define(&app, input("COUNT")).await;
        for app in [&app, &other] {
            app.upkeep().once().await.expect("all is counted");
        }
        define(&app, replacing(input("SUM"))).await;
        assert_eq!(attribute(&other, "ada", "views").await.0, json!(1));
        let buckets = attribute_bucket::Entity::find().count(db.connection()).await.expect("a count");
        app.upkeep().once().await.expect("all is counted");
        assert_eq!(attribute(&app, "ada", "views").await.0, json!(7));
        let left = attribute_bucket::Entity::find().count(db.connection()).await.expect("a count");
        assert_eq!(left, buckets, "the new meaning's; the old one's are swept away");
        other.upkeep().once().await.expect("it hears of it");
        assert_eq!(attribute(&other, "ada", "views").await.0, json!(7));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_counts_history_by_itself_and_learns_what_another_defined() {
    on_both(async |db| {
        let (app, other) = (application(db.clone(), NOON).await, application(db, NOON).await);
        record(&app, vec![did(&app, "ada", "Viewed", NOON, json!({}))]).await;
        defined(&app, json!({ "key": "views", "behavior": "Viewed", "aggregate": "COUNT" })).await;
        assert_eq!(attribute(&app, "ada", "views").await.0, Value::Null);
        app.upkeep().once().await.expect("it is done");
        assert_eq!(attribute(&app, "ada", "views").await.0, json!(1));
        assert!(attributes(&other, "ada").await.is_empty(), "the other has not looked yet");
        other.upkeep().once().await.expect("it is done");
        assert_eq!(attribute(&other, "ada", "views").await.0, json!(1));
    })
    .await;
}
