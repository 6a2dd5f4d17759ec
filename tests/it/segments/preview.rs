//! Trying a rule before it is kept.

use std::time::Duration;

use encircle::domain::segments::preview::PATIENCE;
use encircle::kernel::viewer::{Scope, Viewer};
use entities::customer;
use entities::values::ConsentPurpose;
use serde_json::json;

use super::Desk;
use crate::entities::{insert, samples};
use crate::harness::client::Client;
use crate::harness::databases::on_both;

const CUSTOMERS: u128 = 1_200;

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_counts_everybody_and_shows_some() {
    on_both(async |db| {
        let customers = (1..=CUSTOMERS).map(|number| customer::Model {
            traits: json!({ "plan": if number % 3 == 0 { "gold" } else { "none" } }),
            ..samples::customer(number)
        });
        insert::<customer::Entity>(&db, customers).await;
        let desk = Desk::open(db).await;
        let selection = "preview { size isExact judged failure sample { id traits segments { key } } }";
        let input = json!({ "rule": "traits.plan == 'gold'" });
        let payload = desk.done("segmentPreview", selection, input).await;
        let preview = &payload["preview"];
        assert_eq!(
            (&preview["size"], &preview["judged"], &preview["isExact"]),
            (&json!(CUSTOMERS as i64 / 3), &json!(CUSTOMERS as i64), &json!(true))
        );
        let sample = preview["sample"].as_array().expect("a list");
        assert_eq!(sample.len(), 10);
        assert!(sample.iter().all(|customer| customer["traits"] == json!({ "plan": "gold" })));

        let segments = &desk.app.services.ingest.segments;
        let purpose = ConsentPurpose::Personalization;
        let hasty =
            segments.preview("traits.plan == 'gold'", purpose, Duration::ZERO).await.expect("a preview");
        assert!(!hasty.is_exact && hasty.judged == 500, "{hasty:?}");
        assert!((399..=402).contains(&hasty.size), "{hasty:?}");
        let patient = segments.preview("false", purpose, PATIENCE).await.expect("a preview");
        assert_eq!((patient.size, patient.is_exact, patient.sample.len()), (0, true, 0));
        let data = desk.staff().good("{ segments { totalCount } }", json!({})).await;
        assert_eq!(data["segments"]["totalCount"], 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_read_lists_cannot_ask_by_rules() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        let definer = Viewer::staff([Scope::DefinitionsWrite].into_iter().collect());
        let query =
            "mutation { segmentPreview(input: { rule: \"traits.income > 5000\" }) { preview { size } } }";
        Client::of(&desk.app, definer).fails_with(query, json!({}), "FORBIDDEN").await;
    })
    .await;
}
