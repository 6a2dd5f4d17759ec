//! What a customer belongs to is judged when it is asked.

use entities::customer;
use serde_json::json;

use super::{DAY, Desk, HOUR};
use crate::entities::{insert, samples};
use crate::harness::client::Client;
use crate::harness::databases::on_both;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_counts_at_the_next_read_and_ends_with_its_window() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        desk.attribute("visits_30d", "COUNT", Some("P30D")).await;
        desk.attribute("visits_24h", "COUNT", Some("PT24H")).await;
        desk.segment("regular", "attributes.visits_30d >= 2").await;
        desk.segment("today", "attributes.visits_24h >= 1").await;
        let ada = desk.customer("ada@example.com").await;
        assert!(desk.segments_of(&ada).await.is_empty());
        desk.visit(&ada).await;
        assert_eq!(desk.segments_of(&ada).await, ["today"]);
        desk.move_clock(24 * HOUR - 1);
        desk.visit(&ada).await;
        assert_eq!(desk.segments_of(&ada).await, ["regular", "today"]);
        desk.move_clock(24 * HOUR);
        assert_eq!(desk.segments_of(&ada).await, ["regular"]);
        desk.move_clock(28 * DAY);
        assert!(desk.segments_of(&ada).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_may_speak_of_all_that_is_known() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        let ada = desk.customer("ada@example.com").await;
        desk.traits(&ada, json!({ "plan": "gold", "address": { "city": "Wien" } })).await;
        desk.consent(&ada, "MARKETING", "GRANTED", None).await;
        for (rule, holds) in [
            ("traits.plan == 'gold' && traits.address.city.startsWith('W')", true),
            ("traits.plan == 'silver'", false),
            ("has(traits.plan) && !has(traits.age)", true),
            ("consents.MARKETING == 'GRANTED' && consents.ANALYTICS == null", true),
            ("consents.MARKETING != 'GRANTED'", false),
            ("identities.EMAIL.exists(email, email.endsWith('@example.com'))", true),
            ("size(identities.EMAIL) == 1 && !has(identities.PHONE)", true),
            ("identities.PHONE.exists(phone, true)", false),
            ("createdAt <= now && now - createdAt < duration('P1D')", true),
            ("locale == null", true),
        ] {
            let input = json!({ "rule": rule });
            let payload = desk.done("segmentPreview", "preview { size failure }", input).await;
            assert_eq!(payload["preview"], json!({ "size": i32::from(holds), "failure": null }), "{rule}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_refuses_the_purpose_belongs_to_nothing_that_serves_it() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        desk.segment("everybody", "true").await;
        let newsletter = json!({ "key": "newsletter", "rule": "true", "purpose": "MARKETING" });
        desk.done("segmentCreate", "segment { id }", newsletter).await;
        let ada = desk.customer("ada@example.com").await;
        assert_eq!(desk.segments_of(&ada).await, ["everybody", "newsletter"]);
        desk.consent(&ada, "MARKETING", "DENIED", None).await;
        assert_eq!(desk.segments_of(&ada).await, ["everybody"]);
        desk.consent(&ada, "PERSONALIZATION", "REVOKED", None).await;
        assert!(desk.segments_of(&ada).await.is_empty());
        desk.keep().await;
        assert!(desk.members("everybody").await.is_empty() && desk.members("newsletter").await.is_empty());
        desk.consent(&ada, "MARKETING", "GRANTED", None).await;
        assert_eq!(desk.segments_of(&ada).await, ["newsletter"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn merged_customers_are_judged_as_one() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        desk.attribute("visits", "COUNT", None).await;
        desk.segment("regular", "attributes.visits >= 2").await;
        desk.segment("reachable", "size(identities.EMAIL) >= 2").await;
        let (ada, browser) = (desk.customer("ada@example.com").await, desk.customer("a@example.com").await);
        desk.visit(&ada).await;
        desk.visit(&browser).await;
        desk.keep().await;
        assert!(desk.members("regular").await.is_empty());
        desk.merge(&ada, &browser).await;
        assert_eq!(desk.segments_of(&ada).await, ["reachable", "regular"]);
        assert_eq!(desk.segments_of(&browser).await, ["reachable", "regular"]);
        desk.keep().await;
        assert_eq!(desk.members("regular").await, super::set([&ada]));
        desk.consent(&browser, "PERSONALIZATION", "DENIED", None).await;
        assert!(desk.segments_of(&ada).await.is_empty());
        desk.done("customerUnmerge", "__typename", json!({ "customerId": browser })).await;
        desk.keep().await;
        assert!(desk.members("regular").await.is_empty() && desk.members("reachable").await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sees_what() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        let segment = desk.segment("everybody", "true").await;
        let ada = desk.customer("ada@example.com").await;
        desk.keep().await;
        let own = Client::customer(&desk.app, ada.parse().expect("an id"));
        let data = own.good("{ me { segments { key name purpose } } }", json!({})).await;
        let expected = json!([{ "key": "everybody", "name": "everybody", "purpose": "PERSONALIZATION" }]);
        assert_eq!(data["me"]["segments"], expected);
        for field in ["rule", "size", "judgedAt", "failure", "members { nodes { since } }"] {
            let query = format!("{{ segments {{ nodes {{ key {field} }} }} }}");
            for client in [own, Client::staff_without_scopes(&desk.app)] {
                let answer = client.fails_with(&query, json!({}), "FORBIDDEN").await;
                assert_eq!(answer["data"]["segments"]["nodes"][0]["key"], "everybody");
            }
        }
        let nobody = Client::anonymous(&desk.app);
        let query = "query($id: ID!) { node(id: $id) { id } segments { totalCount nodes { id } } }";
        let unseen = json!({ "node": null, "segments": { "totalCount": 0, "nodes": [] } });
        assert_eq!(nobody.good(query, json!({ "id": segment })).await, unseen);
        let all = json!({ "node": { "id": segment }, "segments": { "totalCount": 1, "nodes": [{ "id": segment }] } });
        assert_eq!(desk.staff().good(query, json!({ "id": segment })).await, all);
        let creating = "mutation { segmentCreate(input: { key: \"k\", rule: \"true\" }) { userErrors { code } } }";
        own.fails_with(creating, json!({}), "FORBIDDEN").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn segments_cost_what_their_rules_read_however_many_customers_there_are() {
    for customers in [1, 200] {
        on_both(async |db| {
            insert::<customer::Entity>(&db, (1..=customers).map(samples::customer)).await;
            let desk = Desk::open(db.clone()).await;
            desk.attribute("visits_30d", "COUNT", Some("P30D")).await;
            desk.attribute("visits_24h", "COUNT", Some("PT24H")).await;
            // Consents are always read; then buckets, behaviors, identities. Customers were read already.
            for (at, (rule, reads)) in [
                ("true", 1),
                ("attributes.visits_30d > 0", 2),
                ("attributes.visits_24h > 0", 3),
                ("has(identities.EMAIL)", 4),
            ]
            .into_iter()
            .enumerate()
            {
                desk.segment(&format!("segment_{at}"), rule).await;
                for (query, more) in [("key", 0), ("key size", 1)] {
                    let query =
                        format!("{{ customers(first: 100) {{ nodes {{ segments {{ {query} }} }} }} }}");
                    let before = db.statements();
                    desk.staff().good(&query, json!({})).await;
                    assert_eq!(db.statements() - before, 1 + reads + more, "{customers}: {rule}, {query}");
                }
            }
        })
        .await;
    }
}
