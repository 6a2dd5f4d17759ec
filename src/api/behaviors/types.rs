//! The field table of behaviors.

use std::borrow::Cow;

use crate::api::customers::batches::{CustomerById, DeviceById};
use crate::api::customers::types::{Customer, Device};
use crate::api::enums::Channel;
use crate::api::reads::Reads;
use crate::api::touchpoints::batches::TouchpointById;
use crate::api::touchpoints::types::Touchpoint;
use crate::db::read::Row;
use crate::domain::behaviors::store;
use crate::graph::{EnumLeaf, FieldTable, GraphType, Identifier, Paged};
use crate::kernel::page::Cursor;

/// Something a customer did.
pub struct Behavior;

impl GraphType for Behavior {
    type Row = store::Behavior;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "Behavior".into()
    }

    fn description() -> Cow<'static, str> {
        "Something a customer did, once, at one time and place.".into()
    }

    fn columns() -> Vec<&'static str> {
        store::Behavior::names()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("id", "The behavior's id: `beh_…`.", &["id"], |row| Identifier(row.id));
        t.leaf("name", "What was done: `Product Viewed`.", &["name"], |row| &row.name);
        t.calc("channel", "Through which channel.", &["channel"], |row| EnumLeaf(Channel::from(row.channel)));
        t.maybe::<Touchpoint, _>(
            "touchpoint",
            "Where it was done; null when it was not said.",
            &["touchpoint_id"],
            |row| row.touchpoint_id.map(TouchpointById),
        );
        t.maybe::<Device, _>(
            "device",
            "On which of the customer's devices; null for a shared touchpoint or when it was not said.",
            &["device_id"],
            |row| row.device_id.map(DeviceById),
        );
        t.link::<Customer, _>("customer", "Who did it.", &["customer_id"], |row| {
            CustomerById(row.customer_id)
        });
        t.leaf(
            "properties",
            "What it was done with, of any shape: `{\"sku\": \"T-104\", \"genre\": \"drama\"}`.",
            &["properties"],
            |row| &row.properties,
        );
        t.leaf("occurredAt", "When it was done, by the sender's corrected clock.", &["occurred_at"], |row| {
            &row.occurred_at
        });
        t.leaf("receivedAt", "When it arrived here.", &["received_at"], |row| &row.received_at);
        t.leaf(
            "messageId",
            "The sender's own id of it: sent twice, it counts once.",
            &["message_id"],
            |row| &row.message_id,
        );
    }
}

impl Paged for Behavior {
    const CURSOR_KIND: u8 = b'b';

    fn cursor(row: &store::Behavior) -> Cursor {
        Cursor { key: row.occurred_at.millis(), id: row.id.0 }
    }
}
