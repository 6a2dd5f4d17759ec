//! Scalars of the schema that are ours: how they are read from input and described.

use async_graphql::registry::MetaType;
use async_graphql::{Description, InputValueError, InputValueResult, Scalar, ScalarType, Value};
use entities::timestamp::Timestamp;

/// A point in time, RFC 3339: `2026-03-01T18:30:00.000Z`. Answers are always in UTC with milliseconds;
/// inputs may have any offset.
#[derive(Clone, Copy, Debug, Description, PartialEq, Eq)]
pub struct DateTime(pub Timestamp);

#[Scalar(use_type_description, specified_by_url = "https://scalars.graphql.org/andimarek/date-time")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        Timestamp::parse(text).map(Self).map_err(|error| InputValueError::custom(error.to_string()))
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::String(text) if Timestamp::parse(text).is_ok())
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// What a value of a scalar is, in words; of a scalar of ours, the first sentence of its description.
pub(super) fn form_of(scalar: &MetaType) -> String {
    let form = format!("a value of type \"{}\"", scalar.name());
    match scalar {
        MetaType::Scalar { description: Some(description), specified_by_url: Some(_), .. } => {
            let said = description.split_once(". ").map_or(description.as_str(), |(first, _)| first);
            format!("{form} ({})", said.trim_end_matches('.'))
        }
        _ => form,
    }
}
