//! Recording purchases that were made elsewhere, in bulk, each once. Stock, limits and codes are left as
//! they are: what happened has happened.

use std::collections::{HashMap, HashSet};

use entities::ids::{CustomerId, OfferId, ProductId, PurchaseId, TouchpointId};
use entities::timestamp::Timestamp;
use entities::values::{Channel, PurchaseStatus, RedemptionStatus};
use entities::{purchase, purchase_line, redemption};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::db::Db;
use crate::db::bulk::{KEYS_PER_STATEMENT, insert_all, insert_new};
use crate::domain::customers::import::CustomerRef;
use crate::domain::customers::people::People;
use crate::kernel::error::Result;
use crate::kernel::ids::Ids;
use crate::kernel::money::Currency;

/// A purchase to be recorded.
#[derive(Clone, Debug)]
pub struct PurchaseRecord {
    pub id: PurchaseId,
    pub number: String,
    pub customer: CustomerRef,
    pub status: PurchaseStatus,
    pub channel: Channel,
    pub touchpoint_id: Option<TouchpointId>,
    pub currency: Currency,
    /// What was to be paid, after discounts.
    pub total_minor: i64,
    pub discount_minor: i64,
    pub placed_at: Timestamp,
    pub source: String,
    pub external_id: String,
    /// Empty when only the total is known.
    pub lines: Vec<LineRecord>,
    pub redemptions: Vec<RedemptionRecord>,
}

/// A line of a purchase to be recorded.
#[derive(Clone, Debug)]
pub struct LineRecord {
    pub product_id: ProductId,
    pub quantity: i64,
    pub unit_minor: i64,
    /// What the line cost, after its discounts.
    pub total_minor: i64,
}

/// The use of an offer in a purchase to be recorded.
#[derive(Clone, Debug)]
pub struct RedemptionRecord {
    pub offer_id: OfferId,
    pub amount_minor: i64,
}

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Recorded,
    /// The same purchase has been recorded before.
    Known,
    Refused(String),
}

/// What became of the records, in their order, and how many customers were made for them.
#[derive(Debug)]
pub struct Report {
    pub outcomes: Vec<Outcome>,
    pub customers_made: usize,
}

/// Records purchases with their lines and redemptions in one transaction, and makes the customers that are
/// not there yet. One whose source and external id are there already is left alone; if it is not the same
/// purchase, or its number is another's, it is refused.
pub async fn record(db: &Db, ids: &Ids, records: Vec<PurchaseRecord>) -> Result<Report> {
    db.write(async |transaction| {
        let mut people =
            People::load(transaction, records.iter().flat_map(|record| record.customer.keys())).await?;
        let mut outcomes = vec![Outcome::Known; records.len()];
        let mut batch = Vec::with_capacity(records.len());
        for (place, mut record) in records.into_iter().enumerate() {
            match people.resolve(ids, &record.customer, record.placed_at) {
                Ok(customer) => {
                    let parts = Parts::take(ids, &mut record, customer);
                    batch.push((place, row(record, customer), parts));
                }
                Err(reason) => outcomes[place] = Outcome::Refused(reason),
            }
        }
        let customers_made = people.added();
        people.store(transaction, ids).await?;
        // In the order of the key, so that writers of the same purchases do not wait for each other.
        batch.sort_by(|(_, a, _), (_, b, _)| (&a.source, &a.external_id).cmp(&(&b.source, &b.external_id)));
        let rows: Vec<_> = batch.iter().map(|(_, row, _)| row.clone()).collect();
        let taken: HashSet<_> = insert_new(transaction, rows).await?.into_iter().collect();
        let (new, known): (Vec<_>, Vec<_>) =
            batch.into_iter().partition(|(_, row, _)| taken.contains(&row.id));
        let stored = stored(transaction, &known).await?;
        for (place, row, _) in known {
            outcomes[place] = verdict(&stored, &row);
        }
        let mut recorded = Parts::default();
        for (place, _, parts) in new {
            outcomes[place] = Outcome::Recorded;
            recorded.lines.extend(parts.lines);
            recorded.redemptions.extend(parts.redemptions);
        }
        insert_all(transaction, recorded.lines).await?;
        insert_all(transaction, recorded.redemptions).await?;
        Ok(Report { outcomes, customers_made })
    })
    .await
}

/// Purchases by source and external id.
type Stored = HashMap<(String, String), purchase::Model>;

/// What becomes of a purchase that could not go in.
fn verdict(stored: &Stored, row: &purchase::Model) -> Outcome {
    let Some(known) = stored.get(&(row.source.clone(), row.external_id.clone())) else {
        return Outcome::Refused(format!("the number `{}` belongs to another purchase", row.number));
    };
    let same = (known.placed_at, known.total_minor, &known.currency)
        == (row.placed_at, row.total_minor, &row.currency);
    if same {
        return Outcome::Known;
    }
    Outcome::Refused(format!(
        "purchase `{}` of `{}` has been recorded with another time or total; an external id is used once",
        row.external_id, row.source
    ))
}

/// The purchases with the external ids of these rows as the database has them now.
async fn stored(
    connection: &impl ConnectionTrait,
    batch: &[(usize, purchase::Model, Parts)],
) -> Result<Stored> {
    let mut by_source: HashMap<&str, Vec<&str>> = HashMap::new();
    for (_, row, _) in batch {
        by_source.entry(&row.source).or_default().push(&row.external_id);
    }
    let mut stored = HashMap::with_capacity(batch.len());
    for (source, external_ids) in by_source {
        for external_ids in external_ids.chunks(KEYS_PER_STATEMENT) {
            let query = purchase::Entity::find()
                .filter(purchase::Column::Source.eq(source))
                .filter(purchase::Column::ExternalId.is_in(external_ids.iter().copied()));
            let rows = query.all(connection).await?;
            stored.extend(rows.into_iter().map(|row| ((row.source.clone(), row.external_id.clone()), row)));
        }
    }
    Ok(stored)
}

/// What hangs on a purchase.
#[derive(Default)]
struct Parts {
    lines: Vec<purchase_line::Model>,
    redemptions: Vec<redemption::Model>,
}

impl Parts {
    fn take(ids: &Ids, record: &mut PurchaseRecord, customer_id: CustomerId) -> Self {
        let (purchase_id, at) = (record.id, record.placed_at);
        let lines = (1..).zip(record.lines.drain(..)).map(|(position, line)| purchase_line::Model {
            id: ids.next(at),
            customer_id,
            purchase_id,
            position,
            product_id: line.product_id,
            quantity: line.quantity,
            unit_minor: line.unit_minor,
            total_minor: line.total_minor,
        });
        let lines = lines.collect();
        let redemptions = record.redemptions.drain(..).map(|redemption| redemption::Model {
            id: ids.next(at),
            customer_id,
            purchase_id: Some(purchase_id),
            offer_id: redemption.offer_id,
            status: RedemptionStatus::Redeemed,
            amount_minor: redemption.amount_minor,
            currency: record.currency.code().to_owned(),
            created_at: at,
        });
        Self { lines, redemptions: redemptions.collect() }
    }
}

fn row(record: PurchaseRecord, customer_id: CustomerId) -> purchase::Model {
    purchase::Model {
        id: record.id,
        number: record.number,
        customer_id,
        status: record.status,
        channel: record.channel,
        touchpoint_id: record.touchpoint_id,
        currency: record.currency.code().to_owned(),
        total_minor: record.total_minor,
        discount_minor: record.discount_minor,
        placed_at: record.placed_at,
        source: record.source,
        external_id: record.external_id,
    }
}
