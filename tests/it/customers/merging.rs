//! Merging and unmerging, against a forest that is merged and unmerged in memory.

use encircle::db::Db;
use encircle::domain::behaviors::properties::Properties;
use encircle::domain::behaviors::record::{BehaviorRecord, Outcome};
use encircle::domain::customers::caller::Caller;
use encircle::domain::customers::identity::IdentityKey;
use encircle::domain::customers::import::CustomerRef;
use encircle::domain::customers::merge::{merge, unmerge};
use encircle::domain::customers::rejection::{Reason, Rejection};
use encircle::kernel::ids::Ids;
use entities::ids::CustomerId;
use entities::values::{Channel, IdentityKind};
use entities::{behavior, customer};
use proptest::prelude::{Strategy, prop};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::json;

use super::{NOON, done, identified, refused, start};
use crate::entities::{insert, samples};
use crate::harness::client::Client;
use crate::harness::databases::on_both;

const PEOPLE: usize = 7;
const SEQUENCES: usize = 12;

pub async fn merged(db: &Db, ids: &Ids, survivor: CustomerId, merged: CustomerId) -> Result<(), Rejection> {
    let input = (Caller::trusted(ids, NOON, "test"), survivor, merged);
    db.write_retrying(&input, |transaction, (caller, survivor, merged)| {
        Box::pin(async move { merge(transaction, caller, *survivor, *merged, "test").await.map(drop) })
    })
    .await
}

pub async fn unmerged(db: &Db, ids: &Ids, customer: CustomerId) -> Result<(), Rejection> {
    db.write_retrying(&(Caller::trusted(ids, NOON, "test"), customer), |transaction, (caller, customer)| {
        Box::pin(async move { unmerge(transaction, caller, *customer).await.map(drop) })
    })
    .await
}

/// Who was merged into whom, as it was done: a forest whose roots are the people.
#[derive(Default)]
struct Forest([Option<usize>; PEOPLE]);

impl Forest {
    fn root(&self, mut at: usize) -> usize {
        while let Some(parent) = self.0[at] {
            at = parent;
        }
        at
    }

    /// Whether it could be done.
    fn apply(&mut self, step: Step) -> bool {
        match step {
            Step::Merge(survivor, merged) => {
                let (survivor, merged) = (self.root(survivor), self.root(merged));
                if survivor != merged {
                    self.0[merged] = Some(survivor);
                }
                survivor != merged
            }
            Step::Unmerge(customer) => self.0[customer].take().is_some(),
        }
    }

    fn expected(&self, people: &[CustomerId]) -> Vec<Option<CustomerId>> {
        let of = |at| Some(self.root(at)).filter(|root| *root != at).map(|root| people[root]);
        (0..PEOPLE).map(of).collect()
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Merge(usize, usize),
    Unmerge(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0..5_u8, 0..PEOPLE, 0..PEOPLE).prop_map(|(which, one, two)| match which {
        0 | 1 => Step::Unmerge(one),
        _ => Step::Merge(one, two),
    });
    prop::collection::vec(step, 1..30)
}

#[tokio::test(flavor = "multi_thread")]
async fn merges_and_unmerges_agree_with_a_forest() {
    on_both(async |db| {
        let (mut runner, ids) = (TestRunner::deterministic(), Ids::seeded(3));
        let mut refusals = 0;
        for sequence in 0..SEQUENCES {
            let numbers = (0..PEOPLE).map(|at| (sequence * PEOPLE + at) as u128 + 1);
            let rows: Vec<_> = numbers.map(samples::customer).collect();
            let people: Vec<CustomerId> = rows.iter().map(|row| row.id).collect();
            insert::<customer::Entity>(&db, rows).await;
            let steps = steps().new_tree(&mut runner).expect("steps").current();
            let mut forest = Forest::default();
            for (at, step) in steps.iter().enumerate() {
                let outcome = match *step {
                    Step::Merge(one, two) => merged(&db, &ids, people[one], people[two]).await,
                    Step::Unmerge(one) => unmerged(&db, &ids, people[one]).await,
                };
                let is_done = match outcome {
                    Ok(()) => true,
                    Err(Rejection::Refused(refusal)) => {
                        assert_eq!(refusal.reason, Reason::Conflict);
                        refusals += 1;
                        false
                    }
                    Err(Rejection::Failed(error)) => panic!("{error}"),
                };
                assert_eq!(is_done, forest.apply(*step), "{:?}", &steps[..=at]);
                let rows =
                    customer::Entity::find().order_by_asc(customer::Column::Id).all(db.connection()).await;
                let found: Vec<_> = rows
                    .expect("rows")
                    .iter()
                    .filter(|row| people.contains(&row.id))
                    .map(|row| row.merged_into)
                    .collect();
                assert_eq!(found, forest.expected(&people), "{:?}", &steps[..=at]);
            }
        }
        assert!(refusals > 0, "no sequence tried what cannot be done");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_merges_and_takes_it_back() {
    on_both(async |db| {
        let app = start(db).await;
        let staff = Client::staff(&app);
        let one = identified(&app, &[("EMAIL", "a@example.com")]).await;
        let two = identified(&app, &[("EMAIL", "b@example.com")]).await;
        let pair = |survivor: &str, merged: &str| json!({ "survivorId": survivor, "mergedId": merged, "reason": "same card" });
        for reason in ["", " ", &"x".repeat(501)] {
            let mut input = pair(&one, &two);
            input["reason"] = json!(reason);
            let error = refused(staff, "customerMerge", input, "INVALID").await;
            assert_eq!(error["field"], json!(["input", "reason"]));
        }
        let survivor = done(staff, "customerMerge", "customer { id }", pair(&one, &two)).await;
        assert_eq!(survivor["customer"]["id"], json!(one));
        refused(staff, "customerMerge", pair(&one, &two), "CONFLICT").await;
        refused(staff, "customerMerge", pair(&two, &one), "CONFLICT").await;
        refused(staff, "customerMerge", pair(&one, &one), "CONFLICT").await;
        refused(staff, "customerMerge", pair(&one, "cus_00000000000000000000000000"), "NOT_FOUND").await;
        refused(staff, "customerUnmerge", json!({ "customerId": one }), "CONFLICT").await;
        let selection = "customer { id mergedInto { id } } survivor { id }";
        let back = done(staff, "customerUnmerge", selection, json!({ "customerId": two })).await;
        assert_eq!(back["customer"], json!({ "id": two, "mergedInto": null }));
        assert_eq!(back["survivor"]["id"], json!(one));
        let query = format!("mutation {{ customerUnmerge(input: {{ customerId: \"{two}\" }}) {{ customer {{ id }} }} }}");
        Client::staff_without_scopes(&app).fails_with(&query, json!({}), "FORBIDDEN").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn identities_of_merged_customers_name_one_person_and_history_stays_with_the_first() {
    on_both(async |db| {
        let app = start(db.clone()).await;
        let one = identified(&app, &[("ANONYMOUS_ID", "browser")]).await;
        let two = identified(&app, &[("USER_ID", "u-1")]).await;
        let key = |kind, value: &str| IdentityKey::try_new(kind, value).expect("an identity");
        let keys = vec![key(IdentityKind::AnonymousId, "browser"), key(IdentityKind::UserId, "u-1")];
        let seen = |message: &str| BehaviorRecord {
            id: app.ids.next(NOON),
            customer: CustomerRef::Identified(keys.clone()),
            name: "Product Viewed".to_owned(),
            channel: Channel::Web,
            touchpoint_id: None,
            device_id: None,
            properties: Properties::default(),
            occurred_at: NOON,
            received_at: NOON,
            source: "web".to_owned(),
            message_id: message.to_owned(),
        };
        let outcome = async |message: &str| {
            let report = app.services.ingest.record(vec![seen(message)]).await.expect("an answer");
            report.outcomes.into_iter().next().expect("one")
        };
        assert!(matches!(outcome("m-1").await, Outcome::Refused(_)), "they are two yet");
        merged(&db, &app.ids, super::id(&two), super::id(&one)).await.expect("merged");
        assert!(matches!(outcome("m-1").await, Outcome::Recorded(_)));
        assert!(matches!(outcome("m-1").await, Outcome::Known(_)));
        let rows = behavior::Entity::find().all(db.connection()).await.expect("behaviors");
        let owners: Vec<_> = rows.iter().map(|row| row.customer_id.to_string()).collect();
        assert_eq!(owners, [one]);
    })
    .await;
}
