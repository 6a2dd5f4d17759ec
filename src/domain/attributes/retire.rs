//! Meanings of attributes that were replaced. Their buckets stay until they are swept away beside everything
//! else: a replica that has not heard of the change yet still answers what was meant before.

use entities::ids::{AttributeDefinitionId, CustomerId, Id};
use entities::{attribute_bucket, customer, retired_attribute};
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::db::Db;
use crate::kernel::error::Result;

/// Customers whose buckets one transaction sweeps.
const CHUNK: u64 = 1_000;

/// Has the buckets of a definition swept away.
pub async fn retire(transaction: &DatabaseTransaction, definition_id: AttributeDefinitionId) -> Result<()> {
    let retired = retired_attribute::Model { definition_id, swept_to: None };
    retired_attribute::Entity::insert(retired.into_active_model().reset_all())
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// Sweeps some buckets away; whether there may be more. Buckets are kept by customer, so that is how they are
/// walked: an index by definition would cost every behavior a write.
pub async fn sweep(db: &Db) -> Result<bool> {
    // Most of the time there are none; then nothing is locked.
    if retired_attribute::Entity::find().limit(1).one(db.connection()).await?.is_none() {
        return Ok(false);
    }
    db.write(async |transaction| {
        let retired = retired_attribute::Entity::find()
            .order_by_asc(retired_attribute::Column::DefinitionId)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .one(transaction)
            .await?;
        let Some(mut retired) = retired else { return Ok(false) };
        let from = retired.swept_to.map_or(Uuid::nil(), Id::uuid);
        let customers: Vec<CustomerId> = customer::Entity::find()
            .select_only()
            .column(customer::Column::Id)
            .filter(customer::Column::Id.gt(from))
            .order_by_asc(customer::Column::Id)
            .limit(CHUNK)
            .into_tuple()
            .all(transaction)
            .await?;
        let Some(last) = customers.last().copied() else {
            retired_attribute::Entity::delete_by_id(retired.definition_id).exec(transaction).await?;
            return Ok(true);
        };
        attribute_bucket::Entity::delete_many()
            .filter(attribute_bucket::Column::CustomerId.gt(from))
            .filter(attribute_bucket::Column::CustomerId.lte(last))
            .filter(attribute_bucket::Column::DefinitionId.eq(retired.definition_id))
            .exec(transaction)
            .await?;
        retired.swept_to = Some(last);
        retired_attribute::Entity::update(retired.into_active_model().reset_all()).exec(transaction).await?;
        Ok(true)
    })
    .await
}
