//! Reads definitions of behaviors and what is in quarantine. The caller has asked whether the viewer may.

use std::collections::HashMap;

use entities::ids::{BehaviorDefinitionId, QuarantinedBehaviorId};
use entities::timestamp::Timestamp;

use crate::db::Db;
use crate::db::read::{Column, Json, Order, Row, Select};
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, PageRequest};

/// What behaviors of one name must look like.
#[derive(Clone, Debug, Default)]
pub struct BehaviorDefinition {
    pub id: BehaviorDefinitionId,
    pub name: String,
    pub description: Option<String>,
    pub schema: Json,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Row for BehaviorDefinition {
    const TABLE: &'static str = "behavior_definitions";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |row, cell| cell.read(&mut row.id)),
        Column::new("name", |row, cell| cell.read(&mut row.name)),
        Column::new("description", |row, cell| cell.read(&mut row.description)),
        Column::new("schema", |row, cell| cell.read(&mut row.schema)),
        Column::new("created_at", |row, cell| cell.read(&mut row.created_at)),
        Column::new("updated_at", |row, cell| cell.read(&mut row.updated_at)),
    ];
}

/// A behavior that was kept apart.
#[derive(Clone, Debug, Default)]
pub struct QuarantinedBehavior {
    pub id: QuarantinedBehaviorId,
    pub name: String,
    pub source: String,
    pub message_id: String,
    pub arrival: Json,
    pub reason: String,
    pub received_at: Timestamp,
}

impl Row for QuarantinedBehavior {
    const TABLE: &'static str = "quarantined_behaviors";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |row, cell| cell.read(&mut row.id)),
        Column::new("name", |row, cell| cell.read(&mut row.name)),
        Column::new("source", |row, cell| cell.read(&mut row.source)),
        Column::new("message_id", |row, cell| cell.read(&mut row.message_id)),
        Column::new("arrival", |row, cell| cell.read(&mut row.arrival)),
        Column::new("reason", |row, cell| cell.read(&mut row.reason)),
        Column::new("received_at", |row, cell| cell.read(&mut row.received_at)),
    ];
}

pub async fn definitions_by_ids(
    db: &Db,
    ids: &[BehaviorDefinitionId],
    columns: Columns,
) -> Result<HashMap<BehaviorDefinitionId, BehaviorDefinition>> {
    let rows = Select::<BehaviorDefinition>::of(columns).any("id", ids).rows(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

pub async fn definitions(
    db: &Db,
    order: Order,
    request: &PageRequest,
    columns: Columns,
) -> Result<Page<BehaviorDefinition>> {
    Select::of(columns).order("created_at", order).page(db, request).await
}

pub async fn definition_count(db: &Db) -> Result<u64> {
    Select::<BehaviorDefinition>::of(Columns::NONE).count(db).await
}

pub async fn quarantined_by_ids(
    db: &Db,
    ids: &[QuarantinedBehaviorId],
    columns: Columns,
) -> Result<HashMap<QuarantinedBehaviorId, QuarantinedBehavior>> {
    let rows = Select::<QuarantinedBehavior>::of(columns).any("id", ids).rows(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

fn listed(names: Option<&[String]>, columns: Columns) -> Select<QuarantinedBehavior> {
    let select = Select::of(columns);
    match names {
        Some(names) => select.any_of("name", names.to_vec()),
        None => select,
    }
}

pub async fn quarantined(
    db: &Db,
    names: Option<&[String]>,
    order: Order,
    request: &PageRequest,
    columns: Columns,
) -> Result<Page<QuarantinedBehavior>> {
    listed(names, columns).order("received_at", order).page(db, request).await
}

pub async fn quarantined_count(db: &Db, names: Option<&[String]>) -> Result<u64> {
    listed(names, Columns::NONE).count(db).await
}
