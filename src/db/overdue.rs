//! Rows whose time is over.

use entities::timestamp::Timestamp;
use sea_orm::sea_query::IntoCondition;
use sea_orm::{
    ColumnTrait, EntityTrait, Iterable, PrimaryKeyToColumn, PrimaryKeyTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::Db;
use crate::kernel::error::Result;

/// Deletes the rows that a condition names. Most of the time there are none; then nothing is locked.
pub async fn delete<E: EntityTrait>(db: &Db, old: impl IntoCondition) -> Result<()> {
    let old = old.into_condition();
    if E::find().filter(old.clone()).one(db.connection()).await?.is_none() {
        return Ok(());
    }
    db.write(async |transaction| {
        E::delete_many().filter(old).exec(transaction).await?;
        Ok(())
    })
    .await
}

/// The primary keys of the rows that have ended by now, so many at most, those that ended first before others.
pub async fn ended<E: EntityTrait>(
    db: &Db,
    ends_at: E::Column,
    now: Timestamp,
    most: u64,
) -> Result<Vec<<E::PrimaryKey as PrimaryKeyTrait>::ValueType>> {
    let mut ended = E::find().select_only().filter(ends_at.lte(now)).order_by_asc(ends_at).limit(most);
    for key in E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column) {
        ended = ended.column(key).order_by_asc(key);
    }
    Ok(ended.into_tuple().all(db.connection()).await?)
}
