//! What a behavior was done with, and the text it is stored as, built once: it is measured, told apart from others
//! and stored by it. Clones share both.

use std::sync::Arc;

use serde_json::{Map, Value};

/// The properties of a behavior.
#[derive(Clone, Debug)]
pub struct Properties(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    value: Value,
    text: String,
}

impl Properties {
    /// An object.
    pub fn value(&self) -> &Value {
        &self.0.value
    }

    /// The same as JSON.
    pub fn text(&self) -> &str {
        &self.0.text
    }
}

impl From<Map<String, Value>> for Properties {
    fn from(properties: Map<String, Value>) -> Self {
        let value = Value::Object(properties);
        let text = value.to_string();
        Self(Arc::new(Inner { value, text }))
    }
}

impl Default for Properties {
    fn default() -> Self {
        Map::new().into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_text_is_that_of_the_value_and_is_shared() {
        let Value::Object(map) = json!({ "film": "Zero \"G\"", "seats": [1, 2.5] }) else {
            panic!("no object")
        };
        let properties = Properties::from(map.clone());
        assert_eq!(properties.text(), serde_json::to_string(&map).expect("a text"));
        assert_eq!(serde_json::from_str::<Value>(properties.text()).expect("a value"), *properties.value());
        assert!(std::ptr::eq(properties.clone().text(), properties.text()));
        assert_eq!(Properties::default().text(), "{}");
    }
}
