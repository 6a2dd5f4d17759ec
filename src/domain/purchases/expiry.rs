//! Purchases that nobody paid for in time are called off, and what they had taken is there again. Every replica does it:
//! what one of them calls off, or somebody pays for at this moment, the others pass over.

use entities::ids::PurchaseId;
use entities::purchase::{Column, Entity};
use entities::timestamp::Timestamp;
use entities::values::PurchaseStatus;
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};

use crate::db::{Db, catalogue, overdue};
use crate::domain::customers::family;
use crate::domain::purchases::refund;
use crate::kernel::error::Result;

/// Purchases that one round looks at.
const CHUNK: u64 = 100;
const MINUTE: i64 = 60_000;
/// For how many minutes a purchase waits to be paid, unless settings say another.
pub const DEFAULT_MINUTES: u32 = 30;
/// The most: a year.
pub const MOST_MINUTES: u32 = 525_600;

/// Until when a purchase waits that is made now.
pub fn expiry(now: Timestamp, minutes: u32) -> Timestamp {
    Timestamp(now.millis().saturating_add(i64::from(minutes) * MINUTE))
}

/// Calls off some purchases that waited too long, each in a transaction of its own; whether there may be more.
pub async fn sweep(db: &Db, now: Timestamp) -> Result<bool> {
    let over = overdue::ended::<Entity>(db, Column::ExpiresAt, now, CHUNK).await?;
    let mut called_off = 0;
    for purchase in &over {
        match call_off(db, *purchase, now).await {
            Ok(true) => called_off += 1,
            Ok(false) => {}
            Err(error) if error.is_passing() => {
                tracing::debug!(%purchase, %error, "a purchase is called off later");
            }
            Err(error) => {
                tracing::error!(%purchase, %error, "a purchase that was not paid cannot be called off");
            }
        }
    }
    Ok(called_off > 0 && over.len() as u64 == CHUNK)
}

async fn call_off(db: &Db, purchase: PurchaseId, now: Timestamp) -> Result<bool> {
    db.write(async |transaction| call_off_within(transaction, purchase, now).await).await
}

/// Whether this transaction does it. The locks are taken in the order that all of the ledger keeps.
async fn call_off_within(
    transaction: &DatabaseTransaction,
    purchase: PurchaseId,
    now: Timestamp,
) -> Result<bool> {
    let Some(row) = Entity::find_by_id(purchase).one(transaction).await? else { return Ok(false) };
    let canonical = family::canonical(transaction, [row.customer_id]).await?;
    let customer = canonical.get(&row.customer_id).copied().unwrap_or(row.customer_id);
    if !family::lock_idle(transaction, &[customer]).await?.contains(&customer) {
        return Ok(false);
    }
    family::still_leads(transaction, row.customer_id, customer).await?;
    catalogue::share(transaction).await?;
    let waiting = Entity::find_by_id(purchase)
        .filter(Column::Status.eq(PurchaseStatus::Pending))
        .filter(Column::ExpiresAt.lte(now))
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .one(transaction)
        .await?;
    let Some(row) = waiting else { return Ok(false) };
    refund::call_off(transaction, now, customer, row).await?.give_back(transaction).await?;
    Ok(true)
}
