//! Addresses that lead nowhere, heads of requests that are strange or too large, and what is no HTTP at all.

use super::case::{Case, Expect, Request, shortened};

const GOOD: &str = "{\"query\":\"{ __typename }\"}";

pub fn cases() -> Vec<Case> {
    let mut cases = addresses();
    cases.extend(heads());
    cases.extend(protocol());
    cases
}

fn addresses() -> Vec<Case> {
    const NOWHERE: Expect = Expect::Status(404, "NOT_FOUND");
    let mut cases: Vec<_> = [
        "/nope",
        "/graphql/",
        "/graphql/x",
        "//graphql",
        "/GraphQL",
        "/graphql%00",
        "/graphql%2f",
        "/../etc/passwd",
        "/.env",
        "/.git/config",
        "/admin",
        "/graphql;a=b",
        "/%ff",
        "/wp-login.php",
    ]
    .map(|path| Case::new(format!("the path {path}"), Request::get(path), NOWHERE))
    .into();
    for length in [10_000, 60_000] {
        let path = format!("/{}", "a".repeat(length));
        cases.push(Case::new(format!("a path of {length}"), Request::get(&path), NOWHERE));
    }
    for length in [70_000, 200_000] {
        let path = format!("/{}", "a".repeat(length));
        cases.push(Case::new(format!("a path of {length}"), Request::get(&path), Expect::Closed));
    }
    cases
}

fn heads() -> Vec<Case> {
    let with = |name: &str, value: &[u8]| Request::post(GOOD).and(name, value);
    let mut cases = Vec::new();
    for value in [&b""[..], b"\xff\xfe", b"../../x", b"a b", b"x\tx", b"${jndi:ldap://x/a}", &[b'a'; 10_000]]
    {
        for name in [
            "x-request-id",
            "encircle-explain",
            "cookie",
            "origin",
            "x-forwarded-for",
            "traceparent",
            "user-agent",
        ] {
            let request = with(name, value);
            let name = format!("{name}: {}", shortened(&String::from_utf8_lossy(value)));
            cases.push(Case::new(name, request, Expect::Answered));
        }
    }
    let many = (0..90).fold(Request::post(GOOD), |request, n| request.and(&format!("x-{n}"), "a"));
    cases.push(Case::new("90 headers", many, Expect::Answered));
    let many = (0..1_000).fold(Request::post(GOOD), |request, n| request.and(&format!("x-{n}"), "a"));
    cases.push(Case::new("1,000 headers", many, Expect::Closed));
    cases.push(Case::new("a header of 60,000", with("x-a", &[b'a'; 60_000]), Expect::Answered));
    cases.push(Case::new("a header of 100,000", with("x-a", &[b'a'; 100_000]), Expect::Closed));
    for path in ["http://other.example/graphql", "/graphql#fragment"] {
        let request = Request::new("POST", path, GOOD).with("content-type", "application/json");
        cases.push(Case::new(format!("the address {path}"), request, Expect::Answered));
    }
    for host in ["", "other.example", "a b", "\u{e9}", "localhost:99999", "'; --"] {
        cases.push(Case::new(
            format!("the host {host:?}"),
            Request::post(GOOD).with("host", host),
            Expect::Answered,
        ));
    }
    cases.push(Case::new(
        "a wish to upgrade",
        with("upgrade", b"websocket").with("connection", "upgrade, close"),
        Expect::Answered,
    ));
    cases.push(Case::new("an expectation", with("expect", b"200-nope"), Expect::Answered));
    cases
}

/// What is not HTTP/1.1 at all.
fn protocol() -> Vec<Case> {
    let head = "POST /graphql HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/json\r\n";
    [
        "x\r\n\r\n".to_owned(),
        "GET\r\n\r\n".to_owned(),
        "GET /graphql\r\n\r\n".to_owned(),
        "GET /graphql HTTP/9.9\r\n\r\n".to_owned(),
        "GET /graphql HTTP/1.1\r\nno colon\r\n\r\n".to_owned(),
        "GET /graphql HTTP/1.1\r\n: empty\r\n\r\n".to_owned(),
        "GET /graphql HTTP/1.1\r\na b: c\r\n\r\n".to_owned(),
        "GET /graphql HTTP/1.1\r\na: b\0c\r\n\r\n".to_owned(),
        "GET /gra phql HTTP/1.1\r\n\r\n".to_owned(),
        "GET /\u{e9}\u{1} HTTP/1.1\r\n\r\n".to_owned(),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
        "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\r\n\r\n".to_owned(),
        format!("{head}content-length: -1\r\n\r\n{GOOD}"),
        format!("{head}content-length: x\r\n\r\n{GOOD}"),
        format!("{head}content-length: 1\r\ncontent-length: 2\r\n\r\n{GOOD}"),
        format!("{head}transfer-encoding: nope\r\n\r\n{GOOD}"),
        format!("{head}transfer-encoding: chunked, nope\r\n\r\n{GOOD}"),
        format!("{head} folded: x\r\n\r\n{GOOD}"),
        "\0".repeat(100_000) + "\r\n\r\n",
    ]
    .into_iter()
    .enumerate()
    .map(|(number, bytes)| {
        Case::new(format!("no HTTP, {number}: {}", shortened(&bytes)), Request::raw(bytes), Expect::Closed)
    })
    .collect()
}
