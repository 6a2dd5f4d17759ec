//! Values of the right type that mean nothing: times, long and strange texts, lists without an end.

use serde_json::{Value, json};

use super::case::{Case, Expect, INPUT, INVALID, Request, shortened};

pub fn cases() -> Vec<Case> {
    let mut cases = times();
    cases.extend(texts());
    cases.extend(long_lists());
    cases.extend(literals());
    cases
}

const RANGES: [(&str, &str); 4] = [
    ("behaviors", "occurredAt"),
    ("customers", "createdAt"),
    ("products", "startsAt"),
    ("purchases", "placedAt"),
];

fn times() -> Vec<Case> {
    let mut cases = Vec::new();
    for (list, field) in RANGES {
        let of = |range: &Value| {
            let document = format!(
                "query($r: DateTimeRange) {{ {list}(filter: {{ {field}: $r }}) {{ nodes {{ id }} }} }}"
            );
            Request::with_variables(&document, &json!({ "r": range }))
        };
        for (from, until) in [
            ("2027-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
            ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59.999Z", "0000-01-01T00:00:00Z"),
        ] {
            let request = of(&json!({ "from": from, "until": until }));
            cases.push(Case::new(format!("{list}: from {from} until {until}"), request, Expect::Nothing));
        }
        for time in [
            "99999-01-01T00:00:00Z",
            "+99999-01-01T00:00:00Z",
            "10000-01-01T00:00:00Z",
            "-0001-12-31T23:59:59Z",
            "0000-01-01T00:00:00+23:59",
            "9999-12-31T23:59:59-23:59",
            "2026-02-29T00:00:00Z",
            "2026-00-10T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:00+24:00",
            "2026-W01-1T00:00:00Z",
            "today",
            "",
            "infinity",
            "-infinity",
            "epoch",
            "now()",
            "1767268800000",
        ] {
            for bound in ["from", "until"] {
                let request = of(&json!({ bound: time }));
                cases.push(Case::new(format!("{list}: {bound} {time}"), request, INPUT));
            }
            let literal =
                format!("{{ {list}(filter: {{ {field}: {{ from: \"{time}\" }} }}) {{ nodes {{ id }} }} }}");
            cases.push(Case::document(format!("{list}: literal {time}"), literal, Expect::Refused));
        }
    }
    cases
}

fn texts() -> Vec<Case> {
    let long = "x".repeat(10_000);
    let texts = [
        "",
        " ",
        "\t\r\n",
        "é",
        "日本語",
        "😀😀",
        "\u{202e}\u{200f}",
        "a\u{301}",
        "\u{fffd}",
        "\u{10ffff}",
        "%",
        "_",
        "*",
        "\\",
        "''",
        "\"\"",
        "null",
        "\u{7f}\u{1}\u{1f}",
        &long,
    ];
    let mut cases = Vec::new();
    for text in texts {
        for (place, document) in [
            ("purchase", "query($t: String!) { purchase(by: { number: $t }) { id } }"),
            ("offer", "query($t: String!) { offer(by: { key: $t }) { id } }"),
            ("names", "query($t: String!) { behaviors(filter: { names: [$t] }) { nodes { id } } }"),
            ("skus", "query($t: String!) { products(filter: { skus: [$t] }) { nodes { id } } }"),
        ] {
            let request = Request::with_variables(document, &json!({ "t": text }));
            cases.push(Case::new(format!("{place} {}", shortened(text)), request, Expect::Nothing));
        }
        let document =
            "query($t: String!) { customer(by: { identity: { type: LOYALTY_CARD, value: $t } }) { id } }";
        let request = Request::with_variables(document, &json!({ "t": text }));
        let expect = if text.is_empty() || text.len() > 320 { INPUT } else { Expect::Nothing };
        cases.push(Case::new(format!("identity {}", shortened(text)), request, expect));
    }
    cases
}

fn long_lists() -> Vec<Case> {
    let mut cases = Vec::new();
    for count in [101, 1_000, 15_000] {
        for (list, filter, ty, value, expect) in [
            ("behaviors", "names", "[String!]", "x", INPUT),
            ("products", "skus", "[String!]", "x", INPUT),
            ("behaviors", "channels", "[Channel!]", "SOCIAL", Expect::Nothing),
            ("purchases", "channels", "[Channel!]", "SOCIAL", Expect::Nothing),
            ("purchases", "statuses", "[PurchaseStatus!]", "CANCELED", Expect::Nothing),
            ("offers", "statuses", "[OfferStatus!]", "ENDED", Expect::Nothing),
            ("products", "kinds", "[ProductKind!]", "DIGITAL", Expect::Answered),
        ] {
            let document =
                format!("query($l: {ty}) {{ {list}(filter: {{ {filter}: $l }}) {{ nodes {{ id }} }} }}");
            let request = Request::with_variables(&document, &json!({ "l": vec![value; count] }));
            cases.push(Case::new(format!("{count} {filter} of {list}"), request, expect));
        }
    }
    let names = Request::with_variables(
        "query($l: [String!]) { behaviors(filter: { names: $l }) { nodes { id } } }",
        &json!({ "l": vec!["x"; 51] }),
    );
    cases.push(Case::new("51 names", names, INPUT));
    for (list, filter) in
        [("behaviors", "names"), ("products", "skus"), ("offers", "statuses"), ("purchases", "channels")]
    {
        let document = format!("{{ {list}(filter: {{ {filter}: [] }}) {{ nodes {{ id }} }} }}");
        cases.push(Case::document(format!("no {filter} of {list}"), document, Expect::Nothing));
    }
    cases
}

/// Literals of the wrong type, which validation sees.
fn literals() -> Vec<Case> {
    [
        "node(id: true)",
        "node(id: 1.5)",
        "node(id: [])",
        "node(id: {})",
        "node(id: ENUM)",
        "nodes(ids: {})",
        "nodes(ids: [true])",
        "nodes(ids: [[\"x\"]])",
        "customer(by: null)",
        "customer(by: { id: 1.5 })",
        "customer(by: { id: null })",
        "customer(by: { id: \"x\", identity: { type: EMAIL, value: \"x\" } })",
        "customer(by: { identity: {} })",
        "customer(by: { identity: { type: EMAIL } })",
        "customer(by: { identity: { value: \"x\" } })",
        "customer(by: { identity: { type: NOPE, value: \"x\" } })",
        "customer(by: { identity: { type: EMAIL, value: 1 } })",
        "customer(by: { identity: { type: EMAIL, value: null } })",
        "offer(by: { key: 1 })",
        "offer(by: { key: null })",
        "purchase(by: { number: 1 })",
        "purchase(by: { number: [] })",
        "behaviors(filter: { names: 1 })",
        "behaviors(filter: { names: [1] })",
        "behaviors(filter: { names: [null] })",
        "behaviors(filter: { channels: [WEBB] })",
        "behaviors(filter: { occurredAt: { from: 1 } })",
        "customers(filter: { merged: \"true\" })",
        "customers(filter: { merged: 1 })",
        "offers(filter: { statuses: [live] })",
        "offers(sort: 1)",
        "products(filter: { kinds: [TICKET null] })",
        "products(filter: { startsAt: { since: \"x\" } })",
        "purchases(filter: { statuses: PAYED })",
        "purchases(sort: [PLACED_AT_ASC])",
        "me(id: 1)",
        "touchpoint(key: \"x\")",
        "customer(by: 1)",
        "customer(by: [])",
        "customers(filter: [])",
        "customers(filter: true)",
        "behaviors(filter: { occurredAt: \"2026-01-01T00:00:00Z\" })",
    ]
    .map(literal)
    .into()
}

fn literal(field: &str) -> Case {
    Case::document(format!("literal {field}"), format!("{{ {field} {{ __typename }} }}"), INVALID)
}
