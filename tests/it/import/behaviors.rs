//! Behaviors: each message once.

use encircle::cli::import::NounName;
use entities::values::Channel;
use entities::{behavior, behavior_message, customer, customer_identity};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::json;

use super::{Desk, reasons, run};
use crate::harness::databases::on_both;

/// As the events of Segment's wire are exported.
const SEGMENT_MAP: &str = r#"
[columns]
customer_id = "userId"
anonymous_id = "anonymousId"
name = "event"
occurred_at = "timestamp"
message_id = "messageId"
[constants]
channel = "WEB"
[properties]
library = "context.library.name"
"#;

#[tokio::test]
async fn segment_events_come_in_once() {
    on_both(async |db| {
        let desk = Desk::new();
        let rows = [
            r#"{"event": "Product Viewed", "userId": "7", "anonymousId": "web-1", "timestamp": "2026-01-02T10:00:00.123Z", "messageId": "m1", "properties": {"sku": "A"}, "context": {"library": {"name": "analytics.js"}}}"#,
            r#"{"event": "Product Added", "anonymousId": "web-1", "timestamp": "2026-01-02T10:01:00Z", "messageId": "m2"}"#,
            r#"{"event": "Product Added", "anonymousId": "web-1", "timestamp": "2026-01-02T10:01:00Z", "messageId": "m2"}"#,
            r#"{"event": "Cart Viewed", "anonymousId": "web-1", "timestamp": "2026-01-02T10:02:00Z", "messageId": "m2"}"#,
            r#"{"event": "Cart Viewed", "timestamp": "2026-01-02T10:02:00Z", "messageId": "m3"}"#,
            r#"{"event": "Cart Viewed", "anonymousId": "web-1", "timestamp": "2026-01-02T10:02:00Z", "properties": {"note": "a\u0000b"}}"#,
            r#"{"event": "#,
        ];
        let mut args = desk.args(NounName::Behaviors, desk.put("events.jsonl", &rows.join("\n")));
        args.map = Some(desk.put("segment.toml", SEGMENT_MAP));
        for nth in 0..2 {
            let summary = run(&db, &args, nth).await.expect("it is imported");
            assert_eq!((summary.read, summary.rejected), (7, 4));
            assert_eq!((summary.recorded, summary.known), (2 - 2 * nth, 1 + 2 * nth));
            assert_eq!(summary.customers_made, 1 - nth);
            let fields: Vec<_> = reasons(&args).into_iter().map(|(line, field, _)| (line, field)).collect();
            let expected = [(4, ""), (5, "customer_id"), (6, "properties"), (7, "")];
            assert_eq!(fields, expected.map(|(line, field)| (line, field.to_owned())));
        }
        let behaviors =
            behavior::Entity::find().order_by_asc(behavior::Column::OccurredAt).all(db.connection()).await.expect("they are read");
        assert_eq!(behaviors.len(), 2);
        assert_eq!(behaviors[0].properties, json!({"sku": "A", "library": "analytics.js"}));
        assert_eq!((behaviors[0].channel, behaviors[0].occurred_at.millis() % 1000), (Channel::Web, 123));
        assert_eq!(behaviors[0].customer_id, behaviors[1].customer_id);
        let messages = behavior_message::Entity::find().all(db.connection()).await.expect("they are read");
        assert_eq!(messages.len(), 2);
        let customers = customer::Entity::find().all(db.connection()).await.expect("they are read");
        assert_eq!(customers.len(), 1, "the refused rows made nobody");
    })
    .await;
}

#[tokio::test]
async fn columns_named_properties_need_no_map() {
    on_both(async |db| {
        let desk = Desk::new();
        let text = "email,name,occurred_at,properties.score,properties.film,mood\n\
                    a@x.eu,Feedback Given,2026-01-02,9,\"Paper, \"\"Moons\"\"\",good\n\
                    a@x.eu,Feedback Given,2026-01-02,,,\n";
        let args = desk.args(NounName::Behaviors, desk.put("feedback.csv", text));
        for nth in 0..2 {
            let summary = run(&db, &args, nth).await.expect("it is imported");
            assert_eq!((summary.recorded, summary.known, summary.rejected), (2 - 2 * nth, 2 * nth, 0));
        }
        let behaviors = behavior::Entity::find().all(db.connection()).await.expect("they are read");
        let full = behaviors.iter().find(|behavior| behavior.properties != json!({}));
        let properties = full.map(|behavior| &behavior.properties);
        assert_eq!(properties, Some(&json!({"score": 9, "film": "Paper, \"Moons\""})));
    })
    .await;
}

#[tokio::test]
async fn more_rows_than_one_transaction_holds_come_in() {
    on_both(async |db| {
        let desk = Desk::new();
        let rows: String = (0..3_500).map(|n| format!("u{},Page Viewed,2026-01-02,m{n}\n", n % 40)).collect();
        let file = desk.put("pages.csv", &format!("customer_id,name,occurred_at,message_id\n{rows}"));
        let args = desk.args(NounName::Behaviors, file);
        let summary = run(&db, &args, 0).await.expect("it is imported");
        assert_eq!((summary.recorded, summary.customers_made), (3_500, 40));
        assert_eq!(run(&db, &args, 1).await.expect("it is imported").known, 3_500);
    })
    .await;
}

#[tokio::test]
async fn a_message_of_another_customer_is_refused_and_makes_nobody() {
    on_both(async |db| {
        let desk = Desk::new();
        let text = "email,name,occurred_at,message_id\n\
                    a@x.eu,Page Viewed,2026-01-02,m1\n\
                    b@x.eu,Page Viewed,2026-01-02,m1\n\
                    c@x.eu,Page Viewed,2026-01-02,m2\n";
        let args = desk.args(NounName::Behaviors, desk.put("pages.csv", text));
        for nth in 0..2 {
            let summary = run(&db, &args, nth).await.expect("it is imported");
            assert_eq!((summary.recorded, summary.known, summary.rejected), (2 - 2 * nth, 2 * nth, 1));
            assert_eq!(summary.customers_made, 2 - 2 * nth);
            let rejects = reasons(&args);
            assert_eq!(rejects[0].0, 3);
            assert!(rejects[0].2.contains("another customer"), "{rejects:?}");
            let customers = customer::Entity::find().all(db.connection()).await.expect("they are read");
            assert_eq!(customers.len(), 2, "nobody is b@x.eu");
        }
    })
    .await;
}

#[tokio::test]
async fn a_refused_row_gives_nobody_an_identity() {
    on_both(async |db| {
        let desk = Desk::new();
        let text = "email,phone,name,occurred_at,message_id\n\
                    a@x.eu,,Page Viewed,2026-01-02,m1\n\
                    b@x.eu,+4366012345678,Cart Viewed,2026-01-02,m1\n\
                    c@x.eu,+4366012345678,Page Viewed,2026-01-02,m2\n";
        let args = desk.args(NounName::Behaviors, desk.put("pages.csv", text));
        let summary = run(&db, &args, 0).await.expect("it is imported");
        assert_eq!((summary.recorded, summary.rejected, summary.customers_made), (2, 1, 2));
        let identities = customer_identity::Entity::find().all(db.connection()).await.expect("they are read");
        let mut values: Vec<_> = identities.into_iter().map(|identity| identity.value).collect();
        values.sort();
        assert_eq!(values, ["+4366012345678", "a@x.eu", "c@x.eu"]);
    })
    .await;
}
