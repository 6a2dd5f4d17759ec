//! The ways by which lists of somebody's are reached, and walking them in pages.

use encircle::app::App;
use encircle::kernel::viewer::{Scopes, Viewer};
use entities::ids::CustomerId;
use serde_json::{Value, json};

use super::history::{ALONE, MERGED, SURVIVOR};
use crate::api::world::customer_id;
use crate::harness::client::Client;

/// A way to a list of somebody's: who asks, and the selection around the list.
#[derive(Clone)]
pub struct Way {
    pub viewer: Viewer,
    around: String,
    pointer: &'static str,
}

impl Way {
    /// Staff asks for the customer.
    pub fn by_id(id: CustomerId) -> Self {
        let around = format!("customer(by: {{ id: \"{id}\" }}) {{ LIST }}");
        Self { viewer: Viewer::staff(Scopes::all()), around, pointer: "/customer" }
    }

    /// The customer asks for itself.
    pub fn me(id: CustomerId) -> Self {
        Self { viewer: Viewer::Customer(id), around: "me { LIST }".to_owned(), pointer: "/me" }
    }

    /// The customer asks for all it may see.
    fn root(id: CustomerId) -> Self {
        Self { viewer: Viewer::Customer(id), around: "LIST".to_owned(), pointer: "" }
    }

    pub async fn list(&self, app: &App, name: &str, selection: &str) -> Value {
        let query = format!("{{ {} }}", self.around.replace("LIST", selection));
        let mut data = Client::of(app, self.viewer).good(&query, json!({})).await;
        data.pointer_mut(&format!("{}/{name}", self.pointer)).map(Value::take).expect("the list")
    }

    /// Walks a list in pages; each page is what its items are called, and what it says of the list.
    pub async fn walk(
        &self,
        app: &App,
        list: &List,
        size: usize,
        backward: bool,
    ) -> Vec<(Vec<String>, Value)> {
        let (mut pages, mut cursor) = (Vec::new(), String::new());
        let (count, from, end, more) = match backward {
            false => ("first", "after", "endCursor", "hasNextPage"),
            true => ("last", "before", "startCursor", "hasPreviousPage"),
        };
        loop {
            let selection = format!(
                "{}({count}: {size} {cursor} {}) {{ nodes {{ {} }} totalCount
                    pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }}",
                list.name, list.arguments, list.label
            );
            let mut page = self.list(app, list.name, &selection).await;
            let called = |node: &Value| {
                let text = node[list.label].as_str().expect("a text");
                text.split(" of ").next().unwrap_or_default().to_owned()
            };
            let items = page["nodes"].as_array().expect("nodes").iter().map(called).collect();
            let info = page["pageInfo"].take();
            let says = json!([info["hasNextPage"], info["hasPreviousPage"], page["totalCount"]]);
            pages.push((items, says));
            if info[more] == false {
                return pages;
            }
            cursor = format!("{from}: {}", info[end]);
        }
    }
}

pub struct List {
    pub name: &'static str,
    pub arguments: &'static str,
    /// The field that says what an item is called.
    label: &'static str,
    pub is_root: bool,
}

const fn list(name: &'static str, arguments: &'static str, label: &'static str, is_root: bool) -> List {
    List { name, arguments, label, is_root }
}

pub const LISTS: [List; 6] = [
    list("behaviors", "", "properties", true),
    list("behaviors", "sort: OCCURRED_AT_ASC", "properties", true),
    list("behaviors", "filter: { names: [\"Product Viewed\"] }", "properties", true),
    list("purchases", "", "number", true),
    list("purchases", "sort: PLACED_AT_ASC", "number", true),
    list("devices", "", "model", false),
];

/// All ways to what belongs to the members, each with the same way to what somebody owns alone.
pub fn ways(base: u128, is_root: bool) -> Vec<(Way, Way)> {
    let (alone, members) = (
        customer_id(base + ALONE),
        [SURVIVOR, MERGED[0], MERGED[1]].map(|number| customer_id(base + number)),
    );
    let of = |way: fn(CustomerId) -> Way| members.map(|member| (way(member), way(alone)));
    let mut ways = of(Way::by_id).to_vec();
    // A token speaks for the survivor.
    ways.push((Way::me(members[0]), Way::me(alone)));
    if is_root {
        ways.push((Way::root(members[0]), Way::root(alone)));
    }
    ways
}
