//! Documents that parse and ask for too much, for what there is not, or in a way that means nothing.

use std::fmt::Write;

use serde_json::json;

use super::case::{COSTLY, Case, Expect, INPUT, INVALID, PARSE, Request, shortened};

pub fn cases() -> Vec<Case> {
    let mut cases = bombs();
    cases.extend(cycles());
    cases.extend(floods());
    cases.extend(nested_lists());
    cases.extend(introspection());
    cases.extend(
        INVALID_DOCUMENTS.map(|text| Case::document(format!("invalid: {}", shortened(text)), text, INVALID)),
    );
    cases.extend(
        INVALID_VALUES.map(|text| Case::document(format!("invalid: {}", shortened(text)), text, INVALID)),
    );
    cases.push(Case::document("empty parentheses", "query Q() { __typename }", PARSE));
    cases.extend(operations());
    cases
}

fn joined(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, n| {
        let _ = write!(text, "{} ", part(n));
        text
    })
}

/// Fragments that double, or multiply, at each level.
fn bombs() -> Vec<Case> {
    let mut cases = Vec::new();
    for (fan, levels) in
        [(2, 12), (2, 22), (2, 60), (2, 150), (10, 4), (10, 7), (10, 30), (100, 3), (100, 10)]
    {
        for (place, on, leaf) in [("the root", "Query", "__typename"), ("a field", "Product", "id")] {
            let fragments = joined(levels, |n| {
                format!("fragment F{n} on {on} {{ {} }}", format!("...F{} ", n + 1).repeat(fan))
            });
            let start = if on == "Query" { "{ ...F0 }" } else { "{ products { nodes { ...F0 } } }" };
            let document = format!("{start} {fragments} fragment F{levels} on {on} {{ {leaf} }}");
            cases.push(Case::document(format!("{fan}^{levels} spreads at {place}"), document, COSTLY));
        }
        let inline = format!(
            "{{ {} }}",
            "... on Query { ".repeat(levels.min(60)) + "a" + &" }".repeat(levels.min(60))
        );
        cases.push(Case::document(format!("inline fragments {fan} {levels}"), inline, Expect::Refused));
    }
    let chain = joined(199, |n| format!("fragment F{n} on Product {{ partOf {{ ...F{} }} }}", n + 1));
    let document =
        format!("{{ products {{ nodes {{ ...F0 }} }} }} {chain} fragment F199 on Product {{ id }}");
    cases.push(Case::document("depth through 200 fragments", document, COSTLY));
    cases
}

fn cycles() -> Vec<Case> {
    let mut cases = Vec::new();
    for length in [1, 2, 3, 50, 199] {
        let fragments =
            joined(length, |n| format!("fragment F{n} on Query {{ __typename ...F{} }}", (n + 1) % length));
        cases.push(Case::document(
            format!("a cycle of {length}"),
            format!("{{ ...F0 }} {fragments}"),
            INVALID,
        ));
        let unused = format!("{{ __typename }} {fragments}");
        cases.push(Case::document(format!("an unused cycle of {length}"), unused, INVALID));
        let deep = joined(length, |n| {
            format!("fragment F{n} on Product {{ partOf {{ ... {{ ...F{} }} }} }}", (n + 1) % length)
        });
        let document = format!("{{ products {{ nodes {{ ...F0 }} }} }} {deep}");
        cases.push(Case::document(format!("a cycle of {length} through fields"), document, INVALID));
    }
    cases
}

fn floods() -> Vec<Case> {
    let body = |count, part: &dyn Fn(usize) -> String| format!("{{ {} }}", joined(count, part));
    let mut cases = Vec::new();
    for count in [101, 1_000, 3_000] {
        for (what, document) in [
            ("aliases", body(count, &|n| format!("a{n}: __typename"))),
            ("aliased roots", body(count, &|n| format!("a{n}: products {{ totalCount }}"))),
            (
                "fragments that are unused",
                "{ __typename } ".to_owned()
                    + &joined(count * 2, |n| format!("fragment F{n} on Query {{ __typename }}")),
            ),
            ("operations", joined(count, |n| format!("query Q{n} {{ __typename }}"))),
            ("variables", format!("query({}) {{ __typename }}", joined(count, |n| format!("$v{n}: Int")))),
            ("directives", format!("{{ __typename {} }}", "@include(if: true) ".repeat(count * 2))),
            ("unknown directives", format!("{{ __typename {} }}", joined(count * 2, |n| format!("@d{n}")))),
        ] {
            cases.push(Case::document(format!("{count} {what}"), document, COSTLY));
        }
    }
    for count in [2_001, 5_000, 10_000] {
        for field in ["__typename", "me { id }", "unknown", "products { totalCount }"] {
            let document = format!("{{ {} }}", format!("{field} ").repeat(count));
            cases.push(Case::document(format!("{count} times {field}"), document, COSTLY));
        }
    }
    let unknown = body(1_900, &|n| format!("unknown{n}"));
    cases.push(Case::document("1,900 unknown fields", unknown, INVALID).slow());
    let unused = format!("query({}) {{ __typename }}", joined(100, |n| format!("$v{n}: Int")));
    cases.push(Case::document("100 unused variables", unused, INVALID));
    let unknown = format!("{{ products {{ nodes {{ {} }} }} }}", joined(1_900, |n| format!("nam{n}")));
    cases.push(Case::document("1,900 fields with a suggestion", unknown, INVALID).slow());
    let missing = body(100, &|n| format!("a{n}: node {{ id }}"));
    cases.push(Case::document("100 missing arguments", missing, INVALID));
    let refused = body(100, &|n| format!("a{n}: products(first: -{}) {{ totalCount }}", n + 1));
    cases.push(Case::document("100 refused roots", refused, Expect::Refused));
    let arguments = format!("{{ node({}) {{ id }} }}", joined(2_000, |n| format!("a{n}: 1")));
    cases.push(Case::document("2,000 unknown arguments", arguments, INVALID));
    let repeated = format!("{{ node({}) {{ id }} }}", "id: 1 ".repeat(2_000));
    cases.push(Case::document("2,000 times one argument", repeated, Expect::Refused));
    cases
}

/// Connections inside connections.
fn nested_lists() -> Vec<Case> {
    let mut cases = Vec::new();
    for (depth, page) in [(3, 100), (3, 2_147_483_647), (5, 20), (7, 100), (8, 1), (14, 100), (30, 1)] {
        let open = format!("parts(first: {page}) {{ nodes {{ id ").repeat(depth);
        let document =
            format!("{{ products(first: 100) {{ nodes {{ {open} {} }} }} }}", "} } ".repeat(depth));
        cases.push(Case::document(format!("{depth} lists of {page}"), document, COSTLY));
        let sized = Request::with_variables(
            &format!("query($n: Int) {}", {
                let open = "parts(first: $n) { nodes { id ".repeat(depth);
                format!("{{ products(last: $n) {{ nodes {{ {open} {} }} }} }}", "} } ".repeat(depth))
            }),
            &json!({ "n": 2_147_483_647 }),
        );
        cases.push(Case::new(format!("{depth} lists of variable size after {page}"), sized, COSTLY));
    }
    let customers = "{ customers(first: 100) { nodes { purchases(first: 100) { nodes { redemptions { offer { id } } \
                     lines { product { parts(first: 100) { totalCount } } } } } } } }";
    cases.push(Case::document("customers by purchases by lines", customers, COSTLY));
    let chain = "partOf { ".repeat(20);
    let document = format!("{{ products {{ nodes {{ {chain} id {} }} }} }}", "} ".repeat(20));
    cases.push(Case::document("20 links", document, COSTLY));
    cases
}

fn introspection() -> Vec<Case> {
    let mut cases = Vec::new();
    for depth in [21, 25] {
        let document = format!(
            "{{ __type(name: \"Query\") {{ {} name {} }} }}",
            "ofType { ".repeat(depth),
            "}".repeat(depth)
        );
        cases.push(Case::document(format!("{depth} levels of introspection"), document, COSTLY));
    }
    for lists in [3, 6, 9] {
        let open = "fields { type { ".repeat(lists);
        let document = format!("{{ __schema {{ types {{ {open} name {} }} }} }}", "} } ".repeat(lists));
        cases.push(Case::document(format!("{lists} lists of introspection"), document, COSTLY));
    }
    cases.push(Case::document("a type that is not", "{ __type(name: \"Nope\") { name } }", Expect::Nothing));
    let types = "{ __schema { types { name fields { name type { name ofType { name } } } } } }";
    cases.push(Case::document("the types of all fields", types, Expect::Answered));
    let long = format!("{{ __type(name: \"{}\") {{ name }} }}", "N".repeat(100_000));
    cases.push(Case::document("a type of 100,000 letters", long, Expect::Nothing));
    cases.push(Case::document(
        "__schema of a product",
        "{ products { nodes { __schema { types { name } } } } }",
        INVALID,
    ));
    cases
}

const INVALID_DOCUMENTS: [&str; 51] = [
    "{ unknown }",
    "{ products }",
    "{ products { nodes { id { a } } } }",
    "{ products { unknown } }",
    "{ products { nodes { unknown } } }",
    "{ node }",
    "{ node { id } }",
    "{ node(id: \"x\") }",
    "{ node(id: \"x\") { name } }",
    "{ node(ids: \"x\") { id } }",
    "{ node(id: \"x\", a: 1) { id } }",
    "{ node(id: null) { id } }",
    "{ nodes(ids: [null]) { id } }",
    "{ nodes(ids: null) { id } }",
    "{ node(id: $id) { id } }",
    "query($id: Unknown) { node(id: $id) { id } }",
    "query($id: Product) { node(id: $id) { id } }",
    "query($id: ID! $id: ID!) { node(id: $id) { id } }",
    "query($a: Int) { __typename }",
    "query($a: Int = \"x\") { products(first: $a) { totalCount } }",
    "{ ...F }",
    "{ __typename } fragment F on Query { __typename }",
    "{ ...F } fragment F on Unknown { a }",
    "{ ...F } fragment F on Product { id }",
    "{ ...F } fragment F on ProductFilter { kinds }",
    "{ ...F } fragment F on Int { a }",
    "{ ... on Product { id } }",
    "{ ... on Unknown { id } }",
    "{ ... on ProductSort { id } }",
    "{ products { nodes { ... on Customer { id } } } }",
    "{ node(id: \"x\") { ... on Money { amount } } }",
    "{ a: products { totalCount } a: offers { totalCount } }",
    "{ products(first: 1) { totalCount } products(first: 2) { totalCount } }",
    "{ products { nodes { a: id a: name } } }",
    "{ products { a: totalCount a: nodes { id } } }",
    "{ __typename @unknown }",
    "{ __typename @include }",
    "{ __typename @include(if: 1) }",
    "{ __typename @include(if: null) }",
    "{ __typename @include(unless: true) }",
    "{ __typename @skip(if: \"true\") }",
    "{ __typename @include(if: $a) }",
    "query @include(if: true) { __typename }",
    "{ __typename @deprecated }",
    "{ products(sort: UNKNOWN) { totalCount } }",
    "{ products(sort: null) { totalCount } }",
    "{ products(filter: { unknown: 1 }) { totalCount } }",
    "{ customer(by: {}) { id } }",
    "{ customer { id } }",
    "{ _service { sdl } }",
    "{ _entities(representations: []) { __typename } }",
];

/// Invalid by rules of ours, which the library does not have or does not apply.
const INVALID_VALUES: [&str; 17] = [
    "{ __typename { a } }",
    "query($id: Int) { node(id: $id) { id } }",
    "query($id: ID) { node(id: $id) { id } }",
    "query($a: [Int]) { products(first: $a) { totalCount } }",
    "query($a: Boolean) { __typename @skip(if: $a) }",
    "query($a: ID) { customer(by: { id: $a }) { id } }",
    "query($a: [String]) { products(filter: { skus: $a }) { totalCount } }",
    "query($a: String) { products(filter: { skus: [\"x\", $a] }) { totalCount } }",
    "query($a: String) { __type(name: $a) { name } }",
    "query($a: Boolean) { ...F } fragment F on Query { __typename ...F2 } fragment F2 on Query { ... @skip(if: $a) { __typename } }",
    "{ products(sort: \"CREATED_AT_ASC\") { totalCount } }",
    "{ products(first: 2147483648) { totalCount } }",
    "{ products(filter: 1) { totalCount } }",
    "{ customer(by: { id: \"a\", id: \"b\" }) { id } }",
    "{ behaviors(filter: { channels: \"WEB\" }) { totalCount } }",
    "{ customer(by: { identity: { type: \"EMAIL\", value: \"x\" } }) { id } }",
    "{ ...on }",
];

/// Kinds, names and their absence.
fn operations() -> Vec<Case> {
    let named = |document: &str, name: &str| {
        Request::post(json!({ "query": document, "operationName": name }).to_string())
    };
    let two = "query A { __typename } query B { __typename }";
    vec![
        Case::document("a mutation", "mutation { x }", INVALID),
        Case::document("a mutation's name", "mutation { __typename }", Expect::Answered),
        Case::document("a subscription", "subscription { x }", INVALID),
        Case::document("a subscription's name", "subscription { __typename }", Expect::Refused),
        Case::document("two without a name", two, INVALID),
        Case::new("two and neither", named(two, "C"), INVALID),
        Case::new("two and an empty name", named(two, ""), INVALID),
        Case::new("one and another's name", named("query A { __typename }", "B"), INVALID),
        Case::new("an anonymous one by name", named("{ __typename }", "A"), INVALID),
        Case::new(
            "a fragment's name",
            named("query A { ...F } fragment F on Query { __typename }", "F"),
            INVALID,
        ),
        Case::document("two of one name", "query A { __typename } query A { __typename }", Expect::Refused),
        Case::document("two anonymous", "{ __typename } { __typename }", Expect::Refused),
        Case::document(
            "an anonymous one and another",
            "{ __typename } query A { __typename }",
            Expect::Refused,
        ),
        Case::document(
            "two fragments of one name",
            "{ ...F } fragment F on Query { a: __typename } fragment F on Query { __typename }",
            Expect::Refused,
        ),
        Case::document("fragments only", "fragment F on Query { __typename }", Expect::Refused),
        Case::document("a schema", "type Query { a: Int }", Expect::Refused),
        Case::document("an extension", "{ __typename } extend type Query { a: Int }", Expect::Refused),
        Case::document(
            "a federated query",
            "{ _entities(representations: [{ __typename: \"Customer\", id: \"1\" }]) { __typename } }",
            INVALID,
        ),
        Case::new("an operation's name of quotes", named("query A { __typename }", "\"'`;--"), INVALID),
        Case::new(
            "a required variable that is missing",
            Request::document("query($id: ID!) { node(id: $id) { id } }"),
            INPUT,
        ),
    ]
}
