//! Carts that nobody has changed for a long time are swept away, with all that is in them.

use std::collections::HashSet;

use entities::cart::{Column, Entity};
use entities::ids::{CartId, CustomerId, Id};
use entities::timestamp::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::db::columnar::is_any_id;
use crate::db::{Db, outbox};
use crate::domain::customers::family;
use crate::domain::purchases::cart::open;
use crate::kernel::error::Result;

/// Carts that one transaction sweeps away.
const CHUNK: u64 = 500;
const DAY: i64 = 86_400_000;
/// For how many days a cart is kept, unless settings say another.
pub const DEFAULT_DAYS: u32 = 90;
/// What is held for a cart is given back by whoever ends the hold: it runs out long before.
const NOTHING_HELD: &str = r#"NOT EXISTS (SELECT 1 FROM "holds" AS h WHERE h."cart_id" = "carts"."id")"#;

/// Sweeps some carts away that were not changed for so many days; whether there may be more. A customer who is at it at
/// this moment is passed over.
pub async fn sweep(db: &Db, now: Timestamp, days: u32) -> Result<bool> {
    let before = Timestamp(now.millis().saturating_sub(i64::from(days) * DAY));
    let old: Vec<(CartId, CustomerId)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::CustomerId])
        .filter(Column::UpdatedAt.lt(before))
        .filter(Expr::cust(NOTHING_HELD))
        .order_by_asc(Column::UpdatedAt)
        .order_by_asc(Column::Id)
        .limit(CHUNK)
        .into_tuple()
        .all(db.connection())
        .await?;
    if old.is_empty() {
        return Ok(false);
    }
    let swept = db.write(async |transaction| sweep_within(transaction, &old, before).await).await?;
    Ok(swept > 0 && old.len() as u64 == CHUNK)
}

async fn sweep_within(
    transaction: &DatabaseTransaction,
    old: &[(CartId, CustomerId)],
    before: Timestamp,
) -> Result<usize> {
    let canonical = family::canonical(transaction, old.iter().map(|(_, customer)| *customer)).await?;
    let customers: HashSet<CustomerId> = canonical.values().copied().collect();
    let customers: Vec<CustomerId> = customers.into_iter().collect();
    let idle = family::lock_idle(transaction, &customers).await?;
    let is_idle = |customer: &CustomerId| canonical.get(customer).is_some_and(|id| idle.contains(id));
    let ids = old.iter().filter(|(_, customer)| is_idle(customer)).map(|(cart, _)| cart.uuid());
    // Looked at again: the customer may have come back before the lock.
    let carts: Vec<(CartId, CustomerId)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::CustomerId])
        .filter(is_any_id(transaction, "id", ids))
        .filter(Column::UpdatedAt.lt(before))
        .filter(Expr::cust(NOTHING_HELD))
        .into_tuple()
        .all(transaction)
        .await?;
    let ids: Vec<CartId> = carts.iter().map(|(cart, _)| *cart).collect();
    open::delete(transaction, &ids).await?;
    outbox::announce(transaction, carts.iter().map(|(_, customer)| *customer)).await?;
    Ok(carts.len())
}
