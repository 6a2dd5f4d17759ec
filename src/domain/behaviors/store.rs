//! Reads behaviors. Every read starts from the viewer's scope.

use std::collections::HashMap;

use entities::ids::{BehaviorId, CustomerId, DeviceId, TouchpointId};
use entities::timestamp::Timestamp;
use entities::values::Channel;

use crate::db::Db;
use crate::db::read::{Column, Json, Order, Param, Row, Select};
use crate::domain::customers::merging::MERGING;
use crate::domain::time_range::TimeRange;
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::viewer::CustomerScope;

/// Something a customer did.
#[derive(Clone, Debug, Default)]
pub struct Behavior {
    pub id: BehaviorId,
    pub customer_id: CustomerId,
    pub name: String,
    pub channel: Channel,
    pub touchpoint_id: Option<TouchpointId>,
    pub device_id: Option<DeviceId>,
    pub properties: Json,
    pub occurred_at: Timestamp,
    pub received_at: Timestamp,
    pub source: String,
    pub message_id: String,
}

impl Row for Behavior {
    const TABLE: &'static str = "behaviors";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |row, cell| cell.read(&mut row.id)),
        Column::new("customer_id", |row, cell| cell.read(&mut row.customer_id)),
        Column::new("name", |row, cell| cell.read(&mut row.name)),
        Column::new("channel", |row, cell| cell.read(&mut row.channel)),
        Column::new("touchpoint_id", |row, cell| cell.read(&mut row.touchpoint_id)),
        Column::new("device_id", |row, cell| cell.read(&mut row.device_id)),
        Column::new("properties", |row, cell| cell.read(&mut row.properties)),
        Column::new("occurred_at", |row, cell| cell.read(&mut row.occurred_at)),
        Column::new("received_at", |row, cell| cell.read(&mut row.received_at)),
        Column::new("source", |row, cell| cell.read(&mut row.source)),
        Column::new("message_id", |row, cell| cell.read(&mut row.message_id)),
    ];
}

/// What a list of behaviors is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct BehaviorFilter {
    pub names: Option<Vec<String>>,
    pub channels: Option<Vec<Channel>>,
    pub occurred: TimeRange,
}

fn listed(scope: CustomerScope, filter: &BehaviorFilter, columns: Columns) -> Select<Behavior> {
    let mut select = Select::of(columns).scope("customer_id", scope, MERGING);
    if let Some(names) = &filter.names {
        select = select.any_of("name", names.clone());
    }
    if let Some(channels) = &filter.channels {
        select = select.any_of("channel", Param::values(channels));
    }
    filter.occurred.narrow(select, "occurred_at")
}

pub async fn by_ids(
    db: &Db,
    scope: CustomerScope,
    ids: &[BehaviorId],
    columns: Columns,
) -> Result<HashMap<BehaviorId, Behavior>> {
    let rows =
        Select::<Behavior>::of(columns).scope("customer_id", scope, MERGING).any("id", ids).rows(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

pub async fn page(
    db: &Db,
    scope: CustomerScope,
    filter: &BehaviorFilter,
    order: Order,
    request: &PageRequest,
    columns: Columns,
) -> Result<Page<Behavior>> {
    listed(scope, filter, columns).order("occurred_at", order).page(db, request).await
}

pub async fn count(db: &Db, scope: CustomerScope, filter: &BehaviorFilter) -> Result<u64> {
    listed(scope, filter, Columns::NONE).count(db).await
}

/// A page of the behaviors of each customer.
pub async fn by_customer_ids(
    db: &Db,
    scope: CustomerScope,
    ids: &[CustomerId],
    filter: &BehaviorFilter,
    order: Order,
    request: &PageRequest,
    columns: Columns,
) -> Result<HashMap<CustomerId, Page<Behavior>>> {
    listed(scope, filter, columns)
        .order("occurred_at", order)
        .expanding(MERGING)
        .per_parent(db, "customer_id", ids, request)
        .await
}

pub async fn counts_by_customer_ids(
    db: &Db,
    scope: CustomerScope,
    ids: &[CustomerId],
    filter: &BehaviorFilter,
) -> Result<HashMap<CustomerId, u64>> {
    listed(scope, filter, Columns::NONE).expanding(MERGING).counts(db, "customer_id", ids).await
}
