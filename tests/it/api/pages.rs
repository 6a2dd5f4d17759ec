//! Lists in pages: walked either way they give every item once, whatever is equal in them.

use encircle::app::App;
use serde_json::{Value, json};

use super::world::{BEHAVIORS, DEVICES, PURCHASES, TOUCHPOINTS, customer_id, is_merged, world};
use super::world_catalogue::{SHOWINGS, offers, products};
use crate::entities::samples;
use crate::harness::client::Client;
use crate::harness::databases::on_both;

const CUSTOMERS: u128 = 12;

/// A list: where it stands, how it is sorted and by which field, and how many items it has.
struct List {
    /// The selection down to the list, with `LIST` where the list stands.
    around: &'static str,
    name: &'static str,
    pointer: &'static str,
    /// Sorts in pairs, each the other's reverse, with the field by which they sort.
    sorts: &'static [(&'static str, &'static str, &'static str)],
    size: u128,
}

const CREATED: (&str, &str, &str) = ("CREATED_AT_ASC", "CREATED_AT_DESC", "createdAt");
const STARTS: (&str, &str, &str) = ("STARTS_AT_ASC", "STARTS_AT_DESC", "startsAt");
const PLACED: (&str, &str, &str) = ("PLACED_AT_ASC", "PLACED_AT_DESC", "placedAt");
const OCCURRED: (&str, &str, &str) = ("OCCURRED_AT_ASC", "OCCURRED_AT_DESC", "occurredAt");

/// How many were not merged into another.
fn customers() -> u128 {
    (1..=CUSTOMERS).filter(|number| !is_merged(*number)).count() as u128
}

/// Every connection of the schema; `columns` and `viewers` fail by name when there is a new one.
fn lists() -> Vec<List> {
    let root = |name, pointer, sorts, size| List { around: "LIST", name, pointer, sorts, size };
    let of_customer = |name, pointer, sorts, size| List {
        around: "customer(by: { id: $parent }) { LIST }",
        name,
        pointer,
        sorts,
        size,
    };
    vec![
        root("customers", "/customers", &[CREATED], customers()),
        root("behaviors", "/behaviors", &[OCCURRED], CUSTOMERS * BEHAVIORS),
        root("purchases", "/purchases", &[PLACED], CUSTOMERS * PURCHASES),
        root("products", "/products", &[CREATED], products().len() as u128),
        root("products", "/products", &[STARTS], SHOWINGS),
        root("touchpoints", "/touchpoints", &[CREATED], TOUCHPOINTS),
        root("offers", "/offers", &[CREATED], offers().len() as u128),
        root("placements", "/placements", &[CREATED], samples::placements().len() as u128),
        of_customer("behaviors", "/customer/behaviors", &[OCCURRED], BEHAVIORS),
        of_customer("purchases", "/customer/purchases", &[PLACED], PURCHASES),
        of_customer("devices", "/customer/devices", &[], DEVICES),
        List {
            around: "node(id: $film) { ... on Product { LIST } }",
            name: "parts",
            pointer: "/node/parts",
            sorts: &[CREATED, STARTS],
            size: SHOWINGS,
        },
    ]
}

/// A list in one of its sorts.
struct Sorted<'l> {
    list: &'l List,
    sort: Option<&'static str>,
    key: &'static str,
}

impl Sorted<'_> {
    /// Asks for a page, with the arguments as GraphQL text.
    async fn page(&self, app: &App, arguments: &str) -> Value {
        let sort = self.sort.map(|sort| format!("sort: {sort}")).unwrap_or_default();
        let list = format!(
            "{}({arguments} {sort}) {{ edges {{ cursor node {{ id {} }} }} nodes {{ id }} totalCount
                pageInfo {{ startCursor endCursor hasNextPage hasPreviousPage }} }}",
            self.list.name, self.key
        );
        let query = format!(
            "query($parent: ID!, $film: ID!) {{ {} unused: nodes(ids: [$parent, $film]) {{ id }} }}",
            self.list.around.replace("LIST", &list)
        );
        let variables = json!({
            "parent": customer_id(3).to_string(),
            "film": products()[0].id.to_string(),
        });
        let mut data = Client::staff(app).good(&query, variables).await;
        let page = data.pointer_mut(self.list.pointer).map(Value::take).expect("the list");
        let edges = page["edges"].as_array().expect("edges");
        assert_eq!(page["totalCount"], json!(self.list.size as u64), "{}", self.list.pointer);
        let ends =
            [edges.first(), edges.last()].map(|edge| edge.map_or(&Value::Null, |edge| &edge["cursor"]));
        assert_eq!([&page["pageInfo"]["startCursor"], &page["pageInfo"]["endCursor"]], ends);
        let nodes: Vec<&Value> =
            page["nodes"].as_array().expect("nodes").iter().map(|node| &node["id"]).collect();
        let of_edges: Vec<&Value> = edges.iter().map(|edge| &edge["node"]["id"]).collect();
        assert_eq!(nodes, of_edges, "{}", self.list.pointer);
        page
    }
}

/// Key and id of each item of a page.
fn items(page: &Value, key: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let edges = page["edges"].as_array().expect("edges");
    edges.iter().map(|edge| (text(&edge["node"][key]), text(&edge["node"]["id"]))).collect()
}

/// Walks the list from its start in pages of `size`.
async fn forward(app: &App, list: &Sorted<'_>, size: usize) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut after = String::new();
    loop {
        let page = list.page(app, &format!("first: {size} {after}")).await;
        let info = &page["pageInfo"];
        assert_eq!(info["hasPreviousPage"], !after.is_empty(), "forward in {}", list.list.pointer);
        found.extend(items(&page, list.key));
        let more = found.len() < list.list.size as usize;
        assert_eq!(
            info["hasNextPage"],
            more,
            "{} of {} in {}",
            found.len(),
            list.list.size,
            list.list.pointer
        );
        if !more {
            return found;
        }
        after = format!("after: {}", info["endCursor"]);
    }
}

/// Walks the list from its end in pages of `size`.
async fn backward(app: &App, list: &Sorted<'_>, size: usize) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut before = String::new();
    loop {
        let page = list.page(app, &format!("last: {size} {before}")).await;
        let info = &page["pageInfo"];
        assert_eq!(info["hasNextPage"], !before.is_empty(), "backward in {}", list.list.pointer);
        found.splice(0..0, items(&page, list.key));
        let more = found.len() < list.list.size as usize;
        assert_eq!(
            info["hasPreviousPage"],
            more,
            "{} of {} in {}",
            found.len(),
            list.list.size,
            list.list.pointer
        );
        if !more {
            return found;
        }
        before = format!("before: {}", info["startCursor"]);
    }
}

/// Every list in every sort, each with the sort that must be its reverse.
fn sorted(lists: &[List]) -> Vec<(Sorted<'_>, Option<Sorted<'_>>)> {
    let mut all = Vec::new();
    for list in lists {
        for (ascending, descending, key) in list.sorts {
            let sorted = |sort| Sorted { list, sort: Some(sort), key };
            all.push((sorted(ascending), Some(sorted(descending))));
        }
        if list.sorts.is_empty() {
            all.push((Sorted { list, sort: None, key: "lastSeenAt" }, None));
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_cover_a_list_once_forward_and_backward_in_every_sort() {
    on_both(async |db| {
        let app = world(db, CUSTOMERS).await;
        for (list, reverse) in sorted(&lists()) {
            let whole = items(&list.page(&app, "first: 100").await, list.key);
            assert_eq!(whole.len() as u128, list.list.size, "{}", list.list.pointer);
            for size in [1, 3, 100] {
                assert_eq!(forward(&app, &list, size).await, whole, "{} by {size}", list.list.pointer);
                assert_eq!(backward(&app, &list, size).await, whole, "{} by {size}", list.list.pointer);
            }
            let Some(reverse) = reverse else { continue };
            // Sorted by key and id: an id's text sorts like the id.
            assert!(whole.is_sorted(), "{} ascending: {whole:?}", list.list.pointer);
            let keys = whole.iter().map(|(key, _)| key).collect::<std::collections::BTreeSet<_>>();
            assert!(keys.len() < whole.len(), "{} has no ties", list.list.pointer);
            let mut backwards = forward(&app, &reverse, 3).await;
            backwards.reverse();
            assert_eq!(backwards, whole, "{} descending", list.list.pointer);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_may_lie_between_two_cursors() {
    on_both(async |db| {
        let app = world(db, CUSTOMERS).await;
        for (list, _) in sorted(&lists()).into_iter().filter(|(list, _)| list.list.size >= 7) {
            let page = list.page(&app, "first: 7").await;
            let whole = items(&page, list.key);
            let cursor = |at: usize| page["edges"][at]["cursor"].to_string();
            let between = format!("after: {} before: {}", cursor(1), cursor(5));
            for (arguments, expected) in [
                ("first: 100", &whole[2..5]),
                ("last: 100", &whole[2..5]),
                ("first: 2", &whole[2..4]),
                ("last: 2", &whole[3..5]),
            ] {
                let page = list.page(&app, &format!("{arguments} {between}")).await;
                assert_eq!(items(&page, list.key), expected, "{} {arguments}", list.list.pointer);
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_parent_has_the_page_it_would_have_alone() {
    on_both(async |db| {
        let app = world(db, CUSTOMERS).await;
        let staff = Client::staff(&app);
        for list in ["purchases(first: 2)", "behaviors(last: 3, sort: OCCURRED_AT_ASC)", "devices(first: 1)"]
        {
            let selection = format!(
                "id {list} {{ edges {{ cursor node {{ id }} }} pageInfo {{ hasNextPage hasPreviousPage }} }}"
            );
            let all = staff
                .good(&format!("{{ customers(first: 100) {{ nodes {{ {selection} }} }} }}"), json!({}))
                .await;
            let customers = all["customers"]["nodes"].as_array().expect("customers");
            assert_eq!(customers.len() as u128, self::customers());
            for together in customers {
                let query = format!("{{ customer(by: {{ id: {} }}) {{ {selection} }} }}", together["id"]);
                assert_eq!(&staff.good(&query, json!({})).await["customer"], together, "{list}");
            }
        }
    })
    .await;
}
