//! Reads segments and their members as rows. Segments are nobody's data; members are customers, and read by the
//! viewer's scope.

use std::collections::HashMap;

use entities::ids::{CustomerId, SegmentId};
use entities::timestamp::Timestamp;
use entities::values::ConsentPurpose;

use crate::db::Db;
use crate::db::read::{Column, Order, Row, Select};
use crate::domain::customers::merging::MERGING;
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::viewer::CustomerScope;

/// Customers for whom a rule holds.
#[derive(Clone, Debug, Default)]
pub struct Segment {
    pub id: SegmentId,
    pub key: String,
    pub name: String,
    pub rule: String,
    pub purpose: ConsentPurpose,
    pub size: i64,
    pub judged_at: Option<Timestamp>,
    pub failure: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Row for Segment {
    const TABLE: &'static str = "segments";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |row, cell| cell.read(&mut row.id)),
        Column::new("key", |row, cell| cell.read(&mut row.key)),
        Column::new("name", |row, cell| cell.read(&mut row.name)),
        Column::new("rule", |row, cell| cell.read(&mut row.rule)),
        Column::new("purpose", |row, cell| cell.read(&mut row.purpose)),
        Column::new("size", |row, cell| cell.read(&mut row.size)),
        Column::new("judged_at", |row, cell| cell.read(&mut row.judged_at)),
        Column::new("failure", |row, cell| cell.read(&mut row.failure)),
        Column::new("created_at", |row, cell| cell.read(&mut row.created_at)),
        Column::new("updated_at", |row, cell| cell.read(&mut row.updated_at)),
    ];
}

/// A customer on the list of a segment.
#[derive(Clone, Debug, Default)]
pub struct Member {
    pub segment_id: SegmentId,
    pub customer_id: CustomerId,
    pub since: Timestamp,
}

impl Row for Member {
    const TABLE: &'static str = "segment_members";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("segment_id", |row, cell| cell.read(&mut row.segment_id)),
        Column::new("customer_id", |row, cell| cell.read(&mut row.customer_id)),
        Column::new("since", |row, cell| cell.read(&mut row.since)),
    ];
    const TIE: &'static str = "customer_id";
}

pub async fn by_ids(db: &Db, ids: &[SegmentId], columns: Columns) -> Result<HashMap<SegmentId, Segment>> {
    let rows = Select::<Segment>::of(columns).any("id", ids).rows(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

pub async fn by_keys(db: &Db, keys: &[String], columns: Columns) -> Result<HashMap<String, Segment>> {
    let rows = Select::<Segment>::of(columns).with("key").any_of("key", keys.to_vec()).rows(db).await?;
    Ok(rows.into_iter().map(|row| (row.key.clone(), row)).collect())
}

pub async fn page(db: &Db, order: Order, request: &PageRequest, columns: Columns) -> Result<Page<Segment>> {
    Select::of(columns).order("created_at", order).page(db, request).await
}

pub async fn count(db: &Db) -> Result<u64> {
    Select::<Segment>::of(Columns::NONE).count(db).await
}

/// A page of the members of each segment, the latest first.
pub async fn members_by_segment_ids(
    db: &Db,
    scope: CustomerScope,
    ids: &[SegmentId],
    request: &PageRequest,
    columns: Columns,
) -> Result<HashMap<SegmentId, Page<Member>>> {
    Select::of(columns)
        .scope("customer_id", scope, MERGING)
        .order("since", Order::Descending)
        .per_parent(db, "segment_id", ids, request)
        .await
}

pub async fn member_counts_by_segment_ids(
    db: &Db,
    scope: CustomerScope,
    ids: &[SegmentId],
) -> Result<HashMap<SegmentId, u64>> {
    Select::<Member>::of(Columns::NONE)
        .scope("customer_id", scope, MERGING)
        .counts(db, "segment_id", ids)
        .await
}
