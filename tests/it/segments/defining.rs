//! Segments are made and changed; what makes no sense is refused where it stands.

use encircle::domain::segments::judge::judge;
use encircle::domain::segments::members;
use encircle::kernel::viewer::CustomerScope;
use sea_orm::EntityTrait;
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
            (
                "attributes.visits_90d >= \"3\"",
                "line 1, column 26: `attributes.visits_90d` is a number, and this is a text; write `3` without quotes",
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

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_is_taken_away_with_its_members_and_lets_go_of_its_attributes() {
    on_both(async |db| {
        let desk = Desk::open(db.clone()).await;
        desk.attribute("visits", "COUNT", None).await;
        let id = desk.segment("regular", "attributes.visits >= 1").await;
        desk.segment("lapsing", "attributes.visits < 1").await;
        desk.segment("everybody", "true").await;
        let ada = desk.customer("ada@example.com").await;
        desk.visit(&ada).await;
        desk.keep().await;
        assert_eq!(desk.segments_of(&ada).await, ["everybody", "regular"]);
        let (field, message) = desk.refused("attributeDelete", json!({ "key": "visits" })).await;
        assert_eq!(field, json!(["input", "key"]));
        assert!(
            message.contains("segment `lapsing`, segment `regular`") && !message.contains("everybody"),
            "{message}"
        );
        let deleted = desk.done("segmentDelete", "deletedId", json!({ "key": "regular" })).await;
        assert_eq!(deleted["deletedId"], json!(id));
        assert_eq!(desk.segments_of(&ada).await, ["everybody"]);
        let left = entities::segment_member::Entity::find().all(db.connection()).await.expect("members");
        assert_eq!(left.len(), 1, "of `everybody`");
        let (field, message) = desk.refused("segmentDelete", json!({ "key": "regular" })).await;
        assert_eq!((field, message.as_str()), (json!(["input", "key"]), "there is no segment `regular`"));
        desk.done("segmentDelete", "deletedId", json!({ "key": "lapsing" })).await;
        desk.done("attributeDelete", "deletedId", json!({ "key": "visits" })).await;
        desk.visit(&ada).await;
        desk.keep().await;
        assert_eq!(desk.members("everybody").await, set([&ada]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_judged_by_a_segment_that_was_deleted_meanwhile_lists_nobody() {
    on_both(async |db| {
        let (desk, replica) = (Desk::open(db.clone()).await, Desk::open(db.clone()).await);
        let id = desk.segment("everybody", "true").await;
        desk.customer("ada@example.com").await;
        let segments = &replica.app.services.ingest.segments;
        let before = segments.catalogue.refresh(&db).await.expect("definitions");
        desk.done("segmentDelete", "deletedId", json!({ "key": "everybody" })).await;
        let now = desk.app.clock.now();
        let customers: Vec<_> =
            entities::customer::Entity::find().all(db.connection()).await.expect("customers");
        let ids: Vec<_> = customers.iter().map(|row| row.id).collect();
        let judged = judge(&db, CustomerScope::Everybody, &before, &ids, now).await.expect("a judgement");
        assert_eq!(judged[&ids[0]].segment_ids(&before).map(|id| id.to_string()).collect::<Vec<_>>(), [id]);
        db.write(async |transaction| members::write(transaction, &before, &ids, &judged, now).await)
            .await
            .expect("it is written");
        let left = entities::segment_member::Entity::find().all(db.connection()).await.expect("members");
        assert!(left.is_empty(), "{left:?}");
    })
    .await;
}
