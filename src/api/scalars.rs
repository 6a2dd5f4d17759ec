//! Scalars of the schema: how they are read from input, and how numbers fit into them.

use async_graphql::{Description, InputType, InputValueError, InputValueResult, Scalar, ScalarType, Value};

use crate::kernel::money::Currency;

/// Reads a scalar from a string, or says what it should look like.
fn parse<T: ScalarType + InputType>(
    value: Value,
    wanted: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> InputValueResult<T> {
    match value {
        Value::String(text) => {
            parse(&text).ok_or_else(|| InputValueError::custom(format!("`{text}` is not {wanted}")))
        }
        other => Err(InputValueError::expected_type(other)),
    }
}

/// An object of any shape, as JSON: `{"genre": "drama", "seats": 2}`.
#[derive(Clone, Debug, Description)]
pub struct JSONObject(pub serde_json::Map<String, serde_json::Value>);

// Named, or the library would make it `JsonObject`.
#[Scalar(name = "JSONObject", use_type_description)]
impl ScalarType for JSONObject {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value.into_json() {
            Ok(serde_json::Value::Object(fields)) => Ok(Self(fields)),
            _ => Err(InputValueError::custom("it is not a JSON object")),
        }
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::Object(_))
    }

    fn to_value(&self) -> Value {
        Value::from_json(serde_json::Value::Object(self.0.clone())).unwrap_or_default()
    }
}

impl JSONObject {
    pub fn into_map(self) -> serde_json::Map<String, serde_json::Value> {
        self.0
    }
}

/// Any JSON value: an object, a list, a text, a number, a truth value.
#[derive(Description)]
pub struct JSON(serde_json::Value);

#[Scalar(name = "JSON", use_type_description)]
impl ScalarType for JSON {
    fn parse(value: Value) -> InputValueResult<Self> {
        value.into_json().map(Self).map_err(|_| InputValueError::custom("it is not JSON"))
    }

    fn to_value(&self) -> Value {
        Value::from_json(self.0.clone()).unwrap_or_default()
    }
}

/// A span of time, ISO 8601: `P30D` for 30 days, `PT24H` for 24 hours.
#[derive(Description)]
pub struct Duration(String);

#[Scalar(use_type_description, specified_by_url = "https://scalars.graphql.org/andimarek/duration")]
impl ScalarType for Duration {
    fn parse(value: Value) -> InputValueResult<Self> {
        parse(value, "a span such as P30D", |text| Some(Self(text.to_owned())))
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::String(text) if !text.is_empty())
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

impl Duration {
    pub fn into_text(self) -> String {
        self.0
    }
}

/// An exact decimal number as a string, so that no client makes a float of it: `"12.50"`.
#[derive(Description)]
pub struct Decimal(rust_decimal::Decimal);

#[Scalar(use_type_description)]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        parse(value, "a decimal such as 12.50", |text| text.parse().ok().map(Self))
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::String(text) if text.parse::<rust_decimal::Decimal>().is_ok())
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl Decimal {
    pub fn value(&self) -> rust_decimal::Decimal {
        self.0
    }
}

/// A currency by its ISO 4217 code: `EUR`.
#[derive(Description)]
pub struct CurrencyCode(Currency);

#[Scalar(use_type_description, specified_by_url = "https://www.iso.org/iso-4217-currency-codes.html")]
impl ScalarType for CurrencyCode {
    fn parse(value: Value) -> InputValueResult<Self> {
        parse(value, "an ISO 4217 code such as EUR", |code| Currency::parse(code).map(Self))
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::String(code) if Currency::parse(code).is_some())
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.code().to_owned())
    }
}

impl CurrencyCode {
    pub fn value(&self) -> Currency {
        self.0
    }
}

/// A time zone by its IANA name: `Europe/Vienna`.
#[derive(Description)]
pub struct TimeZone(String);

#[Scalar(use_type_description, specified_by_url = "https://www.iana.org/time-zones")]
impl ScalarType for TimeZone {
    fn parse(value: Value) -> InputValueResult<Self> {
        parse(value, "an IANA zone such as Europe/Vienna", |text| Some(Self(text.to_owned())))
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::String(text) if !text.is_empty())
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

impl TimeZone {
    /// Whether there is such a zone is for the service to say, with the nearest name.
    pub fn into_text(self) -> String {
        self.0
    }
}

/// A calendar day: `1990-04-23`.
#[derive(Clone, Copy, Debug, Description)]
pub struct Date(pub chrono::NaiveDate);

#[Scalar(use_type_description, specified_by_url = "https://scalars.graphql.org/andimarek/local-date")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        parse(value, "a day such as 1990-04-23", |day| day.parse().ok().map(Self))
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::String(day) if day.parse::<chrono::NaiveDate>().is_ok())
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A number of things as a GraphQL `Int`, which has 32 bits.
pub fn count(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
