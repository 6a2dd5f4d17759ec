//! Writes a response: `data` with the finished JSON of its subtrees copied through, errors, the plan.
//! Serde would write a subtree as an array of numbers, so every transport uses this writer.

use async_graphql::{Response, ServerError, Value};
use bytes::Bytes;

use crate::graph::leaf::write_json;
use crate::graph::request::not_listed;
use crate::graph::run::LoadRecord;
use crate::kernel::error::{Error, Result};

/// The most characters of a message: what the caller sent may be in it, once an alias.
const MAX_MESSAGE: usize = 400;

/// The errors an answer carries: so many, and how many more there were that the subtrees left out already.
#[derive(Clone, Copy)]
pub(super) struct ErrorCount {
    pub most: usize,
    pub left_out: usize,
}

/// The whole answer as JSON. Errors come first, as the specification advises.
pub(super) fn write(response: &Response, plan: Option<&[LoadRecord]>, count: ErrorCount) -> Result<Bytes> {
    let mut json = Vec::with_capacity(size(&response.data) + 256);
    json.push(b'{');
    if !response.errors.is_empty() {
        write_errors(&response.errors, count, &mut json)?;
    }
    json.extend_from_slice(b"\"data\":");
    write_value(&response.data, &mut json)?;
    if let Some(plan) = plan {
        json.extend_from_slice(b",\"extensions\":{\"plan\":");
        write_json(&plan.iter().map(explained).collect::<Vec<_>>(), &mut json)?;
        json.push(b'}');
    }
    json.push(b'}');
    Ok(json.into())
}

fn explained(load: &LoadRecord) -> serde_json::Value {
    serde_json::json!({
        "path": load.path,
        "keys": load.keys,
        "rows": load.measured.rows,
        "statements": load.measured.statements,
        "ms": (load.milliseconds * 1_000.0).round() / 1_000.0,
    })
}

/// Of more errors than an answer carries, the last one says how many the others are.
fn write_errors(errors: &[ServerError], count: ErrorCount, json: &mut Vec<u8>) -> Result<()> {
    let total = errors.len() + count.left_out;
    let listed = if total > count.most { count.most.saturating_sub(1) } else { total };
    let listed = &errors[..listed.min(errors.len())];
    json.extend_from_slice(b"\"errors\":[");
    for (index, error) in listed.iter().enumerate() {
        if index > 0 {
            json.push(b',');
        }
        write_error(error, json)?;
    }
    if let Some(last) = listed.last().filter(|_| listed.len() < total) {
        let mut rest = ServerError::new(not_listed(total - listed.len()), None);
        if let Some(code) = last.extensions.as_ref().and_then(|extensions| extensions.get("code")) {
            rest.extensions.get_or_insert_default().set("code", code.clone());
        }
        json.push(b',');
        write_error(&rest, json)?;
    }
    json.extend_from_slice(b"],");
    Ok(())
}

fn write_error(error: &ServerError, json: &mut Vec<u8>) -> Result<()> {
    // The library's own field errors (an argument of a root that does not parse) carry no code.
    let mut value = serde_json::to_value(error).map_err(Error::internal)?;
    if let Some(fields) = value.as_object_mut() {
        fields.entry("extensions").or_insert_with(|| serde_json::json!({ "code": "BAD_USER_INPUT" }));
        if let Some(serde_json::Value::String(message)) = fields.get_mut("message") {
            shorten(message);
        }
    }
    write_json(&value, json)
}

fn shorten(message: &mut String) {
    if let Some((end, _)) = message.char_indices().nth(MAX_MESSAGE) {
        message.truncate(end);
        message.push('…');
    }
}

fn write_value(value: &Value, json: &mut Vec<u8>) -> Result<()> {
    match value {
        Value::Binary(finished) => json.extend_from_slice(finished),
        Value::List(items) => {
            json.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    json.push(b',');
                }
                write_value(item, json)?;
            }
            json.push(b']');
        }
        Value::Object(fields) => {
            json.push(b'{');
            for (index, (key, field)) in fields.iter().enumerate() {
                if index > 0 {
                    json.push(b',');
                }
                write_json(key.as_str(), json)?;
                json.push(b':');
                write_value(field, json)?;
            }
            json.push(b'}');
        }
        leaf => write_json(leaf, json)?,
    }
    Ok(())
}

fn size(value: &Value) -> usize {
    match value {
        Value::Binary(finished) => finished.len(),
        Value::List(items) => items.iter().map(size).sum(),
        Value::Object(fields) => fields.values().map(size).sum(),
        _ => 16,
    }
}
