//! Reads customers and what belongs to them. Every read starts from the viewer's scope.

use std::collections::HashMap;
use std::iter;

use entities::ids::{CustomerId, DeviceId};
use entities::timestamp::Timestamp;
use entities::values::{IdentityKind, TextEnum};

use crate::db::Db;
use crate::db::read::{Order, Param, Row, Select};
use crate::domain::customers::effective_consents::{self, effective};
use crate::domain::customers::merging::MERGING;
use crate::domain::customers::rows::{Consent, Customer, CustomerIdentity, Device};
use crate::domain::time_range::TimeRange;
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::viewer::CustomerScope;

/// What a list of customers is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct CustomerFilter {
    pub created: TimeRange,
    /// Merged customers, each as it was, instead of those that are customers of their own.
    pub merged: bool,
}

/// Who each of these is now: a merged customer is its survivor.
pub async fn by_ids(
    db: &Db,
    scope: CustomerScope,
    ids: &[CustomerId],
    columns: Columns,
) -> Result<HashMap<CustomerId, Customer>> {
    Select::of(columns).scope("id", scope, MERGING).survivors(db, MERGING.into, ids).await
}

/// What a customer has become by merging: itself, for almost all.
pub async fn survivor(db: &Db, id: CustomerId) -> Result<CustomerId> {
    let found = Select::<Customer>::of(Columns::NONE).survivors(db, MERGING.into, &[id]).await?;
    Ok(found.get(&id).map_or(id, |row: &Customer| row.id))
}

/// All rows that are one customer: what this one has become, and what was merged into that.
pub async fn family(db: &Db, id: CustomerId) -> Result<Vec<CustomerId>> {
    let survivor = survivor(db, id).await?;
    let merged = Select::<Customer>::of(Columns::NONE).eq(MERGING.into, Param::id(survivor)).rows(db).await?;
    Ok(iter::once(survivor).chain(merged.into_iter().map(|row| row.id)).collect())
}

/// Whose identities these are; of one kind and value there is at most one customer. What a browser or device only
/// claims leads to nobody.
pub async fn by_identities(
    db: &Db,
    scope: CustomerScope,
    kind: IdentityKind,
    values: &[String],
) -> Result<HashMap<String, CustomerId>> {
    let rows = Select::<CustomerIdentity>::of(Columns::NONE)
        .with("customer_id")
        .with("value")
        .scope("customer_id", scope, MERGING)
        .eq("kind", Param::value(kind))
        .eq("claimed", false)
        .any_of("value", values.to_vec())
        .rows(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.value, row.customer_id)).collect())
}

fn listed(scope: CustomerScope, filter: &CustomerFilter, columns: Columns) -> Select<Customer> {
    let select = Select::<Customer>::of(columns).scope("id", scope, MERGING);
    let select = filter.created.narrow(select, "created_at");
    match filter.merged {
        true => select.not_null(MERGING.into),
        false => select.null(MERGING.into),
    }
}

pub async fn page(
    db: &Db,
    scope: CustomerScope,
    filter: &CustomerFilter,
    order: Order,
    request: &PageRequest,
    columns: Columns,
) -> Result<Page<Customer>> {
    listed(scope, filter, columns).order("created_at", order).page(db, request).await
}

pub async fn count(db: &Db, scope: CustomerScope, filter: &CustomerFilter) -> Result<u64> {
    listed(scope, filter, Columns::NONE).count(db).await
}

/// The identities of each customer, oldest first.
pub async fn identities_by_customer_ids(
    db: &Db,
    scope: CustomerScope,
    ids: &[CustomerId],
    columns: Columns,
) -> Result<HashMap<CustomerId, Vec<CustomerIdentity>>> {
    Select::of(columns)
        .scope("customer_id", scope, MERGING)
        .order("created_at", Order::Ascending)
        .expanding(MERGING)
        .by_parent(db, "customer_id", ids)
        .await
}

/// What counts now of the consents of each customer, by purpose.
pub async fn consents_by_customer_ids(
    db: &Db,
    scope: CustomerScope,
    ids: &[CustomerId],
    columns: Columns,
    now: Timestamp,
) -> Result<HashMap<CustomerId, Vec<Consent>>> {
    let judged = effective_consents::COLUMNS.iter().fold(columns, |all, name| all | Consent::column(name));
    let lists = Select::of(judged)
        .scope("customer_id", scope, MERGING)
        .order("purpose", Order::Ascending)
        .expanding(MERGING)
        .by_parent(db, "customer_id", ids)
        .await?;
    let counting = |rows: Vec<Consent>| {
        let mut counting: Vec<Consent> = effective(rows, now).into_values().collect();
        counting.sort_unstable_by_key(|consent| consent.purpose.text());
        counting
    };
    Ok(lists.into_iter().map(|(id, rows)| (id, counting(rows))).collect())
}

/// A page of the devices of each customer, last seen first.
pub async fn devices_by_customer_ids(
    db: &Db,
    scope: CustomerScope,
    ids: &[CustomerId],
    request: &PageRequest,
    columns: Columns,
) -> Result<HashMap<CustomerId, Page<Device>>> {
    Select::of(columns)
        .scope("customer_id", scope, MERGING)
        .order("last_seen_at", Order::Descending)
        .expanding(MERGING)
        .per_parent(db, "customer_id", ids, request)
        .await
}

pub async fn device_counts_by_customer_ids(
    db: &Db,
    scope: CustomerScope,
    ids: &[CustomerId],
) -> Result<HashMap<CustomerId, u64>> {
    Select::<Device>::of(Columns::NONE)
        .scope("customer_id", scope, MERGING)
        .expanding(MERGING)
        .counts(db, "customer_id", ids)
        .await
}

pub async fn devices_by_ids(
    db: &Db,
    scope: CustomerScope,
    ids: &[DeviceId],
    columns: Columns,
) -> Result<HashMap<DeviceId, Device>> {
    let rows =
        Select::<Device>::of(columns).scope("customer_id", scope, MERGING).any("id", ids).rows(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}
