//! Reads touchpoints. They are nobody's data: every viewer may read them.

use std::collections::HashMap;

use entities::ids::TouchpointId;
use entities::timestamp::Timestamp;
use entities::values::Channel;

use crate::db::Db;
use crate::db::read::{Column, Json, Order, Row, Select};
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;
use crate::kernel::money::Currency;
use crate::kernel::page::{Page, PageRequest};

/// A place where the brand meets its customers.
#[derive(Clone, Debug, Default)]
pub struct Touchpoint {
    pub id: TouchpointId,
    pub key: String,
    pub name: String,
    pub channel: Channel,
    pub placements: Json,
    pub time_zone: String,
    pub currency: Currency,
    pub shared: bool,
    pub created_at: Timestamp,
}

impl Row for Touchpoint {
    const TABLE: &'static str = "touchpoints";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |row, cell| cell.read(&mut row.id)),
        Column::new("key", |row, cell| cell.read(&mut row.key)),
        Column::new("name", |row, cell| cell.read(&mut row.name)),
        Column::new("channel", |row, cell| cell.read(&mut row.channel)),
        Column::new("placements", |row, cell| cell.read(&mut row.placements)),
        Column::new("time_zone", |row, cell| cell.read(&mut row.time_zone)),
        Column::new("currency", |row, cell| cell.read(&mut row.currency)),
        Column::new("shared", |row, cell| cell.read(&mut row.shared)),
        Column::new("created_at", |row, cell| cell.read(&mut row.created_at)),
    ];
}

pub async fn by_ids(
    db: &Db,
    ids: &[TouchpointId],
    columns: Columns,
) -> Result<HashMap<TouchpointId, Touchpoint>> {
    let rows = Select::<Touchpoint>::of(columns).any("id", ids).rows(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The touchpoints with these keys, whole.
pub async fn by_keys(db: &Db, keys: &[String]) -> Result<Vec<Touchpoint>> {
    listed(Some(keys), Columns::ALL).rows(db).await
}

fn listed(keys: Option<&[String]>, columns: Columns) -> Select<Touchpoint> {
    let select = Select::of(columns);
    match keys {
        Some(keys) => select.any_of("key", keys.to_vec()),
        None => select,
    }
}

/// A page of all touchpoints, or of those with these keys.
pub async fn page(
    db: &Db,
    keys: Option<&[String]>,
    order: Order,
    request: &PageRequest,
    columns: Columns,
) -> Result<Page<Touchpoint>> {
    listed(keys, columns).order("created_at", order).page(db, request).await
}

pub async fn count(db: &Db, keys: Option<&[String]>) -> Result<u64> {
    listed(keys, Columns::NONE).count(db).await
}

/// The touchpoint with this key, for settings that name one.
pub async fn find_by_key(db: &Db, key: &str) -> Result<Option<TouchpointId>> {
    Ok(Select::<Touchpoint>::of(Columns::NONE).eq("key", key).first(db).await?.map(|row| row.id))
}
