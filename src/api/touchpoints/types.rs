//! The field table of touchpoints.

use std::borrow::Cow;

use crate::api::enums::Channel;
use crate::api::leaves::{JsonTexts, ZoneName};
use crate::api::reads::Reads;
use crate::db::read::Row;
use crate::domain::touchpoints::store;
use crate::graph::{EnumLeaf, FieldTable, GraphType, Identifier, Paged};
use crate::kernel::page::Cursor;

/// A place where the brand meets its customers.
pub struct Touchpoint;

impl GraphType for Touchpoint {
    type Row = store::Touchpoint;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "Touchpoint".into()
    }

    fn description() -> Cow<'static, str> {
        "A place where the brand meets its customers: a web shop, an app, one kiosk in one foyer.".into()
    }

    fn columns() -> Vec<&'static str> {
        store::Touchpoint::names()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("id", "The touchpoint's id: `tou_…`.", &["id"], |row| Identifier(row.id));
        t.leaf("key", "The name by which systems call it: `vienna-kiosk-1`. Unique.", &["key"], |row| {
            &row.key
        });
        t.leaf("name", "The name by which people call it.", &["name"], |row| &row.name);
        t.calc("channel", "What kind of place it is.", &["channel"], |row| {
            EnumLeaf(Channel::from(row.channel))
        });
        t.calc("placements", "The spots in which it can show offers: `home-hero`.", &["placements"], |row| {
            JsonTexts(row.placements.clone())
        });
        t.calc(
            "timeZone",
            "The time zone in which its schedules and days are meant.",
            &["time_zone"],
            |row| ZoneName(row.time_zone.clone()),
        );
        t.leaf("currencyCode", "The currency it sells in.", &["currency"], |row| &row.currency);
        t.leaf(
            "shared",
            "True when many people use it, as a kiosk or a till: what happens there never makes it anybody's \
             own device.",
            &["shared"],
            |row| &row.shared,
        );
        t.leaf("createdAt", "When it was first known here.", &["created_at"], |row| &row.created_at);
    }
}

impl Paged for Touchpoint {
    const CURSOR_KIND: u8 = b't';

    fn cursor(row: &store::Touchpoint) -> Cursor {
        Cursor { key: row.created_at.millis(), id: row.id.0 }
    }
}
