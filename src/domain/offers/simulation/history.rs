//! What reached customers have bought, and what a draft would have taken off of it. Two statements a page of
//! customers at most.

use std::collections::HashMap;

use entities::ids::{CustomerId, ProductId, PurchaseId, PurchaseLineId};
use entities::offer;
use entities::timestamp::Timestamp;
use entities::values::PurchaseStatus;

use crate::db::Db;
use crate::db::read::{Column, Param, Row, Select};
use crate::domain::customers::merging::MERGING;
use crate::domain::offers::parts::Benefit;
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;
use crate::kernel::money::Currency;
use crate::kernel::viewer::CustomerScope;

/// Purchases that were made: of others the money is not there, or not any more.
const MADE: [PurchaseStatus; 2] = [PurchaseStatus::Paid, PurchaseStatus::PartiallyRefunded];
const BASIS_POINTS: i128 = 10_000;

/// A purchase that the benefit fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sale {
    pub placed_at: Timestamp,
    pub purchase: PurchaseId,
    pub customer: CustomerId,
    pub currency: Currency,
    /// What was paid.
    pub total_minor: i64,
    /// What the benefit would have taken off of it.
    pub off_minor: i64,
}

/// What was bought in a time.
#[derive(Clone, Debug)]
pub struct History {
    benefit: Option<Benefit>,
    since: Timestamp,
    /// Exclusive.
    until: Timestamp,
    /// How many purchases were made.
    pub purchases: u64,
    /// Of how many nobody knows whether the benefit fits.
    pub unknown: u64,
    pub sales: Vec<Sale>,
}

/// Whether a benefit fits a purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    /// It takes so much off.
    Off(i64),
    Nothing,
    /// What was bought is not recorded.
    Unknown,
}

impl History {
    /// Nothing yet of what was bought from a time until now.
    pub fn new(draft: &offer::Model, since: Timestamp, now: Timestamp) -> Self {
        let until = Timestamp(now.millis().saturating_add(1));
        let (purchases, unknown, sales) = (0, 0, Vec::new());
        Self { benefit: Benefit::of(draft), since, until, purchases, unknown, sales }
    }

    /// Adds what these customers bought.
    pub async fn read(&mut self, db: &Db, customers: &[CustomerId]) -> Result<()> {
        let bought = Select::<PurchaseRow>::of(Columns::ALL)
            .scope("customer_id", CustomerScope::Everybody, MERGING)
            .expanding(MERGING)
            .any_of("status", Param::values(&MADE))
            .ge("placed_at", self.since)
            .lt("placed_at", self.until)
            .by_parent(db, "customer_id", customers)
            .await?;
        let lines = match self.benefit {
            Some(Benefit::FreeProduct(_)) => read_lines(db, bought.values().flatten()).await?,
            _ => HashMap::new(),
        };
        for (customer, rows) in bought {
            for row in rows {
                self.add(customer, &row, lines.get(&row.id).map_or(&[][..], Vec::as_slice));
            }
        }
        Ok(())
    }

    fn add(&mut self, customer: CustomerId, row: &PurchaseRow, lines: &[LineRow]) {
        self.purchases += 1;
        let Some(benefit) = self.benefit else { return };
        match fit(benefit, row, lines) {
            Fit::Nothing => {}
            Fit::Unknown => self.unknown += 1,
            Fit::Off(off_minor) => self.sales.push(Sale {
                placed_at: row.placed_at,
                purchase: row.id,
                customer,
                currency: row.currency,
                total_minor: row.total_minor,
                off_minor,
            }),
        }
    }
}

fn fit(benefit: Benefit, row: &PurchaseRow, lines: &[LineRow]) -> Fit {
    if row.total_minor <= 0 {
        return Fit::Nothing;
    }
    match benefit {
        // To the nearest minor unit, half of one up.
        Benefit::PercentageOff(basis_points) => {
            let off =
                (i128::from(row.total_minor) * i128::from(basis_points) + BASIS_POINTS / 2) / BASIS_POINTS;
            Fit::Off(i64::try_from(off).unwrap_or(i64::MAX))
        }
        Benefit::AmountOff(amount) if amount.currency == row.currency => {
            Fit::Off(amount.minor.min(row.total_minor))
        }
        Benefit::AmountOff(_) => Fit::Nothing,
        Benefit::FreeProduct(_) if lines.is_empty() => Fit::Unknown,
        Benefit::FreeProduct(product) => {
            let bought = lines.iter().filter(|line| line.product_id == product && line.quantity > 0);
            let one = bought.map(|line| line.unit_minor.min(line.total_minor).max(0)).max();
            one.map_or(Fit::Nothing, Fit::Off)
        }
    }
}

async fn read_lines<'r>(
    db: &Db,
    purchases: impl Iterator<Item = &'r PurchaseRow>,
) -> Result<HashMap<PurchaseId, Vec<LineRow>>> {
    let ids: Vec<PurchaseId> = purchases.map(|row| row.id).collect();
    Select::<LineRow>::of(Columns::ALL).by_parent(db, "purchase_id", &ids).await
}

#[derive(Debug, Default)]
struct PurchaseRow {
    id: PurchaseId,
    currency: Currency,
    total_minor: i64,
    placed_at: Timestamp,
}

impl Row for PurchaseRow {
    const TABLE: &'static str = "purchases";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |row, cell| cell.read(&mut row.id)),
        Column::new("currency", |row, cell| cell.read(&mut row.currency)),
        Column::new("total_minor", |row, cell| cell.read(&mut row.total_minor)),
        Column::new("placed_at", |row, cell| cell.read(&mut row.placed_at)),
    ];
}

#[derive(Debug, Default)]
struct LineRow {
    id: PurchaseLineId,
    product_id: ProductId,
    quantity: i64,
    unit_minor: i64,
    total_minor: i64,
}

impl Row for LineRow {
    const TABLE: &'static str = "purchase_lines";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |row, cell| cell.read(&mut row.id)),
        Column::new("product_id", |row, cell| cell.read(&mut row.product_id)),
        Column::new("quantity", |row, cell| cell.read(&mut row.quantity)),
        Column::new("unit_minor", |row, cell| cell.read(&mut row.unit_minor)),
        Column::new("total_minor", |row, cell| cell.read(&mut row.total_minor)),
    ];
}
