//! Bodies that are no JSON, or no GraphQL request in JSON.

use super::case::{Case, Expect, INPUT, INVALID, MALFORMED, PARSE, Request, shortened};

pub fn cases() -> Vec<Case> {
    let mut cases: Vec<_> = MALFORMED_JSON
        .into_iter()
        .map(|body| Case::new(format!("no JSON: {}", shortened(body)), Request::post(body), MALFORMED))
        .collect();
    for body in NO_REQUEST {
        cases.push(Case::new(format!("no request: {}", shortened(body)), Request::post(body), MALFORMED));
    }
    for depth in [64, 128, 1_000, 100_000] {
        for (what, open, close) in [("lists", "[", "]"), ("objects", "{\"a\":", "}")] {
            let value = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            if what == "lists" || depth < 100_000 {
                cases.push(Case::new(format!("{depth} {what}"), Request::post(value.clone()), MALFORMED));
                let body = format!("{{\"query\":\"{{__typename}}\",\"extensions\":{{\"a\":{value}}}}}");
                cases.push(Case::new(
                    format!("{depth} {what} in extensions"),
                    Request::post(body),
                    MALFORMED,
                ));
            }
        }
    }
    cases.push(Case::new("250,000 open lists", Request::post("[".repeat(250_000)), MALFORMED));
    cases.push(Case::new("250,000 open objects", Request::post("{\"a\":".repeat(50_000)), MALFORMED));
    let keys: String = (0..20_001).map(|n| format!("\"k{n}\":0,")).collect();
    cases.push(Case::new(
        "20,001 keys",
        Request::post(format!("{{{keys}\"query\":\"{{__typename}}\"}}")),
        MALFORMED,
    ));
    let same = "\"query\":\"{a}\",".repeat(15_000);
    let body = format!("{{{same}\"query\":\"{{__typename}}\"}}");
    cases.push(Case::new("15,000 times one key", Request::post(body), Expect::Answered));
    let long = format!("{{\"{}\":1,\"query\":\"{{__typename}}\"}}", "k".repeat(250_000));
    cases.push(Case::new("a key of 250,000", Request::post(long), Expect::Answered));
    for (body, expect) in [
        ("{\"query\":\"\"}", PARSE),
        ("{\"query\":\"{ __typename }\",\"operationName\":\"A\"}", INVALID),
        ("{\"query\":\"{ __typename }\",\"operationName\":\"\\u202e\"}", INVALID),
        ("{\"query\":\"query($a: Int!) { products(first: $a) { totalCount } }\",\"variables\":null}", INPUT),
        ("{\"query\":\"{ __typename }\",\"unknown\":{}}", Expect::Answered),
        ("{\"query\":\"{ __typename }\",\"extensions\":null}", Expect::Answered),
        ("{\"query\":\"{ __typename }\",\"extensions\":{\"a\":1}}", Expect::Answered),
        ("{\"QUERY\":\"{ __typename }\",\"query\":\"{ __typename }\"}", Expect::Answered),
        (
            "{\"extensions\":{\"persistedQuery\":{\"version\":1,\"sha256Hash\":\"x\"}}}",
            Expect::Code("PERSISTED_QUERY_NOT_SUPPORTED"),
        ),
        ("{\"extensions\":{\"persistedQuery\":null}}", Expect::Code("PERSISTED_QUERY_NOT_SUPPORTED")),
    ] {
        cases.push(Case::new(format!("odd: {}", shortened(body)), Request::post(body), expect));
    }
    cases
}

const MALFORMED_JSON: [&str; 47] = [
    "",
    " ",
    "\n\n",
    "{",
    "}",
    "[",
    "]",
    "{]",
    "[}",
    "{{}}",
    "{\"query\"",
    "{\"query\":",
    "{\"query\":}",
    "{\"query\":\"",
    "{\"query\":\"{a}\"",
    "{\"query\":\"{a}\",}",
    "{\"query\":\"{a}\"}}",
    "{\"query\":\"{a}\"} {}",
    "{\"query\":\"{a}\"},",
    "{query:\"{a}\"}",
    "{'query':'{a}'}",
    "{\"query\" \"{a}\"}",
    "{\"query\":\"{a}\" \"b\":1}",
    "{\"query\":\"{\n}\"}",
    "{\"query\":\"\\x\"}",
    "{\"query\":\"\\u12\"}",
    "{\"query\":\"\\ud800\"}",
    "{\"query\":\"\\ud800\\ud800\"}",
    "{\"query\":\"\\udc00\"}",
    "{\"query\":nul}",
    "{\"query\":True}",
    "{\"query\":NaN}",
    "{\"query\":Infinity}",
    "{\"query\":01}",
    "{\"query\":1.}",
    "{\"query\":.5}",
    "{\"query\":+1}",
    "{\"query\":1e}",
    "{\"query\":0x1}",
    "{\"query\":1e999}",
    "{\"query\":/* a */1}",
    "{\"query\":1 // a\n}",
    "{ __typename }",
    "query=%7B__typename%7D",
    "<query/>",
    "undefined",
    "\u{feff}{}",
];

const NO_REQUEST: [&str; 40] = [
    "null",
    "true",
    "0",
    "\"{ __typename }\"",
    "[]",
    "[{}]",
    "[{\"query\":\"{ __typename }\"}]",
    "[{\"query\":\"{ __typename }\"},{\"query\":\"{ __typename }\"}]",
    "[null]",
    "{}",
    "{\"a\":1}",
    "{\"Query\":\"{ __typename }\"}",
    "{\"query\":null}",
    "{\"query\":1}",
    "{\"query\":true}",
    "{\"query\":[]}",
    "{\"query\":[\"{ __typename }\"]}",
    "{\"query\":{}}",
    "{\"query\":{\"kind\":\"Document\"}}",
    "{\"query\":\"\\u0000\"}",
    "{\"query\":\"{ __typename }\",\"variables\":[]}",
    "{\"query\":\"{ __typename }\",\"variables\":1}",
    "{\"query\":\"{ __typename }\",\"variables\":\"{}\"}",
    "{\"query\":\"{ __typename }\",\"variables\":true}",
    "{\"query\":\"{ __typename }\",\"variables\":\"\"}",
    "{\"query\":\"{ __typename }\",\"operationName\":1}",
    "{\"query\":\"{ __typename }\",\"operationName\":[]}",
    "{\"query\":\"{ __typename }\",\"operationName\":{}}",
    "{\"query\":\"{ __typename }\",\"operationName\":true}",
    "{\"query\":\"{ __typename }\",\"operationName\":\"\\u0000\"}",
    "{\"query\":\"{ __typename }\",\"extensions\":[]}",
    "{\"query\":\"{ __typename }\",\"extensions\":1}",
    "{\"query\":\"{ __typename }\",\"extensions\":\"{}\"}",
    "{\"query\":\"{ __typename }\",\"extensions\":{\"a\":\"\\u0000\"}}",
    "{\"query\":\"{ __typename }\",\"\\u0000\":1}",
    "{\"variables\":{}}",
    "{\"operationName\":\"A\"}",
    "{\"id\":\"1\"}",
    "{\"documentId\":\"sha256:00\"}",
    "{\"extensions\":{}}",
];
