//! The field table of placements.

use std::borrow::Cow;

use crate::api::offers::batches::OfferById;
use crate::api::offers::types::Offer;
use crate::api::reads::Reads;
use crate::db::read::Row;
use crate::domain::placements::store;
use crate::graph::{FieldTable, GraphType, Identifier, Paged};
use crate::kernel::page::Cursor;

/// A spot where offers are shown.
pub struct Placement;

impl GraphType for Placement {
    type Row = store::Placement;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "Placement".into()
    }

    fn description() -> Cow<'static, str> {
        "A spot where offers are shown, on one touchpoint or on many: the hero of the home page, the foot of the \
         basket."
            .into()
    }

    fn columns() -> Vec<&'static str> {
        store::Placement::names()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("id", "The placement's id: `plc_…`.", &["id"], |row| Identifier(row.id));
        t.leaf("key", "The name that devices ask by: `home.hero`. Unique.", &["key"], |row| &row.key);
        t.leaf("name", "The name that people use.", &["name"], |row| &row.name);
        t.maybe::<Offer, _>(
            "fallbackOffer",
            "What is shown when no other offer may be; null when nothing is, or when you may not see it.",
            &["fallback_offer_id"],
            |row| row.fallback_offer_id.map(OfferById),
        );
        t.leaf("createdAt", "When it was first known here.", &["created_at"], |row| &row.created_at);
        t.leaf("updatedAt", "When it last changed.", &["updated_at"], |row| &row.updated_at);
    }
}

impl Paged for Placement {
    const CURSOR_KIND: u8 = b'l';

    fn cursor(row: &store::Placement) -> Cursor {
        Cursor { key: row.created_at.millis(), id: row.id.0 }
    }
}
