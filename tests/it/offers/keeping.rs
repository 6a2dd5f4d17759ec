//! How long decisions are kept, and of whom.

use encircle::db::Db;
use encircle::domain::offers::retention::DEFAULT_DAYS;
use encircle::kernel::ids::Ids;
use entities::ids::{CustomerId, DecisionId};
use entities::timestamp::Timestamp;
use entities::{customer, decision};
use sea_orm::EntityTrait;
use serde_json::json;

use super::{DAY, Desk, NOON};
use crate::entities::{insert, samples};
use crate::harness::databases::on_both;

fn ada() -> CustomerId {
    samples::id(1)
}

async fn people(db: &Db, count: u128) {
    insert::<customer::Entity>(db, (1..=count).map(samples::customer)).await;
}

async fn kept(db: &Db) -> Vec<decision::Model> {
    decision::Entity::find().all(db.connection()).await.expect("they are read")
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_erased_leaves_no_decision_behind() {
    on_both(async |db| {
        people(&db, 1).await;
        let desk = Desk::open(db.clone()).await;
        desk.live("all", json!({})).await;
        desk.home(ada()).await;
        desk.move_clock(1);
        let erased = json!({ "customerId": ada().to_string() });
        desk.done("customerErase", "__typename", erased).await;
        desk.app.services.deciding.queue.flush().await;
        let kept = kept(&db).await;
        assert!(kept.is_empty(), "{kept:?}");
    })
    .await;
}

/// Nobody knows who an anonymous customer is, and neither does anybody after it was erased: only the one was.
#[tokio::test(flavor = "multi_thread")]
async fn a_decision_for_somebody_without_a_name_is_kept_although_the_customer_changes() {
    on_both(async |db| {
        people(&db, 2).await;
        let desk = Desk::open(db.clone()).await;
        desk.live("all", json!({})).await;
        desk.home(ada()).await;
        desk.home(samples::id(2)).await;
        desk.move_clock(1);
        let input = json!({ "customerId": ada().to_string(), "traits": { "plan": "gold" } });
        desk.done("customerUpdate", "customer { id }", input).await;
        let input = json!({
            "survivorId": ada().to_string(), "mergedId": samples::id::<CustomerId>(2).to_string(), "reason": "one person",
        });
        desk.done("customerMerge", "customer { id }", input).await;
        desk.app.services.deciding.queue.flush().await;
        let mut owners: Vec<CustomerId> = kept(&db).await.into_iter().map(|row| row.customer_id).collect();
        owners.sort_unstable();
        assert_eq!(owners, [ada(), samples::id(2)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn decisions_are_swept_away_when_they_are_old() {
    on_both(async |db| {
        people(&db, 2).await;
        let (ids, days) = (Ids::seeded(5), i64::from(DEFAULT_DAYS));
        let at = |days: i64, millis: i64| Timestamp(NOON.millis() - days * DAY + millis);
        let decided = |number: u128, at: Timestamp| decision::Model {
            id: ids.next::<DecisionId>(at),
            customer_id: samples::id(number % 2 + 1),
            decided_at: at,
            ..samples::decisions()[0].clone()
        };
        // More than one transaction sweeps.
        insert::<decision::Entity>(
            &db,
            (0..1_250).map(|number| decided(number, at(days + 30, number as i64))),
        )
        .await;
        insert::<decision::Entity>(
            &db,
            (0..1_250).map(|number| decided(number, at(days, -1 - number as i64))),
        )
        .await;
        let young = [decided(1, at(days, 0)), decided(2, at(1, 0)), decided(1, NOON)];
        insert::<decision::Entity>(&db, young.clone()).await;
        let desk = Desk::open(db.clone()).await;
        desk.app.upkeep().once().await.expect("it is swept");
        let mut left: Vec<DecisionId> = kept(&db).await.into_iter().map(|row| row.id).collect();
        left.sort_unstable();
        assert_eq!(left, young.map(|row| row.id));
        desk.app.upkeep().once().await.expect("there is nothing to sweep");
        assert_eq!(kept(&db).await.len(), 3);
    })
    .await;
}
