//! Reads definitions as rows. They are nobody's data: who asks does not matter.

use std::collections::HashMap;

use entities::ids::AttributeDefinitionId;
use entities::timestamp::Timestamp;
use entities::values::{Aggregate, AttributeStatus};

use crate::db::Db;
use crate::db::read::{Column, Order, Row, Select};
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, PageRequest};

/// How one attribute is computed, as it is stored.
#[derive(Clone, Debug, Default)]
pub struct AttributeDefinition {
    pub id: AttributeDefinitionId,
    pub key: String,
    pub label: String,
    pub behavior: String,
    pub property: Option<String>,
    pub filter: Option<String>,
    pub aggregate: Aggregate,
    pub window: Option<String>,
    pub time_zone: String,
    pub status: AttributeStatus,
    pub backfilled: i64,
    pub backfill_total: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Row for AttributeDefinition {
    const TABLE: &'static str = "attribute_definitions";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |row, cell| cell.read(&mut row.id)),
        Column::new("key", |row, cell| cell.read(&mut row.key)),
        Column::new("label", |row, cell| cell.read(&mut row.label)),
        Column::new("behavior", |row, cell| cell.read(&mut row.behavior)),
        Column::new("property", |row, cell| cell.read(&mut row.property)),
        Column::new("filter", |row, cell| cell.read(&mut row.filter)),
        Column::new("aggregate", |row, cell| cell.read(&mut row.aggregate)),
        Column::new("window", |row, cell| cell.read(&mut row.window)),
        Column::new("time_zone", |row, cell| cell.read(&mut row.time_zone)),
        Column::new("status", |row, cell| cell.read(&mut row.status)),
        Column::new("backfilled", |row, cell| cell.read(&mut row.backfilled)),
        Column::new("backfill_total", |row, cell| cell.read(&mut row.backfill_total)),
        Column::new("created_at", |row, cell| cell.read(&mut row.created_at)),
        Column::new("updated_at", |row, cell| cell.read(&mut row.updated_at)),
    ];
}

pub async fn by_ids(
    db: &Db,
    ids: &[AttributeDefinitionId],
    columns: Columns,
) -> Result<HashMap<AttributeDefinitionId, AttributeDefinition>> {
    let rows = Select::<AttributeDefinition>::of(columns).any("id", ids).rows(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

pub async fn page(
    db: &Db,
    order: Order,
    request: &PageRequest,
    columns: Columns,
) -> Result<Page<AttributeDefinition>> {
    Select::of(columns).order("created_at", order).page(db, request).await
}

pub async fn count(db: &Db) -> Result<u64> {
    Select::<AttributeDefinition>::of(Columns::NONE).count(db).await
}
