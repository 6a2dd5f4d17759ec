//! The field tables of behaviors' definitions and of what is in quarantine.

use std::borrow::Cow;

use crate::api::reads::Reads;
use crate::db::read::Row;
use crate::domain::behaviors::rows;
use crate::graph::{FieldTable, GraphType, Identifier, Paged};
use crate::kernel::page::Cursor;
use crate::kernel::viewer::Scope;

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
            "All of it as it arrived, with whom it is of. Null, with the error FORBIDDEN, without the scope \
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
