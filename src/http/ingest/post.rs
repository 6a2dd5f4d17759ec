//! What one request brings: its events as they are written, and what is said of all of them.

use entities::timestamp::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::http::ingest::Door;
use crate::http::ingest::answers::Answer;
use crate::http::ingest::body::MAX_BODY;
use crate::http::ingest::event::Kind;

/// Events of a batch.
const MAX_EVENTS: usize = 2_500;

/// A request.
#[derive(Debug)]
pub struct Post<'a> {
    /// What the events are, if the door says.
    pub kind: Option<Kind>,
    pub events: Vec<&'a RawValue>,
    pub write_key: Option<String>,
    /// When it was sent, by the sender's clock.
    pub sent_at: Option<Timestamp>,
    /// What is true of every event that does not say otherwise.
    pub context: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(
    rename_all = "camelCase",
    expecting = "an object with `event`, `userId` and the like, or with `batch`"
)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    batch: Option<Vec<&'a RawValue>>,
    write_key: Option<Value>,
    sent_at: Option<Value>,
    #[serde(borrow)]
    context: Option<&'a RawValue>,
}

impl<'a> Post<'a> {
    pub fn parse(body: &'a [u8], door: Door) -> Result<Self, Answer> {
        let malformed = |error: serde_json::Error| malformed(body, &error);
        let envelope: Envelope<'a> = serde_json::from_slice(body).map_err(malformed)?;
        let text = |value: Option<Value>| value.and_then(|value| value.as_str().map(str::to_owned));
        let sent_at = text(envelope.sent_at).and_then(|text| time(&text));
        let write_key = text(envelope.write_key);
        let kind = match door {
            Door::Batch => {
                let events = envelope.batch.filter(|events| !events.is_empty()).ok_or_else(no_batch)?;
                let context = shared_context(envelope.context, events.len())?;
                return Ok(Self { kind: None, events, write_key, sent_at, context });
            }
            Door::One(kind) => kind,
        };
        let event = serde_json::from_slice(body).map_err(malformed)?;
        Ok(Self { kind: Some(kind), events: vec![event], write_key, sent_at, context: Map::new() })
    }
}

fn no_batch() -> Answer {
    Answer::malformed("The body needs `batch`, an array of events.")
}

/// What to say of a body that cannot be read.
fn malformed(body: &[u8], error: &serde_json::Error) -> Answer {
    if body.trim_ascii().is_empty() {
        return Answer::malformed("The body is empty; send JSON.");
    }
    match serde_json::from_slice(body) {
        Err(error) => Answer::malformed(format!("The body is not JSON: {error}")),
        Ok(Value::Object(object)) if object.get("batch").is_some_and(|batch| !batch.is_array()) => no_batch(),
        Ok(Value::Object(_)) => Answer::malformed(format!("The body is not what is wanted: {error}")),
        Ok(_) => Answer::malformed(
            "The body is not an object; send one with `event`, `userId` and the like, or `batch`.",
        ),
    }
}

/// The context of a batch. It is stored with every event: what that comes to is bounded as if it had been sent so.
fn shared_context(context: Option<&RawValue>, events: usize) -> Result<Map<String, Value>, Answer> {
    if events > MAX_EVENTS {
        let message = format!("The batch has {events} events; {MAX_EVENTS} is the limit.");
        return Err(Answer::too_large(message));
    }
    let Some(context) = context else { return Ok(Map::new()) };
    if context.get().len() * events > MAX_BODY {
        return Err(Answer::too_large("The context of the batch is too large for so many events."));
    }
    serde_json::from_str(context.get())
        .map_err(|_| Answer::malformed("The batch's `context` is not an object."))
}

/// A time as SDKs write it: ISO 8601, taken for UTC where it does not say.
pub fn time(text: &str) -> Option<Timestamp> {
    Timestamp::parse(text).or_else(|_| Timestamp::parse(&format!("{text}Z"))).ok()
}
