//! Texts that are no documents, or that hide what they are: deep, endless, huge, unreadable.

use serde_json::json;

use super::case::{COSTLY, Case, Expect, INPUT, INVALID, MALFORMED, PARSE, Request, TOO_LARGE, shortened};

pub fn cases() -> Vec<Case> {
    let mut cases = nested();
    cases.extend(ENDLESS.map(|text| Case::document(format!("without an end: {text:?}"), text, PARSE)));
    cases.extend(GARBAGE.map(|text| Case::document(format!("garbage: {text:?}"), text, PARSE)));
    cases.extend(numbers());
    cases.extend(characters());
    cases.extend(encodings());
    cases.extend(long_names());
    cases.extend(floods());
    cases
}

/// Brackets in every place that takes a value or a selection.
fn nested() -> Vec<Case> {
    let places = [
        ("a list as an argument", "{ node(id: ", "[", "1", "]", ") { id } }"),
        ("an object as an argument", "{ customers(filter: ", "{a:", "1", "}", ") { totalCount } }"),
        ("a default", "query($a: [ID!]! = ", "[", "1", "]", ") { nodes(ids: $a) { id } }"),
        ("a directive", "{ __typename @include(if: ", "[", "1", "]", ") }"),
        (
            "a fragment's directive",
            "{ __typename } fragment F on Query @a(b: ",
            "{c:",
            "1",
            "}",
            ") { __typename }",
        ),
        ("a type", "query($a: ", "[", "Int", "]", ") { __typename }"),
        ("selections", "", "{a", "", "}", ""),
        ("inline fragments", "{", "...{", "__typename", "}", "}"),
        ("arguments", "", "{a(b:", "1", ")}", ""),
    ];
    let mut cases = Vec::new();
    for depth in [64, 65, 100, 500, 1_000, 1_400, 5_000, 20_000] {
        for (place, head, open, middle, close, tail) in places {
            let closed = format!("{head}{}{middle}{}{tail}", open.repeat(depth), close.repeat(depth));
            let open = format!("{head}{}", open.repeat(depth));
            // At the limit it depends on the place whether the depth or the document is refused.
            let expect = if depth == 64 { Expect::Refused } else { COSTLY };
            cases.push(Case::document(format!("{depth} deep in {place}"), closed, expect));
            cases.push(Case::document(format!("{depth} deep in {place}, left open"), open, expect));
        }
    }
    cases
}

const ENDLESS: [&str; 14] = [
    "{ node(id: \"",
    "{ node(id: \"abc",
    "{ node(id: \"abc\\",
    "{ node(id: \"abc\\\") { id } }",
    "{ node(id: \"abc\n\") { id } }",
    "{ node(id: \"abc\r\") { id } }",
    "{ node(id: \"\"\"",
    "{ node(id: \"\"\"abc",
    "{ node(id: \"\"\"abc\"\" ) { id } }",
    "{ node(id: \"\"\"abc\\\"\"\" ) { id } }",
    "{ node(id: \"\"\"\"",
    "{ node(id: \"\"\"\"\" [[[[",
    "\"",
    "\"\"\"",
];

const GARBAGE: [&str; 60] = [
    "",
    " ",
    "\n",
    "#",
    "# only a comment",
    ",",
    ",,,",
    "\u{feff}",
    "{",
    "}",
    "{}",
    "{{}",
    "{ }",
    "{a",
    "a}",
    "{a:}",
    "{:a}",
    "{a(}",
    "{a()}",
    "{a(b)}",
    "{a(b:)}",
    "{a(:1)}",
    "{a(b:1,c)}",
    "{a b: }",
    "{...}",
    "{... on {a}}",
    "{@skip}",
    "{a @}",
    "{a @(if: true)}",
    "{a{}}",
    "{a}{",
    "query",
    "query {",
    "query Q",
    "query Q(",
    "query ($) {a}",
    "query ($a) {a}",
    "query ($a:) {a}",
    "query ($a: Int = ) {a}",
    "query ($a: Int = $b) {a}",
    "query ($a: !) {a}",
    "query ($a: [Int) {a}",
    "query ($a: Int!!) {a}",
    "querie {a}",
    "fragment",
    "fragment F",
    "fragment F {a}",
    "fragment F on {a}",
    "fragment on on Query {a}",
    "null",
    "true",
    "1",
    "\"x\"",
    "{\"a\"}",
    "{1}",
    "{$a}",
    "!",
    "&",
    "{a(b: $)}",
    "<script>alert(1)</script>",
];

fn numbers() -> Vec<Case> {
    let mut cases = Vec::new();
    for number in
        ["-", "--1", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "0x10", "1_000", "1a", "1.2.3", "1e1e1"]
    {
        let document = format!("{{ products(first: {number}) {{ totalCount }} }}");
        cases.push(Case::document(format!("no number: {number}"), document, Expect::Refused));
    }
    let digits = "9".repeat(10_000);
    for number in
        ["1e99", "1e999999999", "-1e999999999", "9223372036854775808", "NaN", "Infinity", "1.5", &digits]
    {
        let document = format!("{{ products(first: {number}) {{ totalCount }} }}");
        cases.push(Case::document(format!("no page: {}", shortened(number)), document, Expect::Refused));
    }
    cases
}

/// Characters that no document may have, where they could be overlooked.
fn characters() -> Vec<Case> {
    let mut cases = Vec::new();
    let control =
        (1..32).chain([127]).filter_map(char::from_u32).filter(|c| !matches!(c, '\t' | '\n' | '\r'));
    for character in control {
        for (place, document) in [
            ("between", format!("{{ {character} __typename }}")),
            ("in a string", format!("{{ node(id: \"{character}\") {{ id }} }}")),
            ("in a comment", format!("# {character}\n{{ __typename }}")),
        ] {
            cases.push(Case::document(format!("{} {place}", character.escape_unicode()), document, PARSE));
        }
    }
    for character in
        ['é', '\u{a0}', '\u{200b}', '\u{202e}', '\u{2028}', '\u{feff}', '｛', '😀', '\u{fffd}', '٣']
    {
        let document = format!("{{ a{character}b }}");
        // The byte order mark is white space wherever it stands.
        let expect = if character == '\u{feff}' { Expect::Refused } else { PARSE };
        cases.push(Case::document(format!("a name with {}", character.escape_unicode()), document, expect));
    }
    for escape in [
        "\\u0000",
        "\\x41",
        "\\u12",
        "\\uzzzz",
        "\\ud800",
        "\\udc00\\ud800",
        "\\u{110000}",
        "\\'",
        "\\0",
        "\\8",
    ] {
        let document = format!("{{ node(id: \"{escape}\") {{ id }} }}");
        cases.push(Case::document(format!("the escape {escape}"), document, Expect::Refused));
    }
    cases.push(Case::document("NUL in a document", "{ __typename \0 }", MALFORMED));
    cases.push(Case::document("NUL in a string", "{ node(id: \"\0\") { id } }", MALFORMED));
    cases.push(Case::new("NUL by GET", Request::get("/graphql?query=%7B__typename%00%7D"), PARSE));
    cases.push(Case::document("a mark before the document", "\u{feff}{ __typename }", Expect::Answered));
    cases
}

/// Bodies that are not UTF-8.
fn encodings() -> Vec<Case> {
    let broken: [&[u8]; 10] = [
        b"\xff",
        b"\xfe\xff",
        b"\xc0\x80",
        b"\xc1\xbf",
        b"\xe0\x80\xaf",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xc3",
        b"\xe2\x82",
        b"\x80",
    ];
    let mut cases: Vec<_> = broken
        .into_iter()
        .map(|bytes| {
            let body = [b"{\"query\":\"{ __typename } # ", bytes, b"\"}"].concat();
            Case::new(format!("not UTF-8: {bytes:x?}"), Request::post(body), MALFORMED)
        })
        .collect();
    let wide: Vec<u8> = "{\"query\":\"{ __typename }\"}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    cases.push(Case::new("UTF-16", Request::post(wide), MALFORMED));
    let marked = [b"\xef\xbb\xbf".as_slice(), b"{\"query\":\"{ __typename }\"}"].concat();
    cases.push(Case::new("a mark before the body", Request::post(marked), MALFORMED));
    for target in ["%FF", "%C0%80", "%ED%A0%80", "%"] {
        let request = Request::get(&format!("/graphql?query=%7B__typename%7D{target}"));
        cases.push(Case::new(format!("the query string {target}"), request, Expect::Refused));
    }
    cases
}

fn long_names() -> Vec<Case> {
    let mut cases = Vec::new();
    for length in [101, 10_000, 200_000] {
        let name = "n".repeat(length);
        for (place, document) in [
            ("field", format!("{{ {name} }}")),
            ("alias", format!("{{ {name}: __typename }}")),
            ("argument", format!("{{ node({name}: 1) {{ id }} }}")),
            ("variable", format!("query(${name}: Int) {{ __typename }}")),
            ("type", format!("query($a: {name}) {{ __typename }}")),
            ("fragment", format!("{{ ...{name} }}")),
            ("condition", format!("{{ ... on {name} {{ a }} }}")),
            ("directive", format!("{{ a @{name} }}")),
            ("operation", format!("query {name} {{ __typename }}")),
            ("value", format!("{{ products(sort: {name}) {{ totalCount }} }}")),
            ("key", format!("{{ products(filter: {{ {name}: 1 }}) {{ totalCount }} }}")),
        ] {
            cases.push(Case::document(format!("a name of {length} for a {place}"), document, COSTLY));
        }
        let body = json!({ "query": "query Q { __typename }", "operationName": name });
        cases.push(Case::new(
            format!("{length} for operationName"),
            Request::post(body.to_string()),
            INVALID,
        ));
    }
    let body = json!({ "query": format!("{{ {} }}", "n".repeat(1 << 20)) });
    cases.push(Case::new("a name of 1 MiB", Request::post(body.to_string()), TOO_LARGE));
    cases
}

/// Much of what costs little.
fn floods() -> Vec<Case> {
    let good = "{ __typename }";
    let id = "x".repeat(200_000);
    vec![
        Case::document("80,000 empty comments", format!("{}{good}", "#\n".repeat(80_000)), Expect::Answered),
        Case::document("a comment of 200,000", format!("#{}\n{good}", "x".repeat(200_000)), Expect::Answered),
        Case::document("200,000 commas", format!("{}{good}", ",".repeat(200_000)), Expect::Answered),
        Case::document("100,000 blank lines", format!("{}{good}", "\n".repeat(100_000)), Expect::Answered),
        Case::document("50,000 marks", format!("{}{good}", "\u{feff}".repeat(50_000)), Expect::Answered),
        Case::document("10,001 tokens", format!("{{ {} }}", "a ".repeat(10_001)), COSTLY),
        Case::document("100,000 tokens", format!("{{ {} }}", "a ".repeat(100_000)), COSTLY),
        Case::document("200,000 exclamation marks", "!".repeat(200_000), COSTLY),
        Case::document("200,000 closing brackets", "}".repeat(200_000), COSTLY),
        Case::document("200,000 dots", ".".repeat(200_000), COSTLY),
        Case::document("10,000 quotes", "\"".repeat(10_000), PARSE),
        Case::document(
            "a string of 200,000",
            format!("{{ customer(by: {{ id: \"{id}\" }}) {{ id }} }}"),
            INPUT,
        ),
        Case::document(
            "a block string of 200,000",
            format!("{{ node(id: \"\"\"{id}\"\"\") {{ id }} }}"),
            Expect::Nothing,
        ),
        Case::document(
            "30,000 escapes",
            format!("{{ node(id: \"{}\") {{ id }} }}", "\\u0041".repeat(30_000)),
            Expect::Nothing,
        ),
        Case::document(
            "a list of 5,000",
            format!("{{ nodes(ids: [{}]) {{ id }} }}", "1 ".repeat(5_000)),
            INPUT,
        ),
    ]
}
