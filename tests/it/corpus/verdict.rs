//! Whether an answer is what its case expects, and fit to be shown to a stranger.

use serde_json::Value;

use super::case::{Case, Expect};
use super::client::Answer;
use super::world::PERSONAL;

/// All codes that a bad request may be answered with.
const CODES: [&str; 9] = [
    "BAD_USER_INPUT",
    "FORBIDDEN",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "LIMIT_EXCEEDED",
    "NOT_FOUND",
    "PERSISTED_QUERY_NOT_SUPPORTED",
    "QUERY_TOO_COSTLY",
    "UNAUTHENTICATED",
];
/// Words of the inside: no caller may read one that it did not send.
const INSIDE: [&str; 32] = [
    "panicked",
    "unwrap",
    "backtrace",
    ".rs:",
    "src/",
    "/tmp",
    ".cargo",
    "sqlx",
    "postgres",
    "sqlite",
    "sea_orm",
    "tokio",
    "hyper",
    "serde",
    "async_graphql",
    "alloc::",
    "core::",
    "std::",
    "Err(",
    "Some(",
    "None)",
    "Option<",
    "Result<",
    "Arguments\"",
    "occurred while",
    "Vec<",
    " i32",
    " u32",
    " usize",
    "SELECT ",
    "syntax error at",
    "constraint",
];
const MAX_BODY: usize = 64 * 1024;
const MAX_ERRORS: usize = 20;

/// What is wrong with the answer, if anything.
pub fn fault(case: &Case, answer: &Answer) -> Option<String> {
    let (status, head, body) = match (answer, case.expect) {
        (Answer::Hangs, _) => return Some("no answer came".into()),
        (Answer::Closed, Expect::Closed) => return None,
        (Answer::Closed, _) => return Some("the connection was closed without an answer".into()),
        (Answer::Http { status, head, body }, _) => (*status, head, body),
    };
    if status >= 500 || !(200..500).contains(&status) {
        return Some(format!("status {status}"));
    }
    if body.len() > MAX_BODY {
        return Some(format!("the answer has {} bytes", body.len()));
    }
    if let Some(word) = leak(case, &String::from_utf8_lossy(body)) {
        return Some(format!("the answer says `{word}`"));
    }
    if let Expect::Closed = case.expect {
        return (!(400..500).contains(&status)).then(|| format!("status {status}"));
    }
    let Ok(json) = serde_json::from_slice::<Value>(body) else { return Some("no JSON".into()) };
    if !head.to_ascii_lowercase().contains("json; charset=utf-8") {
        return Some("the content type does not say JSON".into());
    }
    judge(case.expect, status, &json)
}

fn judge(expect: Expect, status: u16, json: &Value) -> Option<String> {
    let errors = match json.get("errors") {
        None => &[][..],
        Some(Value::Array(errors)) if errors.is_empty() || errors.len() > MAX_ERRORS => {
            return Some(format!("{} errors", errors.len()));
        }
        Some(Value::Array(errors)) => errors,
        Some(_) => return Some("`errors` is no list".into()),
    };
    let mut codes = Vec::new();
    for error in errors {
        let code = error["extensions"]["code"].as_str().unwrap_or("none");
        if !CODES.contains(&code) {
            return Some(format!("an error has the code {code}"));
        }
        if error["message"].as_str().is_none_or(str::is_empty) {
            return Some("an error has no message".into());
        }
        codes.push(code);
    }
    if status >= 400 && (codes.is_empty() || json.get("data").is_some()) {
        return Some(format!("status {status} without errors or with data"));
    }
    let right = match expect {
        Expect::Code(code) => codes.contains(&code),
        Expect::Status(expected, code) => status == expected && codes.contains(&code),
        Expect::Refused => !codes.is_empty(),
        Expect::Answered => codes.is_empty() && json["data"].is_object(),
        Expect::Nothing => codes.is_empty() && json["data"].is_object() && is_nothing(&json["data"]),
        Expect::Closed => false,
    };
    (!right).then(|| format!("status {status}, codes {codes:?}"))
}

/// Nulls and empty lists, and objects of these.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().all(is_nothing),
        Value::Object(fields) => fields.values().all(is_nothing),
        _ => false,
    }
}

/// A word of the inside, or about a person, that the request did not bring along.
fn leak(case: &Case, body: &str) -> Option<&'static str> {
    let sent = String::from_utf8_lossy(&case.request.bytes()).to_lowercase();
    INSIDE
        .iter()
        .find(|word| body.contains(**word) && !sent.contains(&word.trim().to_lowercase()))
        .or_else(|| PERSONAL.iter().find(|word| body.contains(**word)))
        .copied()
}
