//! The arguments of pages: sizes are clamped, and what is no place in the list at hand is refused.

use serde_json::json;

use super::world::world;
use crate::entities::samples::id;
use crate::harness::client::Client;
use crate::harness::databases::on_both;

#[tokio::test(flavor = "multi_thread")]
async fn sizes_are_clamped_and_nonsense_is_refused() {
    on_both(async |db| {
        // Some of these were merged, and more than a page was not.
        let app = world(db, 130).await;
        let staff = Client::staff(&app);
        for (arguments, size, next, previous) in [
            ("", 20, true, false),
            ("(first: 0)", 0, true, false),
            ("(last: 0)", 0, false, true),
            ("(first: 1000000)", 100, true, false),
            ("(last: 1000000)", 100, false, true),
            ("(first: null)", 20, true, false),
        ] {
            let query = format!("{{ customers{arguments} {{ nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage startCursor }} }} }}");
            let data = staff.good(&query, json!({})).await;
            let (nodes, info) = (&data["customers"]["nodes"], &data["customers"]["pageInfo"]);
            assert_eq!(nodes.as_array().map(Vec::len), Some(size), "{arguments}");
            assert_eq!((&info["hasNextPage"], &info["hasPreviousPage"]), (&json!(next), &json!(previous)), "{arguments}");
            assert_eq!(info["startCursor"].is_null(), size == 0, "{arguments}");
        }
        for arguments in ["first: -1", "last: -1", "first: 1, last: 1", "after: \"\"", "before: \"x\"", "after: \"é\""] {
            for root in ["customers", "behaviors", "purchases", "products", "offers", "placements", "touchpoints"] {
                let query = format!("{{ {root}({arguments}) {{ nodes {{ id }} }} }}");
                staff.fails_with(&query, json!({}), "BAD_USER_INPUT").await;
            }
            let query = format!("{{ customers(first: 1) {{ nodes {{ id purchases({arguments}) {{ nodes {{ id }} }} }} }} }}");
            staff.fails_with(&query, json!({}), "BAD_USER_INPUT").await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_refused_by_another_list() {
    on_both(async |db| {
        let app = world(db, 1).await;
        let staff = Client::staff(&app);
        let roots =
            ["customers", "behaviors", "purchases", "products", "offers", "placements", "touchpoints"];
        for from in roots {
            let query = format!("{{ {from}(first: 1) {{ pageInfo {{ endCursor }} }} }}");
            let cursor = &staff.good(&query, json!({})).await[from]["pageInfo"]["endCursor"];
            assert!(cursor.is_string());
            for to in roots.into_iter().filter(|to| *to != from) {
                for side in ["after", "before"] {
                    let query = format!("{{ {to}({side}: {cursor}) {{ nodes {{ id }} }} }}");
                    staff.fails_with(&query, json!({}), "BAD_USER_INPUT").await;
                }
            }
            let nested =
                format!("{{ customers {{ nodes {{ devices(after: {cursor}) {{ nodes {{ id }} }} }} }} }}");
            staff.fails_with(&nested, json!({}), "BAD_USER_INPUT").await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_of_one_sort_key_is_refused_by_another() {
    on_both(async |db| {
        let app = world(db, 1).await;
        let staff = Client::staff(&app);
        let film = id::<entities::ids::ProductId>(1);
        for (from, to) in [("CREATED_AT_ASC", "STARTS_AT_ASC"), ("STARTS_AT_DESC", "CREATED_AT_DESC")] {
            let query = format!("{{ products(first: 1, sort: {from}) {{ pageInfo {{ endCursor }} }} }}");
            let cursor = &staff.good(&query, json!({})).await["products"]["pageInfo"]["endCursor"];
            let list = format!("(after: {cursor}, sort: {to}) {{ nodes {{ id }} }}");
            staff.fails_with(&format!("{{ products{list} }}"), json!({}), "BAD_USER_INPUT").await;
            let nested = format!("{{ node(id: \"{film}\") {{ ... on Product {{ parts{list} }} }} }}");
            staff.fails_with(&nested, json!({}), "BAD_USER_INPUT").await;
        }
    })
    .await;
}
