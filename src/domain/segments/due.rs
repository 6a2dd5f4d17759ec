//! Who is to be judged anew. A replica claims some of them, judges what is committed by then, and writes what it
//! found only where its claim still stands: whoever records something of a customer takes the claim away.

use entities::ids::{CustomerId, Id};
use entities::segment_judgement::{Column, Entity};
use entities::timestamp::Timestamp;
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::db::Db;
use crate::db::columnar::{ColumnarInsert, is_any_id};
use crate::kernel::error::Result;

pub use crate::domain::customers::judgement::mark;

/// Customers judged at once.
pub const BATCH: u64 = 500;
/// When customers are judged again whose claimant was never heard of again.
const LEASE: i64 = 60_000;

/// Claims customers who are due, those who have waited longest.
pub async fn claim(db: &Db, claim: Uuid, now: Timestamp) -> Result<Vec<CustomerId>> {
    let waiting = Entity::find().select_only().column(Column::CustomerId).filter(Column::DueAt.lte(now));
    // Most of the time nobody waits; then nothing is locked.
    if waiting.clone().limit(1).into_tuple::<CustomerId>().one(db.connection()).await?.is_none() {
        return Ok(Vec::new());
    }
    db.write(async |transaction| {
        let customers: Vec<CustomerId> = waiting
            .order_by_asc(Column::DueAt)
            .order_by_asc(Column::CustomerId)
            .limit(BATCH)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .into_tuple()
            .all(transaction)
            .await?;
        Entity::update_many()
            .col_expr(Column::Claim, Expr::value(claim))
            .col_expr(Column::DueAt, Expr::value(now.millis() + LEASE))
            .filter(is_any_id(transaction, "customer_id", customers.iter().map(|id| id.uuid())))
            .exec(transaction)
            .await?;
        Ok(customers)
    })
    .await
}

/// Those whose claim still stands, locked until the transaction ends. Who is just being marked is left out.
pub async fn still_claimed(transaction: &DatabaseTransaction, claim: Uuid) -> Result<Vec<CustomerId>> {
    let claimed = Entity::find().select_only().column(Column::CustomerId).filter(Column::Claim.eq(claim));
    let locked = claimed.order_by_asc(Column::CustomerId);
    let locked = locked.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    Ok(locked.into_tuple().all(transaction).await?)
}

/// Has customers judged again at a time, or not before something is recorded of them.
pub async fn put_off(
    transaction: &DatabaseTransaction,
    until: &[(CustomerId, Option<Timestamp>)],
) -> Result<()> {
    let later: Vec<(CustomerId, Timestamp)> =
        until.iter().filter_map(|(id, until)| Some((*id, (*until)?))).collect();
    let never = until.iter().filter(|(_, until)| until.is_none()).map(|(id, _)| id.uuid());
    ColumnarInsert::into("segment_judgements", later.len())
        .uuids("customer_id", later.iter().map(|(id, _)| id.uuid()))
        .integers("due_at", later.iter().map(|(_, at)| at.millis()))
        .on_conflict(
            r#"ON CONFLICT ("customer_id") DO UPDATE SET "due_at" = excluded."due_at", "claim" = NULL"#,
        )
        .run(transaction)
        .await?;
    Entity::delete_many().filter(is_any_id(transaction, "customer_id", never)).exec(transaction).await?;
    Ok(())
}
