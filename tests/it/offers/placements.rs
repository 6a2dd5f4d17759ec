//! Placements are made and changed by their key.

use serde_json::json;

use super::Desk;
use crate::harness::databases::on_both;

#[tokio::test(flavor = "multi_thread")]
async fn a_placement_is_made_and_changed_by_its_key() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        let offer = desk.offer("news", json!({})).await;
        let selection = "placement { key name fallbackOffer { key } }";
        for (input, name, fallback) in [
            (json!({ "key": "home.hero" }), "home.hero", json!(null)),
            (json!({ "key": "home.hero", "name": "Hero" }), "Hero", json!(null)),
            (json!({ "key": "home.hero", "fallbackOfferId": offer }), "Hero", json!({ "key": "news" })),
            (json!({ "key": "home.hero", "name": "Top" }), "Top", json!({ "key": "news" })),
            (json!({ "key": "home.hero", "fallbackOfferId": null }), "Top", json!(null)),
        ] {
            let before = desk.changes().await;
            let done = desk.done("placementUpsert", selection, input.clone()).await;
            let expected = json!({ "key": "home.hero", "name": name, "fallbackOffer": fallback });
            assert_eq!(done["placement"], expected, "{input}");
            assert_eq!(desk.changes().await, before + 1, "replicas look anew");
        }
        let data = desk.staff().good("{ placements { totalCount nodes { name } } }", json!({})).await;
        assert_eq!(data["placements"], json!({ "totalCount": 1, "nodes": [{ "name": "Top" }] }));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_placement_that_makes_no_sense_is_refused() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        let archived = desk.offer("old", json!({})).await;
        desk.step("offerArchive", &archived).await;
        let with = |fallback: &str| json!({ "key": "home.hero", "fallbackOfferId": fallback });
        for (input, code, field) in [
            (json!({ "key": "" }), "INVALID", "key"),
            (json!({ "key": "home hero" }), "INVALID", "key"),
            (json!({ "key": "home.hero", "name": " " }), "INVALID", "name"),
            (with("cus_1"), "INVALID", "fallbackOfferId"),
            (with("off_00000000000000000000000000"), "NOT_FOUND", "fallbackOfferId"),
            (with(&archived), "CONFLICT", "fallbackOfferId"),
        ] {
            let (found, place, message) = desk.refused("placementUpsert", input.clone()).await;
            assert_eq!((found.as_str(), place), (code, format!("input.{field}")), "{input}: {message}");
        }
        let data = desk.staff().good("{ placements { totalCount } }", json!({})).await;
        assert_eq!(data["placements"]["totalCount"], 0);
    })
    .await;
}
