//! Writes decisions, many at once, and finds them again.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use entities::ids::{CustomerId, DecisionId, Id, OfferId, TouchpointId};
use entities::timestamp::Timestamp;
use entities::values::{Channel, TextEnum};

use crate::db::Db;
use crate::db::columnar::ColumnarInsert;
use crate::db::read::{Column, Json, Row, Select};
use crate::domain::customers::family;
use crate::domain::customers::merging::MERGING;
use crate::domain::offers::decision::{Decision, Reasons};
use crate::domain::offers::early;
use crate::domain::offers::outcome::Outcome;
use crate::domain::offers::store::{self, OfferScope};
use crate::kernel::columns::Columns;
use crate::kernel::error::{Error, Result};
use crate::kernel::viewer::CustomerScope;

/// A decision ready to be written.
#[derive(Debug)]
pub struct Written {
    decision: Arc<Decision>,
    outcome: String,
}

impl Written {
    /// Reckons the reasons: the dear part, done beside requests.
    pub fn of(decision: Arc<Decision>) -> Result<Self> {
        let outcome = serde_json::to_string(&Outcome::of(&decision)).map_err(Error::internal)?;
        Ok(Self { decision, outcome })
    }

    pub fn id(&self) -> DecisionId {
        self.decision.id
    }
}

/// Writes decisions in one transaction.
pub async fn write(db: &Db, decisions: &[Written]) -> Result<()> {
    db.write(async |transaction| {
        // Of who was erased nothing may come back; the others are not erased until this is written.
        let held =
            family::hold(transaction, decisions.iter().map(|written| written.decision.customer_id)).await?;
        let is_erased = |id| held.get(&id).is_some_and(|held: &family::Held| held.is_erased);
        let kept: Vec<&Written> =
            decisions.iter().filter(|written| !is_erased(written.decision.customer_id)).collect();
        let of = |written: &&Written| Arc::clone(&written.decision);
        let all: Vec<Arc<Decision>> = kept.iter().map(of).collect();
        ColumnarInsert::into("decisions", all.len())
            .uuids("id", all.iter().map(|decision| decision.id.uuid()))
            .uuids("customer_id", all.iter().map(|decision| decision.customer_id.uuid()))
            .texts("placement", all.iter().map(|decision| decision.placement.clone()))
            .texts("channel", all.iter().map(|decision| decision.channel.text().to_owned()))
            .optional_uuids("touchpoint_id", all.iter().map(|decision| decision.touchpoint_id.map(Id::uuid)))
            .integers("decided_at", all.iter().map(|decision| decision.decided_at.millis()))
            .integers("valid_until", all.iter().map(|decision| decision.valid_until.millis()))
            .jsons("outcome", kept.iter().map(|written| written.outcome.clone()))
            .on_conflict("ON CONFLICT DO NOTHING")
            .run(transaction)
            .await?;
        early::settle(transaction, &all).await
    })
    .await
}

/// A decision's row.
#[derive(Debug, Default)]
struct DecisionRow {
    id: DecisionId,
    customer_id: CustomerId,
    placement: String,
    channel: Channel,
    touchpoint_id: Option<TouchpointId>,
    decided_at: Timestamp,
    valid_until: Timestamp,
    outcome: Json,
}

impl Row for DecisionRow {
    const TABLE: &'static str = "decisions";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |row, cell| cell.read(&mut row.id)),
        Column::new("customer_id", |row, cell| cell.read(&mut row.customer_id)),
        Column::new("placement", |row, cell| cell.read(&mut row.placement)),
        Column::new("channel", |row, cell| cell.read(&mut row.channel)),
        Column::new("touchpoint_id", |row, cell| cell.read(&mut row.touchpoint_id)),
        Column::new("decided_at", |row, cell| cell.read(&mut row.decided_at)),
        Column::new("valid_until", |row, cell| cell.read(&mut row.valid_until)),
        Column::new("outcome", |row, cell| cell.read(&mut row.outcome)),
    ];
}

/// Decisions that were kept: two statements, one for them and one for their offers as they are now.
pub async fn by_ids(
    db: &Db,
    scope: CustomerScope,
    ids: &[DecisionId],
) -> Result<HashMap<DecisionId, Arc<Decision>>> {
    let select = Select::<DecisionRow>::of(Columns::ALL).scope("customer_id", scope, MERGING);
    let mut read = Vec::new();
    for row in select.any("id", ids).rows(db).await? {
        let outcome: Outcome = row.outcome.parse().map_err(Error::internal)?;
        read.push((row, outcome));
    }
    let offers: HashSet<OfferId> = read.iter().flat_map(|(_, outcome)| outcome.offers()).collect();
    let offers: Vec<OfferId> = offers.into_iter().collect();
    let offers = store::by_ids(db, OfferScope::All, &offers, Columns::ALL).await?;
    let offers = offers.into_iter().map(|(id, offer)| (id, Arc::new(offer))).collect();
    let decision = |(row, outcome): (DecisionRow, Outcome)| {
        let (shown, considered) = outcome.told(&offers);
        let decision = Decision {
            id: row.id,
            customer_id: row.customer_id,
            placement: row.placement,
            channel: row.channel,
            touchpoint_id: row.touchpoint_id,
            decided_at: row.decided_at,
            valid_until: row.valid_until,
            shown,
            reasons: Reasons::Kept(considered),
        };
        (decision.id, Arc::new(decision))
    };
    Ok(read.into_iter().map(decision).collect())
}
