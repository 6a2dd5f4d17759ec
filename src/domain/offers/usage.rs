//! What limits are counted by: what customers redeemed and how they answered to what they were shown, and what of
//! offers is taken by all together. One statement, whatever the number of customers and offers.

use std::collections::{BTreeSet, HashMap};

use entities::ids::{BehaviorId, CustomerId, OfferId, RedemptionId};
use entities::timestamp::Timestamp;
use entities::values::{OfferResponse, RedemptionStatus, TextEnum};

use crate::db::Db;
use crate::db::read::{Column, Param, Row, Select};
use crate::domain::customers::merging::MERGING;
use crate::domain::offers::catalogue::Placement;
use crate::domain::offers::decide::{Redeemed, Responses, Taken};
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;
use crate::kernel::viewer::CustomerScope;

/// Redemptions that take of a limit: those released or rolled back have given it back.
const COUNTING: [RedemptionStatus; 2] = [RedemptionStatus::Held, RedemptionStatus::Redeemed];
/// Answers that a limit counts.
const LIMITING: [OfferResponse; 2] = [OfferResponse::Shown, OfferResponse::Dismissed];

/// Of which offers what is to be known.
#[derive(Debug, Default)]
pub struct Asked {
    capped: BTreeSet<OfferId>,
    answered: BTreeSet<OfferId>,
    /// Answers from then on count.
    since: Option<Timestamp>,
    limited: BTreeSet<OfferId>,
}

impl Asked {
    /// What is to be known to decide in a placement.
    pub fn add(&mut self, placement: &Placement, now: Timestamp) {
        self.capped.extend(&placement.capped);
        self.answered.extend(&placement.answered);
        self.limited.extend(&placement.limited);
        let since = Timestamp(now.millis().saturating_sub(placement.remembers));
        self.since = Some(self.since.map_or(since, |before| before.min(since)));
    }
}

/// What is used.
#[derive(Debug, Default)]
pub struct Usage {
    pub redeemed: HashMap<CustomerId, Redeemed>,
    pub responses: HashMap<CustomerId, Responses>,
    pub taken: Taken,
}

/// Reads what each of these customers redeemed and answered of the offers asked about, and what of them is taken.
pub async fn read(db: &Db, scope: CustomerScope, customers: &[CustomerId], asked: &Asked) -> Result<Usage> {
    let ids = |ids: &BTreeSet<OfferId>| ids.iter().copied().collect::<Vec<_>>();
    let budgets = Select::<BudgetRow>::of(Columns::ALL).any("offer_id", &ids(&asked.limited));
    let responses = Select::<TimedResponseRow>::of(Columns::ALL)
        .scope("customer_id", scope, MERGING)
        .expanding(MERGING)
        .any("offer_id", &ids(&asked.answered))
        .any_of("kind", Param::values(&LIMITING))
        .ge("received_at", asked.since.unwrap_or_default());
    let (used, budgets) = Select::<UseRow>::of(Columns::ALL)
        .scope("customer_id", scope, MERGING)
        .expanding(MERGING)
        .any("offer_id", &ids(&asked.capped))
        .any_of("status", Param::values(&COUNTING))
        .by_parent_beside(db, "customer_id", customers, responses, budgets)
        .await?;
    let mut usage = Usage::default();
    for (customer, rows) in used {
        for row in rows {
            usage.count(customer, &row);
        }
    }
    usage.taken = budgets.into_iter().map(|row| (row.offer_id, (row.taken, row.taken_minor))).collect();
    Ok(usage)
}

impl Usage {
    fn count(&mut self, customer: CustomerId, row: &UseRow) {
        let Some(response) = OfferResponse::parse(&row.kind) else {
            let redeemed = self.redeemed.entry(customer).or_default();
            redeemed.entry(row.offer_id).or_default().push(row.at);
            return;
        };
        let answered = self.responses.entry(customer).or_default().entry(row.offer_id).or_default();
        match response {
            OfferResponse::Shown => answered.shown.push(row.at),
            OfferResponse::Dismissed => answered.dismissed.push(row.at),
            OfferResponse::Clicked => {}
        }
    }
}

/// A redemption, or an answer: they are read alike.
#[derive(Debug, Default)]
struct UseRow {
    id: RedemptionId,
    offer_id: OfferId,
    /// The status of a redemption, the kind of an answer.
    kind: String,
    at: Timestamp,
}

impl Row for UseRow {
    const TABLE: &'static str = "redemptions";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |row, cell| cell.read(&mut row.id)),
        Column::new("offer_id", |row, cell| cell.read(&mut row.offer_id)),
        Column::new("status", |row, cell| cell.read(&mut row.kind)),
        Column::new("created_at", |row, cell| cell.read(&mut row.at)),
    ];
}

/// When an answer was given: the columns that stand for those of a redemption.
#[derive(Debug, Default)]
struct TimedResponseRow {
    behavior_id: BehaviorId,
    offer_id: OfferId,
    kind: String,
    received_at: Timestamp,
}

impl Row for TimedResponseRow {
    const TABLE: &'static str = "offer_responses";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("behavior_id", |row, cell| cell.read(&mut row.behavior_id)),
        Column::new("offer_id", |row, cell| cell.read(&mut row.offer_id)),
        Column::new("kind", |row, cell| cell.read(&mut row.kind)),
        Column::new("received_at", |row, cell| cell.read(&mut row.received_at)),
    ];
    const TIE: &'static str = "behavior_id";
}

#[derive(Debug, Default)]
struct BudgetRow {
    offer_id: OfferId,
    taken: i64,
    taken_minor: i64,
}

impl Row for BudgetRow {
    const TABLE: &'static str = "offer_budgets";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("offer_id", |row, cell| cell.read(&mut row.offer_id)),
        Column::new("taken", |row, cell| cell.read(&mut row.taken)),
        Column::new("taken_minor", |row, cell| cell.read(&mut row.taken_minor)),
    ];
    const TIE: &'static str = "offer_id";
}
