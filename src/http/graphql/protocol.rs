//! The messages of graphql-transport-ws, the WebSocket protocol of GraphQL clients, and its ways to close.

use std::borrow::Cow;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// The name under which clients and servers agree on it.
pub const SUBPROTOCOL: &str = "graphql-transport-ws";

/// Bytes of the reason in a close frame, at most.
const MAX_REASON: usize = 123;
/// Bytes of an operation's id, at most.
const MAX_ID: usize = 128;

/// What a client sends.
#[derive(Debug)]
pub enum FromClient {
    ConnectionInit(Option<Value>),
    Ping,
    Pong,
    Subscribe { id: String, payload: Box<RawValue> },
    Complete { id: String },
}

/// Why a socket is closed, with the protocol's code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    pub code: u16,
    pub reason: Cow<'static, str>,
}

impl Close {
    const fn of(code: u16, reason: &'static str) -> Self {
        Self { code, reason: Cow::Borrowed(reason) }
    }

    pub const GOING_AWAY: Self = Self::of(1001, "The server ends; connect again.");
    /// Codes of the protocol itself are final to clients, which then do not connect again; what passes by itself is
    /// told by the WebSocket's own code "Try Again Later".
    pub const INTERNAL: Self = Self::of(1013, "Something went wrong on our side; connect again.");
    /// As above.
    pub const TOO_MANY_SOCKETS: Self =
        Self::of(1013, "Too many connections with this token; close one, or try again later.");
    pub const UNAUTHORIZED: Self = Self::of(4401, "Unauthorized");
    pub const FORBIDDEN: Self = Self::of(4403, "Forbidden");
    pub const NO_SUBPROTOCOL: Self =
        Self::of(4406, "Subprotocol not acceptable; ask for graphql-transport-ws");
    pub const INIT_TIMEOUT: Self = Self::of(4408, "Connection initialisation timeout");
    pub const TOO_MANY_INITS: Self = Self::of(4429, "Too many initialisation requests");

    pub fn invalid(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { code: 4400, reason: reason.into() }
    }

    pub fn duplicate(id: &str) -> Self {
        Self { code: 4409, reason: format!("Subscriber for {id} already exists").into() }
    }

    pub fn frame(&self) -> Message {
        let mut end = self.reason.len().min(MAX_REASON);
        while !self.reason.is_char_boundary(end) {
            end -= 1;
        }
        Message::Close(Some(CloseFrame { code: self.code, reason: self.reason[..end].into() }))
    }
}

impl FromClient {
    /// Reads a message; whatever is not of the protocol closes the socket.
    pub fn read(text: &str) -> Result<Self, Close> {
        #[derive(Deserialize)]
        struct Raw<'a> {
            #[serde(rename = "type")]
            kind: Cow<'a, str>,
            id: Option<String>,
            payload: Option<Box<RawValue>>,
        }
        let Raw { kind, id, payload } = serde_json::from_str(text)
            .map_err(|_| Close::invalid("A message is a JSON object with the key `type`."))?;
        let id = || match id {
            Some(id) if !id.is_empty() && id.len() <= MAX_ID => Ok(id),
            _ => Err(Close::invalid(format!("The message needs an `id` of 1 to {MAX_ID} bytes."))),
        };
        match &*kind {
            "connection_init" => {
                let payload = payload.map(|payload| serde_json::from_str(payload.get())).transpose();
                Ok(Self::ConnectionInit(payload.map_err(|_| Close::invalid("The payload is not JSON."))?))
            }
            "ping" => Ok(Self::Ping),
            "pong" => Ok(Self::Pong),
            "subscribe" => {
                let payload =
                    payload.ok_or_else(|| Close::invalid("`subscribe` needs a payload with `query`."))?;
                Ok(Self::Subscribe { id: id()?, payload })
            }
            "complete" => Ok(Self::Complete { id: id()? }),
            _ => Err(Close::invalid("The message's `type` is not one that a client sends.")),
        }
    }
}

/// `connection_ack`, `ping`, `pong`: messages that say no more than their type.
pub fn bare(kind: &'static str) -> Message {
    text(format!("{{\"type\":\"{kind}\"}}"))
}

/// `complete`: there is nothing more of an operation.
pub fn complete(id: &str) -> Message {
    text(format!("{{\"id\":{},\"type\":\"complete\"}}", quoted(id)))
}

/// `next` or `error`, with its payload as JSON.
pub fn of_operation(kind: &'static str, id: &str, payload: &[u8]) -> Message {
    let payload = String::from_utf8_lossy(payload);
    text(format!("{{\"id\":{},\"type\":\"{kind}\",\"payload\":{payload}}}", quoted(id)))
}

fn quoted(id: &str) -> String {
    Value::from(id).to_string()
}

fn text(json: String) -> Message {
    Message::Text(Utf8Bytes::from(json))
}
