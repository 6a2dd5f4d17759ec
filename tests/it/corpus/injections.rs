//! SQL, shell and template code in every argument that takes a text. Nothing may be found, and nothing changed.

use serde_json::json;

use super::case::{Case, Expect, INPUT, Request, shortened};

/// How code gets out of the text it is put into.
const ESCAPES: [&str; 7] = ["' ", "\" ", "') ", "\\' ", "` ", "1 ", "%' "];
/// What it does there.
const CODE: [&str; 16] = [
    "OR 1=1 --",
    "OR '1'='1",
    "OR TRUE#",
    "UNION SELECT NULL, NULL, NULL --",
    "UNION ALL SELECT email FROM customers --",
    "; DROP TABLE customers; --",
    "; DELETE FROM purchases; COMMIT; --",
    "; UPDATE offers SET status = 'LIVE' --",
    "AND 1 = (SELECT count(*) FROM pg_sleep(3)) --",
    "|| (SELECT sql FROM sqlite_master) ||",
    "; ATTACH DATABASE '/tmp/x.db' AS x; --",
    "; COPY customers TO '/tmp/x' --",
    "; VACUUM; PRAGMA writable_schema = 1; --",
    "/* */ AND ascii(substring((SELECT current_user), 1, 1)) > 64 --",
    "$1 $2 ?1 :a @a",
    "LIKE '%' ESCAPE '\\' --",
];
const OTHERS: [&str; 12] = [
    "$(touch /tmp/x)",
    "`id`",
    "; ls",
    "{{constructor.constructor('return 1')()}}",
    "<%= 7*7 %>",
    "#{7*7}",
    "*)(uid=*))(|(uid=*",
    "{\"$gt\": \"\"}",
    "\u{27} OR 1=1",
    "ʼ OR 1=1",
    "％27 OR 1=1",
    "%00' OR 1=1",
];

/// Documents with a text, and what comes of one that names nothing.
const PLACES: [(&str, &str, Expect); 9] = [
    (
        "identity",
        "query($t: String!) { customer(by: { identity: { type: EMAIL, value: $t } }) { id } }",
        Expect::Nothing,
    ),
    ("purchase", "query($t: String!) { purchase(by: { number: $t }) { id } }", Expect::Nothing),
    ("offer", "query($t: String!) { offer(by: { key: $t }) { id } }", Expect::Nothing),
    (
        "names",
        "query($t: String!) { behaviors(filter: { names: [$t, \"x\"] }) { nodes { id } } }",
        Expect::Nothing,
    ),
    ("skus", "query($t: String!) { products(filter: { skus: [$t] }) { nodes { id } } }", Expect::Nothing),
    ("node", "query($t: ID!) { node(id: $t) { id } }", Expect::Nothing),
    ("customer", "query($t: ID!) { customer(by: { id: $t }) { id } }", INPUT),
    ("after", "query($t: String!) { products(after: $t) { nodes { id } } }", INPUT),
    ("before", "query($t: String!) { customers(last: 1, before: $t) { nodes { id } } }", INPUT),
];

pub fn cases() -> Vec<Case> {
    let code = ESCAPES.iter().flat_map(|escape| CODE.map(|code| format!("{escape}{code}")));
    let texts: Vec<String> = code.chain(OTHERS.map(str::to_owned)).collect();
    assert!(texts.len() >= 100, "only {} texts", texts.len());
    let mut cases = Vec::new();
    for (place, document, expect) in PLACES {
        for (number, text) in texts.iter().enumerate() {
            let request = Request::with_variables(document, &json!({ "t": text }));
            cases.push(Case::new(format!("{place} {number}: {}", shortened(text)), request, expect));
        }
    }
    cases
}
