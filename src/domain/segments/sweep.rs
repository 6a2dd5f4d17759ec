//! Has everybody judged by a segment that is new, that changed, or whose attributes mean something else now: in
//! chunks, and how far that is is kept with the segment, so that any replica goes on with it.

use entities::ids::{CustomerId, Id, SegmentId};
use entities::segment::{Column, Entity, Model};
use entities::timestamp::Timestamp;
use entities::{customer, segment_judgement};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::db::{Db, catalogue};
use crate::domain::segments::catalogue::SegmentCatalogue;
use crate::domain::segments::due;
use crate::kernel::error::Result;

/// Customers marked by one transaction.
const CHUNK: u64 = 1_000;
/// No id comes after it: everybody has been marked.
const EVERYBODY: CustomerId = CustomerId(Uuid::max());

/// Finds segments that everybody has to be judged by anew.
pub async fn note_changes(db: &Db, segments: &SegmentCatalogue) -> Result<()> {
    db.write(async |transaction| {
        // Shared, so that what is noted is what the definitions are when this commits.
        let version = catalogue::share(transaction).await?;
        let definitions = segments.at(transaction, version).await?;
        for segment in definitions.all() {
            Entity::update_many()
                .col_expr(Column::Basis, Expr::value(&segment.basis))
                .col_expr(Column::MarkedTo, Expr::value(None::<Uuid>))
                .col_expr(Column::JudgedAt, Expr::value(None::<i64>))
                .filter(Column::Id.eq(segment.id()))
                .filter(Condition::any().add(Column::Basis.is_null()).add(Column::Basis.ne(&segment.basis)))
                .exec(transaction)
                .await?;
        }
        Ok(())
    })
    .await
}

/// Segments by whose rule not everybody has been judged yet.
pub async fn unfinished(db: &Db) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::JudgedAt.is_null())
        .order_by_asc(Column::Id)
        .all(db.connection())
        .await?)
}

/// Marks the next customers for those of these segments that lack them; false when none does.
pub async fn mark_some(db: &Db, unfinished: &[Model], now: Timestamp) -> Result<bool> {
    let lacking: Vec<&Model> =
        unfinished.iter().filter(|segment| segment.marked_to != Some(EVERYBODY)).collect();
    let Some(from) = lacking.iter().map(|segment| segment.marked_to).min() else { return Ok(false) };
    let next = customer::Entity::find()
        .select_only()
        .column(customer::Column::Id)
        .filter(customer::Column::Id.gt(from.unwrap_or_default()))
        .filter(customer::Column::MergedInto.is_null())
        .order_by_asc(customer::Column::Id)
        .limit(CHUNK);
    db.write(async |transaction| {
        let customers: Vec<CustomerId> = next.into_tuple().all(transaction).await?;
        due::mark(transaction, now, customers.iter().copied()).await?;
        let is_end = (customers.len() as u64) < CHUNK;
        let to = customers.last().copied().filter(|_| !is_end).unwrap_or(EVERYBODY);
        for segment in lacking {
            let behind = Condition::any().add(Column::MarkedTo.is_null()).add(Column::MarkedTo.lt(to));
            Entity::update_many()
                .col_expr(Column::MarkedTo, Expr::value(to.uuid()))
                .filter(Column::Id.eq(segment.id))
                // Not if it changed meanwhile, and everybody is to be marked again.
                .filter(Column::Basis.eq(segment.basis.clone()))
                .filter(behind)
                .exec(transaction)
                .await?;
        }
        Ok(true)
    })
    .await
}

/// Notes that everybody has been judged by these segments.
pub async fn finish(db: &Db, unfinished: &[Model], now: Timestamp) -> Result<()> {
    let ids: Vec<SegmentId> = unfinished.iter().map(|segment| segment.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    db.write(async |transaction| {
        // Somebody else may still be judging those whom it claimed.
        let claimed = segment_judgement::Entity::find()
            .filter(segment_judgement::Column::Claim.is_not_null())
            .limit(1)
            .one(transaction)
            .await?;
        if claimed.is_some() {
            return Ok(());
        }
        Entity::update_many()
            .col_expr(Column::JudgedAt, Expr::value(now.millis()))
            .filter(Column::Id.is_in(ids))
            .filter(Column::MarkedTo.eq(EVERYBODY))
            .exec(transaction)
            .await?;
        Ok(())
    })
    .await
}
