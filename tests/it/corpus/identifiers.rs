//! Ids that are none, for every argument that takes one.

use entities::ids::{
    BehaviorId, CustomerId, DeviceId, OfferId, ProductId, PurchaseId, RedemptionId, TouchpointId,
};
use serde_json::json;

use super::case::{Case, Expect, INPUT, Request, shortened};
use crate::entities::samples;

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for id in texts() {
        let variables = json!({ "id": id });
        for field in ["node(id: $id)", "nodes(ids: [$id])"] {
            let request =
                Request::with_variables(&format!("query($id: ID!) {{ {field} {{ id }} }}"), &variables);
            cases.push(Case::new(format!("{field} {}", shortened(&id)), request, Expect::Nothing));
        }
    }
    for (field, own) in [("customer", "cus_"), ("offer", "off_"), ("purchase", "pur_")] {
        let unknown = format!("{own}7zzzzzzzzzzzzzzzzzzzzzzzz0");
        let document = format!("query($id: ID!) {{ {field}(by: {{ id: $id }}) {{ id }} }}");
        let of = |id: &str| Request::with_variables(&document, &json!({ "id": id }));
        cases.push(Case::new(format!("{field}: an id that nothing has"), of(&unknown), Expect::Nothing));
        for id in texts().into_iter().chain(others(own)) {
            cases.push(Case::new(format!("{field} {}", shortened(&id)), of(&id), INPUT));
        }
        for number in [json!(0), json!(-1), json!(i64::MAX)] {
            let request = Request::with_variables(&document, &json!({ "id": number }));
            cases.push(Case::new(format!("{field} by the number {number}"), request, INPUT));
        }
        // Twenty messages that repeat what was sent must not make a large answer.
        let aliases: String =
            (0..50).map(|n| format!("a{n}: {field}(by: {{ id: $id }}) {{ id }} ")).collect();
        let request = Request::with_variables(
            &format!("query($id: ID!) {{ {aliases} }}"),
            &json!({ "id": "x".repeat(100_000) }),
        );
        cases.push(Case::new(format!("{field}: a long id in 50 aliases"), request, INPUT));
    }
    let foreign = Request::with_variables(
        "query($id: ID!) { customer(by: { id: $id }) { id } node(id: $id) { id } }",
        &json!({ "id": samples::id::<CustomerId>(u128::MAX).to_string() }),
    );
    let as_customer =
        foreign.clone().with("authorization", format!("Bearer {}", super::world::CUSTOMER_TOKEN));
    cases.push(Case::new("another customer's id", as_customer, Expect::Nothing));
    cases.push(Case::new("a customer's id, anonymous", foreign.without("authorization"), Expect::Nothing));
    cases
}

/// Ids of rows that are there, but not of the type asked for.
fn others(own: &str) -> Vec<String> {
    let ids = [
        samples::id::<BehaviorId>(1).to_string(),
        samples::id::<CustomerId>(1).to_string(),
        samples::id::<DeviceId>(1).to_string(),
        samples::id::<OfferId>(1).to_string(),
        samples::id::<ProductId>(1).to_string(),
        samples::id::<PurchaseId>(1).to_string(),
        samples::id::<RedemptionId>(1).to_string(),
        samples::id::<TouchpointId>(1).to_string(),
    ];
    ids.into_iter().filter(|id| !id.starts_with(own)).collect()
}

/// Texts that are ids of nothing.
fn texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "x",
        "1",
        "cus",
        "cus_",
        "cus_1",
        "_",
        "cus-00000000000000000000000001",
        "éé",
        "cué_",
        "cé",
        "日本語",
        "00000000-0000-0000-0000-000000000001",
        "Q3VzdG9tZXI6MQ==",
        "null",
        "undefined",
        "NaN",
        "true",
        "[object Object]",
        "../../../../etc/passwd",
        "%2e%2e%2f",
        "${jndi:ldap://x/a}",
        "{{7*7}}",
        "<img src=x>",
        "\r\nSet-Cookie: a=b",
        "\u{202e}sdi",
        "cid_00000000000000000000000001",
        "pli_00000000000000000000000001",
    ]
    .map(str::to_owned)
    .into();
    for prefix in ["cus", "off", "pur", "prd", "beh"] {
        let digits = "0".repeat(25);
        texts.extend([
            format!("{prefix}_{digits}"),
            format!("{prefix}_{digits}00"),
            format!("{prefix}_8{digits}"),
            format!("{prefix}_{digits}l"),
            format!("{prefix}_{digits}U"),
            format!("{prefix}_{digits}é"),
            format!("{prefix}_{digits}1\n"),
            format!(" {prefix}_{digits}1"),
            format!("{}_{digits}1", prefix.to_uppercase()),
            format!("{prefix}__{digits}"),
            format!("{prefix}_{}", "１".repeat(26)),
            format!("{prefix}_{}", "0".repeat(10_000)),
        ]);
    }
    texts
}
