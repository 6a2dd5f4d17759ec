//! Segments are made and changed; what makes no sense is refused where it stands.

use serde_json::json;

use super::{Desk, set, text};
use crate::harness::databases::on_both;

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_makes_no_sense_is_refused_where_it_goes_wrong() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        desk.attribute("visits_90d", "COUNT", Some("P90D")).await;
        for (rule, message) in [
            (
                "traits.plan == 'gold' &&\n  attributes.vists_90d > 3",
                "line 2, column 14: there is no `attributes.vists_90d`; did you mean `attributes.visits_90d`?",
            ),
            (
                "consents.MARKETNG == null",
                "line 1, column 10: there is no `consents.MARKETNG`; did you mean `consents.MARKETING`?",
            ),
        ] {
            for mutation in ["segmentCreate", "segmentPreview"] {
                let mut input = json!({ "rule": rule });
                if mutation == "segmentCreate" {
                    input["key"] = json!("film_buff");
                }
                let (field, found) = desk.refused(mutation, input).await;
                assert_eq!((field, found.as_str()), (json!(["input", "rule"]), message));
            }
        }
        for (input, field) in [
            (json!({ "key": "Film buffs", "rule": "true" }), "key"),
            (json!({ "key": "film_buff", "rule": "true", "name": " " }), "name"),
        ] {
            assert_eq!(desk.refused("segmentCreate", input).await.0, json!(["input", field]));
        }
        desk.segment("film_buff", "true").await;
        let (_, message) = desk.refused("segmentCreate", json!({ "key": "film_buff", "rule": "true" })).await;
        assert_eq!(message, "there is a segment `film_buff` already");
        let nobody = "seg_00000000000000000000000000";
        let (_, message) = desk.refused("segmentUpdate", json!({ "id": nobody, "name": "x" })).await;
        assert!(message.contains(nobody), "{message}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_rule_counts_at_once_and_has_everybody_judged_anew() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        let (ada, bob) = (desk.customer("ada@example.com").await, desk.customer("bob@example.com").await);
        desk.traits(&ada, json!({ "plan": "gold" })).await;
        let id = desk.segment("members", "traits.plan == 'gold'").await;
        let selection = "segment { name rule size judgedAt }";
        let judged = |segment: &serde_json::Value| segment["segment"]["judgedAt"].is_string();
        desk.keep().await;
        assert_eq!(desk.members("members").await, set([&ada]));
        let renamed = desk.done("segmentUpdate", selection, json!({ "id": id, "name": "Gold" })).await;
        assert_eq!((&renamed["segment"]["name"], judged(&renamed)), (&json!("Gold"), true));
        let rule = json!({ "id": id, "rule": "traits.plan != 'gold'" });
        desk.done("segmentUpdate", selection, rule).await;
        assert_eq!((desk.segments_of(&ada).await.len(), desk.segments_of(&bob).await.len()), (0, 1));
        desk.keep().await;
        assert_eq!(desk.members("members").await, set([&bob]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_meaning_of_an_attribute_has_everybody_judged_anew() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        desk.attribute("visits", "COUNT", None).await;
        desk.segment("regular", "attributes.visits >= 2").await;
        let ada = desk.customer("ada@example.com").await;
        desk.visit(&ada).await;
        desk.visit(&ada).await;
        desk.keep().await;
        assert_eq!(desk.members("regular").await, set([&ada]));
        desk.attribute("visits", "DAYS_SINCE_LAST", None).await;
        desk.keep().await;
        assert!(desk.members("regular").await.is_empty());
        desk.attribute("visits", "COUNT", None).await;
        // History is not counted yet: nobody knows.
        assert!(desk.segments_of(&ada).await.is_empty());
        desk.keep().await;
        assert_eq!(desk.segments_of(&ada).await, ["regular"]);
        assert_eq!(desk.members("regular").await, set([&ada]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_fails_fails_alone_and_says_why() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        let id = desk.segment("adults", "traits.age >= 18").await;
        desk.segment("everybody", "true").await;
        let (ada, bob) = (desk.customer("ada@example.com").await, desk.customer("bob@example.com").await);
        desk.traits(&ada, json!({ "age": 36 })).await;
        desk.traits(&bob, json!({ "age": ["unknown"] })).await;
        assert_eq!(desk.segments_of(&ada).await, ["adults", "everybody"]);
        assert_eq!(desk.segments_of(&bob).await, ["everybody"]);
        desk.keep().await;
        assert_eq!(desk.members("adults").await, set([&ada]));
        assert_eq!(desk.members("everybody").await, set([&ada, &bob]));
        let query = "{ segments(sort: CREATED_AT_ASC) { nodes { key failure } } }";
        let failures = desk.staff().good(query, json!({})).await;
        let nodes = failures["segments"]["nodes"].as_array().expect("a list");
        let failure =
            |key: &str| nodes.iter().find(|node| node["key"] == key).map(|node| node["failure"].clone());
        assert!(!text(&failure("adults").expect("a segment")).is_empty());
        assert_eq!(failure("everybody"), Some(json!(null)));
        let rule = json!({ "id": id, "rule": "type(traits.age) == int && traits.age >= 18" });
        let refused = desk.change("segmentUpdate", "segment { failure }", rule).await;
        assert_ne!(refused["userErrors"], json!([]), "a rule has no types");
        let rule = json!({ "id": id, "rule": "traits.age == 36" });
        let mended = desk.done("segmentUpdate", "segment { failure }", rule).await;
        assert_eq!(mended["segment"]["failure"], json!(null));
    })
    .await;
}
