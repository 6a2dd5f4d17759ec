//! Bad pages for every list, at the root and inside: sizes and cursors.

use encircle::kernel::page::Cursor;
use entities::ids::{CustomerId, Id};
use uuid::Uuid;

use super::case::{Case, Expect, INPUT, INVALID, Request};
use crate::entities::samples;

/// The lists, with what stands before and after their arguments, and the tag of their cursors.
fn lists() -> Vec<(&'static str, String, &'static str, u8)> {
    let customer: CustomerId = samples::id(1);
    let inside = |field: &str| format!("{{ customer(by: {{ id: \"{customer}\" }}) {{ {field}");
    vec![
        ("behaviors", "{ behaviors".into(), "{ totalCount nodes { id } } }", b'b'),
        ("customers", "{ customers".into(), "{ totalCount nodes { id } } }", b'c'),
        ("offers", "{ offers".into(), "{ totalCount nodes { id } } }", b'o'),
        ("placements", "{ placements".into(), "{ totalCount nodes { id } } }", b'l'),
        ("products", "{ products".into(), "{ totalCount nodes { id } } }", b'p'),
        ("purchases", "{ purchases".into(), "{ totalCount nodes { id } } }", b'u'),
        ("a customer's behaviors", inside("behaviors"), "{ nodes { id } } } }", b'b'),
        ("a customer's devices", inside("devices"), "{ nodes { id } } } }", b'd'),
        ("a customer's purchases", inside("purchases"), "{ nodes { id } } } }", b'u'),
        ("a product's parts", "{ products { nodes { parts".into(), "{ nodes { id } } } } }", b'p'),
    ]
}

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (list, before, after, kind) in lists() {
        let ask = |arguments: &str| format!("{before}({arguments}) {after}");
        for arguments in [
            "first: -1",
            "last: -1",
            "first: -2147483648",
            "last: -2147483648",
            "first: 1, last: 1",
            "first: 0, last: 0",
            "first: -1, last: -1",
            "first: null, last: -1",
            "first: 1, last: 1, after: \"x\", before: \"x\"",
            "after: \"\"",
            "before: \"\"",
            "after: \"x\", before: \"x\"",
            "last: 1, after: \"x\"",
            "first: 1, before: \"x\"",
        ] {
            cases.push(Case::document(format!("{list}: {arguments}"), ask(arguments), INPUT));
        }
        for arguments in [
            "first: 2147483648",
            "last: 99999999999",
            "first: \"1\"",
            "first: 1.5",
            "first: true",
            "first: [1]",
            "first: {}",
            "first: ONE",
            "last: \"1\"",
            "after: 1",
            "after: [\"x\"]",
            "after: {}",
            "before: true",
            "before: X",
            "offset: 1",
            "limit: 1",
            "first: 1, first: 1",
            "first: $n",
            "page: 1",
        ] {
            cases.push(Case::document(format!("{list}: {arguments}"), ask(arguments), INVALID));
        }
        for (what, cursor) in cursors(kind) {
            for side in ["after", "before"] {
                let document = ask(&format!("{side}: {}", serde_json::Value::from(cursor.clone())));
                cases.push(Case::document(format!("{list}: {side} {what}"), document, INPUT));
            }
        }
        for (what, key) in [("the first", i64::MIN), ("the last", i64::MAX), ("none", 0)] {
            for id in [Uuid::nil(), Uuid::max()] {
                let cursor = Cursor { key, id }.encode(kind);
                let arguments = format!("first: 2147483647, after: \"{cursor}\", before: \"{cursor}\"");
                cases.push(Case::document(
                    format!("{list}: between {what} and itself, {id}"),
                    ask(&arguments),
                    Expect::Answered,
                ));
            }
        }
        cases.push(Case::document(format!("{list}: no rows"), ask("first: 0"), Expect::Answered));
        cases.push(Case::document(
            format!("{list}: nulls"),
            ask("first: null, last: null, after: null, before: null"),
            Expect::Answered,
        ));
        let request = Request::with_variables(
            &format!("query($n: Int, $c: String) {}", ask("first: $n, after: $c")),
            &serde_json::json!({ "n": -1, "c": "é".repeat(10_000) }),
        );
        cases.push(Case::new(format!("{list}: variables"), request, INPUT));
    }
    cases
}

/// Texts that are no cursors of a list.
fn cursors(kind: u8) -> Vec<(String, String)> {
    let good = Cursor { key: 1, id: Uuid::from_u128(7) }.encode(kind);
    let id = samples::id::<CustomerId>(1);
    let mut cursors: Vec<_> = b"bcdopu\0\xff"
        .iter()
        .filter(|other| **other != kind)
        .map(|other| {
            let name = other.escape_ascii();
            (format!("a cursor of the list {name}"), Cursor { key: 1, id: Uuid::from_u128(7) }.encode(*other))
        })
        .collect();
    cursors.extend([
        ("cut at the end".to_owned(), good[..good.len() - 1].to_owned()),
        ("cut at the start".into(), good[1..].to_owned()),
        ("one more".into(), format!("{good}A")),
        ("padded".into(), format!("{good}==")),
        ("a line's end".into(), format!("{good}\n")),
        ("in other letters".into(), good.to_lowercase() + "X"),
        ("twice".into(), good.repeat(2)),
        ("not base64".into(), "*".repeat(34)),
        ("unicode".into(), "é".repeat(17)),
        ("long".into(), "A".repeat(10_000)),
        ("a number".into(), "1".into()),
        ("an offset's".into(), "YXJyYXljb25uZWN0aW9uOjE=".into()),
        ("an id".into(), format!("{}_{}", CustomerId::PREFIX, id.uuid())),
        ("SQL".into(), "' OR 1=1 --".into()),
    ]);
    cursors
}
