//! HTTP that is wrong around a good operation: methods, types, encodings, lengths, query strings.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::case::{Case, Expect, INPUT, INVALID, MALFORMED, PARSE, Request, TOO_LARGE};

const GOOD: &str = "{\"query\":\"{ __typename }\"}";
const GOOD_URI: &str = "/graphql?query=%7B__typename%7D";
const LIMIT: usize = 256 * 1024;

pub fn cases() -> Vec<Case> {
    let mut cases = methods();
    cases.extend(media_types());
    cases.extend(accepts());
    cases.extend(encodings());
    cases.extend(bodies());
    cases.extend(query_strings());
    cases
}

fn methods() -> Vec<Case> {
    const WRONG: Expect = Expect::Status(405, "BAD_USER_INPUT");
    let mut cases: Vec<_> = ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "PROPFIND", "get", "FOO"]
        .map(|method| {
            let request = Request::new(method, "/graphql", GOOD).with("content-type", "application/json");
            Case::new(format!("the method {method}"), request, WRONG)
        })
        .into();
    cases.push(Case::new(
        "CONNECT",
        Request::raw("CONNECT localhost:80 HTTP/1.1\r\nhost: a\r\n\r\n"),
        Expect::Closed,
    ));
    let overridden = Request::get("/graphql?query=mutation%7Bx%7D").and("x-http-method-override", "POST");
    cases.push(Case::new("a mutation by GET", overridden, INVALID));
    let mutation = Request::get("/graphql?query=mutation%7B__typename%7D");
    cases.push(Case::new("a mutation's name by GET", mutation, Expect::Refused));
    cases
}

fn media_types() -> Vec<Case> {
    const WRONG: Expect = Expect::Status(415, "BAD_USER_INPUT");
    let types: [&[u8]; 24] = [
        b"",
        b"text/plain",
        b"text/plain; application/json",
        b"application/x-www-form-urlencoded",
        b"multipart/form-data; boundary=x",
        b"application/graphql",
        b"application/graphql+json",
        b"text/json",
        b"application/jsonx",
        b"application/json5",
        b"application/ld+json",
        b"application/xml",
        b"*/*",
        b"json",
        b"application",
        b"application/",
        b"/json",
        b"application/json, text/plain",
        b";application/json",
        b"application/json; charset=utf-16",
        b"application/json; charset=latin1",
        b"application/json; charset=",
        b"application/json; charset=\"utf-7\"",
        b"\xff\xfe",
    ];
    let mut cases: Vec<_> = types
        .into_iter()
        .map(|value| {
            let request = Request::post(GOOD).with("content-type", value);
            Case::new(format!("the type {}", value.escape_ascii()), request, WRONG)
        })
        .collect();
    cases.push(Case::new("no type", Request::post(GOOD).without("content-type"), WRONG));
    let two = Request::post(GOOD).and("content-type", "text/plain");
    cases.push(Case::new("two types", two, WRONG));
    for value in [
        "APPLICATION/JSON",
        "application/json;charset=UTF-8",
        "application/json;;;",
        "application/json; a=b; c",
    ] {
        let request = Request::post(GOOD).with("content-type", value);
        cases.push(Case::new(format!("the type {value}"), request, Expect::Answered));
    }
    cases
}

fn accepts() -> Vec<Case> {
    const WRONG: Expect = Expect::Status(406, "BAD_USER_INPUT");
    let mut cases = Vec::new();
    for value in [
        "text/html",
        "image/*",
        "application/xml",
        "x",
        "/",
        "a/",
        "/b",
        ";q=1",
        "*/json",
        "application/json;q=0",
        "*/*;q=0",
        "*/*;q=-1",
        "*/*;q=2",
        "*/*;q=NaN",
        "*/*;q=inf",
        "*/*;q=1e-9999",
        "*/*;q=",
    ] {
        let expect = if value.contains("q=1e") { Expect::Refused } else { WRONG };
        cases.push(Case::new(format!("accepts {value}"), Request::post(GOOD).with("accept", value), expect));
    }
    for value in ["", ",", ",,,,", "*/*;;;", "\u{e9}", "*/*; q=é", "application/json;q=٣"] {
        let request = Request::post(GOOD).with("accept", value);
        cases.push(Case::new(format!("accepts {value:?}"), request, Expect::Answered));
    }
    let flood = Request::post(GOOD).with("accept", "a/b,".repeat(10_000));
    cases.push(Case::new("accepts 10,000 types", flood, WRONG));
    for value in ["nope", "gzip;q=x", "*;q=0", ",", "identity;q=0", "\u{e9}"] {
        let request = Request::post(GOOD).with("accept-encoding", value);
        cases.push(Case::new(format!("accepts the encoding {value}"), request, Expect::Answered));
    }
    cases
}

fn gzip<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    for part in parts {
        encoder.write_all(part).expect("memory takes it");
    }
    encoder.finish().expect("memory takes it")
}

fn encodings() -> Vec<Case> {
    const WRONG: Expect = Expect::Status(415, "BAD_USER_INPUT");
    let sent = |encoding: &str, body: Vec<u8>| Request::post(body).with("content-encoding", encoding);
    let mut cases = Vec::new();
    for encoding in ["zstd", "deflate", "compress", "gzip, gzip", "gzip, br", "x", "é", ",", "gzip;q=1"] {
        cases.push(Case::new(format!("encoded by {encoding}"), sent(encoding, GOOD.into()), WRONG));
    }
    for megabytes in [1, 16, 64] {
        let bomb = gzip(std::iter::repeat_n(&[b' '; 1 << 20][..], megabytes));
        cases.push(Case::new(format!("{megabytes} MiB in gzip"), sent("gzip", bomb), TOO_LARGE));
    }
    let good = gzip([GOOD.as_bytes()]);
    let half = good[..good.len() / 2].to_vec();
    let mut spoilt = good.clone();
    let last = spoilt.len() - 6;
    spoilt[last] ^= 0xff;
    for (what, body) in [
        ("plain", GOOD.into()),
        ("empty", Vec::new()),
        ("its head only", good[..10].to_vec()),
        ("half", half),
        ("a wrong check sum", spoilt),
        ("itself twice", gzip([&*good])),
        ("random", vec![0x5a; 1_000]),
    ] {
        cases.push(Case::new(format!("gzip: {what}"), sent("gzip", body.clone()), MALFORMED));
        if what != "itself twice" {
            cases.push(Case::new(format!("br: {what}"), sent("br", body), MALFORMED));
        }
    }
    cases
}

fn bodies() -> Vec<Case> {
    let padded = |size: usize| " ".repeat(size - GOOD.len()) + GOOD;
    let chunked = |body: &str| Request::post(body).and("transfer-encoding", "chunked");
    let in_chunks = |body: &str| {
        let chunks: String = body
            .as_bytes()
            .chunks(8_192)
            .map(|chunk| format!("{:x}\r\n{}\r\n", chunk.len(), String::from_utf8_lossy(chunk)))
            .collect();
        chunked(&format!("{chunks}0\r\n\r\n"))
    };
    vec![
        Case::new("as large as may be", Request::post(padded(LIMIT)), Expect::Answered),
        Case::new("one byte more", Request::post(padded(LIMIT + 1)), TOO_LARGE),
        Case::new("1 MiB", Request::post(padded(1 << 20)), TOO_LARGE),
        Case::new("8 MiB", Request::post(padded(8 << 20)), TOO_LARGE).slow(),
        Case::new("1 GiB announced", Request::post(GOOD).and("content-length", "1073741824"), TOO_LARGE),
        Case::new(
            "the largest length",
            Request::post(GOOD).and("content-length", "18446744073709551615"),
            Expect::Closed,
        ),
        Case::new("chunks", in_chunks(GOOD), Expect::Answered),
        Case::new("chunks, too many", in_chunks(&padded(LIMIT + 1)), TOO_LARGE),
        Case::new("chunks, far too many", in_chunks(&padded(2 << 20)), TOO_LARGE),
        Case::new("no chunk", chunked("0\r\n\r\n"), MALFORMED),
        Case::new("a chunk of no size", chunked("zz\r\n{}\r\n0\r\n\r\n"), MALFORMED),
        Case::new("a chunk of a negative size", chunked("-1\r\n{}\r\n0\r\n\r\n"), MALFORMED),
        Case::new(
            "a chunk too large for a number",
            chunked("ffffffffffffffffff\r\n{}\r\n0\r\n\r\n"),
            MALFORMED,
        ),
        Case::new("a chunk without its end", chunked("2\r\n{}x\r\n0\r\n\r\n"), MALFORMED),
    ]
}

fn query_strings() -> Vec<Case> {
    let mut cases = Vec::new();
    for (query, expect) in [
        ("", MALFORMED),
        ("?", MALFORMED),
        ("?query", PARSE),
        ("?query=", PARSE),
        ("?query=%7B", PARSE),
        ("?query=%7Ba%7D", INVALID),
        ("?Query=%7B__typename%7D", MALFORMED),
        ("?query=%7B__typename%7D&query=%7B__typename%7D", MALFORMED),
        ("?query[]=%7B__typename%7D", MALFORMED),
        ("?variables=%7B%7D", MALFORMED),
        ("?query=%7B__typename%7D&variables=%7B", MALFORMED),
        ("?query=%7B__typename%7D&variables=1", MALFORMED),
        ("?query=%7B__typename%7D&variables=[]", MALFORMED),
        ("?query=%7B__typename%7D&variables=%22x%22", MALFORMED),
        ("?query=%7B__typename%7D&variables=%7B%22a%22:%22%5Cu0000%22%7D", MALFORMED),
        ("?query=%7B__typename%7D&variables=%00", MALFORMED),
        ("?query=%7B__typename%7D&variables=%FF", Expect::Refused),
        ("?query=%7B__typename%7D&variables=undefined", MALFORMED),
        ("?query=%7B__typename%7D&extensions=1", MALFORMED),
        ("?query=%7B__typename%7D&extensions=%7B", MALFORMED),
        ("?query=%7B__typename%7D&operationName=A", INVALID),
        ("?query=%7B__typename%7D&operationName=%00", INVALID),
        ("?query=query%20A%7B__typename%7Dquery%20B%7B__typename%7D", INVALID),
        ("?query=query($a:Int!)%7Bproducts(first:$a)%7BtotalCount%7D%7D", INPUT),
        ("?extensions=%7B%22persistedQuery%22:%7B%7D%7D", Expect::Code("PERSISTED_QUERY_NOT_SUPPORTED")),
        ("?query=%7B__typename%7D&a=b&a=c", Expect::Answered),
    ] {
        cases.push(Case::new(
            format!("the query string {query}"),
            Request::get(&format!("/graphql{query}")),
            expect,
        ));
    }
    let deep = format!("{GOOD_URI}&variables=%7B%22a%22:{}%7D", "[".repeat(10_000));
    cases.push(Case::new("variables 10,000 deep", Request::get(&deep), MALFORMED));
    let brackets = format!("/graphql?query={}", "%7B".repeat(10_000));
    cases.push(Case::new("brackets 10,000 deep", Request::get(&brackets), Expect::Code("QUERY_TOO_COSTLY")));
    let parameters = format!("{GOOD_URI}{}", "&a=b".repeat(10_000));
    cases.push(Case::new("10,000 parameters", Request::get(&parameters), Expect::Answered));
    cases
}
