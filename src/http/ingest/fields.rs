//! The fields of an event, taken out one by one; senders differ in how they say that there is nothing.

use serde_json::{Map, Value};

/// The fields of an event.
#[derive(Clone, Debug)]
pub struct Fields(Map<String, Value>);

impl Fields {
    /// Reads an event; the error says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fields: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| format!("it is not an object of JSON: {error}"))?;
        // No database we write to can hold NUL in text, so it must not pass one and fail in the other.
        if fields.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)) {
            return Err("it holds a string with the character NUL; leave it out".to_owned());
        }
        Ok(Self(fields))
    }

    pub fn all(&self) -> &Map<String, Value> {
        &self.0
    }

    /// A text that is not empty. Numbers are texts to senders that do not mind their types.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, String> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text).filter(|text| !text.trim().is_empty())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(format!("`{name}` is not a text")),
        }
    }

    pub fn object(&mut self, name: &str) -> Result<Map<String, Value>, String> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(object)) => Ok(object),
            Some(_) => Err(format!("`{name}` is not an object")),
        }
    }
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(object) => object.iter().any(|(key, value)| key.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
