//! A case: a request as it goes over the wire, and what must come back.

use serde_json::{Value, json};

use super::world::STAFF_TOKEN;

/// One bad, or odd, request.
pub struct Case {
    pub name: String,
    pub request: Request,
    pub expect: Expect,
    /// It may take longer than the others.
    pub slow: bool,
}

/// What must come back. Statuses of 500 and more are wrong everywhere.
#[derive(Clone, Copy, Debug)]
pub enum Expect {
    /// An error with this code.
    Code(&'static str),
    /// An error with this code under this HTTP status.
    Status(u16, &'static str),
    /// An error with one of the known codes.
    Refused,
    /// Odd, but right: data and no error.
    Answered,
    /// Data in which nothing was found: nulls and empty lists, and no error.
    Nothing,
    /// Not HTTP as the server speaks it: refused below the doors with a 4xx or by closing the connection.
    Closed,
}

pub const PARSE: Expect = Expect::Code("GRAPHQL_PARSE_FAILED");
pub const INVALID: Expect = Expect::Code("GRAPHQL_VALIDATION_FAILED");
pub const INPUT: Expect = Expect::Code("BAD_USER_INPUT");
pub const COSTLY: Expect = Expect::Code("QUERY_TOO_COSTLY");
pub const MALFORMED: Expect = Expect::Status(400, "BAD_USER_INPUT");
pub const TOO_LARGE: Expect = Expect::Status(413, "LIMIT_EXCEEDED");

impl Case {
    pub fn new(name: impl Into<String>, request: Request, expect: Expect) -> Self {
        Self { name: name.into(), request, expect, slow: false }
    }

    /// A document without variables.
    pub fn document(name: impl Into<String>, document: impl AsRef<str>, expect: Expect) -> Self {
        Self::new(name, Request::document(document.as_ref()), expect)
    }

    pub fn slow(self) -> Self {
        Self { slow: true, ..self }
    }
}

/// An HTTP request, written as it stands: nothing mends what is wrong with it.
#[derive(Clone)]
pub struct Request {
    method: String,
    target: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    /// Replaces all of the above.
    raw: Option<Vec<u8>>,
}

impl Request {
    pub fn new(method: &str, target: &str, body: impl Into<Vec<u8>>) -> Self {
        let request = Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: body.into(),
            raw: None,
        };
        request
            .with("host", "localhost")
            .with("connection", "close")
            .with("accept", "application/graphql-response+json")
            .with("authorization", format!("Bearer {STAFF_TOKEN}"))
    }

    /// A POST of JSON, or of what claims to be.
    pub fn post(body: impl Into<Vec<u8>>) -> Self {
        Self::new("POST", "/graphql", body).with("content-type", "application/json")
    }

    pub fn get(target: &str) -> Self {
        Self::new("GET", target, "")
    }

    pub fn document(document: &str) -> Self {
        Self::post(json!({ "query": document }).to_string())
    }

    pub fn with_variables(document: &str, variables: &Value) -> Self {
        Self::post(json!({ "query": document, "variables": variables }).to_string())
    }

    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self { raw: Some(bytes.into()), ..Self::post("") }
    }

    /// Adds a header, beside any other of its name.
    pub fn and(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// Sets a header in the place of any other of its name.
    pub fn with(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.without(name).and(name, value)
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(other, _)| other != name);
        self
    }

    pub fn bytes(&self) -> Vec<u8> {
        if let Some(raw) = &self.raw {
            return raw.clone();
        }
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        let framed =
            self.headers.iter().any(|(name, _)| matches!(&**name, "content-length" | "transfer-encoding"));
        let asks_for_nothing = self.body.is_empty() && self.method == "GET";
        if !framed && !asks_for_nothing {
            bytes.extend(format!("content-length: {}\r\n", self.body.len()).into_bytes());
        }
        bytes.extend(b"\r\n");
        bytes.extend(&self.body);
        bytes
    }
}

/// The start of a text, fit for the name of a case.
pub fn shortened(text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    short.escape_debug().to_string()
}
