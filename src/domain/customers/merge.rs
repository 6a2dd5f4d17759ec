//! Merging customers that turned out to be one, and taking it back. No history moves: a merged row, and
//! every row merged into it before, points straight at the survivor; the log remembers who was merged when,
//! so that a merge can be undone on its own.

use std::collections::BTreeSet;

use entities::ids::CustomerId;
use entities::values::{IdentityKind, TextEnum};
use entities::{customer, customer_merge};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

use crate::db::bulk::KEYS_PER_STATEMENT;
use crate::domain::customers::caller::Caller;
use crate::domain::customers::counts::{Counted, identity_counts};
use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::domain::customers::{family, judgement, limits};
use crate::kernel::error::{Error, Result};

/// The longest reason of a merge, in characters.
const MAX_REASON: usize = 500;

/// Merges two people. Ids that were merged before stand for the customers they became. The survivor's id.
pub async fn merge(
    transaction: &impl ConnectionTrait,
    caller: &Caller<'_>,
    survivor: CustomerId,
    merged: CustomerId,
    reason: &str,
) -> Result<CustomerId, Rejection> {
    if reason.trim().is_empty() || reason.chars().count() > MAX_REASON {
        let message = format!("Say why the two are one, in 1 to {MAX_REASON} characters.");
        return Err(Refusal::new(Reason::Invalid, "reason", message).into());
    }
    let canonical = family::canonical(transaction, [survivor, merged]).await?;
    let find = |id, path: &str| canonical.get(&id).copied().ok_or_else(|| Refusal::no_customer(path));
    let (survivor, merged) = (find(survivor, "survivorId")?, find(merged, "mergedId")?);
    if survivor == merged {
        return Err(Refusal::new(Reason::Conflict, "mergedId", "The two are one customer already.").into());
    }
    family::lock_living(transaction, [survivor, merged]).await?;
    if family::canonical(transaction, canonical.keys().copied()).await? != canonical {
        return Err(Error::Contended("who is merged with whom changed meanwhile".to_owned()).into());
    }
    check_limits(transaction, &[survivor, merged]).await?;
    join(transaction, caller, survivor, merged, reason).await?;
    judgement::due(transaction, caller.now, [survivor, merged]).await?;
    Ok(survivor)
}

/// Refuses a merge that would give somebody more identities of a kind than a person may have.
async fn check_limits(transaction: &impl ConnectionTrait, people: &[CustomerId]) -> Result<(), Rejection> {
    let counts = identity_counts(transaction, people, Counted::Confirmed).await?;
    for kind in IdentityKind::ALL.iter().copied() {
        let of_each = people.iter().filter_map(|id| counts.get(&(*id, kind)).copied());
        let (total, limit) = (of_each.clone().sum::<usize>(), limits::identities(kind));
        if of_each.count() > 1 && total > limit {
            return Err(Refusal::new(Reason::LimitReached, "", merge_over_limit(kind, total, limit)).into());
        }
    }
    Ok(())
}

pub(super) fn merge_over_limit(kind: IdentityKind, total: usize, limit: usize) -> String {
    format!(
        "Merged, the customer would have {total} identities of type {}; {limit} is the limit.",
        kind.text()
    )
}

/// Points one canonical customer, and all that point at it, at another. Both must be locked.
pub(super) async fn join(
    transaction: &impl ConnectionTrait,
    caller: &Caller<'_>,
    survivor: CustomerId,
    merged: CustomerId,
    reason: &str,
) -> Result<()> {
    let points_at_merged = customer::Column::Id.eq(merged).or(customer::Column::MergedInto.eq(merged));
    point(transaction, points_at_merged, Some(survivor)).await?;
    let entry = customer_merge::Model {
        id: caller.ids.next(caller.now),
        survivor_id: survivor,
        merged_id: merged,
        source: caller.source.to_owned(),
        reason: reason.to_owned(),
        merged_at: caller.now,
        undone_at: None,
    };
    entry.into_active_model().reset_all().insert(transaction).await?;
    Ok(())
}

async fn point(transaction: &impl ConnectionTrait, rows: Expr, at: Option<CustomerId>) -> Result<()> {
    customer::Entity::update_many()
        .col_expr(customer::Column::MergedInto, Expr::value(at))
        .filter(rows)
        .exec(transaction)
        .await?;
    Ok(())
}

/// Undoes the merge of a customer: it is itself again, and so are those that had been merged into it before.
/// The customer that had survived.
pub async fn unmerge(
    transaction: &impl ConnectionTrait,
    caller: &Caller<'_>,
    customer: CustomerId,
) -> Result<CustomerId, Rejection> {
    let canonical = family::canonical(transaction, [customer]).await?.remove(&customer);
    let survivor = canonical.ok_or_else(|| Refusal::no_customer("customerId"))?;
    if survivor == customer {
        let message = "The customer is not merged into another.";
        return Err(Refusal::new(Reason::Conflict, "customerId", message).into());
    }
    let locked = family::lock(transaction, [survivor, customer]).await?;
    let has_moved =
        |row: &customer::Model| row.merged_into != if row.id == customer { Some(survivor) } else { None };
    if locked.iter().any(has_moved) {
        return Err(Error::Contended(format!("{customer} was merged meanwhile")).into());
    }
    let entries = active(transaction, customer_merge::Column::MergedId.eq(customer)).await?;
    let restored = merged_below(transaction, customer).await?;
    point(transaction, customer::Column::Id.eq(customer), None).await?;
    for ids in restored.chunks(KEYS_PER_STATEMENT) {
        point(transaction, customer::Column::Id.is_in(ids.iter().copied()), Some(customer)).await?;
    }
    for entry in entries {
        let mut entry = entry.into_active_model();
        entry.undone_at = sea_orm::Set(Some(caller.now));
        entry.update(transaction).await?;
    }
    judgement::due(transaction, caller.now, [survivor, customer]).await?;
    Ok(survivor)
}

async fn active(transaction: &impl ConnectionTrait, which: Expr) -> Result<Vec<customer_merge::Model>> {
    let entries =
        customer_merge::Entity::find().filter(customer_merge::Column::UndoneAt.is_null()).filter(which);
    Ok(entries.all(transaction).await?)
}

/// Who was merged into a customer, and into those in turn, after the log.
async fn merged_below(transaction: &impl ConnectionTrait, customer: CustomerId) -> Result<Vec<CustomerId>> {
    let mut found = BTreeSet::new();
    let mut survivors = vec![customer];
    while !survivors.is_empty() {
        let mut next = Vec::new();
        for survivors in survivors.chunks(KEYS_PER_STATEMENT) {
            let of_these = customer_merge::Column::SurvivorId.is_in(survivors.iter().copied());
            let entries = active(transaction, of_these).await?;
            next.extend(entries.into_iter().map(|entry| entry.merged_id).filter(|id| found.insert(*id)));
        }
        survivors = next;
    }
    Ok(found.into_iter().collect())
}
