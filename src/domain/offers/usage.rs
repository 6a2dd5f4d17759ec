//! What limits are counted by: the redemptions of customers, and what of offers is taken by all together. One
//! statement, whatever the number of customers and offers.

use std::collections::HashMap;

use entities::ids::{CustomerId, OfferId, RedemptionId};
use entities::timestamp::Timestamp;
use entities::values::RedemptionStatus;

use crate::db::Db;
use crate::db::read::{Column, Param, Row, Select};
use crate::domain::customers::merging::MERGING;
use crate::domain::offers::decide::{Redeemed, Taken};
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;
use crate::kernel::viewer::CustomerScope;

/// Redemptions that take of a limit: those released or rolled back have given it back.
const COUNTING: [RedemptionStatus; 2] = [RedemptionStatus::Held, RedemptionStatus::Redeemed];

/// What is used.
#[derive(Debug, Default)]
pub struct Usage {
    pub redeemed: HashMap<CustomerId, Redeemed>,
    pub taken: Taken,
}

/// Reads the redemptions of `capped` offers by each of these customers, and what of `limited` offers is taken.
pub async fn read(
    db: &Db,
    scope: CustomerScope,
    customers: &[CustomerId],
    capped: &[OfferId],
    limited: &[OfferId],
) -> Result<Usage> {
    let budgets = Select::<BudgetRow>::of(Columns::ALL).any("offer_id", limited);
    let (redemptions, budgets) = Select::<RedemptionRow>::of(Columns::ALL)
        .scope("customer_id", scope, MERGING)
        .expanding(MERGING)
        .any("offer_id", capped)
        .any_of("status", Param::values(&COUNTING))
        .by_parent_beside(db, "customer_id", customers, budgets)
        .await?;
    let by_offer = |rows: Vec<RedemptionRow>| {
        let mut redeemed = Redeemed::new();
        for row in rows {
            redeemed.entry(row.offer_id).or_default().push(row.created_at);
        }
        redeemed
    };
    let redeemed = redemptions.into_iter().map(|(customer, rows)| (customer, by_offer(rows))).collect();
    let taken = budgets.into_iter().map(|row| (row.offer_id, (row.taken, row.taken_minor))).collect();
    Ok(Usage { redeemed, taken })
}

#[derive(Debug, Default)]
struct RedemptionRow {
    id: RedemptionId,
    offer_id: OfferId,
    created_at: Timestamp,
}

impl Row for RedemptionRow {
    const TABLE: &'static str = "redemptions";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |row, cell| cell.read(&mut row.id)),
        Column::new("offer_id", |row, cell| cell.read(&mut row.offer_id)),
        Column::new("created_at", |row, cell| cell.read(&mut row.created_at)),
    ];
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
