//! Traits: what the brand was told of a customer, merged key by key.

use serde_json::{Map, Value};

/// Adds traits to those that are there. A key that is said again is overwritten; null removes it.
pub fn merge(traits: &mut Map<String, Value>, said: Map<String, Value>) {
    for (key, value) in said {
        match value {
            Value::Null => drop(traits.remove(&key)),
            value => drop(traits.insert(key, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn traits_are_merged_key_by_key_and_null_removes() {
        let mut traits = json!({ "plan": "gold", "seat": 7 });
        let said = json!({ "plan": null, "genre": "drama", "gone": null });
        let (Value::Object(traits), Value::Object(said)) = (&mut traits, said) else { unreachable!() };
        merge(traits, said);
        assert_eq!(Value::Object(traits.clone()), json!({ "seat": 7, "genre": "drama" }));
    }
}
