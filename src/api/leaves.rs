//! How the values of the tables are written as the scalars of the schema.

use async_graphql::OutputType;
use async_graphql::registry::Registry;

use crate::api::enums::Channel;
use crate::api::scalars::{CurrencyCode, Date, Decimal, Duration, JSON, JSONObject, TimeZone};
use crate::db::read::Json;
use crate::graph::Leaf;
use crate::graph::leaf::write_json;
use crate::kernel::error::{Error, Result};
use crate::kernel::money::Currency;

/// A JSON column is an object; its bytes are copied, never parsed.
impl Leaf for Json {
    fn nullable_name() -> String {
        <JSONObject as OutputType>::type_name().into_owned()
    }

    fn register(registry: &mut Registry) {
        <JSONObject as OutputType>::create_type_info(registry);
    }

    fn write(&self, json: &mut Vec<u8>) -> Result<()> {
        json.extend_from_slice(self.as_str().as_bytes());
        Ok(())
    }
}

/// A JSON column that holds a list of texts.
pub struct JsonTexts(pub Json);

impl Leaf for JsonTexts {
    fn nullable_name() -> String {
        "[String!]".into()
    }

    fn register(registry: &mut Registry) {
        <String as OutputType>::create_type_info(registry);
    }

    fn write(&self, json: &mut Vec<u8>) -> Result<()> {
        self.0.write(json)
    }
}

/// A JSON column that holds a list of channels.
pub struct JsonChannels(pub Json);

impl Leaf for JsonChannels {
    fn nullable_name() -> String {
        "[Channel!]".into()
    }

    fn register(registry: &mut Registry) {
        <Channel as OutputType>::create_type_info(registry);
    }

    fn write(&self, json: &mut Vec<u8>) -> Result<()> {
        self.0.write(json)
    }
}

impl Leaf for rust_decimal::Decimal {
    fn nullable_name() -> String {
        <Decimal as OutputType>::type_name().into_owned()
    }

    fn register(registry: &mut Registry) {
        <Decimal as OutputType>::create_type_info(registry);
    }

    fn write(&self, json: &mut Vec<u8>) -> Result<()> {
        use std::io::Write;
        write!(json, "\"{self}\"").map_err(Error::internal)
    }
}

impl Leaf for Currency {
    fn nullable_name() -> String {
        <CurrencyCode as OutputType>::type_name().into_owned()
    }

    fn register(registry: &mut Registry) {
        <CurrencyCode as OutputType>::create_type_info(registry);
    }

    fn write(&self, json: &mut Vec<u8>) -> Result<()> {
        write_json(self.code(), json)
    }
}

/// Any JSON value.
pub struct AnyJson(pub serde_json::Value);

impl Leaf for AnyJson {
    fn nullable_name() -> String {
        <JSON as OutputType>::type_name().into_owned()
    }

    fn register(registry: &mut Registry) {
        <JSON as OutputType>::create_type_info(registry);
    }

    fn write(&self, json: &mut Vec<u8>) -> Result<()> {
        write_json(&self.0, json)
    }
}

/// A span of time as the table has it.
pub struct DurationText(pub String);

impl Leaf for DurationText {
    fn nullable_name() -> String {
        <Duration as OutputType>::type_name().into_owned()
    }

    fn register(registry: &mut Registry) {
        <Duration as OutputType>::create_type_info(registry);
    }

    fn write(&self, json: &mut Vec<u8>) -> Result<()> {
        write_json(&self.0, json)
    }
}

/// The IANA name of a time zone.
pub struct ZoneName(pub String);

impl Leaf for ZoneName {
    fn nullable_name() -> String {
        <TimeZone as OutputType>::type_name().into_owned()
    }

    fn register(registry: &mut Registry) {
        <TimeZone as OutputType>::create_type_info(registry);
    }

    fn write(&self, json: &mut Vec<u8>) -> Result<()> {
        write_json(&self.0, json)
    }
}

/// A day as the table has it, `YYYY-MM-DD`.
pub struct Day(pub String);

impl Leaf for Day {
    fn nullable_name() -> String {
        <Date as OutputType>::type_name().into_owned()
    }

    fn register(registry: &mut Registry) {
        <Date as OutputType>::create_type_info(registry);
    }

    fn write(&self, json: &mut Vec<u8>) -> Result<()> {
        write_json(&self.0, json)
    }
}
