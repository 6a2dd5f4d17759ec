//! The field tables of attributes and their definitions.

use std::borrow::Cow;

use entities::values::{AttributeStatus, Channel as StoredChannel};
use serde_json::Value;

use crate::api::attributes::batches::AttributeDefinitionById;
use crate::api::enums::{self, Channel};
use crate::api::leaves::{AnyJson, DurationText, ZoneName};
use crate::api::reads::Reads;
use crate::api::scalars::count;
use crate::db::read::Row;
use crate::domain::attributes::read;
use crate::domain::attributes::rows;
use crate::graph::{EnumLeaf, FieldTable, GraphType, Identifier, Paged};
use crate::kernel::page::Cursor;

/// What a customer's behaviors say.
pub struct Attribute;

impl GraphType for Attribute {
    type Row = read::Attribute;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "Attribute".into()
    }

    fn description() -> Cow<'static, str> {
        "What a customer's behaviors say, by one definition: exact at the moment it is read, and the same on \
         every device."
            .into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.link::<AttributeDefinition, _>("definition", "How it is computed.", &[], |row| {
            AttributeDefinitionById(row.definition.id)
        });
        t.calc("key", "The definition's key: `visits_90d`.", &[], |row| row.definition.key.clone());
        t.calc(
            "value",
            "A number, a text or a truth value, by the definition's aggregate. Null when there is nothing to tell: \
             the greatest of no values, or a definition whose history is still being counted.",
            &[],
            |row| row.value.as_ref().map(|value| value.value.clone()).filter(|value| !value.is_null()).map(AnyJson),
        );
        t.calc(
            "changesAt",
            "When the value will be another if nothing happens, because something leaves the window: a device may \
             keep it until then. Null when time alone never changes it.",
            &[],
            |row| row.value.as_ref().and_then(|value| value.changes_at),
        );
        t.embed::<Vec<ChannelValue>>(
            "byChannel",
            "The same value for each channel in which something happened.",
            &[],
            |row| {
                let values = row.value.iter().flat_map(|value| &value.by_channel);
                values
                    .map(|(channel, value)| ChannelValueRow { channel: *channel, value: value.clone() })
                    .collect()
            },
        );
    }
}

/// The value of an attribute in one channel.
pub struct ChannelValue;

/// What `ChannelValue` is made from.
#[derive(Clone, Debug)]
pub struct ChannelValueRow {
    channel: StoredChannel,
    value: Value,
}

impl GraphType for ChannelValue {
    type Row = ChannelValueRow;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "ChannelValue".into()
    }

    fn description() -> Cow<'static, str> {
        "The value of an attribute by what was done in one channel.".into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("channel", "Where it was done.", &[], |row| EnumLeaf(Channel::from(row.channel)));
        t.calc("value", "The value there; null when there is nothing to tell.", &[], |row| {
            Some(row.value.clone()).filter(|value| !value.is_null()).map(AnyJson)
        });
    }
}

/// How one attribute is computed.
pub struct AttributeDefinition;

impl GraphType for AttributeDefinition {
    type Row = rows::AttributeDefinition;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "AttributeDefinition".into()
    }

    fn description() -> Cow<'static, str> {
        "How one attribute is computed from behaviors: which of them count, what of them, and how far back."
            .into()
    }

    fn columns() -> Vec<&'static str> {
        rows::AttributeDefinition::names()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("id", "The definition's id: `atd_…`. Another meaning has another id.", &["id"], |row| {
            Identifier(row.id)
        });
        t.leaf("key", "The name that rules and devices use: `visits_90d`. Unique.", &["key"], |row| &row.key);
        t.leaf("label", "The name that people use.", &["label"], |row| &row.label);
        t.leaf("behavior", "The name of the behaviors that count.", &["behavior"], |row| &row.behavior);
        t.leaf(
            "property",
            "Which of their properties is reckoned with, names with dots: `product.genre`; null counts the behaviors \
             themselves.",
            &["property"],
            |row| &row.property,
        );
        t.leaf(
            "where",
            "A CEL condition on the behavior; null counts all of that name.",
            &["filter"],
            |row| &row.filter,
        );
        t.calc("aggregate", "How many values become one.", &["aggregate"], |row| {
            EnumLeaf(enums::Aggregate::from(row.aggregate))
        });
        t.calc(
            "window",
            "How far back behaviors count: `P30D` is today and the 29 days before, `PT24H` the last 24 hours to the \
             second; null counts all history.",
            &["window"],
            |row| row.window.clone().map(DurationText),
        );
        t.calc("timeZone", "The zone in which its days begin.", &["time_zone"], |row| {
            ZoneName(row.time_zone.clone())
        });
        t.calc("status", "Whether all history is counted yet.", &["status"], |row| {
            EnumLeaf(enums::AttributeStatus::from(row.status))
        });
        t.calc(
            "progress",
            "How much of history is counted, from 0 to 1. Values are null before it is 1.",
            &["status", "backfilled", "backfill_total"],
            |row| match row.status {
                AttributeStatus::Ready => 1.0,
                AttributeStatus::Backfilling => {
                    (row.backfilled as f64 / row.backfill_total.max(1) as f64).clamp(0.0, 0.999)
                }
            },
        );
        t.calc("backfilled", "How many behaviors of history have been looked at.", &["backfilled"], |row| {
            count(row.backfilled)
        });
        t.leaf("createdAt", "When it was defined.", &["created_at"], |row| &row.created_at);
        t.leaf("updatedAt", "When it last changed.", &["updated_at"], |row| &row.updated_at);
    }
}

impl Paged for AttributeDefinition {
    const CURSOR_KIND: u8 = b'a';

    fn cursor(row: &rows::AttributeDefinition) -> Cursor {
        Cursor { key: row.created_at.millis(), id: row.id.0 }
    }
}
