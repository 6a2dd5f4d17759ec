//! Reads a draft from a file, as the graph takes it.

use std::path::Path;

use async_graphql::{InputType, Pos, Value};
use serde_json::Value as Json;

use crate::api::offers::simulating::OfferDraftInput;
use crate::domain::offers::define::Draft;
use crate::kernel::error::{Error, Result};

/// One with an `id` is an offer that is there, with changes; any other is a new one.
pub fn read(file: &Path) -> Result<Draft> {
    let wrong = |reason: String| Error::invalid("draft", format!("{}: {reason}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    let json: Json = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    if let Some(missing) = missing(&json) {
        return Err(wrong(missing.to_owned()));
    }
    let form = if json.get("id").is_some() { "changed" } else { "new" };
    let given =
        Value::from_json(serde_json::json!({ form: json })).map_err(|error| wrong(error.to_string()))?;
    let input = OfferDraftInput::parse(Some(given.clone()))
        .map_err(|error| wrong(error.into_server_error(Pos::default()).message))?;
    if let Some(path) = unknown(&given, &input.to_value()) {
        return Err(wrong(format!("there is no `{path}` in an offer")));
    }
    input.draft().map_err(|error| match error {
        Error::Invalid { field, message } => {
            let field = field.trim_start_matches("input.draft.").trim_start_matches(form);
            wrong(format!("{}: {message}", field.trim_start_matches('.')))
        }
        other => other,
    })
}

/// What a draft cannot be without.
fn missing(draft: &Json) -> Option<&'static str> {
    let has = |name: &str| draft.get(name).is_some();
    if has("id") {
        return (!has("version")).then_some("one that is there needs the `version` that you have read");
    }
    (!has("key")).then_some("a new offer has a `key`, and one that is there an `id` and a `version`")
}

/// The first name that was given and not read: the graph refuses it, and so does this.
fn unknown(given: &Value, read: &Value) -> Option<String> {
    match (given, read) {
        (Value::Object(given), Value::Object(read)) => given
            .iter()
            .filter(|(_, value)| **value != Value::Null)
            .find_map(|(name, value)| match read.get(name) {
                None => Some(name.to_string()),
                Some(read) => unknown(value, read).map(|below| format!("{name}.{below}")),
            }),
        (Value::List(given), Value::List(read)) => {
            given.iter().zip(read).find_map(|(given, read)| unknown(given, read))
        }
        _ => None,
    }
}
