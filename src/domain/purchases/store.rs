//! Reads purchases and what belongs to them. Every read starts from the viewer's scope.

use std::collections::HashMap;

use entities::ids::{CustomerId, EntitlementId, PurchaseId, PurchaseLineId, RedemptionId};
use entities::timestamp::Timestamp;
use entities::values::{Channel, PurchaseStatus};

use crate::db::Db;
use crate::db::read::{Order, Param, Select};
use crate::domain::customers::merging::MERGING;
use crate::domain::purchases::rows::{Entitlement, LineDiscount, Purchase, PurchaseLine, Redemption};
use crate::domain::time_range::TimeRange;
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::viewer::CustomerScope;

/// What a list of purchases is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct PurchaseFilter {
    pub statuses: Option<Vec<PurchaseStatus>>,
    pub channels: Option<Vec<Channel>>,
    pub placed: TimeRange,
}

fn listed(scope: CustomerScope, filter: &PurchaseFilter, columns: Columns) -> Select<Purchase> {
    let mut select = Select::of(columns).scope("customer_id", scope, MERGING);
    if let Some(statuses) = &filter.statuses {
        select = select.any_of("status", Param::values(statuses));
    }
    if let Some(channels) = &filter.channels {
        select = select.any_of("channel", Param::values(channels));
    }
    filter.placed.narrow(select, "placed_at")
}

pub async fn by_ids(
    db: &Db,
    scope: CustomerScope,
    ids: &[PurchaseId],
    columns: Columns,
) -> Result<HashMap<PurchaseId, Purchase>> {
    let rows =
        Select::<Purchase>::of(columns).scope("customer_id", scope, MERGING).any("id", ids).rows(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

pub async fn by_numbers(
    db: &Db,
    scope: CustomerScope,
    numbers: &[String],
    columns: Columns,
) -> Result<HashMap<String, Purchase>> {
    let select = Select::<Purchase>::of(columns).with("number").scope("customer_id", scope, MERGING);
    let rows = select.any_of("number", numbers.to_vec()).rows(db).await?;
    Ok(rows.into_iter().map(|row| (row.number.clone(), row)).collect())
}

pub async fn page(
    db: &Db,
    scope: CustomerScope,
    filter: &PurchaseFilter,
    order: Order,
    request: &PageRequest,
    columns: Columns,
) -> Result<Page<Purchase>> {
    listed(scope, filter, columns).order("placed_at", order).page(db, request).await
}

pub async fn count(db: &Db, scope: CustomerScope, filter: &PurchaseFilter) -> Result<u64> {
    listed(scope, filter, Columns::NONE).count(db).await
}

/// A page of the purchases of each customer.
pub async fn by_customer_ids(
    db: &Db,
    scope: CustomerScope,
    ids: &[CustomerId],
    filter: &PurchaseFilter,
    order: Order,
    request: &PageRequest,
    columns: Columns,
) -> Result<HashMap<CustomerId, Page<Purchase>>> {
    listed(scope, filter, columns)
        .order("placed_at", order)
        .expanding(MERGING)
        .per_parent(db, "customer_id", ids, request)
        .await
}

pub async fn counts_by_customer_ids(
    db: &Db,
    scope: CustomerScope,
    ids: &[CustomerId],
    filter: &PurchaseFilter,
) -> Result<HashMap<CustomerId, u64>> {
    listed(scope, filter, Columns::NONE).expanding(MERGING).counts(db, "customer_id", ids).await
}

/// The lines of each purchase, in their order.
pub async fn lines_by_purchase_ids(
    db: &Db,
    scope: CustomerScope,
    ids: &[PurchaseId],
    columns: Columns,
) -> Result<HashMap<PurchaseId, Vec<PurchaseLine>>> {
    Select::of(columns)
        .scope("customer_id", scope, MERGING)
        .order("position", Order::Ascending)
        .by_parent(db, "purchase_id", ids)
        .await
}

/// The redemptions in each purchase, oldest first.
pub async fn redemptions_by_purchase_ids(
    db: &Db,
    scope: CustomerScope,
    ids: &[PurchaseId],
    columns: Columns,
) -> Result<HashMap<PurchaseId, Vec<Redemption>>> {
    Select::of(columns)
        .scope("customer_id", scope, MERGING)
        .order("created_at", Order::Ascending)
        .by_parent(db, "purchase_id", ids)
        .await
}

/// What each line bears of discounts, in no order.
pub async fn discounts_by_line_ids(
    db: &Db,
    scope: CustomerScope,
    ids: &[PurchaseLineId],
) -> Result<HashMap<PurchaseLineId, Vec<LineDiscount>>> {
    Select::of(Columns::ALL).scope("customer_id", scope, MERGING).by_parent(db, "purchase_line_id", ids).await
}

pub async fn redemptions_by_ids(
    db: &Db,
    scope: CustomerScope,
    ids: &[RedemptionId],
    columns: Columns,
) -> Result<HashMap<RedemptionId, Redemption>> {
    let rows = Select::<Redemption>::of(columns)
        .scope("customer_id", scope, MERGING)
        .any("id", ids)
        .rows(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The purchase that a source knows by this id.
pub async fn find_by_external_id(db: &Db, source: &str, external_id: &str) -> Result<Option<PurchaseId>> {
    let select = Select::<Purchase>::of(Columns::NONE).eq("source", source).eq("external_id", external_id);
    Ok(select.first(db).await?.map(|row| row.id))
}

/// What a list of entitlements is narrowed to.
#[derive(Clone, Copy, Debug)]
pub struct EntitlementFilter {
    /// Those that may be used now, or those that may not; all of them without it.
    pub is_active: Option<bool>,
    pub now: Timestamp,
}

impl EntitlementFilter {
    fn select(&self, scope: CustomerScope, columns: Columns) -> Select<Entitlement> {
        let select = Select::of(columns).scope("customer_id", scope, MERGING);
        let active = |select: Select<Entitlement>| {
            select.le_or_null("granted_at", self.now).gt_or_null("expires_at", self.now).null("revoked_at")
        };
        match self.is_active {
            None => select,
            Some(true) => active(select),
            Some(false) => select.but_not(active(Select::of(Columns::NONE))),
        }
    }
}

/// A page of what each customer has paid for, latest first.
pub async fn entitlements_by_customer_ids(
    db: &Db,
    scope: CustomerScope,
    ids: &[CustomerId],
    filter: &EntitlementFilter,
    request: &PageRequest,
    columns: Columns,
) -> Result<HashMap<CustomerId, Page<Entitlement>>> {
    filter
        .select(scope, columns)
        .order("granted_at", Order::Descending)
        .expanding(MERGING)
        .per_parent(db, "customer_id", ids, request)
        .await
}

pub async fn entitlement_counts_by_customer_ids(
    db: &Db,
    scope: CustomerScope,
    ids: &[CustomerId],
    filter: &EntitlementFilter,
) -> Result<HashMap<CustomerId, u64>> {
    filter.select(scope, Columns::NONE).expanding(MERGING).counts(db, "customer_id", ids).await
}

pub async fn entitlements_by_ids(
    db: &Db,
    scope: CustomerScope,
    ids: &[EntitlementId],
    columns: Columns,
) -> Result<HashMap<EntitlementId, Entitlement>> {
    let rows = Select::<Entitlement>::of(columns)
        .scope("customer_id", scope, MERGING)
        .any("id", ids)
        .rows(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}
