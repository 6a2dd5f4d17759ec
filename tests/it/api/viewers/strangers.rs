//! What is another's reads like what is not there, to the byte.

use entities::ids::{BehaviorId, DecisionId, DeviceId, EntitlementId, OfferId, PurchaseId, RedemptionId};
use serde_json::json;

use super::{ANOTHERS_MERGED, CUSTOMERS, client};
use crate::api::world::{customer_id, world};
use crate::entities::samples::id;
use crate::harness::databases::on_both;

const NODE: &str = "query($x: ID!) { node(id: $x) { id __typename } }";
const NODES: &str = "query($x: ID!) { nodes(ids: [$x, $x]) { id __typename } }";

/// Operations, each with what is there and not the viewer's, and what is not there.
fn pairs() -> Vec<(&'static str, String, String)> {
    fn both<I: entities::ids::Id + ToString>(there: u128) -> (String, String) {
        (id::<I>(there).to_string(), id::<I>(there + 1_000_000).to_string())
    }
    let mut pairs = Vec::new();
    let customer = (customer_id(2).to_string(), customer_id(2_000_000).to_string());
    let purchase = both::<PurchaseId>(20);
    let draft = both::<OfferId>(5);
    for (there, not_there) in [
        customer.clone(),
        purchase.clone(),
        draft.clone(),
        both::<BehaviorId>(20),
        both::<DecisionId>(20),
        both::<DeviceId>(20),
        both::<EntitlementId>(20),
        both::<RedemptionId>(20),
        // Of one who was merged into another.
        (customer_id(ANOTHERS_MERGED).to_string(), customer.1.clone()),
        both::<PurchaseId>(ANOTHERS_MERGED * 10),
        both::<BehaviorId>(ANOTHERS_MERGED * 10),
        both::<DecisionId>(ANOTHERS_MERGED * 10),
        both::<DeviceId>(ANOTHERS_MERGED * 10),
        both::<RedemptionId>(ANOTHERS_MERGED * 10),
    ] {
        pairs.push((NODE, there.clone(), not_there.clone()));
        pairs.push((NODES, there, not_there));
    }
    let text = |there: &str, not_there: &str| (there.to_owned(), not_there.to_owned());
    let others = [
        ("query($x: ID!) { customer(by: { id: $x }) { id email } }", customer),
        ("query($x: ID!) { purchase(by: { id: $x }) { id number } }", purchase),
        ("query($x: ID!) { offer(by: { id: $x }) { id key eligibility } }", draft),
        ("query($x: String!) { purchase(by: { number: $x }) { id } }", text("c2-n0", "c2-n9")),
        ("query($x: String!) { offer(by: { key: $x }) { id } }", text("hidden-draft", "hidden-nothing")),
        (
            "query($x: String!) { customer(by: { identity: { type: EMAIL, value: $x } }) { id email } }",
            text("c2-ada@example.com", "c9-ada@example.com"),
        ),
        (
            "query($x: String!) { customer(by: { identity: { type: LOYALTY_CARD, value: $x } }) { id } }",
            text("c2-card", "c9-card"),
        ),
        (
            "query($x: String!) { customer(by: { identity: { type: LOYALTY_CARD, value: $x } }) { id } }",
            text("c6-card", "c9-card"),
        ),
    ];
    pairs.extend(others.map(|(query, (there, not_there))| (query, there, not_there)));
    pairs
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_anothers_reads_like_what_is_not_there() {
    on_both(async |db| {
        let app = world(db.clone(), CUSTOMERS).await;
        for (query, there, not_there) in pairs() {
            for viewer in ["anonymous", "customer", "merged customer"] {
                let client = client(&app, viewer);
                let before = db.statements();
                let one = client.text(query, json!({ "x": there })).await;
                let between = db.statements();
                let other = client.text(query, json!({ "x": not_there })).await;
                assert_eq!(one, other, "{viewer} asked for {there} and {not_there} by {query}");
                assert!(one.contains("null") && !one.contains("errors"), "{viewer}: {one}");
                assert_eq!(between - before, db.statements() - between, "{viewer} costs the same by {query}");
            }
            // It is there, or the comparison proves nothing.
            let there = client(&app, "staff").text(query, json!({ "x": there })).await;
            assert!(!there.contains("null"), "{query} gave staff {there}");
        }
    })
    .await;
}
