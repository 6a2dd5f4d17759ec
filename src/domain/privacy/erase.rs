//! Erasing a person: who it was is gone everywhere; what was bought stays, as nobody's.

use std::collections::BTreeMap;

use entities::ids::{CustomerId, Id, SegmentId};
use entities::timestamp::Timestamp;
use entities::{customer, idempotency_key, purchase, redemption, segment, segment_member};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, LockType, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, Set, Unchanged,
};
use serde_json::{Map, Value};

use crate::domain::customers::caller::Caller;
use crate::domain::customers::rejection::{Refusal, Rejection};
use crate::domain::customers::{family, judgement};
use crate::domain::privacy::rules::{Erased, Held, Personal, RULES, Rows};
use crate::domain::purchases::erased;
use crate::kernel::error::Result;

/// Erases a person, all rows that were merged into one. The canonical customer, who is bare now.
pub async fn erase(
    transaction: &DatabaseTransaction,
    caller: &Caller<'_>,
    customer: CustomerId,
) -> Result<CustomerId, Rejection> {
    let canonical = family::canonical(transaction, [customer]).await?.remove(&customer);
    let canonical = canonical.ok_or_else(|| Refusal::no_customer("customerId"))?;
    family::lock_canonical(transaction, [canonical]).await?;
    let members = family::family(transaction, canonical).await?;
    wait_for_recordings(transaction, &members).await?;
    // Also takes away the claim of who is judging one of them: what was found of who it was is not written.
    judgement::due(transaction, caller.now, members.iter().copied()).await?;
    for rule in RULES {
        if let Held::Personal(personal) = &rule.held {
            erase_rows(transaction, rule.table, personal, &members, caller.now).await?;
        }
    }
    Ok(canonical)
}

/// Locks the rows more strictly than a merge does: what is being recorded for them is waited for, and then
/// erased with the rest.
async fn wait_for_recordings(transaction: &impl ConnectionTrait, members: &[CustomerId]) -> Result<()> {
    customer::Entity::find()
        .filter(customer::Column::Id.is_in(members.iter().copied()))
        .order_by_asc(customer::Column::Id)
        .lock(LockType::Update)
        .all(transaction)
        .await?;
    Ok(())
}

async fn erase_rows(
    transaction: &DatabaseTransaction,
    table: &'static str,
    personal: &Personal,
    members: &[CustomerId],
    now: Timestamp,
) -> Result<()> {
    match (personal.erased, personal.rows) {
        (Erased::Kept, _) => Ok(()),
        (Erased::StrippedCustomer, _) => strip_customers(transaction, members, now).await,
        (Erased::StrippedPurchase, _) => strip_purchases(transaction, members).await,
        (Erased::StrippedRedemption, rows) => strip_redemptions(transaction, rows, members).await,
        (Erased::DeletedOwnRequests, rows) => delete_own_requests(transaction, rows, members).await,
        (Erased::Deleted, rows) => delete(transaction, table, rows, members).await,
        (Erased::DeletedMembership, rows) => {
            shrink_segments(transaction, members).await?;
            delete(transaction, table, rows, members).await
        }
    }
}

async fn delete(
    transaction: &DatabaseTransaction,
    table: &'static str,
    rows: Rows,
    members: &[CustomerId],
) -> Result<()> {
    let statement = Query::delete().from_table(Alias::new(table)).cond_where(rows.of(members)).to_owned();
    transaction.execute(&statement).await?;
    Ok(())
}

async fn delete_own_requests(
    transaction: &DatabaseTransaction,
    rows: Rows,
    members: &[CustomerId],
) -> Result<()> {
    let prefix = format!("{}_", CustomerId::PREFIX);
    idempotency_key::Entity::delete_many()
        .filter(rows.of(members))
        .filter(idempotency_key::Column::Principal.starts_with(prefix))
        .exec(transaction)
        .await?;
    Ok(())
}

async fn strip_redemptions(
    transaction: &DatabaseTransaction,
    rows: Rows,
    members: &[CustomerId],
) -> Result<()> {
    redemption::Entity::update_many()
        .col_expr(redemption::Column::Code, Expr::value(None::<String>))
        .filter(rows.of(members))
        .filter(redemption::Column::Code.is_not_null())
        .exec(transaction)
        .await?;
    Ok(())
}

async fn shrink_segments(transaction: &DatabaseTransaction, members: &[CustomerId]) -> Result<()> {
    let rows = segment_member::Entity::find()
        .filter(segment_member::Column::CustomerId.is_in(members.iter().copied()))
        .order_by_asc(segment_member::Column::SegmentId)
        .all(transaction)
        .await?;
    // In the order of ids, as everybody who changes sizes does it: nobody waits in a circle.
    let mut sizes: BTreeMap<SegmentId, i64> = BTreeMap::new();
    for row in rows {
        *sizes.entry(row.segment_id).or_default() += 1;
    }
    for (segment, members) in sizes {
        segment::Entity::update_many()
            .col_expr(segment::Column::Size, Expr::col(segment::Column::Size).sub(members))
            .filter(segment::Column::Id.eq(segment))
            .exec(transaction)
            .await?;
    }
    Ok(())
}

async fn strip_customers(
    transaction: &DatabaseTransaction,
    members: &[CustomerId],
    now: Timestamp,
) -> Result<()> {
    for id in members {
        let bare = customer::ActiveModel {
            id: Unchanged(*id),
            updated_at: Set(now),
            first_name: Set(None),
            last_name: Set(None),
            email: Set(None),
            phone: Set(None),
            birth_date: Set(None),
            locale: Set(None),
            traits: Set(Value::Object(Map::new())),
            described_at: Set(None),
            erased_at: Set(Some(now)),
            ..Default::default()
        };
        bare.update(transaction).await?;
    }
    Ok(())
}

async fn strip_purchases(transaction: &DatabaseTransaction, members: &[CustomerId]) -> Result<()> {
    let rows = purchase::Entity::find().filter(purchase::Column::CustomerId.is_in(members.iter().copied()));
    let there_are = purchase::Column::Source.ne(erased::SOURCE);
    for row in rows.filter(there_are).all(transaction).await? {
        let stripped = purchase::ActiveModel {
            id: Unchanged(row.id),
            // Its own id keeps it unique.
            number: Set(format!("{}-{}", erased::SOURCE, row.id)),
            // Whoever sold it may send it again: it is known then, and nobody is made for it.
            source: Set(erased::SOURCE.to_owned()),
            external_id: Set(erased::external_id(&row.source, &row.external_id)),
            payment_reference: Set(None),
            claimed_payment_reference: Set(None),
            ..Default::default()
        };
        stripped.update(transaction).await?;
    }
    Ok(())
}
