//! Decisions are kept for some days, so that who asks why something was shown is answered, and are then swept away.

use entities::decision::{Column, Entity};
use entities::ids::{DecisionId, Id};
use entities::timestamp::Timestamp;
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::db::Db;
use crate::db::columnar::is_any_id;
use crate::kernel::error::Result;
use crate::kernel::ids::first_id_at;

/// Decisions that one transaction sweeps away.
const CHUNK: u64 = 1_000;
const DAY: i64 = 86_400_000;

/// How many days decisions are kept, unless settings say another.
pub const DEFAULT_DAYS: u32 = 90;

/// Sweeps some decisions away that are older than so many days; whether there may be more. Their ids are in the order
/// of time, so the oldest are found without an index by time, which would cost every decision a write.
pub async fn sweep(db: &Db, now: Timestamp, days: u32) -> Result<bool> {
    let before = Timestamp(now.millis().saturating_sub(i64::from(days) * DAY));
    let old = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Id.lt(first_id_at::<DecisionId>(before)))
        .filter(Column::DecidedAt.lt(before))
        .order_by_asc(Column::Id);
    // Most of the time there are none; then nothing is locked.
    let oldest: Option<DecisionId> = old.clone().limit(1).into_tuple().one(db.connection()).await?;
    if oldest.is_none() {
        return Ok(false);
    }
    db.write(async |transaction| {
        let ids: Vec<DecisionId> = old
            .clone()
            .limit(CHUNK)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .into_tuple()
            .all(transaction)
            .await?;
        let swept = ids.len() as u64;
        let ids = ids.into_iter().map(Id::uuid);
        Entity::delete_many().filter(is_any_id(transaction, "id", ids)).exec(transaction).await?;
        Ok(swept == CHUNK)
    })
    .await
}
