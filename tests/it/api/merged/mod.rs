//! Customers that turned out to be one: everything that belongs to any of them reads as if one customer had
//! owned it all along, and apart again once the merge is undone.

mod history;
mod ways;

use encircle::app::App;
use entities::consent;
use entities::timestamp::Timestamp;
use entities::values::ConsentPurpose::{self, Analytics, Marketing, Personalization};
use entities::values::ConsentStatus::{self, Denied, Granted, Revoked};
use proptest::collection::vec;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::world::{NOON, customer_id};
use crate::entities::{insert, samples};
use crate::harness::client::{Client, application};
use crate::harness::databases::on_both;
use history::{ALONE, History, MERGED, NEXT, SURVIVOR, write};
use ways::{LISTS, Way, ways};

async fn check_pages(app: &App, base: u128, history: &History) {
    for list in LISTS {
        for (way, alone) in ways(base, list.is_root) {
            for (size, backward) in [(2, false), (3, true), (100, false), (100, true)] {
                let expected = alone.walk(app, &list, size, backward).await;
                let place = format!("{:?} {} by {size}, {history:?}", way.viewer, list.name);
                assert_eq!(way.walk(app, &list, size, backward).await, expected, "{place}");
            }
        }
    }
    for (way, alone) in ways(base, false) {
        let found = identities(app, &way).await;
        assert_eq!(found.len(), history.len());
        assert_eq!(found, identities(app, &alone).await, "{history:?}");
    }
}

/// What identifies somebody and since when, without the names of owners.
async fn identities(app: &App, way: &Way) -> Vec<(String, String)> {
    let list = way.list(app, "identities", "identities { value createdAt }").await;
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let called = |value: &Value| text(value).split(" of ").next().unwrap_or_default().to_owned();
    let list = list.as_array().expect("a list");
    list.iter().map(|row| (called(&row["value"]), text(&row["createdAt"]))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn any_history_over_members_reads_like_that_of_one_customer() {
    let histories = vec((1..=3_u128, 0..5_i64), 1..14);
    on_both(async |db| {
        let app = application(db.clone(), NOON).await;
        let mut runner = TestRunner::deterministic();
        for at in 0..6 {
            let history = histories.new_tree(&mut runner).expect("a history").current();
            write(&db, at * NEXT, &history).await;
            check_pages(&app, at * NEXT, &history).await;
        }
    })
    .await;
}

/// What a way shows of everything, by how the things are called.
async fn everything(app: &App, way: &Way) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for list in LISTS.iter().filter(|list| list.arguments.is_empty()) {
        found.push(way.walk(app, list, 100, false).await.remove(0).0);
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn undoing_a_merge_gives_each_its_own_back() {
    on_both(async |db| {
        let app = application(db.clone(), NOON).await;
        write(&db, 0, &vec![(1, 0), (2, 1), (1, 2), (3, 3), (2, 4), (1, 5)]).await;
        let things =
            |numbers: &[u32]| vec![numbers.iter().map(|at| format!("thing {at}")).collect::<Vec<_>>(); 3];
        for number in [SURVIVOR, MERGED[0], MERGED[1]] {
            for way in [Way::by_id(customer_id(number)), Way::me(customer_id(SURVIVOR))] {
                let found: Vec<Vec<String>> = everything(&app, &way).await;
                assert_eq!(found, things(&[6, 5, 4, 3, 2, 1]), "{number}");
            }
        }
        let undo = "UPDATE customers SET merged_into = NULL WHERE merged_into IS NOT NULL";
        db.connection().execute_unprepared(undo).await.expect("the merge is undone");
        for (number, own) in [(SURVIVOR, &[6, 3, 1][..]), (MERGED[0], &[5, 2]), (MERGED[1], &[4])] {
            for way in [Way::by_id(customer_id(number)), Way::me(customer_id(number))] {
                assert_eq!(everything(&app, &way).await, things(own), "{number}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merged_id_or_identity_is_the_survivor() {
    on_both(async |db| {
        let app = application(db.clone(), NOON).await;
        write(&db, 0, &vec![(2, 0), (3, 1)]).await;
        let survivor = json!({ "id": customer_id(SURVIVOR).to_string() });
        let query = format!(
            "{{ id: customer(by: {{ id: \"{0}\" }}) {{ id }} node(id: \"{0}\") {{ id }} nodes(ids: [\"{0}\", \"{1}\"]) {{ id }}
                identity: customer(by: {{ identity: {{ type: LOYALTY_CARD, value: \"thing 1 of 2\" }} }}) {{ id }}
                beh: node(id: \"{2}\") {{ ... on Behavior {{ customer {{ id }} }} }}
                pur: node(id: \"{3}\") {{ ... on Purchase {{ customer {{ id }} }} }} }}",
            customer_id(MERGED[0]),
            customer_id(MERGED[1]),
            samples::id::<entities::ids::BehaviorId>(2),
            samples::id::<entities::ids::PurchaseId>(4),
        );
        for client in [Client::staff(&app), Client::customer(&app, customer_id(SURVIVOR))] {
            let expected = json!({
                "id": survivor, "node": survivor, "nodes": [survivor, survivor], "identity": survivor,
                "beh": { "customer": survivor }, "pur": { "customer": survivor },
            });
            assert_eq!(client.good(&query, json!({})).await, expected);
        }
        // Who was let in as the merged row sees nothing of what it was merged into: where a token is shown it is
        // followed, or taken away, and a request under way must not outrun that.
        let outrun = Client::customer(&app, customer_id(MERGED[1]));
        let query = format!("{{ me {{ id }} customer(by: {{ id: \"{}\" }}) {{ id }} }}", customer_id(SURVIVOR));
        assert_eq!(outrun.good(&query, json!({})).await, json!({ "me": null, "customer": null }));
        let query = "{ customers(sort: CREATED_AT_ASC) { totalCount nodes { id } }
            merged: customers(filter: { merged: true }, sort: CREATED_AT_ASC) {
                totalCount nodes { id mergedInto { id } purchases { totalCount } } } }";
        let merged = MERGED.map(|number| {
            let id = customer_id(number).to_string();
            json!({ "id": id, "mergedInto": survivor, "purchases": { "totalCount": 1 } })
        });
        let alone = json!({ "id": customer_id(ALONE).to_string() });
        let expected = json!({
            "customers": { "totalCount": 2, "nodes": [survivor, alone] },
            "merged": { "totalCount": 2, "nodes": merged },
        });
        assert_eq!(Client::staff(&app).good(query, json!({})).await, expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_most_restrictive_consent_of_the_members_counts() {
    on_both(async |db| {
        let app = application(db.clone(), NOON).await;
        write(&db, 0, &vec![(2, 0)]).await;
        let row = |owner: u128, purpose: ConsentPurpose, status: ConsentStatus, time: i64| consent::Model {
            customer_id: customer_id(owner),
            purpose,
            status,
            source: format!("said by {owner}"),
            updated_at: Timestamp(time),
            expires_at: None,
        };
        let rows = [
            row(SURVIVOR, Marketing, Granted, 9),
            row(MERGED[0], Marketing, Revoked, 1),
            row(MERGED[1], Marketing, Granted, 5),
            row(SURVIVOR, Analytics, Granted, 1),
            row(MERGED[1], Analytics, Granted, 2),
            row(MERGED[0], Personalization, Denied, 1),
            row(ALONE, Analytics, Denied, 9),
        ];
        insert::<consent::Entity>(&db, rows).await;
        for number in [SURVIVOR, MERGED[0], MERGED[1]] {
            for way in [Way::by_id(customer_id(number)), Way::me(customer_id(SURVIVOR))] {
                // Not the columns that decide.
                let found = way.list(&app, "consents", "consents { purpose source }").await;
                let said = |purpose: &str, owner: u128| json!({ "purpose": purpose, "source": format!("said by {owner}") });
                let expected =
                    [said("ANALYTICS", MERGED[1]), said("MARKETING", MERGED[0]), said("PERSONALIZATION", MERGED[0])];
                assert_eq!(found, json!(expected), "{number}");
            }
        }
    })
    .await;
}
