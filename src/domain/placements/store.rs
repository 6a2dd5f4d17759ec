//! Reads placements. They are nobody's data: every viewer may read them.

use std::collections::HashMap;

use entities::ids::{OfferId, PlacementId};
use entities::timestamp::Timestamp;

use crate::db::Db;
use crate::db::read::{Column, Order, Row, Select};
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, PageRequest};

/// A spot where offers are shown.
#[derive(Clone, Debug, Default)]
pub struct Placement {
    pub id: PlacementId,
    pub key: String,
    pub name: String,
    pub fallback_offer_id: Option<OfferId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Row for Placement {
    const TABLE: &'static str = "placements";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |row, cell| cell.read(&mut row.id)),
        Column::new("key", |row, cell| cell.read(&mut row.key)),
        Column::new("name", |row, cell| cell.read(&mut row.name)),
        Column::new("fallback_offer_id", |row, cell| cell.read(&mut row.fallback_offer_id)),
        Column::new("created_at", |row, cell| cell.read(&mut row.created_at)),
        Column::new("updated_at", |row, cell| cell.read(&mut row.updated_at)),
    ];
}

pub async fn by_ids(
    db: &Db,
    ids: &[PlacementId],
    columns: Columns,
) -> Result<HashMap<PlacementId, Placement>> {
    let rows = Select::<Placement>::of(columns).any("id", ids).rows(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

pub async fn page(db: &Db, order: Order, request: &PageRequest, columns: Columns) -> Result<Page<Placement>> {
    Select::of(columns).order("created_at", order).page(db, request).await
}

pub async fn count(db: &Db) -> Result<u64> {
    Select::<Placement>::of(Columns::NONE).count(db).await
}
