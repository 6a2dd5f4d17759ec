//! The field tables of behaviors, of their definitions, and of what is in quarantine.

use std::borrow::Cow;

use crate::api::customers::batches::{CustomerById, DeviceById};
use crate::api::customers::types::{Customer, Device};
use crate::api::enums::Channel;
use crate::api::reads::Reads;
use crate::api::touchpoints::batches::TouchpointById;
use crate::api::touchpoints::types::Touchpoint;
use crate::db::read::Row;
use crate::domain::behaviors::{rows, store};
use crate::graph::{EnumLeaf, FieldTable, GraphType, Identifier, Paged};
use crate::kernel::page::Cursor;
use crate::kernel::viewer::Scope;

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

/// What behaviors of one name must look like.
pub struct BehaviorDefinition;

impl GraphType for BehaviorDefinition {
    type Row = rows::BehaviorDefinition;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "BehaviorDefinition".into()
    }

    fn description() -> Cow<'static, str> {
        "What behaviors of one name must look like; what does not is quarantined.".into()
    }

    fn columns() -> Vec<&'static str> {
        rows::BehaviorDefinition::names()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("id", "The definition's id: `bdf_…`.", &["id"], |row| Identifier(row.id));
        t.leaf("name", "The name of the behaviors. Unique.", &["name"], |row| &row.name);
        t.leaf(
            "description",
            "What the behavior means; null when it was not said.",
            &["description"],
            |row| &row.description,
        );
        t.leaf("schema", "The JSON Schema that their properties must fit.", &["schema"], |row| &row.schema);
        t.leaf("createdAt", "When it was first defined.", &["created_at"], |row| &row.created_at);
        t.leaf("updatedAt", "When it last changed.", &["updated_at"], |row| &row.updated_at);
    }
}

impl Paged for BehaviorDefinition {
    const CURSOR_KIND: u8 = b'B';

    fn cursor(row: &rows::BehaviorDefinition) -> Cursor {
        Cursor { key: row.created_at.millis(), id: row.id.0 }
    }
}

/// A behavior that did not look as it must.
pub struct QuarantinedBehavior;

impl GraphType for QuarantinedBehavior {
    type Row = rows::QuarantinedBehavior;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "QuarantinedBehavior".into()
    }

    fn description() -> Cow<'static, str> {
        "A behavior that did not look as its definition says. It is kept whole, counts for nothing, and can be \
         recorded by `behaviorsReplay` once the definition is mended."
            .into()
    }

    fn columns() -> Vec<&'static str> {
        rows::QuarantinedBehavior::names()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("id", "Its id in quarantine: `qua_…`.", &["id"], |row| Identifier(row.id));
        t.leaf("name", "The name of the behavior.", &["name"], |row| &row.name);
        t.leaf("source", "Who sent it.", &["source"], |row| &row.source);
        t.leaf("messageId", "The sender's own id of it.", &["message_id"], |row| &row.message_id);
        t.leaf("reason", "What is wrong with it, for people to read.", &["reason"], |row| &row.reason);
        t.leaf("receivedAt", "When it arrived.", &["received_at"], |row| &row.received_at);
        t.calc(
            "arrival",
            "The rest of it as it arrived: `channel`, `touchpoint` and `device` (ids), `properties`, and `occurredAt`, \
             the time corrected. Null, with the error FORBIDDEN, without the scope \
             `personal:read`.",
            &["arrival"],
            |row| Some(row.arrival.clone()),
        )
        .needs(Scope::Personal);
    }
}

impl Paged for QuarantinedBehavior {
    const CURSOR_KIND: u8 = b'q';

    fn cursor(row: &rows::QuarantinedBehavior) -> Cursor {
        Cursor { key: row.received_at.millis(), id: row.id.0 }
    }
}
