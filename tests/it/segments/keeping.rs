//! The lists of members: kept by what is recorded, by time, and by whoever is at it.

use std::time::Duration;

use entities::{customer, segment_judgement, segment_member};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;

use super::{DAY, Desk, HOUR, NOON, set};
use crate::attributes::behavior;
use crate::entities::{insert, samples};
use crate::harness::databases::on_both;

#[tokio::test(flavor = "multi_thread")]
async fn a_list_follows_what_is_recorded_and_what_runs_out() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        desk.attribute("visits_30d", "COUNT", Some("P30D")).await;
        desk.segment("regular", "attributes.visits_30d >= 1").await;
        let ada = desk.customer("ada@example.com").await;
        desk.visit(&ada).await;
        assert!(desk.members("regular").await.is_empty(), "nobody has looked yet");
        desk.keep().await;
        assert_eq!(desk.members("regular").await, set([&ada]));
        desk.move_clock(29 * DAY);
        desk.keep().await;
        assert_eq!(desk.members("regular").await, set([&ada]));
        // Noon was when it was done; the day leaves the window at midnight.
        desk.move_clock(12 * HOUR - 1);
        desk.keep().await;
        assert_eq!(desk.members("regular").await, set([&ada]));
        desk.move_clock(1);
        assert!(desk.segments_of(&ada).await.is_empty());
        assert_eq!(desk.members("regular").await, set([&ada]), "nobody has looked yet");
        desk.keep().await;
        assert!(desk.members("regular").await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_read_the_time_are_judged_again_at_midnight() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        desk.segment("new", "now - createdAt < duration('PT3H')").await;
        let ada = desk.customer("ada@example.com").await;
        desk.keep().await;
        assert_eq!(desk.members("new").await, set([&ada]));
        desk.move_clock(4 * HOUR);
        desk.keep().await;
        assert!(desk.segments_of(&ada).await.is_empty());
        assert_eq!(desk.members("new").await, set([&ada]), "a list may lag until midnight");
        desk.move_clock(8 * HOUR);
        desk.keep().await;
        assert!(desk.members("new").await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_expires_ends_what_asks_for_it() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        desk.segment("newsletter", "consents.MARKETING == 'GRANTED'").await;
        let ada = desk.customer("ada@example.com").await;
        desk.consent(&ada, "MARKETING", "GRANTED", Some("2026-01-03T12:00:00Z".to_owned())).await;
        desk.keep().await;
        assert_eq!(desk.members("newsletter").await, set([&ada]));
        desk.move_clock(2 * DAY);
        assert!(desk.segments_of(&ada).await.is_empty());
        desk.keep().await;
        assert!(desk.members("newsletter").await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_segment_finds_everybody_who_is_there() {
    on_both(async |db| {
        // More than are marked, and more than are judged, at once.
        insert::<customer::Entity>(&db, (1..=2_300).map(samples::customer)).await;
        let desk = Desk::open(db.clone()).await;
        desk.segment("everybody", "true").await;
        desk.keep().await;
        let query = "{ segment(by: { key: \"everybody\" }) { size judgedAt members { totalCount } } }";
        let segment = desk.staff().good(query, json!({})).await["segment"].take();
        assert_eq!((&segment["size"], &segment["members"]["totalCount"]), (&json!(2_300), &json!(2_300)));
        assert!(segment["judgedAt"].is_string());
        let left = segment_judgement::Entity::find().count(db.connection()).await.expect("a count");
        assert_eq!(left, 0, "nothing can change by time alone");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_registered_and_a_customer_who_is_erased_are_judged() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        desk.segment("nameless", "identities.EMAIL == null").await;
        desk.segment("member", "traits.plan == 'gold'").await;
        let ada = desk.customer("ada@example.com").await;
        desk.traits(&ada, json!({ "plan": "gold" })).await;
        desk.keep().await;
        assert!(desk.members("nameless").await.is_empty());
        assert_eq!(desk.members("member").await, set([&ada]));
        let phone = json!({ "channel": "MOBILE_APP", "platform": "iOS" });
        let phone = desk.done("deviceRegister", "customer { id }", phone).await;
        let phone = super::text(&phone["customer"]["id"]);
        desk.keep().await;
        assert_eq!(desk.members("nameless").await, set([&phone]));
        desk.done("customerErase", "customer { id }", json!({ "customerId": ada })).await;
        assert!(desk.members("member").await.is_empty(), "the list forgets at once");
        desk.keep().await;
        assert_eq!(desk.members("nameless").await, set([&ada, &phone]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_while_somebody_judges_is_not_lost() {
    on_both(async |db| {
        insert::<customer::Entity>(&db, (1..=40).map(samples::customer)).await;
        let desk = Desk::open(db.clone()).await;
        desk.attribute("visits", "COUNT", None).await;
        desk.segment("odd", "attributes.visits % 2 == 1").await;
        // Two replicas judge all the time while visits come in.
        let keepers = [desk.app.upkeep().start(), desk.app.upkeep().start()];
        let ids: Vec<String> = (1..=40).map(|number| samples::customer(number).id.to_string()).collect();
        for round in 0..3 {
            let visits = ids.iter().skip(round).map(|id| desk.visit(id));
            futures_util::future::join_all(visits).await;
        }
        for keeper in keepers {
            tokio::time::timeout(Duration::from_secs(60), keeper.stop()).await.expect("it ends");
        }
        // A claim that was left behind runs out; a transaction that was broken off may hold its rows a little longer.
        desk.move_clock(61_000);
        while segment_judgement::Entity::find().count(db.connection()).await.expect("a count") > 0 {
            desk.keep().await;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let members = desk.members("odd").await;
        // One has one visit, one has two, all others have three.
        let odd: std::collections::BTreeSet<String> =
            ids.iter().enumerate().filter(|(at, _)| *at != 1).map(|(_, id)| id.clone()).collect();
        assert_eq!(members, odd);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_come_in_pages() {
    on_both(async |db| {
        insert::<customer::Entity>(&db, (1..=25).map(samples::customer)).await;
        let desk = Desk::open(db.clone()).await;
        desk.segment("everybody", "true").await;
        desk.keep().await;
        let rows = segment_member::Entity::find().all(db.connection()).await.expect("rows");
        assert!(rows.iter().all(|row| row.since == NOON), "they all came at once");
        let query = "query($after: String) { segment(by: { key: \"everybody\" }) { members(first: 10, after: $after) {
            pageInfo { hasNextPage endCursor } nodes { since customer { id } } } } }";
        let (mut after, mut found) = (json!(null), Vec::new());
        loop {
            let data = desk.staff().good(query, json!({ "after": after })).await;
            let page = &data["segment"]["members"];
            let nodes = page["nodes"].as_array().expect("a list");
            found.extend(nodes.iter().map(|node| super::text(&node["customer"]["id"])));
            if page["pageInfo"]["hasNextPage"] == json!(false) {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        found.reverse();
        let expected: Vec<String> = (1..=25).map(|number| samples::customer(number).id.to_string()).collect();
        assert_eq!(found, expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_made_by_what_is_recorded_is_marked_once() {
    on_both(async |db| {
        let desk = Desk::open(db.clone()).await;
        let ingest = &desk.app.services.ingest;
        let statements = async |who: &str| {
            let visit = behavior(&desk.app.ids, who, "Visit", desk.app.clock.now(), json!({}));
            let before = db.statements();
            ingest.record(vec![visit]).await.expect("it is recorded");
            db.statements() - before
        };
        statements("first").await;
        let without_segments = (statements("ada").await, statements("ada").await);
        desk.segment("everybody", "true").await;
        statements("second").await;
        let with_segments = (statements("bob").await, statements("bob").await);
        assert_eq!(with_segments.0, without_segments.0, "who is made is marked when made");
        assert_eq!(with_segments.1, without_segments.1 + 1, "who was there is marked for what was recorded");
        desk.keep().await;
        assert_eq!(desk.members("everybody").await.len(), 4);
    })
    .await;
}
