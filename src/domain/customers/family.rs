//! The rows that are one person: a canonical customer, and all that were merged into it.
//!
//! A row points straight at its canonical customer. Which rows do is changed only by who holds the lock of
//! that canonical row, so a lock on it is a lock on the whole family. Locks are taken in the order of ids.

use std::collections::{BTreeSet, HashMap};

use entities::customer;
use entities::ids::{CustomerId, Id};
use entities::timestamp::Timestamp;
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::db::columnar::is_any_id;
use crate::kernel::error::{Error, Result};

/// The canonical customer of each id that there is.
pub async fn canonical(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = CustomerId>,
) -> Result<HashMap<CustomerId, CustomerId>> {
    let rows = pointers(connection, "id", ids).await?;
    Ok(rows.into_iter().map(|(id, merged_into)| (id, merged_into.unwrap_or(id))).collect())
}

/// All rows of these canonical customers, each with the customer it belongs to; they themselves are among them.
pub async fn members(
    connection: &impl ConnectionTrait,
    canonical: &[CustomerId],
) -> Result<HashMap<CustomerId, CustomerId>> {
    let mut found: HashMap<_, _> = canonical.iter().map(|id| (*id, *id)).collect();
    let merged = pointers(connection, "merged_into", canonical.iter().copied()).await?;
    found.extend(merged.into_iter().filter_map(|(id, merged_into)| Some((id, merged_into?))));
    Ok(found)
}

/// A row for which something is to be recorded.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// The customer it belongs to.
    pub canonical: CustomerId,
    pub is_erased: bool,
}

/// The same, held until the transaction ends: whoever erases one waits, and erases what was recorded as well. Who
/// was erased before is told.
pub async fn hold(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = CustomerId>,
) -> Result<HashMap<CustomerId, Held>> {
    let ids: BTreeSet<CustomerId> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(CustomerId, Option<CustomerId>, Option<Timestamp>)> = customer::Entity::find()
        .select_only()
        .columns([customer::Column::Id, customer::Column::MergedInto, customer::Column::ErasedAt])
        .filter(is_any_id(connection, "id", ids.into_iter().map(Id::uuid)))
        .order_by_asc(customer::Column::Id)
        .lock(LockType::KeyShare)
        .into_tuple()
        .all(connection)
        .await?;
    let held = |(id, merged_into, erased_at): (CustomerId, Option<_>, Option<_>)| {
        (id, Held { canonical: merged_into.unwrap_or(id), is_erased: erased_at.is_some() })
    };
    Ok(rows.into_iter().map(held).collect())
}

/// The rows whose `column` is one of these ids, each with where it points.
async fn pointers(
    connection: &impl ConnectionTrait,
    column: &'static str,
    ids: impl IntoIterator<Item = CustomerId>,
) -> Result<Vec<(CustomerId, Option<CustomerId>)>> {
    let ids: BTreeSet<CustomerId> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = customer::Entity::find()
        .select_only()
        .columns([customer::Column::Id, customer::Column::MergedInto])
        .filter(is_any_id(connection, column, ids.into_iter().map(Id::uuid)));
    Ok(query.into_tuple().all(connection).await?)
}

/// All rows of the person that this row belongs to; none when there is no such row.
pub async fn family(connection: &impl ConnectionTrait, id: CustomerId) -> Result<Vec<CustomerId>> {
    let Some(canonical) = canonical(connection, [id]).await?.remove(&id) else { return Ok(Vec::new()) };
    let mut rows: Vec<_> = members(connection, &[canonical]).await?.into_keys().collect();
    rows.sort_unstable();
    Ok(rows)
}

/// Locks rows until the transaction ends; they come in the order of their ids. Recording behaviors for them
/// goes on meanwhile: that needs their key only.
pub async fn lock(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = CustomerId>,
) -> Result<Vec<customer::Model>> {
    let ids: BTreeSet<CustomerId> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(customer::Entity::find()
        .filter(customer::Column::Id.is_in(ids))
        .order_by_asc(customer::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(connection)
        .await?)
}

/// The same, of customers who were not erased: for an erased one there is nothing to change, as if it were not
/// there.
pub async fn lock_living(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = CustomerId>,
) -> Result<Vec<customer::Model>> {
    let rows = lock_canonical(connection, ids).await?;
    match rows.iter().find(|row| row.erased_at.is_some()) {
        Some(row) => Err(Error::NotFound(format!("{} was erased", row.id))),
        None => Ok(rows),
    }
}

/// Locks canonical customers. One that was merged meanwhile makes it contended: the transaction is then to
/// be run again.
pub async fn lock_canonical(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = CustomerId>,
) -> Result<Vec<customer::Model>> {
    let rows = lock(connection, ids).await?;
    match rows.iter().find(|row| row.merged_into.is_some()) {
        Some(row) => Err(Error::Contended(format!("{} was merged meanwhile", row.id))),
        None => Ok(rows),
    }
}

/// Makes sure that a row still leads to the canonical customer that is locked by now: it may have been joined with
/// another or parted from it before. Then the transaction is to be run again.
pub async fn still_leads(
    connection: &impl ConnectionTrait,
    row: CustomerId,
    customer: CustomerId,
) -> Result<()> {
    match canonical(connection, [row]).await?.get(&row) {
        Some(found) if *found == customer => Ok(()),
        _ => Err(Error::Contended(format!("{row} leads to another customer than {customer} meanwhile"))),
    }
}

/// Locks those of these canonical customers whom nobody else has locked at this moment, and says which.
pub async fn lock_idle(
    connection: &impl ConnectionTrait,
    ids: &[CustomerId],
) -> Result<BTreeSet<CustomerId>> {
    let rows: Vec<CustomerId> = customer::Entity::find()
        .select_only()
        .column(customer::Column::Id)
        .filter(is_any_id(connection, "id", ids.iter().map(|id| id.uuid())))
        .filter(customer::Column::MergedInto.is_null())
        .order_by_asc(customer::Column::Id)
        .lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows.into_iter().collect())
}
