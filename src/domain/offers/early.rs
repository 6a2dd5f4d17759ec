//! What became of decisions was told to another replica before they were written: it was counted unseen, and is now
//! held against what they showed.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use entities::ids::{BehaviorId, CustomerId, DecisionId, Id, OfferId};
use entities::offer_response::{Column, Entity};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};

use crate::db::columnar::is_any_id;
use crate::db::columnar_update::ColumnarUpdate;
use crate::domain::behaviors::decided::Decided;
use crate::domain::customers::family;
use crate::domain::offers::decision::Decision;
use crate::kernel::error::Result;

type Early = (BehaviorId, CustomerId, OfferId, DecisionId);

/// Takes away what these decisions did not show, and adds to the rest the variants that they did.
pub async fn settle(transaction: &DatabaseTransaction, decisions: &[Arc<Decision>]) -> Result<()> {
    let early = read(transaction, decisions).await?;
    if early.is_empty() {
        return Ok(());
    }
    let decided: HashMap<DecisionId, Decided> =
        decisions.iter().map(|decision| (decision.id, Decided::of(decision))).collect();
    let customers = early.iter().map(|early| early.1).chain(decided.values().map(|decided| decided.customer));
    let people = family::canonical(transaction, customers).await?;
    // Sorted: rows are locked in one order.
    let (mut wrong, mut variants) = (Vec::new(), BTreeMap::new());
    for (behavior, customer, offer, decision) in early {
        let decided =
            decided.get(&decision).filter(|decided| people.get(&decided.customer) == people.get(&customer));
        match decided.and_then(|decided| decided.find(Some(offer))) {
            None => wrong.push(behavior),
            Some(shown) => drop(shown.variant.clone().map(|variant| variants.insert(behavior, variant))),
        }
    }
    if !wrong.is_empty() {
        let wrong = is_any_id(transaction, "behavior_id", wrong.into_iter().map(Id::uuid));
        Entity::delete_many().filter(wrong).exec(transaction).await?;
    }
    ColumnarUpdate::of("offer_responses", variants.len())
        .uuids("behavior_id", variants.keys().map(|behavior| behavior.uuid()))
        .texts("variant", variants.values().cloned())
        .set(transaction, "variant = u.variant", "t.behavior_id = u.behavior_id")
        .await?;
    Ok(())
}

/// What was told of them, as far as no variant is known.
async fn read(transaction: &DatabaseTransaction, decisions: &[Arc<Decision>]) -> Result<Vec<Early>> {
    if decisions.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Entity::find()
        .select_only()
        .columns([Column::BehaviorId, Column::CustomerId, Column::OfferId, Column::DecisionId])
        .filter(is_any_id(transaction, "decision_id", decisions.iter().map(|decision| decision.id.uuid())))
        .filter(Column::Variant.is_null())
        .into_tuple();
    Ok(rows.all(transaction).await?)
}
