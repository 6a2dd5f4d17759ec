//! Customers whose segments may differ from now on, noted in the transaction that changed them.

use std::collections::BTreeSet;

use entities::ids::{CustomerId, Id};
use entities::timestamp::Timestamp;
use sea_orm::ConnectionTrait;

use crate::db::columnar::ColumnarInsert;
use crate::db::outbox;
use crate::kernel::error::Result;

/// These customers change with this transaction: has their segments judged anew as soon as can be, and lets it be known
/// to who watches them.
pub async fn due(
    transaction: &impl ConnectionTrait,
    now: Timestamp,
    customers: impl IntoIterator<Item = CustomerId>,
) -> Result<()> {
    let customers: BTreeSet<CustomerId> = customers.into_iter().collect();
    outbox::announce(transaction, customers.iter().copied()).await?;
    mark(transaction, now, customers).await
}

/// Has the segments of these customers judged anew as soon as can be.
pub async fn mark(
    transaction: &impl ConnectionTrait,
    now: Timestamp,
    customers: impl IntoIterator<Item = CustomerId>,
) -> Result<()> {
    // Sorted, so that writers of the same customers do not wait for each other in a circle.
    let customers: BTreeSet<CustomerId> = customers.into_iter().collect();
    ColumnarInsert::into("segment_judgements", customers.len())
        .uuids("customer_id", customers.iter().map(|id| id.uuid()))
        .integers("due_at", customers.iter().map(|_| now.millis()))
        // Who is judging them at this moment may have seen them as they were.
        .on_conflict(
            r#"ON CONFLICT ("customer_id") DO UPDATE SET "due_at" = excluded."due_at", "claim" = NULL"#,
        )
        .run(transaction)
        .await?;
    Ok(())
}
