//! What offers' rules read is not taken away from under them.

use serde_json::json;

use super::Desk;
use crate::harness::databases::on_both;

#[tokio::test(flavor = "multi_thread")]
async fn what_an_offer_reads_stays_until_the_offer_is_over() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        desk.attribute("visits_90d").await;
        desk.attribute("visits").await;
        desk.segment("film_buff").await;
        desk.app.upkeep().once().await.expect("definitions are looked at");
        let draft = desk.offer("draft", json!({ "rank": "attributes.visits_90d" })).await;
        let live = json!({ "eligibility": "'film_buff' in segments && attributes.visits_90d > 1" });
        let live = desk.offer("live", live).await;
        desk.step("offerPublish", &live).await;
        let (code, field, message) = desk.refused("attributeDelete", json!({ "key": "visits_90d" })).await;
        assert_eq!((code.as_str(), field.as_str()), ("CONFLICT", "input.key"));
        assert!(message.contains("offer `draft`, offer `live`"), "{message}");
        let (code, _, message) = desk.refused("segmentDelete", json!({ "key": "film_buff" })).await;
        assert_eq!(code, "CONFLICT");
        assert!(message.contains("offer `live`") && !message.contains("draft"), "{message}");
        // One that no rule reads goes, though its name is part of another's.
        desk.done("attributeDelete", "deletedId", json!({ "key": "visits" })).await;
        desk.step("offerEnd", &live).await;
        desk.done("segmentDelete", "deletedId", json!({ "key": "film_buff" })).await;
        desk.step("offerArchive", &draft).await;
        desk.done("attributeDelete", "deletedId", json!({ "key": "visits_90d" })).await;
    })
    .await;
}
