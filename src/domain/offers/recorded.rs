//! Decisions as behaviors speak of them: those that wait to be written, and those that are.

use std::collections::HashMap;

use entities::decision::{Column, Entity};
use entities::ids::{CustomerId, DecisionId, Id};
use futures_util::future::BoxFuture;
use sea_orm::sea_query::Expr;
use sea_orm::{DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};

use crate::db::columnar::is_any_id;
use crate::domain::behaviors::decided::{Decided, Decisions, ShownOffer};
use crate::domain::offers::decision::Decision;
use crate::domain::offers::outcome;
use crate::domain::offers::queue::Pending;
use crate::kernel::error::Result;

/// Finds decisions, wherever they are.
#[derive(Clone, Debug, Default)]
pub struct RecordedDecisions {
    pending: Pending,
}

impl RecordedDecisions {
    pub fn beside(pending: Pending) -> Self {
        Self { pending }
    }

    async fn find(
        &self,
        transaction: &DatabaseTransaction,
        ids: &[DecisionId],
    ) -> Result<HashMap<DecisionId, Decided>> {
        // In this order: what is written in between is found in the second place.
        let pending = ids.iter().filter_map(|id| self.pending.find(*id));
        let mut found: HashMap<_, _> =
            pending.map(|decision| (decision.id, Decided::of(&decision))).collect();
        let missing: Vec<DecisionId> = ids.iter().copied().filter(|id| !found.contains_key(id)).collect();
        if !missing.is_empty() {
            found.extend(written(transaction, &missing).await?);
        }
        Ok(found)
    }
}

impl Decisions for RecordedDecisions {
    fn find<'a>(
        &'a self,
        transaction: &'a DatabaseTransaction,
        ids: &'a [DecisionId],
    ) -> BoxFuture<'a, Result<HashMap<DecisionId, Decided>>> {
        Box::pin(self.find(transaction, ids))
    }
}

impl Decided {
    pub(super) fn of(decision: &Decision) -> Self {
        let shown = decision.shown.iter();
        let shown = shown.map(|one| ShownOffer { offer: one.offer.id, variant: one.variant.clone() });
        Self { customer: decision.customer_id, shown: shown.collect() }
    }
}

/// Of what is kept only the few winners are read, not the verdicts on all others.
async fn written(
    transaction: &DatabaseTransaction,
    ids: &[DecisionId],
) -> Result<HashMap<DecisionId, Decided>> {
    let winners = format!(r#"CAST("outcome" -> '{}' AS text)"#, outcome::WINNERS);
    let rows: Vec<(DecisionId, CustomerId, Option<String>)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::CustomerId])
        .column_as(Expr::cust(winners), "winners")
        .filter(is_any_id(transaction, "id", ids.iter().map(|id| id.uuid())))
        .into_tuple()
        .all(transaction)
        .await?;
    let mut found = HashMap::with_capacity(rows.len());
    for (id, customer, winners) in rows {
        match outcome::shown(winners.as_deref().unwrap_or("[]")) {
            Ok(shown) => drop(found.insert(id, Decided { customer, shown })),
            Err(error) => tracing::error!(%id, %error, "what a decision showed cannot be read"),
        }
    }
    Ok(found)
}
