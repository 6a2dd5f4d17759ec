//! Merges in both directions, unmerges and behaviors, all at once: nothing is stranded.

use std::collections::HashMap;

use encircle::db::Db;
use encircle::domain::behaviors::properties::Properties;
use encircle::domain::behaviors::record::{BehaviorRecord, Outcome};
use encircle::domain::customers::caller::{Caller, Trust};
use encircle::domain::customers::identify::{Claim, Identify, identify};
use encircle::domain::customers::identity::IdentityKey;
use encircle::domain::customers::import::CustomerRef;
use encircle::domain::customers::rejection::Rejection;
use encircle::domain::ingest::service::Ingest;
use encircle::kernel::clock::Clock;
use encircle::kernel::error::Error;
use encircle::kernel::ids::Ids;
use entities::ids::CustomerId;
use entities::timestamp::Timestamp;
use entities::values::{Channel, IdentityKind};
use entities::{behavior, customer, customer_identity, customer_merge};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha12Rng;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::merging::{merged, unmerged};
use super::{NOON, done, id, registered, start};
use crate::entities::{insert, samples};
use crate::harness::client::Client;
use crate::harness::databases::on_both;

const PEOPLE: u128 = 5;
const WRITERS: u64 = 4;
const STEPS: u64 = 25;
const BEHAVIORS: usize = 40;

fn anonymous(number: u128) -> IdentityKey {
    IdentityKey::try_new(IdentityKind::AnonymousId, &format!("browser-{number}")).expect("an identity")
}

async fn people(db: &Db) {
    insert::<customer::Entity>(db, (1..=PEOPLE).map(samples::customer)).await;
    let identities = (1..=PEOPLE).map(|number| customer_identity::Model {
        id: samples::id(number),
        customer_id: samples::id(number),
        kind: IdentityKind::AnonymousId,
        value: anonymous(number).into_value(),
        verified: false,
        claimed: false,
        created_at: NOON,
    });
    insert::<customer_identity::Entity>(db, identities).await;
}

/// Merges and unmerges at random; how many steps were done.
async fn join_and_part(db: Db, ids: Ids, seed: u64) -> usize {
    let mut dice = ChaCha12Rng::seed_from_u64(seed);
    let mut done = 0;
    for _ in 0..STEPS {
        let mut person = || samples::id::<CustomerId>(u128::from(dice.next_u64()) % PEOPLE + 1);
        let (one, two) = (person(), person());
        let outcome = match dice.next_u64() % 3 {
            0 => unmerged(&db, &ids, one).await,
            _ => merged(&db, &ids, one, two).await,
        };
        match outcome {
            Ok(()) => done += 1,
            // Busy or in each other's way: what a caller would try again.
            Err(Rejection::Refused(_) | Rejection::Failed(Error::Contended(_) | Error::Unavailable(_))) => {}
            Err(Rejection::Failed(error)) => panic!("{error}"),
        }
    }
    done
}

fn behavior_of(ingest: &Ingest, customer: IdentityKey, message_id: String) -> BehaviorRecord {
    BehaviorRecord {
        id: ingest.ids.next(NOON),
        customer: CustomerRef::Identified(vec![customer]),
        name: "Product Viewed".to_owned(),
        channel: Channel::Web,
        touchpoint_id: None,
        device_id: None,
        properties: Properties::default(),
        occurred_at: NOON,
        received_at: NOON,
        source: "web".to_owned(),
        message_id,
    }
}

async fn behave(ingest: Ingest, number: usize) {
    for at in 0..BEHAVIORS {
        let report = ingest
            .record(vec![behavior_of(&ingest, anonymous(at as u128 % PEOPLE + 1), format!("{number}-{at}"))])
            .await
            .expect("behaviors are not in the way of merges");
        assert!(matches!(report.outcomes[..], [Outcome::Recorded(_)]));
        assert_eq!(report.customers_made, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn merges_in_both_directions_and_behaviors_meanwhile_strand_nothing() {
    on_both(async |db| {
        people(&db).await;
        let ids = Ids::seeded(5);
        let writers: Vec<_> =
            (0..WRITERS).map(|seed| tokio::spawn(join_and_part(db.clone(), ids.clone(), seed))).collect();
        let ingest = Ingest::open(&db, Clock::fixed(NOON), ids.clone()).await.expect("ingest opens");
        let behaving: Vec<_> = (0..2).map(|number| tokio::spawn(behave(ingest.clone(), number))).collect();
        let mut done = 0;
        for writer in writers {
            done += writer.await.expect("no panic");
        }
        for behaving in behaving {
            behaving.await.expect("no panic");
        }
        assert!(done as u64 > STEPS, "only {done} steps were done");

        let rows = customer::Entity::find().all(db.connection()).await.expect("rows");
        let found: HashMap<_, _> = rows.iter().map(|row| (row.id, row.merged_into)).collect();
        assert_eq!(found.len() as u128, PEOPLE, "nobody was made");
        for survivor in found.values().flatten() {
            assert_eq!(found[survivor], None, "a chain: {found:?}");
        }
        assert_eq!(found, after_the_log(&db).await);
        let behaviors = behavior::Entity::find().all(db.connection()).await.expect("behaviors");
        assert_eq!(behaviors.len(), 2 * BEHAVIORS);
        assert!(behaviors.iter().all(|behavior| found.contains_key(&behavior.customer_id)));
    })
    .await;
}

/// What the merges that were not undone come to.
async fn after_the_log(db: &Db) -> HashMap<CustomerId, Option<CustomerId>> {
    let active = customer_merge::Entity::find().filter(customer_merge::Column::UndoneAt.is_null());
    let mut parents = HashMap::new();
    for entry in active.all(db.connection()).await.expect("the log") {
        let again = parents.insert(entry.merged_id, entry.survivor_id);
        assert_eq!(again, None, "merged twice, undone never");
    }
    let root = |start: CustomerId| {
        let mut at = start;
        let mut steps = 0;
        while let Some(parent) = parents.get(&at) {
            at = *parent;
            steps += 1;
            assert!(steps <= PEOPLE, "a cycle");
        }
        Some(at).filter(|root| *root != start)
    };
    (1..=PEOPLE).map(samples::id).map(|id| (id, root(id))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_person_identified_many_times_at_once_is_made_once() {
    on_both(async |db| {
        let ids = Ids::seeded(9);
        let tasks: Vec<_> = (0..8_i64)
            .map(|number| {
                let (db, ids) = (db.clone(), ids.clone());
                tokio::spawn(async move {
                    let claim = |kind, value: &str| Claim {
                        key: IdentityKey::try_new(kind, value).expect("an identity"),
                        verified: false,
                        path: String::new(),
                    };
                    let browser = format!("browser-{}", number % 3);
                    let claims =
                        vec![claim(IdentityKind::AnonymousId, &browser), claim(IdentityKind::UserId, "u-1")];
                    let caller = Caller::trusted(&ids, Timestamp(NOON.millis() + number), "test");
                    assert_eq!(caller.trust, Trust::Trusted);
                    let request = Identify { claims, ..Identify::default() };
                    db.write_retrying(&(caller, request), |transaction, (caller, request)| {
                        Box::pin(identify(transaction, caller, request.clone()))
                    })
                    .await
                    .map(|who| who.customer)
                })
            })
            .collect();
        let mut people = Vec::new();
        for task in tasks {
            people.push(task.await.expect("no panic").expect("identified"));
        }
        people.dedup();
        assert_eq!(people.len(), 1, "{people:?}");
        let identities = customer_identity::Entity::find().all(db.connection()).await.expect("identities");
        assert_eq!(identities.len(), 4);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_device_claimed_goes_to_one_customer_however_many_name_it_at_once() {
    on_both(async |db| {
        let app = start(db.clone()).await;
        let (thief, _) = registered(&app, Some("thief")).await;
        let claim = json!({ "identities": [{ "type": "EMAIL", "value": "ada@example.com" }] });
        done(Client::customer(&app, id(&thief)), "customerIdentify", "created", claim).await;
        let (ids, email) = (Ids::seeded(9), IdentityKey::try_new(IdentityKind::Email, "ada@example.com"));
        let email = email.expect("an address");
        let ingest = Ingest::open(&db, Clock::fixed(NOON), ids.clone()).await.expect("ingest opens");
        let mut tasks = Vec::new();
        for number in 0..6 {
            let (db, ids, ingest, email) = (db.clone(), ids.clone(), ingest.clone(), email.clone());
            tasks.push(tokio::spawn(async move {
                let record = behavior_of(&ingest, email.clone(), format!("m-{number}"));
                ingest.record(vec![record]).await.expect("recorded");
                let caller = Caller::trusted(&ids, NOON, "test");
                let claims = vec![Claim { key: email, verified: false, path: String::new() }];
                let request = Identify { claims, ..Identify::default() };
                db.write_retrying(&(caller, request), |transaction, (caller, request)| {
                    Box::pin(identify(transaction, caller, request.clone()))
                })
                .await
                .expect("identified")
                .customer
            }));
        }
        let mut people = Vec::new();
        for task in tasks {
            people.push(task.await.expect("no panic"));
        }
        people.dedup();
        assert_eq!(people.len(), 1, "{people:?}");
        assert_ne!(people[0], id(&thief));
        let behaviors = behavior::Entity::find().all(db.connection()).await.expect("behaviors");
        assert_eq!(behaviors.len(), 6);
        assert!(behaviors.iter().all(|behavior| behavior.customer_id == people[0]), "none is the thief's");
    })
    .await;
}
