//! Customers whose segments may differ from now on, noted in the transaction that changed them.

use std::collections::BTreeSet;

use entities::ids::CustomerId;
use entities::segment_judgement;
use entities::timestamp::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel};

use crate::kernel::error::Result;

/// Has the segments of these customers judged anew as soon as can be.
pub async fn due(
    transaction: &impl ConnectionTrait,
    now: Timestamp,
    customers: impl IntoIterator<Item = CustomerId>,
) -> Result<()> {
    // Sorted, so that writers of the same customers do not wait for each other in a circle.
    let customers: BTreeSet<CustomerId> = customers.into_iter().collect();
    if customers.is_empty() {
        return Ok(());
    }
    let rows = customers.into_iter().map(|customer_id| segment_judgement::Model { customer_id, due_at: now });
    let overwrite = OnConflict::column(segment_judgement::Column::CustomerId)
        .update_column(segment_judgement::Column::DueAt)
        .to_owned();
    segment_judgement::Entity::insert_many(rows.map(|row| row.into_active_model().reset_all()))
        .on_conflict(overwrite)
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}
