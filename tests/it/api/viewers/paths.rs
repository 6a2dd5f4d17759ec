//! Ways around the front door: cursors, filters, totals and links.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{CUSTOMERS, OWN, OWN_MERGED, VIEWERS, client, owners};
use crate::api::world::{BEHAVIORS, NAMES, PURCHASES, customer_id, world};
use crate::api::world_catalogue::offers;
use crate::harness::databases::on_both;

fn ids(list: &Value) -> Vec<&str> {
    list["nodes"].as_array().expect("nodes").iter().filter_map(|node| node["id"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_of_staff_shows_a_customer_only_its_own() {
    on_both(async |db| {
        let app = world(db, CUSTOMERS).await;
        let owners = owners();
        for (root, own) in [("customers", 1), ("behaviors", 2 * BEHAVIORS), ("purchases", 2 * PURCHASES)] {
            let query = format!("{{ {root}(first: 100) {{ edges {{ cursor node {{ id }} }} }} }}");
            let staffs = client(&app, "staff").good(&query, json!({})).await;
            let edges = staffs[root]["edges"].as_array().expect("edges");
            let others = edges
                .iter()
                .filter(|edge| edge["node"]["id"].as_str().is_some_and(|id| owners[id] != Some(OWN)));
            let mut seen = BTreeSet::new();
            for cursor in others.map(|edge| &edge["cursor"]) {
                for side in [format!("first: 100, after: {cursor}"), format!("last: 100, before: {cursor}")] {
                    let query = format!("{{ {root}({side}) {{ nodes {{ id }} totalCount }} }}");
                    let data = client(&app, "customer").good(&query, json!({})).await;
                    assert_eq!(data[root]["totalCount"], json!(own as u64), "{root}");
                    for id in ids(&data[root]) {
                        assert_eq!(owners[id], Some(OWN), "{root}({side})");
                        seen.insert(id.to_owned());
                    }
                    let merged = client(&app, "merged customer").good(&query, json!({})).await;
                    assert_eq!(merged, data, "{root}({side})");
                    let nothing = client(&app, "anonymous").good(&query, json!({})).await;
                    assert_eq!(nothing[root], json!({ "nodes": [], "totalCount": 0 }), "{root}");
                }
            }
            assert_eq!(seen.len() as u128, own, "{root}: its own are seen from others' cursors");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_and_totals_tell_nothing_of_others() {
    on_both(async |db| {
        let app = world(db, CUSTOMERS).await;
        let query = format!(
            "{{ customers(filter: {{ merged: false }}) {{ totalCount pageInfo {{ hasNextPage hasPreviousPage }} }}
                named: behaviors(filter: {{ names: [\"{}\"], channels: [WEB, MOBILE_APP, KIOSK, POINT_OF_SALE] }}) {{ totalCount }}
                paid: purchases(filter: {{ statuses: [PAID] }}) {{ totalCount }} }}",
            NAMES[0]
        );
        let all = CUSTOMERS as u64;
        // How many customers are listed, and of how many rows of customers, merged or not, the rest is.
        for (viewer, customers, members) in [
            ("anonymous", 0, 0),
            ("customer", 1, 2),
            ("merged customer", 1, 2),
            ("touchpoint", 0, 0),
            ("staff", all - 2, all),
        ] {
            let data = client(&app, viewer).good(&query, json!({})).await;
            let info = json!({ "hasNextPage": false, "hasPreviousPage": false });
            let expected = json!({
                "customers": { "totalCount": customers, "pageInfo": info },
                "named": { "totalCount": 3 * members },
                "paid": { "totalCount": members },
            });
            assert_eq!(data, expected, "{viewer}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn offers_that_are_not_live_are_the_staffs() {
    on_both(async |db| {
        let app = world(db, CUSTOMERS).await;
        let live = offers().iter().filter(|offer| offer.status == entities::values::OfferStatus::Live).count();
        let query = "{ offers(first: 100) { totalCount nodes { status } }
            others: offers(filter: { statuses: [DRAFT, PAUSED, ENDED, ARCHIVED] }) { totalCount nodes { key } } }";
        for viewer in VIEWERS {
            let data = client(&app, viewer).good(query, json!({})).await;
            let (all, others) = if viewer == "staff" { (offers().len(), offers().len() - live) } else { (live, 0) };
            assert_eq!(data["offers"]["totalCount"], json!(all), "{viewer}");
            assert_eq!(data["offers"]["nodes"].as_array().map(Vec::len), Some(all), "{viewer}");
            assert_eq!(data["others"]["totalCount"], json!(others), "{viewer}");
            assert_eq!(data["others"]["nodes"].as_array().map(Vec::len), Some(others), "{viewer}");
        }
        // A use of an offer that is a draft again: the use is there, the offer is not.
        let query = "{ purchase(by: { number: \"c1-n1\" }) {
            redemptions { status offer { key } } discounts { amount { amount } offer { key } } } }";
        for viewer in VIEWERS.into_iter().filter(|viewer| *viewer != "anonymous") {
            let data = client(&app, viewer).good(query, json!({})).await;
            let offer = if viewer == "staff" { json!({ "key": "hidden-draft" }) } else { json!(null) };
            let expected = json!({
                "redemptions": [{ "status": "REDEEMED", "offer": offer }],
                "discounts": [{ "amount": { "amount": "1.00" }, "offer": offer }],
            });
            assert_eq!(data["purchase"], expected, "{viewer}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_that_was_merged_reads_as_the_one_it_turned_out_to_be() {
    on_both(async |db| {
        let app = world(db, CUSTOMERS).await;
        let query = "{ me { id email mergedInto { id } } customers { totalCount nodes { id } }
            behaviors { totalCount } purchases { totalCount }
            merged: customers(filter: { merged: true }) { totalCount nodes { id mergedInto { id } } } }";
        for viewer in ["customer", "merged customer"] {
            let own = customer_id(OWN).to_string();
            let merged = json!({ "id": customer_id(OWN_MERGED).to_string(), "mergedInto": { "id": own } });
            let expected = json!({
                "me": { "id": own, "email": "c1-ada@example.com", "mergedInto": null },
                "customers": { "totalCount": 1, "nodes": [{ "id": own }] },
                "behaviors": { "totalCount": 2 * BEHAVIORS as u64 },
                "purchases": { "totalCount": 2 * PURCHASES as u64 },
                "merged": { "totalCount": 1, "nodes": [merged] },
            });
            assert_eq!(client(&app, viewer).good(query, json!({})).await, expected, "{viewer}");
        }
    })
    .await;
}
