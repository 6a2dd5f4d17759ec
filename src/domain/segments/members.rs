//! Writes what judging found into the lists of members, and nothing where it found what is there.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use entities::ids::{CustomerId, Id, SegmentId};
use entities::timestamp::Timestamp;
use entities::{segment, segment_member};
use sea_orm::sea_query::{Expr, ExprTrait, LockType};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::db::columnar::{ColumnarInsert, is_any_id};
use crate::domain::segments::catalogue::SegmentDefinitions;
use crate::domain::segments::judge::Judgement;
use crate::kernel::error::Result;

/// Makes the lists what was found of these customers, and the sizes with them.
pub async fn write(
    transaction: &DatabaseTransaction,
    definitions: &SegmentDefinitions,
    customers: &[CustomerId],
    judgements: &HashMap<CustomerId, Judgement>,
    now: Timestamp,
) -> Result<()> {
    let listed = listed(transaction, customers).await?;
    let belong: HashSet<(SegmentId, CustomerId)> = customers
        .iter()
        .filter_map(|id| Some((id, judgements.get(id)?)))
        .flat_map(|(id, judgement)| judgement.segment_ids(definitions).map(|segment| (segment, *id)))
        .collect();
    let mut come: BTreeSet<_> = belong.difference(&listed).copied().collect();
    leave_out_deleted(transaction, &mut come).await?;
    let gone: BTreeSet<_> = listed.difference(&belong).copied().collect();
    insert(transaction, &come, now).await?;
    remove(transaction, &gone).await?;
    resize(transaction, &come, &gone).await?;
    note_failures(transaction, definitions, judgements).await
}

async fn listed(
    transaction: &DatabaseTransaction,
    customers: &[CustomerId],
) -> Result<HashSet<(SegmentId, CustomerId)>> {
    let rows: Vec<(SegmentId, CustomerId)> = segment_member::Entity::find()
        .select_only()
        .columns([segment_member::Column::SegmentId, segment_member::Column::CustomerId])
        .filter(is_any_id(transaction, "customer_id", customers.iter().map(|id| id.uuid())))
        .into_tuple()
        .all(transaction)
        .await?;
    Ok(rows.into_iter().collect())
}

/// A segment that was deleted since the definitions were read gets no members. Who deletes one now waits until these
/// are written, and takes them along.
async fn leave_out_deleted(
    transaction: &DatabaseTransaction,
    come: &mut BTreeSet<(SegmentId, CustomerId)>,
) -> Result<()> {
    let segments: BTreeSet<SegmentId> = come.iter().map(|(segment, _)| *segment).collect();
    if segments.is_empty() {
        return Ok(());
    }
    let there: HashSet<SegmentId> = segment::Entity::find()
        .select_only()
        .column(segment::Column::Id)
        .filter(is_any_id(transaction, "id", segments.iter().map(|id| id.uuid())))
        .order_by_asc(segment::Column::Id)
        .lock(LockType::KeyShare)
        .into_tuple::<SegmentId>()
        .all(transaction)
        .await?
        .into_iter()
        .collect();
    come.retain(|(segment, _)| there.contains(segment));
    Ok(())
}

async fn insert(
    transaction: &DatabaseTransaction,
    come: &BTreeSet<(SegmentId, CustomerId)>,
    now: Timestamp,
) -> Result<()> {
    ColumnarInsert::into("segment_members", come.len())
        .uuids("segment_id", come.iter().map(|(segment, _)| segment.uuid()))
        .uuids("customer_id", come.iter().map(|(_, customer)| customer.uuid()))
        .integers("since", come.iter().map(|_| now.millis()))
        .run(transaction)
        .await?;
    Ok(())
}

async fn remove(transaction: &DatabaseTransaction, gone: &BTreeSet<(SegmentId, CustomerId)>) -> Result<()> {
    let mut by_segment: BTreeMap<SegmentId, Vec<CustomerId>> = BTreeMap::new();
    for (segment, customer) in gone {
        by_segment.entry(*segment).or_default().push(*customer);
    }
    for (segment, customers) in by_segment {
        segment_member::Entity::delete_many()
            .filter(segment_member::Column::SegmentId.eq(segment))
            .filter(is_any_id(transaction, "customer_id", customers.iter().map(|id| id.uuid())))
            .exec(transaction)
            .await?;
    }
    Ok(())
}

/// In the order of ids, so that two replicas never wait for each other in a circle.
async fn resize(
    transaction: &DatabaseTransaction,
    come: &BTreeSet<(SegmentId, CustomerId)>,
    gone: &BTreeSet<(SegmentId, CustomerId)>,
) -> Result<()> {
    let mut growth: BTreeMap<SegmentId, i64> = BTreeMap::new();
    come.iter().for_each(|(segment, _)| *growth.entry(*segment).or_default() += 1);
    gone.iter().for_each(|(segment, _)| *growth.entry(*segment).or_default() -= 1);
    for (id, by) in growth.into_iter().filter(|(_, by)| *by != 0) {
        segment::Entity::update_many()
            .col_expr(segment::Column::Size, Expr::col(segment::Column::Size).add(by))
            .filter(segment::Column::Id.eq(id))
            .exec(transaction)
            .await?;
    }
    Ok(())
}

/// Keeps the first reason for which a rule fails, until the rule is another.
async fn note_failures(
    transaction: &DatabaseTransaction,
    definitions: &SegmentDefinitions,
    judgements: &HashMap<CustomerId, Judgement>,
) -> Result<()> {
    let mut failures: BTreeMap<usize, &str> = BTreeMap::new();
    for (place, failure) in judgements.values().flat_map(|judgement| &judgement.failures) {
        failures.entry(*place).or_insert(failure);
    }
    for (place, failure) in failures {
        let judged = &definitions.all()[place].row;
        segment::Entity::update_many()
            .col_expr(segment::Column::Failure, Expr::value(failure))
            .filter(segment::Column::Id.eq(judged.id))
            .filter(segment::Column::Rule.eq(&judged.rule))
            .filter(segment::Column::Failure.is_null())
            .exec(transaction)
            .await?;
    }
    Ok(())
}
