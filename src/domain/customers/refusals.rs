//! Who refuses a purpose. A refusal of any member of merged customers is that of all: the most restrictive
//! consent wins.

use std::collections::{HashMap, HashSet};

use entities::ids::{CustomerId, Id};
use entities::timestamp::Timestamp;
use entities::values::{ConsentPurpose, ConsentStatus};
use entities::{consent, customer};
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};

use crate::db::columnar::is_any_id;
use crate::kernel::error::Result;

/// Those of these customers who refuse the purpose now.
pub async fn of(
    transaction: &DatabaseTransaction,
    purpose: ConsentPurpose,
    customers: impl Iterator<Item = CustomerId>,
    now: Timestamp,
) -> Result<HashSet<CustomerId>> {
    let asked: HashSet<CustomerId> = customers.collect();
    if asked.is_empty() {
        return Ok(asked);
    }
    let survivors = survivors(transaction, &asked).await?;
    let members = members(transaction, &survivors).await?;
    let refusals: Vec<CustomerId> = consent::Entity::find()
        .select_only()
        .column(consent::Column::CustomerId)
        .filter(is_any_id(transaction, "customer_id", members.keys().map(|id| id.uuid())))
        .filter(consent::Column::Purpose.eq(purpose))
        .filter(consent::Column::Status.is_in([ConsentStatus::Denied, ConsentStatus::Revoked]))
        .filter(
            Condition::any()
                .add(consent::Column::ExpiresAt.is_null())
                .add(consent::Column::ExpiresAt.gt(now)),
        )
        .into_tuple()
        .all(transaction)
        .await?;
    let refusing: HashSet<CustomerId> = refusals.iter().filter_map(|id| members.get(id).copied()).collect();
    Ok(asked.into_iter().filter(|id| survivors.get(id).is_some_and(|id| refusing.contains(id))).collect())
}

/// The survivor of each customer: itself for almost all.
pub async fn survivors(
    transaction: &DatabaseTransaction,
    customers: &HashSet<CustomerId>,
) -> Result<HashMap<CustomerId, CustomerId>> {
    let rows: Vec<(CustomerId, Option<CustomerId>)> = customer::Entity::find()
        .select_only()
        .columns([customer::Column::Id, customer::Column::MergedInto])
        .filter(is_any_id(transaction, "id", customers.iter().map(|id| id.uuid())))
        .into_tuple()
        .all(transaction)
        .await?;
    Ok(rows.into_iter().map(|(id, into)| (id, into.unwrap_or(id))).collect())
}

/// Every member of these survivors, with its survivor.
async fn members(
    transaction: &DatabaseTransaction,
    survivors: &HashMap<CustomerId, CustomerId>,
) -> Result<HashMap<CustomerId, CustomerId>> {
    let mut members: HashMap<CustomerId, CustomerId> =
        survivors.values().map(|survivor| (*survivor, *survivor)).collect();
    let merged: Vec<(CustomerId, Option<CustomerId>)> = customer::Entity::find()
        .select_only()
        .columns([customer::Column::Id, customer::Column::MergedInto])
        .filter(is_any_id(transaction, "merged_into", members.keys().map(|id| id.uuid())))
        .into_tuple()
        .all(transaction)
        .await?;
    members.extend(merged.into_iter().filter_map(|(id, into)| Some((id, into?))));
    Ok(members)
}
