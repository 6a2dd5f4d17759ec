//! The three operations: how the graph is asked, and how the endpoint written by hand.

use entities::ids::CustomerId;
use entities::timestamp::Timestamp;
use serde_json::json;

use crate::client::{Wire, post};
use crate::data::Customers;
use crate::server::STAFF_TOKEN;

/// How many different requests of an operation there are.
const VARIANTS: usize = 200;

pub struct Operation {
    pub name: &'static str,
    pub title: &'static str,
    query: &'static str,
    /// The variables of a request, which are the body of the endpoint's too.
    variables: fn(&Customers, usize) -> serde_json::Value,
}

/// The same requests to both sides.
pub struct Requests {
    pub ours: Vec<Wire>,
    pub reference: Vec<Wire>,
}

pub fn all() -> Vec<Operation> {
    vec![
        Operation {
            name: "q1",
            title: "Q1: a customer by id, 6 fields",
            query: include_str!("q1.graphql"),
            variables: |customers, at| id(spread(&customers.all, at).id),
        },
        Operation {
            name: "q2",
            title: "Q2: 50 customers × 5 purchases × lines × product",
            query: include_str!("q2.graphql"),
            variables: |customers, at| {
                // Fifty customers must be older than the moment asked for.
                let until: Timestamp = spread(&customers.all[1_000..], at).created_at;
                json!({ "until": until.to_string() })
            },
        },
        Operation {
            name: "q3",
            title: "Q3: a customer, 20 behaviors, 5 purchases, 3 offers",
            query: include_str!("q3.graphql"),
            variables: |customers, at| id(*spread(&customers.active, at)),
        },
    ]
}

impl Operation {
    pub fn requests(&self, customers: &Customers) -> Requests {
        let authorization = format!("authorization: Bearer {STAFF_TOKEN}\r\n");
        let bodies: Vec<_> = (0..VARIANTS).map(|at| (self.variables)(customers, at)).collect();
        let ours = |variables| {
            let body = json!({ "query": self.query, "variables": variables });
            post("/graphql", &authorization, &body.to_string())
        };
        let reference =
            |body: &serde_json::Value| post(&format!("/{}", self.name), &authorization, &body.to_string());
        Requests {
            ours: bodies.iter().map(ours).collect(),
            reference: bodies.iter().map(reference).collect(),
        }
    }
}

fn id(id: CustomerId) -> serde_json::Value {
    json!({ "id": id.to_string() })
}

/// An item for a number, far from those of the numbers before it.
fn spread<T>(items: &[T], at: usize) -> &T {
    &items[at * 7_919 % items.len()]
}
