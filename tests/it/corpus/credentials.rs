//! Credentials that are none. Each is refused with one code, whatever it pretends to be.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

use super::case::{Case, Expect, Request, shortened};
use super::world::{CUSTOMER_TOKEN, STAFF_TOKEN};

const REFUSED: Expect = Expect::Status(401, "UNAUTHENTICATED");

pub fn cases() -> Vec<Case> {
    let ask = || Request::document("{ customers { totalCount } }").without("authorization");
    let mut cases: Vec<_> = values()
        .into_iter()
        .enumerate()
        .map(|(number, value)| {
            let name = format!("{number}: {}", shortened(&String::from_utf8_lossy(&value)));
            Case::new(name, ask().and("authorization", value), REFUSED)
        })
        .collect();
    let good = format!("Bearer {STAFF_TOKEN}");
    let other = format!("Bearer {CUSTOMER_TOKEN}");
    for (name, first, second) in [
        ("one twice", &good, &good),
        ("two", &good, &other),
        ("a good and an empty one", &good, &String::new()),
    ] {
        let request = ask().and("authorization", first).and("Authorization", second);
        cases.push(Case::new(name, request, REFUSED));
    }
    let get = Request::get("/graphql?query=%7B__typename%7D").with("authorization", "Bearer wrong");
    cases.push(Case::new("by GET", get, REFUSED));
    let bad_body = Request::post("{ no JSON").with("authorization", "Bearer wrong");
    cases.push(Case::new("before the body is read", bad_body, REFUSED));
    let large = Request::post(" ".repeat(200_000)).with("authorization", "Bearer wrong");
    cases.push(Case::new("before a large body is read", large, REFUSED));
    cases
}

fn values() -> Vec<Vec<u8>> {
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{STAFF_TOKEN}:"));
    let mut values: Vec<Vec<u8>> = [
        "",
        " ",
        "Bearer",
        "Bearer ",
        "Bearer  ",
        "bearer",
        "Bearer:",
        "Bearer\t",
        "Bearer null",
        "Bearer undefined",
        "Bearer 0",
        "Bearer Bearer",
        "Bearer wrong",
        "Bearer a b",
        "Bearer a,b",
        "Bearer \"a\"",
        "Bearer a;b",
        "Bearer a%20b",
        "Basic",
        "Basic ",
        "Basic Og==",
        "Basic !!!",
        "Digest username=\"a\"",
        "Negotiate YII=",
        "Token a",
        "ApiKey a",
        "OAuth a",
        "AWS4-HMAC-SHA256 a",
        "Bearer ' OR '1'='1",
        "Bearer ../../etc/passwd",
        "Bearer *",
        "Bearer %",
        "Bearer {}",
    ]
    .map(|value| value.as_bytes().to_vec())
    .into();
    values.extend(
        [
            STAFF_TOKEN.to_owned(),
            format!("Basic {STAFF_TOKEN}"),
            format!("Basic {basic}"),
            format!("Bearer{STAFF_TOKEN}"),
            format!("Bearer\t{STAFF_TOKEN}"),
            format!("Bearer {STAFF_TOKEN}x"),
            format!("Bearer {}", &STAFF_TOKEN[1..]),
            format!("Bearer {}", &STAFF_TOKEN[..STAFF_TOKEN.len() - 1]),
            format!("Bearer {}", STAFF_TOKEN.to_uppercase()),
            format!("Bearer {STAFF_TOKEN} {CUSTOMER_TOKEN}"),
            format!("Bearer {STAFF_TOKEN},{CUSTOMER_TOKEN}"),
            format!("Bearer Bearer {STAFF_TOKEN}"),
            format!("Bearer \"{STAFF_TOKEN}\""),
            format!("Token {STAFF_TOKEN}"),
            format!("Bearer {}", "a".repeat(4_097)),
            format!("Bearer {}", "a".repeat(50_000)),
            format!("Bearer {STAFF_TOKEN}é"),
            "Bearer тест".to_owned(),
        ]
        .map(String::into_bytes),
    );
    values.extend([b"Bearer \xff\xfe".to_vec(), b"\xff".to_vec(), b"Bearer \x80".to_vec()]);
    values.extend(forged().map(|token| format!("Bearer {token}").into_bytes()));
    values
}

/// Tokens that another server might take for JWTs.
fn forged() -> [String; 12] {
    let encode = |text: &str| BASE64.encode(text);
    let claims = encode("{\"sub\":\"admin\",\"exp\":9999999999,\"scope\":\"lists:read personal:read\"}");
    let head = |algorithm: &str| encode(&format!("{{\"alg\":\"{algorithm}\",\"typ\":\"JWT\"}}"));
    [
        format!("{}.{claims}.", head("none")),
        format!("{}.{claims}", head("none")),
        format!("{}.{claims}.AAAA", head("nOnE")),
        format!("{}.{claims}.AAAA", head("HS256")),
        format!("{}.{claims}.AAAA", head("RS256")),
        format!("{}.{claims}.AAAA", head("")),
        format!("{}.{claims}.AAAA", encode("{\"alg\":\"HS256\",\"kid\":\"../../dev/null\"}")),
        format!("{}.{claims}.AAAA", encode("{\"alg\":\"RS256\",\"jku\":\"http://127.0.0.1/k\"}")),
        format!("{}.{}.AAAA", head("HS256"), encode("{\"exp\":\"9999999999\"}")),
        format!("{}.{}.AAAA", head("HS256"), "A".repeat(10_000)),
        "..".to_owned(),
        "a.b.c.d.e".to_owned(),
    ]
}
